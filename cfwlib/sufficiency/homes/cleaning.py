"""The rules that turn rows of returns into spells, each counted."""

from collections.abc import Collection

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cfwlib.data.returns import Returns
from cfwlib.settings import ReturnsSettings
from cfwlib.sufficiency.homes.placements import FAR_MILES, SHORT_BREAKS, TEMPORARY

OPEN = 1 << 40
"""The end, in days, of an episode that has none; later than any date."""
UNKNOWN = -(1 << 40)
"""The date of birth, or the start, in days, of which nothing is known; earlier than any date."""

Days = NDArray[np.int64]
Flags = NDArray[np.bool_]
ADULT_YEARS = 18
LATEST_BIRTH_DAYS = 366
"""A birth longer than this after the child's first start is a slip of the pen, not an unborn child."""
SAME_CARER = ("L", "T", "U")
"""Reasons for a new episode (RNE) by which legal status or placement changes, but not the carer."""
_FATES = ["used", "merged", "dropped", "altered", "noted"]


def days(dates: pd.Series, *, missing: int) -> Days:
    """Return dates as whole days since 1 January 1970; `missing` for NaT."""
    values = dates.to_numpy(dtype="datetime64[D]")
    return np.where(np.isnat(values), np.int64(missing), values.astype(np.int64))


def day(date: pd.Timestamp) -> int:
    """Return one date as whole days since 1 January 1970."""
    return (date.normalize() - pd.Timestamp(0)).days


def dates(values: Days, *, missing: int) -> pd.Series:
    """Return whole days since 1970 as dates; NaT for `missing`."""
    moments = np.where(values == missing, np.datetime64("NaT"), values.astype("datetime64[D]"))
    return pd.Series(moments.astype("datetime64[s]"))


def birthday(born: Days, years: int) -> Days:
    """Return the day each age is reached; 29 February's is 1 March in a common year."""
    dates = born.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    reached = (months + np.timedelta64(12 * years, "M")).astype("datetime64[D]") + (dates - months)
    return reached.astype(np.int64)


def in_order(returns: Returns, *, latest_last: bool = False) -> pd.DataFrame:
    """Return one row of whole days per episode, by child, start and end, open ones first among the same start.

    Parameters
    ----------
    returns
        From `cfwlib.data.returns`.
    latest_last
        Among rows of one start those of the latest return come last, whatever their end.

    Returns
    -------
    rows
        `at` (position in `returns.episodes`), `child`, `start`, `end` (OPEN = none), `born`; what the returns do not
        hold is UNKNOWN. Ties keep the order of the yearly returns, then of the file.
    """
    episodes, children = returns.episodes, returns.children
    child = episodes["child"].to_numpy(np.int64)
    start, end = days(episodes["start"], missing=UNKNOWN), days(episodes["end"], missing=OPEN)
    year = episodes["year"].fillna(0).to_numpy(np.int64)
    until = np.where(end == OPEN, UNKNOWN, end)
    order = np.lexsort((until, year, start, child) if latest_last else (year, until, start, child))
    born = np.full(max(child.max(initial=-1), children["child"].max() if len(children) else -1) + 1, UNKNOWN)
    born[children["child"].to_numpy(np.int64)] = days(children["born"], missing=UNKNOWN)
    rows = {"at": np.arange(len(child)), "child": child, "start": start, "end": end, "born": born[child]}
    return pd.DataFrame({name: values[order] for name, values in rows.items()})


def last_of_start(rows: pd.DataFrame) -> Flags:
    """Return, for ordered rows, whether a row is the last of its child's rows with that start."""
    child, start = rows["child"].to_numpy(), rows["start"].to_numpy()
    return np.append((child[1:] != child[:-1]) | (start[1:] != start[:-1]), True)[: len(rows)]


def next_start(rows: pd.DataFrame) -> Days:
    """Return, for ordered rows, the start of the child's next row; OPEN for the last."""
    child, start = rows["child"].to_numpy(), rows["start"].to_numpy()
    return np.append(np.where(child[1:] == child[:-1], start[1:], OPEN), OPEN)[: len(rows)]


