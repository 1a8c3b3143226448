"""Compatibility mode: episodes cleaned and split by age as cs-demand-model-regional does it."""

import numpy as np
import pandas as pd

from cfwlib.data.returns import Returns
from cfwlib.sufficiency.homes.cleaning import (
    OPEN,
    UNKNOWN,
    dates,
    follows_on,
    in_order,
    last_of_run,
    last_of_start,
    next_start,
)
from cfwlib.sufficiency.homes.placements import CODES, coded

NOT_IN_CARE = "Not in care"
YEAR_DAYS = 365.24
AGE_LIMITS = (-1, 1, 5, 10, 16, 30)
AGE_BINS = ("Birth to 1", "1 to 5", "5 to 10", "10 to 16", "16 to 18+")
OUT_OF_RANGE = "None"
_TYPES = {code: kind.capitalize() for code, kind in CODES["placement"].items()}


def compat_episodes(returns: Returns) -> tuple[pd.DataFrame, pd.Timestamp, pd.Timestamp]:
    """Return the other model's episodes, and the first and last day of its data.

    Of a child's rows with one start the last is kept, of those with one end (or none) the first; an end that is missing
    or later than the next start becomes the next start; a row with RNE L, T or U that follows on goes into the row
    before, whose placement stands. Short breaks, temporary placements and birthdays after 16 are not looked at, nor
    children who are in no header table.
    """
    rows = in_order(returns)
    listed = returns.children.loc[returns.children["has_header"], "child"]
    rows = rows[rows["child"].isin(listed) & (rows["born"] != UNKNOWN) & (rows["start"] != UNKNOWN)]
    rows = rows[last_of_start(rows)]
    rows = rows[~rows.duplicated(["child", "end"])]
    rows = rows.assign(end=np.minimum(rows["end"], next_start(rows)))
    carer = returns.episodes["reason_new"].isin(["L", "T", "U"]).to_numpy(bool)[rows["at"]]
    heads = ~(carer & follows_on(rows))
    last = last_of_run(heads)
    ends = rows["end"].to_numpy()[last]
    spells = rows[heads].reset_index(drop=True).assign(end=ends)
    start, end = _period(returns, spells)
    spells = pd.DataFrame(
        {
            "child": spells["child"],
            "start": dates(spells["start"].to_numpy(), missing=UNKNOWN),
            "end": dates(ends, missing=OPEN),
            "born": dates(spells["born"].to_numpy(), missing=UNKNOWN),
            "place": returns.episodes["place"].array.take(spells["at"]),
        }
    )
    split = _split_at_ages(spells, end)
    seeking = returns.children[returns.children["uasc"]].set_index("child")["uasc_ceased"]
    until = seeking.reindex(split["child"]).set_axis(split.index)
    return _with_neighbours(split.assign(uasc=split["start"] < until)), start, end


def _period(returns: Returns, spells: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return 1 April of the year before the first return's, and the first 31 March on or after the last date."""
    year = returns.episodes["year"].min()
    start = returns.start if pd.isna(year) else pd.Timestamp(int(year) - 1, 4, 1)
    ends = spells["end"].mask(spells["end"] == OPEN, UNKNOWN)
    last = max(spells["start"].max(), ends.max()) if len(spells) else 0
    date = max(pd.Timestamp(0) + pd.Timedelta(days=int(last)), start)
    end = pd.Timestamp(date.year, 3, 31)
    return start, end if date <= end else pd.Timestamp(date.year + 1, 3, 31)


def _split_at_ages(spells: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    """Return the episodes cut at the age limits they reach, with ages in years; the index repeats."""
    out = spells.assign(
        age=(spells["start"] - spells["born"]).dt.days / YEAR_DAYS,
        end_age=(spells["end"].fillna(end) - spells["born"]).dt.days / YEAR_DAYS,
    )
    for limit in AGE_LIMITS[1:]:
        crosses = (out["age"] < limit) & (out["end_age"] >= limit)
        birthday = (out["born"] + pd.DateOffset(years=limit)).astype("datetime64[s]")
        later = out[crosses].assign(start=birthday[crosses], age=float(limit))
        out = out.assign(end=out["end"].mask(crosses, birthday), end_age=out["end_age"].mask(crosses, float(limit)))
        out = pd.concat([out, later])
    for when in ("age", "end_age"):
        at = np.searchsorted(AGE_LIMITS, out[when].fillna(-np.inf), side="right") - 1
        bins = pd.array([*AGE_BINS, OUT_OF_RANGE], dtype="str")
        out[f"{when}_bin" if when == "end_age" else "age_bin"] = bins.take(np.clip(np.where(at < 0, 5, at), 0, 5))
    return out


def _with_neighbours(out: pd.DataFrame) -> pd.DataFrame:
    """Return the episodes in order, with the kind of placement before and after each; out of care in the gaps."""
    out = out.sort_values(["child", "start", "end"], na_position="first", kind="stable", ignore_index=True)
    kind = pd.Series(coded(out["place"], _TYPES, default="Other"))
    on = pd.Series(follows_on(out))
    leads = on.shift(-1, fill_value=False)
    out["placement_type"] = kind
    out["placement_type_before"] = kind.shift().where(on, NOT_IN_CARE)
    out["placement_type_after"] = kind.shift(-1).where(leads, NOT_IN_CARE).where(out["end"].notna())
    return out
