"""Read one published file into a frame with our column names, with every problem of it in one list."""

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from cfwlib.data import codes, open_table, osm, road_files, schemas
from cfwlib.data.catalogue import GEO_SUFFIXES, Dataset, Layout, layer_name
from cfwlib.data.store import CRS
from cfwlib.errors import InputError
from cfwlib.reading import AGAIN, reading

GREAT_BRITAIN = (0, 0, 700_000, 1_300_000)
_FARTHEST = 1e9  # a coordinate in any units of any map
_BLANKS = {"", "nan", "na", "n/a", "null", "none", "#n/a", "..", "-", "c", "k", "x", "z"}
Bounds = tuple[float, float, float, float]


class OtherDatasetError(InputError):
    """A file that has a data set's columns but holds something else."""


@dataclass(frozen=True)
class Reading:
    """The rows read under our column names, the rows the file has, and rows that are not of the kind, by reason."""

    frame: pd.DataFrame
    rows_in_file: int
    left_out: dict[str, int] = field(default_factory=dict)


def read_file(path: Path, layout: Layout, *, within: Bounds | None = None) -> Reading:
    """Return a file's rows under our column names, all text (roads also with their class and direction).

    The index is the row's number in the file. Geographical files give a GeoDataFrame in EPSG:27700, one row per
    feature, or a table with `easting` and `northing` (metres) where the layout is of points; only the features within
    the bounds (west, south, east, north, metres) are read.

    Raises
    ------
    InputError
        When the file cannot be read, has no row, or its coordinates are not in Great Britain.
    OtherDatasetError
        When it holds something else in the same columns, or is an OpenStreetMap extract without a road.
    """
    if layout.kind == "osm":
        lines, rows_in_file = _read_geography(path, layout, {tag: tag for tag in osm.TAGS}, within)
        ways, left_out = osm.roads(lines, ferries=layout.ferries)
        if ways.empty and (left_out or not rows_in_file):
            raise OtherDatasetError("is an OpenStreetMap extract that holds no road near the area")
        return Reading(ways, rows_in_file, left_out)
    if path.suffix.lower() in GEO_SUFFIXES:
        frame, rows_in_file = _read_geography(path, layout, {**layout.columns, **layout.optional}, within)
    else:
        frame = _read_table(path, layout)
        rows_in_file = len(frame)
    if not rows_in_file:
        raise InputError(
            f"{path.name}: the file has headings but no row. Download it again, or take it out of the folder."
        )
    frame = codes.tidy(frame)
    for column, values in layout.refuse.items():
        if frame[column].isin(values).any():
            raise OtherDatasetError(f"holds '{values[0]}', so it is another data set with the same columns")
    return Reading(road_files.classify(frame, layout, path) if layout.road_class else frame, rows_in_file)


def _read_table(path: Path, layout: Layout) -> pd.DataFrame:
    named = {**layout.columns, **layout.optional}
    source = open_table.read_columns(path, set(named.values()))
    own = [ours for ours, theirs in layout.optional.items() if ours == theirs and theirs not in source]
    if wrong := codes.misspelt(open_table.headings(path), own):  # of a list of the user's own
        raise InputError(
            [f"{path.name}: has no '{name}', but a column almost so written. Correct it." for name in wrong]
        )
    frame = pd.DataFrame({ours: source[theirs] for ours, theirs in named.items() if theirs in source})
    numbers = list(frame.select_dtypes("number"))  # of a Parquet file
    return frame.astype({column: float if schemas.is_number(str(column)) else "str" for column in numbers})


def keep_wanted(frame: pd.DataFrame, layout: Layout) -> pd.DataFrame:
    """Return the rows the layout wants, such as open schools; case and padding of the words do not matter."""
    for column, values in layout.keep.items():
        frame = frame.assign(**{column: codes.spell(frame[column], list(values))})
        frame = frame[frame[column].isin(values)]
    for column, values in layout.drop.items():
        frame = frame[~codes.spell(frame[column], list(values)).isin(values)]
    return frame


