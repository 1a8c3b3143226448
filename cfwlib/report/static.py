"""Draw a map as a plain SVG for paper: what is on at first, its legend and scale, no script."""

from __future__ import annotations

import html
import math
import textwrap
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import numpy as np

from cfwlib.report.legend import LegendGroup, Place
from cfwlib.report.paper import TEXT, View, ink, path_data, spread, symbol, text

WIDTH, MAPS, HIGHEST = 720, 500, 780  # the drawing, its map or maps, and the most height of a map: pixels of its own
LINE, LETTER = 17, 0.56  # line height, mean width of a letter of size 1
KM_PER_DEGREE, KM_PER_MILE = 111.32, 1.609344
GAP, FARTHEST = 17.0, 22.0  # symbols nearer than this stand apart, no farther than this from their place
PANES = ("land", "after", "before", "overlayPane", "context", "lines", "markerPane")  # as map.js stacks them
SIDES = {"before", "after"}


class Drawn(Protocol):
    """What a drawing takes from an `OfflineMap`."""

    title: str
    credit: str
    modelled: str
    bounds: list[list[float]]
    swipe: tuple[str, str] | None
    layers: list[tuple[dict[str, Any], dict[str, Any]]]
    names: list[Place]
    legend: list[LegendGroup]


def static_svg(offline_map: Drawn) -> str:
    """Return a map's drawing: base, layers that are on at first, names, legend, scale; before and after side by side.

    Parameters
    ----------
    offline_map
        A finished map.

    Returns
    -------
    svg
        One element that needs nothing else; every text is escaped, and a title and description are inside.
    """
    panels = ["before", "after"] if offline_map.swipe else [""]
    width = (MAPS - 8 * (len(panels) - 1)) / len(panels)
    view = View(offline_map.bounds, width=width, highest=HIGHEST)
    top = LINE + 6 if offline_map.swipe else 0
    drawn = []
    for at, side in enumerate(panels):
        left = at * (width + 8)
        if offline_map.swipe:
            drawn.append(text(offline_map.swipe[at], left, LINE - 3, bold=True))
        drawn.append(
            f'<svg x="{left:g}" y="{top}" width="{width:g}" height="{view.height:g}">'
            f'<rect width="100%" height="100%" fill="#e9ecef"/>{"".join(_panel(offline_map, view, side))}</svg>'
        )
    legend, below = _legend(offline_map, MAPS + 16)
    height = max(top + view.height, below) + 2
    title, told = html.escape(offline_map.title), html.escape(_description(offline_map))
    return (
        f'<svg class="cfw-printmap" role="img" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" '
        f'font-family="system-ui, \'Segoe UI\', Roboto, Arial, sans-serif" font-size="{TEXT}" fill="#1a1a1a">'
        f'<title>{title}</title><desc>{told}</desc><rect width="100%" height="100%" fill="#fff"/>'
        f"{''.join(drawn)}{legend}</svg>"
    )


def _panel(offline_map: Drawn, view: View, side: str) -> Iterator[str]:
    """Draw one map, from the ground up: shapes, symbols, names, scale."""
    shown = [(data, spec) for data, spec in offline_map.layers if spec["show"] and spec["pane"] not in SIDES - {side}]
    shown.sort(key=lambda layer: PANES.index(layer[1]["pane"]))
    for data, spec in shown:
        if "icons" not in spec:
            yield from _shapes(view, data, spec)
    points = [(data, spec) for data, spec in shown if "icons" in spec]
    points.sort(key=lambda layer: (layer[1]["spread"], layer[1]["front"]))  # those of the plan lie on top
    placed = [(*view.shapes(data), spec) for data, spec in points]
    home = np.array([(p.x, p.y) for found, _, _ in placed for p in found]).reshape(-1, 2)
    icons = [(spec["icons"][q["s"]], spec["spread"]) for _, properties, spec in placed for q in properties]
    apart = np.array([apart for _, apart in icons], dtype=bool)
    at = home.copy()
    at[apart] = spread(home[apart], gap=GAP, farthest=FARTHEST)
    for (x, y), (u, v) in zip(home, at, strict=True):
        if math.hypot(u - x, v - y) > 5:
            yield f'<path d="M{x:.1f} {y:.1f}L{u:.1f} {v:.1f}" stroke="#1a1a1a" stroke-width="1.3"/>'
    for (u, v), (icon, large) in zip(at, icons, strict=True):
        half = 8 if large else 5
        yield symbol(icon, u - half, v - half, 2 * half)
    yield from _names(offline_map, view, at[apart])
    yield _scale(view)


