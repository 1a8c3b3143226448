"""Authorities whose code has changed: which old codes make up a new one, and tables that still carry the old."""

from collections.abc import Sequence

import pandas as pd

from cfwlib.data.catalogue import Dataset
from cfwlib.reading import own_toml

_CODES = own_toml("data/authority_codes.toml")
_MADE_OF: dict[str, list[list[str]]] = _CODES["made_of"]
_DIVIDED: dict[str, tuple[str, list[str]]] = {old: (one["name"], one["into"]) for old, one in _CODES["divided"].items()}
DISTRICTS: dict[str, int] = _CODES["districts"]
_ADDED_UP = ("number", "population", "ehc_plans")
_NOT_ADDED = ("rate", "percent")


def former_codes(code: str) -> set[str]:
    """Return every old code whose whole area is now within an authority."""
    return {old for together in _MADE_OF.get(code, ()) for old in together}


def successor(code: str) -> str:
    """Return today's code of an authority that has another now, else an empty text."""
    return next((new for new, sets in _MADE_OF.items() if any(code in together for together in sets)), "")


def joined(frame: pd.DataFrame, dataset: Dataset, code: str) -> tuple[pd.DataFrame, list[str]]:
    """Return a published table in which the area's years under old codes stand under its own, and what was done.

    Rows under another code with the area's own number or name are the area's. Counts of all districts that make it up
    are added; their rates and percentages are not (status x), nor is a sum with a hidden part (its status). What
    cannot be joined stays as it is and is told, and so is every year that has no figure of the area.

    Parameters
    ----------
    frame
        One row per period, authority and item; numbers as numbers, with their `_status` where the data set has them.
    dataset
        Its key and period are needed.
    code
        Of the area.
    """
    period = dataset.period or "period"
    if "authority" not in frame or period not in frame:
        return frame, []
    same = [name for name in dataset.key if name not in ("la", "authority", "region")]
    frame, told = _renamed(frame, code, same, period)
    for together in _MADE_OF.get(code, ()):
        frame, more = _added(frame, code, together, same, period)
        told += more
    for old, (name, new) in _DIVIDED.items():
        theirs = _with_figures(frame[frame["authority"] == old])
        years = sorted(theirs[period].unique()) if code in new else []
        if years:
            told.append(f"{name} ({old}, {_span(years)}) was divided: its figures are not joined to those of {code}")
    mine, others = frame[frame["authority"] == code], frame[frame["authority"].str.match("E0|E1|W|X")]
    lacking = sorted(set(_with_figures(others)[period]) - set(_with_figures(mine)[period])) if len(mine) else []
    if lacking:
        told.append(f"caution: no figure of {code} for {_span(lacking)}, though others have one")
    return frame, told


def _with_figures(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame[[column for column in _ADDED_UP if column in frame]].notna().any(axis=1)]


def _renamed(frame: pd.DataFrame, code: str, same: Sequence[str], period: str) -> tuple[pd.DataFrame, list[str]]:
    """Put the area's code on its rows under another: those with its number or its name."""
    mine = frame["authority"] == code
    alone = {old for (old, *rest) in _MADE_OF.get(code, ()) if not rest}
    other = frame["authority"].isin(alone)
    for column in ("la", "name"):
        if column in frame:
            known = set(frame.loc[mine, column].str.casefold()) - {""}
            other |= frame[column].str.casefold().isin(known) & ~mine & (frame["authority"] != "")
    together = {old for olds in _MADE_OF.get(code, ()) if len(olds) > 1 for old in olds}
    other &= ~frame["authority"].isin([*_DIVIDED, *together])  # one of several districts is not the whole: added up
    if not other.any():
        return frame, []
    told = []
    for old, rows in frame[other].groupby("authority"):
        told.append(f"{len(rows):,} rows under its other code {old} ({_span(sorted(rows[period].unique()))}) joined")
    moved = frame[other].assign(authority=code)
    for column in ("la", "name"):
        if column in frame and mine.any():
            moved[column] = frame.loc[mine, column].iloc[-1]
    again = pd.concat([frame[mine], moved])[list(same)].duplicated().loc[moved.index]
    if again.any():
        told.append(f"{int(again.sum()):,} of these left out: the table has them under {code} as well")
    return pd.concat([frame[~other], moved[~again]]).sort_index(kind="stable"), told


def _added(
    frame: pd.DataFrame, code: str, together: Sequence[str], same: Sequence[str], period: str
) -> tuple[pd.DataFrame, list[str]]:
    """Add up the districts that make up the area, where it has no figure of its own."""
    rows = frame[frame["authority"].isin(together)]
    if rows.empty or len(together) < 2:
        return frame, []
    mine = frame["authority"] == code
    rows = rows[~_keys(rows, same).isin(_keys(_with_figures(frame[mine]), same))]
    given = rows.groupby(list(same), sort=False)["authority"]
    whole = (given.transform("nunique") == len(together)) & (given.transform("size") == len(together))
    part, rows, told = sorted(rows[period][~whole].astype(str).unique()), rows[whole], list[str]()
    if part:
        told.append(f"caution: {_span(part)} of {', '.join(together)} not joined: not all of them are there")
    if rows.empty:
        return frame, told
    new, groups = rows.drop_duplicates(same, keep="last").assign(authority=code), [rows[name] for name in same]
    for column in (name for name in _ADDED_UP if name in frame):
        new[column] = rows[column].groupby(groups).transform("sum", min_count=len(together))
        if (status := f"{column}_status") in frame:
            hidden = rows[status].mask(rows[status] == "").groupby(groups).transform("first")
            new[status] = hidden.fillna("").astype("str")
    for column in (name for name in _NOT_ADDED if name in frame):
        new[column], new[f"{column}_status"] = float("nan"), "x"
    for column in (name for name in ("la", "name") if name in frame and mine.any()):
        new[column] = frame.loc[mine, column].iloc[-1]
    replaced = mine & _keys(frame, same).isin(_keys(new, same))
    told.append(
        f"{len(new):,} figures ({_span(sorted(new[period].unique()))}) added up of its former districts "
        f"{', '.join(together)}"
    )
    return pd.concat([frame[~replaced], new]).sort_index(kind="stable"), told


def _keys(frame: pd.DataFrame, same: Sequence[str]) -> pd.Index:
    return frame.set_index(list(same)).index


def _span(years: Sequence[object]) -> str:
    return str(years[0]) if len(years) == 1 else f"{years[0]} to {years[-1]}"
