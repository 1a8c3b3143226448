"""Read one published file into a frame with our column names, with every problem of it in one list."""

import warnings
from collections.abc import Iterable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from cfwlib.data import schemas
from cfwlib.data.catalogue import GEO_SUFFIXES, Dataset, Layout, encoding, layer_name
from cfwlib.data.store import CRS
from cfwlib.errors import InputError

_GREAT_BRITAIN = (0, 0, 700_000, 1_300_000)
_BLANKS = {"", "nan", "na", "n/a", "null", "none", "#n/a", "..", "-", "c", "k", "x", "z"}
_SHOWN = 5
Bounds = tuple[float, float, float, float]


class OtherDatasetError(InputError):
    """A file that has a data set's columns but holds something else."""


def read_file(path: Path, layout: Layout, *, within: Bounds | None = None) -> tuple[pd.DataFrame, int]:
    """Return a file's rows under our column names, all text, and how many rows the file has.

    The index is the row's number in the file. Geographical files give a GeoDataFrame in EPSG:27700, one row per
    feature; of one in that system only the features within the bounds (west, south, east, north, metres) are read.

    Raises
    ------
    InputError
        When the file cannot be read, has no row, or its coordinates are not in Great Britain.
    """
    if path.suffix.lower() in GEO_SUFFIXES:
        frame, rows_in_file = _read_geography(path, layout, within)
    else:
        try:
            source = pd.read_csv(
                path,
                dtype=str,
                keep_default_na=False,
                encoding=encoding(path),
                skipinitialspace=True,
                usecols=lambda name: name.strip() in set(layout.columns.values()),
            ).rename(columns=str.strip)
        except (pd.errors.ParserError, OSError, EOFError) as error:
            raise InputError(f"{path.name}: cannot be read to its end ({error}). Download it again.") from None
        frame = pd.DataFrame({ours: source[theirs] for ours, theirs in layout.columns.items()})
        frame.index = frame.index + 2  # row 1 of the file is its heading
        rows_in_file = len(frame)
    if not rows_in_file:
        raise InputError(
            f"{path.name}: the file has headings but no row. Download it again, or take it out of the folder."
        )
    for column, values in layout.refuse.items():
        if frame[column].isin(values).any():
            raise OtherDatasetError(f"holds '{values[0]}', so it is another data set with the same columns")
    return classify_roads(frame, layout, path) if layout.road_class else frame, rows_in_file


def keep_wanted(frame: pd.DataFrame, layout: Layout) -> pd.DataFrame:
    """Return the rows the layout wants, such as open schools."""
    for column, values in layout.keep.items():
        frame = frame[frame[column].isin(values)]
    return frame


def classify_roads(frame: pd.DataFrame, layout: Layout, path: Path) -> pd.DataFrame:
    """Return road links with `road_class`, by the layout's patterns; an empty class is not for cars.

    Raises
    ------
    InputError
        Naming every value that no pattern matches.
    """
    words = frame["class"] + " / " + frame["function"]
    if "primary" in frame:
        words = words + " / " + frame["primary"]
    road_class = pd.Series(pd.NA, index=frame.index, dtype="str")
    for pattern, name in layout.road_class:
        road_class = road_class.mask(road_class.isna() & words.str.contains(pattern, regex=True), name)
    unknown = sorted(words[road_class.isna()].unique())
    if unknown:
        raise InputError(
            [
                f"{path.name}: road class '{value}' is unknown ({int((words == value).sum())} links). "
                "Add a pattern for it to sources.toml."
                for value in unknown
            ]
        )
    return frame.assign(road_class=road_class)


def _read_geography(path: Path, layout: Layout, within: Bounds | None) -> tuple[gpd.GeoDataFrame, int]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # measured (M) geometries are read as plain ones
            layer = layer_name(path)
            info = pyogrio.read_info(path, layer=layer, force_feature_count=True)
            part = within if info["crs"] == CRS else None  # a county's roads out of Great Britain's four million
            columns = list(layout.columns.values())
            source = pyogrio.read_dataframe(path, layer=layer, columns=columns, bbox=part, fid_as_index=True)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError) as error:
        raise InputError(f"{path.name}: cannot be read to its end ({error}). Download it again.") from None
    if source.crs is None:
        raise InputError(
            f"{path.name}: has no coordinate system. Save it again with its CRS (EPSG:27700 or EPSG:4326)."
        )
    frame = source.rename(columns={theirs: ours for ours, theirs in layout.columns.items()})
    bare = frame.geometry.isna() | frame.geometry.is_empty
    if bare.any():
        raise InputError(
            f"{path.name}, feature {frame.index[bare][0] + 1}: has no geometry ({int(bare.sum())} such features)."
        )
    frame = frame.to_crs(CRS) if frame.crs != CRS else frame
    if layout.kind == "polygons":
        frame.geometry = frame.geometry.make_valid()  # a self-crossing outline would stop every later union
    west, south, east, north = frame.total_bounds if len(frame) else _GREAT_BRITAIN
    low_x, low_y, high_x, high_y = _GREAT_BRITAIN
    degrees = abs(east) <= 180 and abs(north) <= 90
    if (
        not np.isfinite([west, south, east, north]).all()
        or degrees
        or west < low_x
        or south < low_y
        or east > high_x
        or north > high_y
    ):
        raise InputError(
            f"{path.name}: its coordinates are not in Great Britain when read as {source.crs.to_string()}. "
            "Is the coordinate system in the file the one it was saved in? (EPSG:27700 is metres, EPSG:4326 degrees.)"
        )
    for column in layout.columns:
        frame[column] = (
            frame[column].map(lambda value: "" if value is None or value != value else str(value)).astype("str")
        )
    frame.index = frame.index + 1
    return frame[[*layout.columns, "geometry"]], int(info["features"])


def to_numbers(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[schemas.Problem]]:
    """Return the frame with its number columns as floats (blank = NaN), and a problem for each text in a number."""
    found: list[schemas.Problem] = []
    frame = frame.copy()
    for column in frame.columns:
        if not schemas.is_number(column):
            continue
        text = frame[column].str.strip().str.replace(r"(?<=\d),(?=\d{3}(?:\D|$))", "", regex=True)
        numbers = pd.to_numeric(text, errors="coerce").astype(float)
        wrong = (numbers.isna() & ~text.str.lower().isin(_BLANKS)) | np.isinf(numbers)
        found += [(row, column, f"is not a number ('{text[row][:20]}')") for row in frame.index[wrong]]
        frame[column] = numbers
    return frame, found


def check(frame: pd.DataFrame, dataset: Dataset, layout: Layout) -> list[schemas.Problem]:
    """Return the problems of a trimmed frame: blanks, impossible values, invalid codes, repeated keys."""
    plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    return schemas.problems_in(plain, blanks=[*dataset.blanks, *layout.blanks], key=dataset.key)


def describe(found: Iterable[schemas.Problem], path: Path) -> list[str]:
    """Return problems as sentences with file, row and column; the first few of each kind, the rest counted."""
    by_kind: dict[tuple[str, str], list[str]] = {}
    for row, column, what in found:
        by_kind.setdefault((column, what.split(" (")[0]), []).append(f"{path.name}, row {row}: {column} {what}.")
    lines = []
    for (column, what), sentences in by_kind.items():
        lines += sentences[:_SHOWN]
        if len(sentences) > _SHOWN:
            lines.append(f"{path.name}: {column} {what} in {len(sentences) - _SHOWN:,} more rows.")
    return lines