def _read_geography(
    path: Path, layout: Layout, columns: Mapping[str, str], within: Bounds | None
) -> tuple[pd.DataFrame, int]:
    with reading(path, how="cannot be read to its end"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # measured (M) geometries are read as plain ones
        layer, options = layer_name(path), osm.open_options(path)
        info = pyogrio.read_info(path, layer=layer, force_feature_count=True, **options)
        part = _in_crs(within, info["crs"])  # a county's roads out of Great Britain's four million
        columns = {ours: theirs for ours, theirs in columns.items() if theirs in info["fields"]}
        wanted = list(columns.values())
        source = pyogrio.read_dataframe(path, layer=layer, columns=wanted, bbox=part, fid_as_index=True, **options)
    if source.crs is None:
        raise InputError(
            f"{path.name}: has no coordinate system. Save it again with its CRS (EPSG:27700 or EPSG:4326)."
        )
    frame = source.rename(columns={theirs: ours for ours, theirs in columns.items()})
    bare = frame.geometry.isna() | frame.geometry.is_empty
    if bare.any():
        raise InputError(
            f"{path.name}, feature {frame.index[bare][0] + 1}: has no geometry ({int(bare.sum())} such features)."
        )
    _refuse_endless(frame, path)
    with reading(path, how="has shapes that cannot be placed in Great Britain"):
        frame = frame.to_crs(CRS) if frame.crs != CRS else frame
        if layout.kind == "polygons":
            frame.geometry = frame.geometry.make_valid()  # a self-crossing outline would stop every later union
    # an OpenStreetMap extract is always in degrees, and its ferries may lead abroad
    if layout.kind != "osm" and not _in_great_britain(frame if len(frame) else _outline(path, layer)):
        raise InputError(
            f"{path.name}: its coordinates are not in Great Britain when read as {source.crs.to_string()}. "
            "Is the coordinate system in the file the one it was saved in? (EPSG:27700 is metres, EPSG:4326 degrees.)"
        )
    for column in columns:
        frame[column] = frame[column].astype("str").fillna("")
    frame.index = frame.index + 1
    if layout.kind == "points":  # from here on a place is a row with coordinates, as in a table
        middle = frame.geometry.centroid
        return pd.DataFrame(frame[list(columns)]).assign(easting=middle.x, northing=middle.y), int(info["features"])
    return frame[[*columns, "geometry"]], int(info["features"])


def _refuse_endless(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Refuse coordinates that are infinite, not a number, or beyond any map's: bounds pass over some of them."""
    places, feature = shapely.get_coordinates(frame.geometry.to_numpy(), return_index=True)
    wrong = ~(np.abs(places) < _FARTHEST).all(axis=1)
    if wrong.any():
        raise InputError(
            f"{path.name}, feature {frame.index[feature[wrong][0]] + 1}: has a coordinate that is not a finite number "
            f"({len(np.unique(feature[wrong])):,} such features). {AGAIN}"
        )


def _in_crs(within: Bounds | None, crs: str | None) -> Bounds | None:
    if within is None or crs is None:
        return None
    outline = gpd.GeoSeries([shapely.segmentize(shapely.box(*within), 5_000)], crs=CRS)
    west, south, east, north = outline.to_crs(crs).total_bounds
    return (west, south, east, north)


def _outline(path: Path, layer: str) -> gpd.GeoDataFrame:
    """The rectangle round all features of a file of which none was near enough to be read."""
    with reading(path):
        info = pyogrio.read_info(path, layer=layer, force_total_bounds=True)
        rectangles = [] if info["total_bounds"] is None else [shapely.box(*info["total_bounds"])]
        return gpd.GeoDataFrame(geometry=rectangles, crs=info["crs"]).to_crs(CRS)


def _in_great_britain(frame: gpd.GeoDataFrame) -> bool:
    if frame.empty:
        return True
    west, south, east, north = frame.total_bounds
    degrees = abs(east) <= 180 and abs(north) <= 90
    low_x, low_y, high_x, high_y = GREAT_BRITAIN
    return bool(not degrees and west >= low_x and south >= low_y and east <= high_x and north <= high_y)


def to_numbers(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[schemas.Problem]]:
    """Return the frame with its number columns as floats (blank = NaN), and a problem for each text in a number."""
    found: list[schemas.Problem] = []
    frame = frame.copy()
    for column in frame.columns:
        if not schemas.is_number(column):
            continue
        if pd.api.types.is_float_dtype(frame[column]):  # of a Parquet file, or worked out by us
            endless = np.isinf(frame[column].astype(float))
            found += [(row, column, "is not a finite number") for row in frame.index[endless]]
            frame[column] = frame[column].mask(endless)  # told; nothing that comes after has to bear it
            continue
        text = frame[column].str.strip().str.replace(r"(?<=\d),(?=\d{3}(?:\D|$))", "", regex=True)
        numbers = pd.to_numeric(text, errors="coerce").astype(float)
        wrong = (numbers.isna() & ~text.str.lower().isin(_BLANKS)) | np.isinf(numbers)
        found += [(row, column, f"is not a number ('{text[row][:20]}')") for row in frame.index[wrong]]
        frame[column] = numbers.mask(np.isinf(numbers))
    return frame, found


def check(frame: pd.DataFrame, dataset: Dataset, layout: Layout) -> list[schemas.Problem]:
    """Return the problems of a trimmed frame: blanks, impossible values, invalid codes, repeated keys."""
    plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    return schemas.problems_in(plain, blanks=[*dataset.blanks, *layout.blanks], key=dataset.key)


def describe(found: Iterable[schemas.Problem], file: Path | str, shown: int = 5) -> list[str]:
    """Return problems as sentences with file, row and column; the first few of each kind, the rest counted."""
    name = file if isinstance(file, str) else file.name
    by_kind: dict[tuple[str, str], list[str]] = {}
    for row, column, what in found:
        by_kind.setdefault((column, what.split(" (")[0]), []).append(f"{name}, row {row}: {column} {what}.")
    lines = []
    for (column, what), sentences in by_kind.items():
        lines += sentences[:shown]
        if len(sentences) > shown:
            lines.append(f"{name}: {column} {what} in {len(sentences) - shown:,} more rows.")
    return lines
