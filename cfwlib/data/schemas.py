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
_EASTING, _NORTHING = (pa.Column(float, pa.Check.in_range(0, most)) for most in (700_000, 1_300_000))

COLUMNS: dict[str, pa.Column] = {
    **dict.fromkeys(("lsoa", "lsoa11", "lsoa21"), _LSOA),
    **dict.fromkeys(("residents", "residents_2021", "children_0_15", "households", "households_no_car"), _COUNT),
    **dict.fromkeys(("idaci_count", "income_count", "pupils", "ehc_plans"), _COUNT),
    **dict.fromkeys(("imd_rank", "income_rank"), _RANK),
    **dict.fromkeys(("children_young_people_rank", "geographical_barriers_rank"), _RANK),
    **dict.fromkeys(("income_score", "idaci_rate"), _RATE),
    **dict.fromkeys(("easting", "from_easting", "to_easting"), _EASTING),
    **dict.fromkeys(("northing", "from_northing", "to_northing"), _NORTHING),
    "point": pa.Column(str, pa.Check.str_matches(POINT_CODE)),
    "imd_decile": pa.Column(float, pa.Check.in_range(1, 10)),
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
    known = {name: _COUNT if _AGE.match(name) else COLUMNS.get(name) for name in frame.columns}
    checks = {name: pa.Column(of.dtype, of.checks, nullable=name in blanks) for name, of in known.items() if of}
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
            more = frame[part][frame[part] > frame[total]]
            found += [(label, part, f"is more than {total} ({float(count):g})") for label, count in more.items()]
    if "age_group" in frame:
        groups = frame.groupby("lsoa")["age_group"].nunique()
        for lsoa in groups.index[groups < len(AGE_GROUPS)]:
            first = frame.index[frame["lsoa"] == lsoa][0]
            found.append((first, "age_group", f"is not given for all six bands ({lsoa})"))
    if key:
        for label in frame.index[frame.duplicated(list(key), keep="first")]:
            found.append((label, key[0], f"is given twice ({' / '.join(str(frame.at[label, k]) for k in key)})"))
    return found
