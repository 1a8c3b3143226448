"""Episodes in order, as whole days: the steps both ways of cleaning share."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cfwlib.data.returns import Returns

OPEN = 1 << 40
"""The end, in days, of an episode that has none; later than any date."""
UNKNOWN = -(1 << 40)
"""The date of birth, or the start, in days, of which nothing is known; earlier than any date."""

Days = NDArray[np.int64]
Flags = NDArray[np.bool_]


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
