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
    days = episodes.days["DECOM"].astype(np.int64)
    order = np.lexsort((episodes.row, episodes.file, episodes.year, days, child))
    episodes.take(order)
    child = child[order]
    for repeated, rule in ((_twice, TWICE), (_superseded, LATER)):
        wanted = ~repeated(episodes, child)
        child = child[wanted]
        episodes.keep(wanted, rule)
    return child


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
    """Return the rows of an episode that are of an earlier year than its last row, or open where that is closed."""
    rows = pd.DataFrame({"child": child, "start": episodes.days["DECOM"].astype(np.int64), "year": episodes.year})
    rows = rows.assign(**{name: episodes.columns[name].codes for name in ("PLACE", "PLACE_PROVIDER")})
    rows["closed"] = ~np.isnat(episodes.days["DEC"])
    one = rows.sort_values(["year", "closed"], kind="stable").groupby(["child", "start", "PLACE", "PLACE_PROVIDER"])
    last = one[["year", "closed"]].transform("last").reindex(rows.index)
    superseded: npt.NDArray[np.bool_] = (
        (rows["year"] < last["year"]) | (~rows["closed"] & last["closed"].astype(bool))
    ).to_numpy()
    return superseded
