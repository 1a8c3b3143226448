"""Frames as GeoJSON for the map: degrees, short numbers, escaped labels."""

import html
import json
from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from cfwlib.errors import InputError
from cfwlib.report.numbers import heading, with_unit


def features(
    shapes: gpd.GeoSeries,
    style: pd.Series,
    tips: list[str] | None,
    *,
    names: list[str] | None = None,
    ids: list[str] | None = None,
) -> dict[str, Any]:
    """Return GeoJSON in EPSG:4326 with five decimals (about a metre); empty shapes are left out.

    Parameters
    ----------
    shapes
        Any geometry in EPSG:27700.
    style
        Number of each shape's style.
    tips
        Escaped tooltip of each shape, if they have any.
    names
        Plain name of each shape, where the search is to find it; empty = not found.
    ids
        Venue of each shape, where a panel on the page is to know it.
    """
    degrees = shapely.transform(shapes.to_crs(4326).to_numpy(), lambda xy: np.round(xy, 5))
    found = []
    for i, (geometry, kind) in enumerate(zip(degrees, style, strict=True)):
        if geometry is None or geometry.is_empty:
            continue
        known = {key: texts[i] for key, texts in (("t", tips), ("n", names), ("v", ids)) if texts and texts[i]}
        properties: dict[str, Any] = {"s": int(kind), **known}
        found.append(
            {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(geometry))}
        )
    return {"type": "FeatureCollection", "features": found}


def tooltips(frame: gpd.GeoDataFrame, tooltip: Mapping[str, str], units: Mapping[str, str]) -> list[str]:
    """Return one escaped tooltip per row: the first column as heading, then label and value of the others.

    Parameters
    ----------
    frame
        The rows.
    tooltip
        Column to label, in order.
    units
        Column to unit, where the column's name does not tell it.
    """
    if not tooltip:
        return [""] * len(frame)
    others = list(tooltip)[1:]
    units = {column: units.get(column, heading(column)[1]) for column in tooltip}
    columns = [[html.escape(with_unit(v, units[c])) for v in frame[c]] for c in tooltip]
    labels = [html.escape(tooltip[c]) for c in others]
    return [
        "<br>".join([f"<strong>{top}</strong>", *(f"{a}: {b}" for a, b in zip(labels, rest, strict=True))])
        for top, *rest in zip(*columns, strict=True)
    ]


def plain_names(frame: gpd.GeoDataFrame, columns: Sequence[str]) -> list[str]:
    """Return the plain text each row is found by: its columns, joined; empty without columns.

    Parameters
    ----------
    frame
        The rows.
    columns
        Columns of text.
    """
    return [", ".join(str(v) for v in row if not pd.isna(v)) for row in frame[list(columns)].itertuples(index=False)]


def crs_problem(name: str, frame: gpd.GeoDataFrame) -> list[str]:
    """Return a sentence if a frame is not in EPSG:27700, else nothing.

    Parameters
    ----------
    name
        What to call the frame.
    frame
        The frame.
    """
    if frame.crs is not None and frame.crs.to_epsg() == 27700:
        return []
    return [f"{name}: coordinates are in {frame.crs}, a map needs EPSG:27700. Use .to_crs(27700)."]


def require(frame: gpd.GeoDataFrame, columns: set[str], name: str) -> None:
    """Raise an InputError that names every missing column and a wrong coordinate system.

    Parameters
    ----------
    frame
        The frame.
    columns
        Columns it must have.
    name
        What to call the frame.
    """
    missing = sorted(columns - set(frame.columns))
    problems = crs_problem(name, frame) + [f"{name}: there is no column {c!r} to show on the map." for c in missing]
    if problems:
        raise InputError(problems)
