"""Draw neighbourhoods, services and rounds on the map of an area, with their legend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from cfwlib.report.basemap import SIMPLIFY_M
from cfwlib.report.basemap import area_map as area_map
from cfwlib.report.classes import NO_DATA, Classes
from cfwlib.report.geojson import features, plain_names, require, tooltips
from cfwlib.report.legend import LegendGroup
from cfwlib.report.numbers import unit_words
from cfwlib.report.offline import OfflineMap
from cfwlib.report.symbols import area_symbol, line_symbol, point_symbol

MOST_SPREAD = 60  # more points than this are small dots that may touch


def add_areas(
    offline_map: OfflineMap,
    areas: gpd.GeoDataFrame,
    column: str,
    *,
    classes: Classes,
    layer_name: str,
    tooltip: Mapping[str, str],
    find: Sequence[str] | None = None,
    show: bool = True,
) -> None:
    """Colour areas by a quantity in its rounded classes, with a legend that switches the layer.

    Parameters
    ----------
    offline_map
        Map to draw on.
    areas
        Polygons in EPSG:27700.
    column
        Column of numbers, in the unit of `classes`; NaN is drawn grey and dashed, as "no data".
    classes
        From `rounded_classes`; use the same ones in table and chart.
    layer_name
        What the colours mean; title of the legend.
    tooltip
        Column to label, in order; the first is the heading of the tooltip. Units are read off the column names.
    find
        Columns of text the search finds an area by; by default the tooltip's heading; none if empty.
    show
        Whether the layer is on at first.
    """
    data, spec, entries = _classed(areas, column, classes, tooltip, find)
    _add(offline_map, layer_name, data, entries, unit=unit_words(classes.unit), show=show, pane="overlayPane", **spec)


def add_before_after(
    offline_map: OfflineMap,
    areas: gpd.GeoDataFrame,
    columns: tuple[str, str],
    *,
    words: tuple[str, str],
    classes: Classes,
    layer_name: str,
    tooltip: Mapping[str, str],
    find: Sequence[str] | None = None,
) -> None:
    """Colour areas by a quantity before on the left of a slider and after on its right; on paper side by side.

    Parameters
    ----------
    offline_map
        Map to draw on; it can hold one such pair.
    areas, classes, layer_name, tooltip, find
        As in `add_areas`.
    columns
        Column of numbers before, and after, in the unit of `classes`.
    words
        What to call before, and after.
    """
    offline_map.swipe = words
    for pane, column in zip(("before", "after"), columns, strict=True):
        data, spec, entries = _classed(areas, column, classes, tooltip, find)
        _add(offline_map, layer_name, data, entries, unit=unit_words(classes.unit), show=True, pane=pane, **spec)


def add_points(
    offline_map: OfflineMap,
    points: gpd.GeoDataFrame,
    *,
    layer_name: str,
    tooltip: Mapping[str, str],
    colour: str = "#d55e00",
    shape: str = "circle",
    letter: str = "",
    show: bool = True,
    ids: str = "",
) -> None:
    """Draw places as one symbol: colour, shape and letter together, so that colour never stands alone.

    Parameters
    ----------
    offline_map
        Map to draw on.
    points
        Points in EPSG:27700.
    layer_name
        What they are, for the legend.
    tooltip
        Column to label, as in `add_areas`.
    colour
        Fill; take one of `symbols.CATEGORIES`.
    shape
        circle, square, diamond or triangle.
    letter
        One or two characters in the symbol.
    show
        Whether the layer is on at first.
    ids
        Column of venue ids, where choosing a place shall lead to its row in the page's review panel.
    """
    require(points, set(tooltip) | ({ids} if ids else set()), "points")
    few = len(points) <= MOST_SPREAD
    size = 20 if letter else 15 if few else 11
    icon = point_symbol(colour, shape=shape, letter=letter, size_px=size)
    data = features(
        points.geometry,
        pd.Series(0, index=points.index),
        tooltips(points, tooltip, {}),
        names=plain_names(points, list(tooltip)[:1]),
        ids=list(points[ids].astype(str)) if ids else None,
    )
    entry = (point_symbol(colour, shape=shape, letter=letter, size_px=20), f"({len(points):,})")
    spec: dict[str, Any] = {
        "icons": [icon],
        "size": [max(size, 24)] * 2 if few else [size] * 2,
        "front": few and bool(letter),
    }
    kind = next(iter(tooltip.values()), layer_name)
    _add(offline_map, layer_name, data, [entry], show=show, pane="markerPane", spread=few, kind=kind, **spec)


def add_lines(
    offline_map: OfflineMap,
    lines: gpd.GeoDataFrame,
    *,
    layer_name: str,
    tooltip: Mapping[str, str],
    colour: str = "#0072b2",
    dash: str = "",
    letter: str = "",
    show: bool = True,
) -> None:
    """Draw lines, such as the rounds of a weekday, told apart by colour, dash and letter.

    Parameters
    ----------
    offline_map
        Map to draw on.
    lines
        Lines in EPSG:27700.
    layer_name
        What they are, for the legend.
    tooltip
        Column to label, as in `add_areas`.
    colour
        Stroke; take one of `symbols.CATEGORIES`.
    dash
        Dash pattern, lengths in pixels; take the one of `symbols.DASHES` at the same place as the colour.
    letter
        One or two characters in the legend; give the stops of the round the same.
    show
        Whether the layer is on at first.
    """
    require(lines, set(tooltip), "lines")
    data = features(lines.geometry.simplify(SIMPLIFY_M), pd.Series(0, index=lines.index), tooltips(lines, tooltip, {}))
    style = {"color": colour, "weight": 3.5, "opacity": 1, "dashArray": dash}
    rim = {"weight": 6.5, "opacity": 0.9}
    entry = (line_symbol(colour, dash=dash, letter=letter), "")
    _add(offline_map, layer_name, data, [entry], show=show, pane="lines", styles=[style], rim=rim)


def _classed(
    areas: gpd.GeoDataFrame, column: str, classes: Classes, tooltip: Mapping[str, str], find: Sequence[str] | None
) -> tuple[dict[str, Any], dict[str, Any], list[tuple[str, str]]]:
    """Return areas in the colours of their classes: features, their styles, and the legend's entries."""
    find = list(tooltip)[:1] if find is None else find
    require(areas, {column, *tooltip, *find}, "areas")
    index = classes.index(areas[column])
    ink = {"color": "#5f6b73", "weight": 0.7, "fillOpacity": 0.85}
    styles: list[dict[str, Any]] = [{**ink, "fillColor": colour} for colour in classes.colours]
    styles.append({**ink, "fillColor": NO_DATA, "dashArray": "3 3"})
    shapes = shapely.coverage_simplify(areas.geometry.to_numpy(), SIMPLIFY_M)  # neighbours keep one common border
    data = features(
        gpd.GeoSeries(shapes, crs=areas.crs),
        index.where(index >= 0, len(classes.colours)),
        tooltips(areas, tooltip, {column: classes.unit}),
        names=plain_names(areas, find),
    )
    entries = [(area_symbol(c), text) for c, text in zip(classes.colours, classes.labels, strict=True)]
    if (index < 0).any():
        entries.append((area_symbol(NO_DATA, dash="3 3"), "no data"))
    return data, {"styles": styles, "kind": next(iter(tooltip.values()), "")}, entries


def _add(
    offline_map: OfflineMap,
    name: str,
    data: dict[str, Any],
    entries: Iterable[tuple[str, str]],
    *,
    show: bool,
    unit: str = "",
    **spec: Any,
) -> None:
    """Add a layer and its block of the legend; layers of one name share a block."""
    layer_id = offline_map.add_layer(data, {"interactive": True, "show": show, **spec})
    titles = [group.title for group in offline_map.legend]
    if name in titles:
        at = titles.index(name)
        offline_map.legend[at] = offline_map.legend[at].joined(layer_id)
    else:
        offline_map.legend.append(LegendGroup(name, unit, tuple(entries), (layer_id,), show))