def _shapes(view: View, data: dict[str, Any], spec: dict[str, Any]) -> Iterator[str]:
    """Draw areas or lines in the colours of their styles, lines over a white rim."""
    shapes, properties = view.shapes(data)
    paths = [f'<path d="{path_data(one)}"/>' for one in shapes]
    if "rim" in spec:
        yield f"<g {ink({'color': '#fff', **spec['rim']})}>{''.join(paths)}</g>"
    for at, style in enumerate(spec["styles"]):
        own = "".join(path for path, q in zip(paths, properties, strict=True) if q["s"] == at)
        yield f"<g {ink(style)}>{own}</g>" if own else ""


def _names(offline_map: Drawn, view: View, taken: np.ndarray) -> Iterator[str]:
    """Name cities and towns where there is room: above, below, right or left of the place."""
    kept = [(x - 8, y - 8, x + 8, y + 8) for x, y in taken]
    for lat, lon, name, rank, _ in offline_map.names:
        x, y = view(np.array([lon, lat]))
        size = 14 if rank == 0 else TEXT - 1
        wide = len(name) * size * LETTER
        half, sides = wide / 2, wide / 2 + 10
        near = ((0, -14), (0, 14), (sides, 0), (-sides, 0), (0, -27), (0, 27), (sides, -12), (-sides, -12))
        boxes = [(x + u - half, y + v - size / 2, x + u + half, y + v + size / 2) for u, v in near if rank < 2]
        free = [b for b in boxes if b[0] > 0 and b[2] < view.width and not any(_touch(b, k) for k in kept)]
        free += boxes[: rank == 0]  # a city is always named
        if free and 0 < y < view.height - 26:
            kept.append(free[0])
            yield (
                f'<text x="{(free[0][0] + free[0][2]) / 2:.1f}" y="{free[0][3] - size / 5:.1f}" '
                f'font-size="{size:g}" text-anchor="middle" font-weight="{700 if rank == 0 else 500}" stroke="#fff" '
                f'stroke-width="3" paint-order="stroke" stroke-linejoin="round">{html.escape(name)}</text>'
            )


def _touch(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and a[2] > b[0] and a[1] < b[3] and a[3] > b[1]


def _scale(view: View) -> str:
    """Draw a scale of kilometres over one of miles, in the corner."""
    drawn, y = [], view.height - 15
    for unit, per, up in (("km", KM_PER_DEGREE, -1), ("miles", KM_PER_DEGREE / KM_PER_MILE, 1)):
        room = 0.25 * view.width / view.scale * per
        power = 10 ** math.floor(math.log10(room))
        long = power * max(f for f in (1, 2, 5) if f * power <= room)
        px = long / per * view.scale
        drawn.append(
            f'<path d="M8 {y + 4 * up}V{y}H{8 + px:.1f}V{y + 4 * up}" fill="none" stroke="#1a1a1a"/>'
            f"{text(f'{long:g} {unit}', 12, y + (-3 if up < 0 else 11), size=10.5)}"
        )
    return "".join(drawn)


def _legend(offline_map: Drawn, left: float) -> tuple[str, float]:
    """Return the legend's drawing and where it ends: blocks of the layers that are on, then banner and credit."""
    drawn, y = [], 12.0

    def write(words: str, x: float, **look: Any) -> None:
        nonlocal y
        size = look.get("size", TEXT) * (1.1 if look.get("bold") else 1)
        for line in textwrap.wrap(words, max(8, int((WIDTH - x) / (size * LETTER)))):
            drawn.append(text(line, x, y, **look))
            y += LINE * size / TEXT

    for group in (group for group in offline_map.legend if group.show):
        heading = f"{group.title} ({group.unit})" if group.unit else group.title
        if len(group.entries) == 1:
            icon, meaning = group.entries[0]
            drawn.append(icon.replace("<svg ", f'<svg x="{left}" y="{y - 14:.1f}" ', 1))
            write(f"{heading} {meaning}".strip(), left + 50)
        else:
            write(heading, left, bold=True)
            for icon, meaning in group.entries:
                drawn.append(icon.replace("<svg ", f'<svg x="{left}" y="{y - 12:.1f}" ', 1))
                write(meaning, left + 32)
        y += 6
    if offline_map.modelled:
        write(offline_map.modelled, left, bold=True)
    if offline_map.credit:
        write(offline_map.credit, left, size=10)
    return "".join(drawn), y - LINE / 2


def _description(offline_map: Drawn) -> str:
    shown: Iterable[str] = (group.title for group in offline_map.legend if group.show)
    sides = f" {offline_map.swipe[0]} on the left, {offline_map.swipe[1]} on the right." if offline_map.swipe else ""
    return f"Shown: {'; '.join(shown)}.{sides} The table after the map holds the same facts."
