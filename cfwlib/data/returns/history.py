"""Make one history of several yearly returns: what is given twice, what a later return tells better."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cfwlib.data.returns.codes import Codes
from cfwlib.data.returns.stack import Stack

TWICE = "given twice: the same row again"
LATER = "superseded by a later return (or by a closed row of the same one)"


def one_history(episodes: Stack, child: Codes) -> Codes:
    """Leave out repeated episodes, put the rest in order of child, start and return, and return the children.

    Parameters
    ----------
    episodes
        All rows; changed in place.
    child
        The child of each row.

    Notes
    -----
    Identical rows of one year's return are one. Rows of one child with the same start, placement and provider, of
    which one is of a later year, or the only closed one, are one episode: the last row counts.
    """
    order = _order(episodes, child)
    episodes.take(order)
    child = child[order]
    wanted = ~_twice(episodes, child)
    child = child[wanted]
    episodes.keep(wanted, TWICE)
    wanted = ~_superseded(episodes, child)
    child = child[wanted]
    episodes.keep(wanted, LATER)
    return child


def _order(episodes: Stack, child: Codes) -> npt.NDArray[np.int64]:
    return np.lexsort((episodes.row, episodes.file, episodes.year, episodes.days["DECOM"].astype(np.int64), child))


def _twice(episodes: Stack, child: Codes) -> npt.NDArray[np.bool_]:
    """Return the rows that stand, word for word, in an earlier row of the same year."""
    ignored = {"CHILD", "LA", "YEAR"}
    columns: list[npt.NDArray[Any]] = [column.codes for name, column in episodes.columns.items() if name not in ignored]
    columns += [days.astype(np.int64) for days in episodes.days.values()] + [episodes.year, child]
    # rows alike stand together, but for the rows between them that share child and start: so only those are compared
    same = (child[1:] == child[:-1]) & (episodes.days["DECOM"][1:] == episodes.days["DECOM"][:-1])
    close = np.flatnonzero(np.r_[same, False] | np.r_[False, same])
    twice = np.zeros(len(episodes), bool)
    twice[close] = pd.DataFrame({place: values[close] for place, values in enumerate(columns)}).duplicated()
    return twice


def _superseded(episodes: Stack, child: Codes) -> npt.NDArray[np.bool_]:
    place, provider = episodes.columns["PLACE"].codes, episodes.columns["PLACE_PROVIDER"].codes
    start, closed = episodes.days["DECOM"].astype(np.int64), ~np.isnat(episodes.days["DEC"])
    order = np.lexsort((closed, episodes.year, provider, place, start, child))
    new = np.r_[True, np.zeros(max(len(order) - 1, 0), bool)][: len(order)]
    for key in (child, start, place, provider):
        new[1:] |= key[order][1:] != key[order][:-1]
    group = np.cumsum(new) - 1
    last = order[np.r_[np.flatnonzero(new)[1:] - 1, len(order) - 1]][group] if len(order) else order
    superseded = np.zeros(len(episodes), bool)
    superseded[order] = (episodes.year[order] < episodes.year[last]) | (~closed[order] & closed[last])
    return superseded