def follows_on(rows: pd.DataFrame) -> Flags:
    """Return, for ordered rows, whether a row starts the day the child's row before it ends."""
    child, start, end = (rows[name].to_numpy() for name in ("child", "start", "end"))
    return np.append(False, (child[1:] == child[:-1]) & (start[1:] == end[:-1]))[: len(rows)]


def last_of_run(heads: Flags) -> NDArray[np.intp]:
    """Return, for each run that starts at a head, the position of its last row."""
    return np.append(np.flatnonzero(heads)[1:], len(heads))[: int(heads.sum())] - 1


class Account:
    """What became of the rows, rule by rule."""

    def __init__(self) -> None:
        self._lines: list[tuple[str, str, int]] = []

    def count(self, fate: str, rule: str, which: Flags | pd.Series) -> None:
        """Add a line: so many rows met this fate."""
        self._lines.append((fate, rule, int(which.sum())))

    def drop(self, rows: pd.DataFrame, rule: str, which: Flags | pd.Series) -> pd.DataFrame:
        """Return the other rows, and count these."""
        self.count("dropped", rule, which)
        return rows[~np.asarray(which)]

    def table(self) -> pd.DataFrame:
        """Return `fate`, `rule`, `rows`: used, merged and dropped add up; altered and noted are among those."""
        lines = pd.DataFrame(self._lines, columns=["fate", "rule", "rows"])
        return lines.sort_values("fate", key=lambda fate: fate.map(_FATES.index), kind="stable", ignore_index=True)


def one_at_a_time(returns: Returns, settings: ReturnsSettings, account: Account) -> pd.DataFrame:
    """Return the rows of `in_order` that count, without two at once for a child."""
    rows = in_order(returns, latest_last=True)
    rows = account.drop(rows, "no start date", rows["start"] == UNKNOWN)
    rows = account.drop(rows, "ends before it starts", rows["end"] < rows["start"])
    rows = account.drop(rows, "starts and ends on one day: no night", rows["end"] == rows["start"])
    if not settings.short_breaks:
        breaks = _among(returns.episodes["legal_status"], SHORT_BREAKS)
        rows = account.drop(rows, "short break (legal status V3, V4)", breaks[rows["at"]])
    rows = account.drop(rows, "starts after the period covered", rows["start"] > day(returns.end))
    rows = account.drop(rows, "another row of the child starts the same day: the last counts", ~last_of_start(rows))
    again = rows.duplicated(["child", "end"]) & (rows["end"] != OPEN)
    rows = account.drop(rows, "another row of the child ends the same day: the first counts", again)
    following = next_start(rows)
    no_end = rows["end"] == OPEN
    account.count("altered", "no end, but a later row: ends where that starts", no_end & (following < OPEN))
    account.count("altered", "ends after the next row starts: ends there", ~no_end & (rows["end"] > following))
    return _forgotten(rows.assign(end=np.minimum(rows["end"], following)), returns, account)


def _forgotten(rows: pd.DataFrame, returns: Returns, account: Account) -> pd.DataFrame:
    """Return the rows, those that no later return knows of closed at the end of the last return that does.

    A return lists everybody in care in its year: whoever is missing from the next has left, on a day that is not known.
    """
    year = returns.episodes["year"].iloc[rows["at"]].to_numpy(dtype=float, na_value=np.nan)
    old = (rows["end"] == OPEN).to_numpy() & (year < np.nanmax(year, initial=-np.inf))
    account.count("altered", "open in an older return and in none since: left when that return ends", old)
    ends = rows["end"].to_numpy().copy()
    for one in np.unique(year[old]):
        own = rows[year == one]
        last = max(own["start"].max(), own.loc[own["end"] < OPEN, "end"].max(), UNKNOWN)
        ends[old & (year == one)] = day(_last_of_march(pd.Timestamp(0) + pd.Timedelta(days=int(last)))) + 1
    return rows.assign(end=ends)


def _last_of_march(date: pd.Timestamp) -> pd.Timestamp:
    """Return the 31 March on or after a date."""
    return pd.Timestamp(year=date.year + (date.month > 3), month=3, day=31)


