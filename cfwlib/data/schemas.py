"""The columns of every data set and frame: what they may hold, in one place."""

import re
from collections.abc import Sequence

import pandas as pd
import pandera.pandas as pa

from cfwlib.data.vintages import AGE_GROUPS

NOT_MORE = (("households_no_car", "households"), ("children_0_15", "residents"))  # a part, and its whole
LSOA_CODE = r"^[EWX]01\d{6}$"
POINT_CODE = r"^[EWXSNKJL]\d{8}$"  # of the United Kingdom's countries, X where it is invented

_WHOLE = pa.Check(lambda counts: counts.mod(1) == 0, name="whole")
_COUNT = pa.Column(float, [pa.Check.in_range(0, 1e6), _WHOLE])  # nothing counted here reaches a million
_RANK = pa.Column(float, pa.Check.ge(1))
_RATE = pa.Column(float, pa.Check.in_range(0, 1))
_LSOA = pa.Column(str, pa.Check.str_matches(LSOA_CODE))

COLUMNS: dict[str, pa.Column] = {
    "lsoa": _LSOA,
    "lsoa11": _LSOA,
    "lsoa21": _LSOA,
    "point": pa.Column(str, pa.Check.str_matches(POINT_CODE)),
    "residents": _COUNT,
    "residents_2021": _COUNT,
    "children_0_15": _COUNT,
    "households": _COUNT,
    "households_no_car": _COUNT,
    "idaci_count": _COUNT,
    "income_count": _COUNT,
    "pupils": _COUNT,
    "ehc_plans": _COUNT,
    "imd_rank": _RANK,
    "income_rank": _RANK,
    "children_young_people_rank": _RANK,
    "geographical_barriers_rank": _RANK,
    "imd_decile": pa.Column(float, pa.Check.in_range(1, 10)),
    "income_score": _RATE,
    "idaci_rate": _RATE,
    "easting": pa.Column(float, pa.Check.in_range(0, 700_000)),
    "northing": pa.Column(float, pa.Check.in_range(0, 1_300_000)),
    **{name: pa.Column(float, pa.Check.in_range(0, 700_000)) for name in ("from_easting", "to_easting")},
    **{name: pa.Column(float, pa.Check.in_range(0, 1_300_000)) for name in ("from_northing", "to_northing")},
    "speed_limit": pa.Column(float),
    "speed_limit_kmh": pa.Column(float, pa.Check.in_range(0, 250)),
    "length": pa.Column(float),
    "length_m": pa.Column(float, pa.Check.gt(0)),
    "hire_gbp": pa.Column(float, pa.Check.in_range(0, 1e5)),
    "dwell_min": pa.Column(float, [pa.Check.ge(5), pa.Check.le(720)]),
    "age_group": pa.Column(str, pa.Check.isin(list(AGE_GROUPS))),
    "change": pa.Column(str, pa.Check.isin(["U", "S", "M", "X"])),
}
Problem = tuple[object, str, str]  # row label, column, what is wrong
_AGE = re.compile(r"^(?:age|band)_\d+$")

_WORDS = {
    "greater_than_or_equal_to": "is lower than it can be",
    "less_than_or_equal_to": "is higher than it can be",
    "greater_than": "is not above 0",
    "in_range": "is negative or too large",
    "str_matches": "is not a valid code",
    "isin": "is not one of the known values",
    "not_nullable": "is blank",
    "whole": "is not a whole number",
}


def is_number(column: str) -> bool:
    """Tell whether a column holds numbers."""
    return bool(_AGE.match(column)) or (column in COLUMNS and str(COLUMNS[column].dtype) == "float64")


def problems_in(frame: pd.DataFrame, *, blanks: Sequence[str], key: Sequence[str]) -> list[Problem]:
    """Return everything wrong in a frame as (row label, column, what is wrong).

    Parameters
    ----------
    frame
        Columns named as in `COLUMNS`; numbers already numbers (blank = NaN).
    blanks
        Columns that may be blank.
    key
        Columns that together must be unique.
    """
    checks = {}
    for name in frame.columns:
        column = _COUNT if _AGE.match(name) else COLUMNS.get(name)
        if column is not None:
            checks[name] = pa.Column(column.dtype, column.checks, nullable=name in blanks)
    found: list[Problem] = []
    try:
        pa.DataFrameSchema(checks).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        for case in error.failure_cases.itertuples():
            check = str(case.check).split("(")[0]
            value = "" if pd.isna(case.failure_case) else f" ({case.failure_case})"
            found.append((case.index, str(case.column), _WORDS.get(check, check) + value))
    for part, total in NOT_MORE:
        if part in frame and total in frame:
            for label in frame.index[frame[part] > frame[total]]:
                found.append((label, part, f"is more than {total} ({float(frame[part][label]):g})"))
    if "age_group" in frame:
        groups = frame.groupby("lsoa")["age_group"].nunique()
        for lsoa in groups.index[groups < len(AGE_GROUPS)]:
            found.append(
                (frame.index[frame["lsoa"] == lsoa][0], "age_group", f"is not given for all six bands ({lsoa})")
            )
    if key:
        for label in frame.index[frame.duplicated(list(key), keep="first")]:
            found.append((label, key[0], f"is given twice ({' / '.join(str(frame.at[label, k]) for k in key)})"))
    return found
