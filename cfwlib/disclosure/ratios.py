"""Shares and means of children: hidden where their counts are, or where they rest on too few."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from cfwlib.disclosure.layout import STATUS, Layout
from cfwlib.settings import DisclosureSettings

_DIGITS = 3  # a share of less than 0.05% reads 0.0%: marked k


def shares_of(
    frame: pd.DataFrame, table: pd.DataFrame, top: str, base: str, layout: Layout, rules: DisclosureSettings
) -> tuple[list[float], list[str]]:
    """Return shares (0 to 1) of shown counts, so that they say nothing the counts do not, and their status.

    Parameters
    ----------
    frame
        The table as it is shown, with status columns.
    table
        The table as given.
    top, base
        Columns of numerator and denominator; no denominator = the numerator's own total row.
    layout
        What the cells are.
    rules
        Fewest children of a share.
    """
    under, under_status = frame[base or top], frame[(base or top) + STATUS]
    if not base:
        at = np.flatnonzero((table[list(layout.keys)].astype(str) == layout.total).all(axis=1).to_numpy())
        where = np.repeat(at[:1], len(frame)) if len(at) else np.full(len(frame), -1)
        under = pd.Series([under.iloc[i] if i >= 0 else np.nan for i in where], index=frame.index)
        under_status = pd.Series([under_status.iloc[i] if i >= 0 else "z" for i in where], index=frame.index)
    shares, status = [], []
    for n, n_status, d, d_status in zip(frame[top], frame[top + STATUS], under, under_status, strict=True):
        symbol = "z" if "z" in (n_status, d_status) or d == 0 else "c"
        if not (n_status or d_status or d < max(rules.min_denominator, 1)):
            symbol = "k" * bool(n > 0 and round(n / d, _DIGITS) == 0)
        shares.append(np.nan if symbol else n / d)
        status.append(symbol)
    return shares, status


def hide_means(
    means: pd.Series,
    counts: pd.Series,
    covered: pd.Series,
    layout: Layout,
    table: pd.DataFrame,
    rules: DisclosureSettings,
) -> tuple[list[float], list[str]]:
    """Return means and their status.

    A mean is hidden where its count is, or where it rests on fewer than `min_denominator` children. From a total's mean
    and the other groups' the sum over the hidden groups can be worked out: so the groups hidden under one total are at
    least two and together at least `min_denominator` children, or the total's mean is hidden too.

    Parameters
    ----------
    means, counts
        One row per group, true.
    covered
        Status of the counts.
    layout, table
        What the cells are.
    rules
        Fewest children of a mean.
    """
    number = counts.fillna(0).to_numpy(dtype=float)
    none = (means.isna() | (number == 0)).to_numpy()
    out = ((covered == "c") | (number < rules.min_denominator)).to_numpy() & ~none
    at = {layout.name("", row): i for i, row in enumerate(layout.rows(table))}
    column = layout.counts[0]
    sums = [(at[_bare(t)], [at[_bare(p)] for p in parts]) for t, parts in layout.sums(table) if t[1] == column]  # type: ignore[index]
    sums = [(t, parts) for t, parts in sums if t not in parts]
    changed = True
    while changed:
        changed = False
        for total, parts in sums:
            gone = [i for i in parts if out[i]]
            if out[total] or not gone or (len(gone) > 1 and number[gone].sum() >= rules.min_denominator):
                continue
            left = [i for i in parts if not out[i] and not none[i]]
            out[min(left, key=lambda i: number[i]) if len(left) > 1 else total] = changed = True
    values = [np.nan if o or z else float(m) for m, o, z in zip(means, out, none, strict=True)]
    return values, ["z" if z else "c" * bool(o) for o, z in zip(out, none, strict=True)]


def _bare(name: Any) -> Hashable:
    return (name[0], "", name[2])