def in_childhood(rows: pd.DataFrame, returns: Returns, account: Account) -> pd.DataFrame:
    """Return the rows from birth to the 18th birthday, within the period covered."""
    child, start = rows["child"].to_numpy(), rows["start"].to_numpy()
    heads = np.append(True, child[1:] != child[:-1])[: len(rows)]
    first = start[heads][np.cumsum(heads) - 1]
    slip = rows["born"].to_numpy() > first + LATEST_BIRTH_DAYS
    account.count("altered", "born over a year after the first start: date of birth not believed", slip)
    rows = rows.assign(born=np.where(slip, UNKNOWN, rows["born"]))
    oldest = np.where(rows["born"] == UNKNOWN, first, rows["born"])  # born by the first start at the latest
    rows = rows.assign(adult=birthday(oldest, ADULT_YEARS))
    rows = account.drop(rows, "over before the child was born", rows["end"] <= rows["born"])
    early = rows["start"] < rows["born"]
    account.count("altered", "starts before the child was born: counts from the birth", early)
    rows = account.drop(rows, "starts on or after the 18th birthday", rows["start"] >= rows["adult"])
    adult, last = rows["adult"], day(returns.end)
    end = rows["end"].clip(upper=adult)
    account.count("altered", "runs past the 18th birthday: ends there", (rows["end"] > adult) & (adult <= last))
    account.count("altered", "ends after the period covered: still there", (rows["end"] < OPEN) & (end > last))
    return rows.assign(start=np.maximum(rows["start"], rows["born"]), end=end.mask(end > last, OPEN))


def main_placement(rows: pd.DataFrame, returns: Returns) -> NDArray[np.intp]:
    """Return, for each row, the position of the row whose placement the child has.

    Its own; for a temporary one (T0 to T4) the last other one of the same stay in care, or the next where there is none
    before; its own where the whole stay is temporary.
    """
    here = np.arange(len(rows))
    temporary = _among(returns.episodes["place"], TEMPORARY)[rows["at"]]
    heads = ~follows_on(rows)
    stay = np.cumsum(heads)
    before = np.maximum.accumulate(np.where(temporary, -1, here))
    after = np.minimum.accumulate(np.where(temporary, len(rows), here)[::-1])[::-1]
    main = here
    for other in (after, before):  # what was before wins over what comes after
        at = np.clip(other, 0, len(rows) - 1)
        main = np.where((other == at) & (stay[at] == stay) & temporary, at, main)
    return main


def merged(
    rows: pd.DataFrame, main: NDArray[np.intp], returns: Returns, kinds: pd.DataFrame, account: Account
) -> Flags:
    """Return whether each row goes into the row before it."""
    episodes, at = returns.episodes, rows["at"].to_numpy()
    previous = np.append(0, main[:-1])[: len(rows)]
    on = follows_on(rows)
    temporary = _among(episodes["place"], TEMPORARY)[at]
    away = on & temporary
    back = on & ~temporary & np.append(False, temporary[:-1])[: len(rows)]
    columns = ["place", "provider", "placement_postcode", "urn"]
    left, returned = (episodes[columns].iloc[at[where]].to_numpy() for where in (previous[back], np.flatnonzero(back)))
    back[back] = (left == returned).all(axis=1)
    state = _state(kinds)
    carer = _among(episodes["reason_new"], SAME_CARER)[at] & on & ~away & ~back
    same = carer & (state[at[previous]] == state[at])
    account.count("merged", "temporary placement (T0 to T4): the main one goes on", away)
    account.count("merged", "back from a temporary placement", back)
    account.count("merged", "same carer (RNE L, T, U), follows on", same)
    moved = "same carer, but kind, provider, area or 20 miles changes: a spell of its own"
    account.count("noted", moved, carer & ~same)
    return away | back | same


def _state(kinds: pd.DataFrame) -> NDArray[np.int64]:
    """Return one number for each state an episode can be in."""
    far = np.where(kinds["miles"].isna(), 2, kinds["miles"] > FAR_MILES).astype(np.int64)
    for name in ("placement", "provider", "where"):
        far = far * 10 + pd.factorize(kinds[name])[0]
    return far


def _among(codes: pd.Series, wanted: Collection[str]) -> Flags:
    return codes.isin(list(wanted)).to_numpy(bool)
