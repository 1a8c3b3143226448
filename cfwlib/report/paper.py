"""The pieces of a map drawn on paper: where things lie, lines, symbols that keep apart, text. All lengths in pixels."""

from __future__ import annotations

import html
import math
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape

TEXT = 12.5  # size of letters
DETAIL = 0.45  # shapes are told to this much


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
