"""Find the points of the postcodes that episodes name, in the postcode files that lie beside the returns."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cfwlib.data.open_table import headings, read_columns
from cfwlib.data.returns.codes import tight
from cfwlib.data.returns.frames import POSTCODE_COLUMNS, empty_postcodes
from cfwlib.data.returns.recognise import EASTING, NORTHING, POSTCODE, first_of
from cfwlib.errors import InputError

_QUALITY = ("PQI", "PQ", "POSITIONAL_QUALITY_INDICATOR")
_DISTRICT = ("AUTHORITY", "DISTRICT", "DC", "OSLAUA", "LAUA", "LAD")
_COUNTY = ("COUNTY", "CY", "OSCTY")
NO_POINTS = "no postcode file: where children live is known only where the return says it"


def needed_points(paths: Mapping[str, Path], episodes: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the points of the postcodes in the episodes, and remarks with their rows.

    Parameters
    ----------
    paths
        By what messages call each: Code-Point Open or any table with postcode, easting and northing (metres,
        EPSG:27700), and the code of the district and county where it has them.
    episodes
        With `home_postcode` and `placement_postcode`.

    Returns
    -------
    points
        One row per postcode found: `postcode`, `easting`, `northing`, `authority` (the county where there are two
        tiers, since it is the one that looks after children).
    remarks
        What to say of it, and of how many episodes.

    Raises
    ------
    InputError
        When a list of postcodes cannot be read.
    """
    if not paths:
        return empty_postcodes(), {NO_POINTS: len(episodes)}
    given = [pa.array(episodes[name], pa.string()) for name in ("home_postcode", "placement_postcode")]
    needed = pc.unique(pa.chunked_array(given))
    points = pd.concat([_points(path, label, needed) for label, path in paths.items()], ignore_index=True)
    points = points.drop_duplicates("postcode").sort_values("postcode", ignore_index=True)
    remarks: dict[str, int] = {}
    for column in ("home_postcode", "placement_postcode"):
        blank = episodes[column] == ""
        missing = int((~blank & ~_among(episodes[column], pa.array(points["postcode"], pa.string()))).sum())
        remarks |= {f"{column.replace('_', ' ')} not in the postcode file": missing} if missing else {}
        remarks |= {f"{column.replace('_', ' ')} blank": int(blank.sum())} if blank.any() else {}
    return points, remarks


def _points(path: Path, label: str, needed: pa.Array) -> pd.DataFrame:
    try:
        return _needed_of(path, needed)
    except Exception:  # its message may quote the file's name or a row
        problem = f"{label}: cannot be read to its end. Download it again."
    raise InputError(problem)


def _needed_of(path: Path, needed: pa.Array) -> pd.DataFrame:
    names = {name.strip().upper(): name for name in headings(path)}
    columns = {
        own: names[first_of(names, known)]
        for own, known in {
            "postcode": POSTCODE, "easting": EASTING, "northing": NORTHING, "quality": _QUALITY,
            "district": _DISTRICT, "county": _COUNTY,
        }.items()
        if first_of(names, known)
    }  # fmt: skip
    table = read_columns(path, set(columns.values())).rename(columns={given: own for own, given in columns.items()})
    table["postcode"] = pd.Series(tight(pa.array(table["postcode"], pa.string())), table.index, dtype="str")
    table = table[_among(table["postcode"], needed) & (table["postcode"] != "")]
    for name in ("easting", "northing"):
        table[name] = pd.to_numeric(table[name], errors="coerce").astype(float)
    good = table["easting"].between(1, 700_000) & table["northing"].between(1, 1_300_000)  # the National Grid
    if "quality" in table:
        good &= pd.to_numeric(table["quality"], errors="coerce").lt(90)  # 90: no coordinates
    blank = pd.Series("", index=table.index, dtype="str")
    district, county = (table.get(name, blank).astype("str").fillna("").str.strip().str.upper()
                        for name in ("district", "county"))  # fmt: skip
    two_tier = county.str.startswith("E10") & district.str.startswith("E07")
    return table.assign(authority=district.mask(two_tier, county))[good][POSTCODE_COLUMNS]


def _among(values: pd.Series, texts: pa.Array) -> pd.Series:
    """Return which values are among some texts; pandas' own way takes seconds for a hundred thousand."""
    found = pc.is_in(pa.array(values, pa.string()), value_set=texts)
    return pd.Series(found.to_numpy(zero_copy_only=False), index=values.index)
