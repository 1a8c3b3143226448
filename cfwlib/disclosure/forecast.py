"""Forecasts of groups too small to show: a mean or a band near a few children would tell how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from cfwlib.disclosure.layout import STATUS
from cfwlib.disclosure.protect import put
from cfwlib.disclosure.released import Protected
from cfwlib.errors import refuse


def protect_forecast(
    table: pd.DataFrame,
    *,
    now: Protected,
    count: str,
    keys: Sequence[str],
    values: Sequence[str],
    public: Sequence[str] = (),
) -> Protected:
    """Return a forecast as it may be shown: nothing of groups whose present count is hidden.

    Model draws are not children, but they start from the children there are. What the present table hides so that small
    counts cannot be worked out is hidden in the forecast too, so that they cannot be worked out there.

    Parameters
    ----------
    table
        One row per group and date: means, medians, ends of bands, chances.
    now
        The present counts, protected.
    count
        Column of `now` that decides.
    keys
        Columns that name the group, the same as in `now`; a key of `now` left out is at its total.
    values
        Columns of forecast numbers.
    public
        Columns that say nothing of children, such as the date.

    Returns
    -------
    protected
        Each number column followed by its status; the audit is that of `now`.

    Raises
    ------
    InputError
        If a column is of no known kind, or a group is not in `now`.
    """
    named = {*keys, *values, *public}
    problems = [f"Column '{c}': name it among keys, values or public." for c in table.columns if c not in named]
    problems += [f"'{k}' is not a key of the present table." for k in keys if k not in now.layout.keys]
    problems += [f"The present table has no counts '{count}'."] * (count + STATUS not in now.frame)
    refuse(problems)
    at_total = (now.frame[[k for k in now.layout.keys if k not in keys]].astype(str) == now.layout.total).all(axis=1)
    present = now.frame[at_total]
    shown = dict(zip(_labels(present, keys), present[count + STATUS], strict=True))
    labels = _labels(table, keys)
    if now.frame.empty:
        shown = dict.fromkeys(labels, "c")
    unknown = sorted({" / ".join(label) for label in labels if label not in shown})
    refuse([f"'{u}' is not a group of the present table: protect its present count first." for u in unknown])
    frame = table.copy()
    gone = np.array([shown[label] != "" for label in labels], dtype=bool)
    for column in values:
        numbers = table[column].to_numpy(dtype=float)
        status = ["c" if g else "z" if np.isnan(v) else "" for g, v in zip(gone, numbers, strict=True)]
        put(frame, column, np.where(gone, np.nan, numbers).tolist(), status)
    frame = frame[[n for c in table.columns for n in (c, c + STATUS) if n in frame.columns]]
    layout = replace(now.layout, keys=tuple(keys), counts=(), parts={}, columns={})  # its numbers are no counts
    return Protected(frame, now.audit, layout, now.min_denominator, now.known, now.sums)


def _labels(frame: pd.DataFrame, keys: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(map(str, row)) for row in frame[list(keys)].itertuples(index=False)]
