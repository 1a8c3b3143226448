"""A small drawn map of one place for a printed sheet: its roads, water, the names around it, and where to go."""

import geopandas as gpd
import shapely
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from cfwlib.report.drawing import INK, style, svg, wrap

HALF_M = (1800.0, 1350.0)  # shown to either side of the place, and above and below it, in metres
_SIZE_IN = (3.6, 2.7)
_SCALE_M = 500
_WATER, _HERE = "#cfe5f3", "#b3261e"
_ROADS = {"motorway": 3.6, "trunk": 3.0, "primary": 3.0, "a": 3.0, "secondary": 2.2, "b": 2.2}  # points; others 1.1


def place_map(
    at: shapely.Point,
    label: str,
    *,
    roads: gpd.GeoDataFrame,
    water: gpd.GeoDataFrame,
    names: gpd.GeoDataFrame,
    credit: str = "",
) -> str:
    """Return a small map as SVG, north up, with a scale; it is scaled to whatever it stands in.

    Parameters
    ----------
    at
        The place (EPSG:27700), in the middle.
    label
        What is written beside it.
    roads
        Lines with `road_class`.
    water
        Polygons.
    names
        Points with `name`; those in the window are written, the nearest to the place first where two collide.
    credit
        Whose data it is drawn from, written small.
    """
    half_x, half_y = HALF_M
    window = shapely.box(at.x - half_x, at.y - half_y, at.x + half_x, at.y + half_y)
    with style(f"{label} {at.x:.0f} {at.y:.0f}"):
        figure = Figure(figsize=_SIZE_IN)
        FigureCanvasSVG(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(at.x - half_x, at.x + half_x), ylim=(at.y - half_y, at.y + half_y), xticks=[], yticks=[])
        axes.set_facecolor("#fff")
        axes.spines[:].set(visible=True, color="#949ba1")
        lakes = water.geometry[water.intersects(window)].intersection(window)
        for part in lakes.explode().loc[lambda parts: parts.geom_type == "Polygon"] if len(lakes) else ():
            axes.fill(*part.exterior.xy, color=_WATER, zorder=1)
        near = roads[roads.intersects(window)]
        kind = near["road_class"].astype("string").str.lower().str.replace(r"[ _]road$", "", regex=True)
        for wide, line in zip(kind.map(_ROADS).fillna(1.1), near.geometry.intersection(window), strict=True):
            for part in shapely.get_parts(line):
                if part.geom_type == "LineString":
                    axes.plot(*part.xy, color="#868e96", linewidth=float(wide), zorder=2, solid_capstyle="round")
        axes.plot(at.x, at.y, marker="D", markersize=9, color=_HERE, markeredgecolor="#fff", zorder=5)
        taken = list[tuple[float, float]]()
        inside = names[names.within(shapely.box(*window.buffer(-300).bounds))]
        for row in inside.assign(away=inside.distance(at)).sort_values(["away", "name"]).itertuples():
            x, y = row.geometry.x, row.geometry.y
            y = at.y + 230 if abs(x - at.x) < 1000 and -450 < y - at.y < 230 else y  # clear of the label
            if all(abs(y - v) > 220 or abs(x - u) > 1100 for u, v in taken):
                axes.text(x, y, row.name, ha="center", va="center", fontsize=9, color="#444", zorder=3)
                taken.append((x, y))
        axes.annotate(
            label, (at.x, at.y), xytext=(0, -9), textcoords="offset points", ha="center", va="top", fontsize=10,
            weight="bold", color=INK, zorder=6, bbox={"facecolor": "#fff", "edgecolor": "none", "pad": 1, "alpha": 0.8},
        )  # fmt: skip
        left, low = at.x - half_x + 120, at.y - half_y + 110
        axes.plot([left, left + _SCALE_M], [low, low], color=INK, linewidth=2, zorder=6)
        axes.text(left + _SCALE_M / 2, low + 50, f"{_SCALE_M} m", ha="center", va="bottom", fontsize=8, zorder=6)
        right = at.x + half_x - 60
        axes.text(right, at.y - half_y + 50, wrap(credit, 48, 2), ha="right", va="bottom", fontsize=6, zorder=6)
        return svg(figure)
