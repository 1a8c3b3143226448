"""Draw a map as a plain SVG for paper: what is on at first, its legend and scale, no script."""

import html
import math
import textwrap
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import numpy as np
import shapely
from shapely.geometry import shape

from cfwlib.report.legend import LegendGroup, Place

TEXT = 12.5  # size of letters
DETAIL = 0.45  # shapes are told to this much
WIDTH, MAPS, HIGHEST = 720, 500, 780  # the drawing, its map or maps, and the most height of a map: pixels of its own
LINE, LETTER = 17, 0.56  # line height, mean width of a letter of size 1
KM_PER_DEGREE, KM_PER_MILE = 111.32, 1.609344
GAP, FARTHEST = 17.0, 22.0  # symbols nearer than this stand apart, no farther than this from their place
PANES = ("land", "after", "before", "overlayPane", "context", "lines", "markerPane")  # as map.js stacks them
SIDES = {"before", "after"}


class View:
    """Where degrees lie on a drawing, in pixels.

    Parameters
    ----------
    bounds
        South-west and north-east corner as (latitude, longitude), degrees.
    width, highest
        Width of the drawing, and the most height it may have, in pixels.
    """

    def __init__(self, bounds: list[list[float]], *, width: float, highest: float) -> None:
        (south, west), (north, east) = bounds
        across, up = math.cos(math.radians((south + north) / 2)), north - south
        room = (width - 16, highest - 16)
        self.scale = min(room[0] / ((east - west) * across), room[1] / up)
        self.size = np.array([across * self.scale, -self.scale])
        self.corner = np.array([west - (width / self.size[0] - (east - west)) / 2, north + 8 / self.scale])
        self.width, self.height = width, math.ceil(up * self.scale) + 16 + 26  # the scale stands below the land
        self.box = shapely.box(-40, -40, width + 40, self.height + 40)

    def __call__(self, degrees: np.ndarray) -> np.ndarray:
        """Return longitude and latitude as pixels from the top left."""
        return (degrees - self.corner) * self.size

    def shapes(self, data: dict[str, Any]) -> tuple[np.ndarray, list[dict[str, Any]]]:
        """Return the features that are on the drawing, in its pixels, and their properties."""
        read = np.array([shape(f["geometry"]) for f in data["features"]], dtype=object)
        placed = np.array([shapely.transform(one, self) for one in read], dtype=object)
        seen = [i for i, one in enumerate(placed) if one.intersects(self.box)]
        return placed[seen], [data["features"][i]["properties"] for i in seen]


def spread(points: np.ndarray, *, gap: float, farthest: float) -> np.ndarray:
    """Push points apart where they are nearer than a gap; the same way every time.

    Parameters
    ----------
    points
        n × 2, any unit of length.
    gap
        Least distance wanted, in that unit.
    farthest
        No point moves farther than this, so some may stay nearer than the gap.

    Returns
    -------
    points
        n × 2, same order.
    """
    turn = 2.4 * np.arange(len(points))  # places on one spot part in all directions, not along a line
    at = points + 0.3 * np.column_stack([np.cos(turn), np.sin(turn)])
    for _ in range(40):
        busy = False
        for i in range(len(at)):
            for j in range(i):
                by = at[i] - at[j]
                far = math.hypot(*by)
                if far < gap:
                    push = by / max(far, 1e-9) * ((gap - far) / 2 + 0.1)
                    at[i] += push
                    at[j] -= push
                    busy = True
        moved = at - points
        length = np.linalg.norm(moved, axis=1, keepdims=True)
        at = points + moved * np.minimum(1, farthest / np.maximum(length, 1e-9))
        if not busy:
            break
    return np.where(length < 1, points, at) if len(points) else points


def path_data(drawn: shapely.Geometry) -> str:
    """Return a shape as path data, to a tenth of a pixel, with no more points than can be seen."""
    parts = shapely.get_parts(drawn)
    kind = shapely.get_type_id(parts)
    rings = shapely.get_rings(parts[kind == 3]) if (kind == 3).any() else []
    return "".join([*(_line(ring, "Z") for ring in rings), *(_line(line, "") for line in parts[kind == 1])])


def _line(line: shapely.Geometry, end: str) -> str:
    points = np.round(shapely.get_coordinates(line.simplify(DETAIL)) * 10).astype(int)
    if end and len(points) < 4:
        return ""
    steps = np.diff(points, axis=0)
    told = " ".join(f"{x / 10:g} {y / 10:g}" for x, y in steps[: -1 if end else None]).replace(" -", "-")
    return f"M{points[0][0] / 10:g} {points[0][1] / 10:g}l{told}{end}"


def ink(style: dict[str, Any]) -> str:
    """Return a Leaflet style as SVG attributes."""
    names = {"fillColor": "fill", "fillOpacity": "fill-opacity", "color": "stroke", "weight": "stroke-width",
             "opacity": "stroke-opacity", "dashArray": "stroke-dasharray"}  # fmt: skip
    style = {"fillColor": "none", **style}
    return " ".join(f'{names[key]}="{html.escape(str(value))}"' for key, value in style.items() if value != "")


def symbol(icon: str, x: float, y: float, size: float) -> str:
    """Return an SVG symbol moved to a place and made a size, in pixels."""
    return icon.replace("<svg ", f'<svg x="{x:.1f}" y="{y:.1f}" ', 1).replace(
        'width="', f'width="{size:g}" data-w="', 1
    ).replace('height="', f'height="{size:g}" data-h="', 1)  # fmt: skip


def text(words: str, x: float, y: float, *, size: float = TEXT, bold: bool = False) -> str:
    """Return escaped words at the left end of their line, size in pixels."""
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}"{weight}>{html.escape(words)}</text>'


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
