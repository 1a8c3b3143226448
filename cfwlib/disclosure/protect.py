"""Protect a table before it is shown: `cells` hides its small counts, `suppress` what gives them away; round, mark."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from cfwlib.disclosure.audit import audit_table
from cfwlib.disclosure.cells import Known, Sum, build, cell_words, rounded
from cfwlib.disclosure.layout import STATUS, Layout
from cfwlib.disclosure.released import Protected
from cfwlib.disclosure.suppress import complete
from cfwlib.errors import refuse
from cfwlib.settings import DisclosureSettings

_EXPOSED = 3  # rows of at most one child each: a list of children, not a table
_DIGITS = 3  # a share of less than 0.05% reads 0.0%: marked k


def protect(
    table: pd.DataFrame,
    *,
    of: str,
    keys: Sequence[str],
    counts: Sequence[str],
    total: str = "Total",
    parts: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
    columns: Mapping[str, Sequence[str]] | None = None,
    shares: Mapping[str, tuple[str, str]] | None = None,
    means: Mapping[str, str] | None = None,
    public: Sequence[str] = (),
    omit: Sequence[str] = (),
    unshown: Sequence[bool] = (),
    beside: Sequence[Protected] = (),
    published: Sequence[float] = (),
    unrounded: bool = False,
    settings: DisclosureSettings | None = None,
) -> Protected:
    """Return a table as it may be shown.

    Parameters
    ----------
    table
        One row per group, with true counts; missing = does not apply (z). A GeoDataFrame keeps its shapes.
    of
        Whom it counts and when, such as `children in care, 2025-03-31`. Tables of the same children on the same day
        must say the same, and name the same groups alike: their shared cells are then hidden alike.
    keys
        Columns that name the groups. A row labelled `total` is the sum of the others; with two keys, both margins.
    counts
        Columns of counts of children.
    total
        The label of total rows.
    parts
        Totals within totals: key column to {label: labels it is the sum of}.
    columns
        Counts across: column to the columns it is the sum of.
    shares
        New column to (numerator, denominator), both in `counts`; 0 to 1. An empty denominator is the count of the
        numerator in the row where every key is at its total.
    means
        Existing column of means to the column of counts they rest on.
    public
        Columns that say nothing of children: prices, places, shapes.
    omit
        Counts that are not to be shown, though a share of them is.
    unshown
        Per row, whether it is left out of what is shown: it is there because a reader can find it by subtraction.
    beside
        Tables already released, whose cells this one repeats or refines. Release the coarser first.
    published
        Per row, the count (of the first column of counts) that others publish of the same children and day, so that it
        is known whatever is hidden here; NaN = none, or hidden by its publisher.
    unrounded
        Hide as if nothing were rounded. Then what is hidden is the same whatever the rounding, and runs that round
        differently tell no more together than one that does not; else a table that rounds may hide less.
    settings
        Rounding, and the fewest children a share or mean may rest on.

    Returns
    -------
    protected
        Every column of numbers is followed by its status; columns of shares come last.

    Raises
    ------
    InputError
        If a column is of no known kind, a count is not whole, totals do not add up, or rows are single children;
        `TooFewError` if nothing that may be hidden protects a small count.
    """
    rules = settings or DisclosureSettings.model_validate({})
    layout = Layout(
        of, tuple(keys), tuple(counts), total,
        {k: {label: tuple(p) for label, p in v.items()} for k, v in (parts or {}).items()},
        {k: tuple(v) for k, v in (columns or {}).items()}, rules.round_to,
    )  # fmt: skip
    shares, means = shares or {}, means or {}
    _check(table, layout, shares, means, public)
    values, sums, rest = _cells(table, layout, shares)
    rest |= {layout.name(c, row) for row, out in zip(layout.rows(table), unshown, strict=False) if out for c in counts}
    known, earlier = joined(beside)
    told = {
        layout.name(counts[0], row): int(count)
        for row, count in zip(layout.rows(table), published, strict=False)
        if pd.notna(count)
    }
    cells = build(
        values, [*sums, *earlier], round_to=0 if unrounded else rules.round_to, unpublished=rest, fixed=known,
        published=told, grand={layout.name(c, {}) for c in counts},
    )  # fmt: skip
    hidden = complete(cells)
    names = layout.rows(table)
    out = {name for name, gone in zip(cells.names, hidden, strict=True) if gone}
    frame = table.copy()
    for column in counts:
        given = table[column].tolist()
        status = [
            "z" if pd.isna(v) else "c" * (layout.name(column, r) in out) for v, r in zip(given, names, strict=True)
        ]
        shown = [np.nan if s else rounded(int(v), rules.round_to) for v, s in zip(given, status, strict=True)]
        put(frame, column, shown, status)
    for column, base in means.items():
        put(frame, column, *hide_means(table[column], table[base], frame[base + STATUS], layout, table, rules))
    for column, (top, base) in shares.items():
        put(frame, column, *shares_of(frame, table, top, base, layout, rules))
    frame = frame[_ordered(frame, shares, omit)]
    audit = audit_table(cells, hidden, of=[n for n in values if n not in rest])
    return Protected(frame, audit, layout, rules.min_denominator, cells.known(hidden), (*sums, *earlier))


def joined(tables: Sequence[Protected]) -> tuple[dict[Hashable, Known], list[Sum]]:
    """Return what readers of several tables know together: every cell and every sum.

    Raises
    ------
    InputError
        If one table shows what another hides, or they show different counts of one cell.
    """
    known: dict[Hashable, Known] = {}
    problems = []
    for table in tables:
        for name, cell in table.known.items():
            was = known.get(name)
            if was is None:
                known[name] = cell
                continue
            low, high = np.maximum(was.box[:, 0], cell.box[:, 0]), np.minimum(was.box[:, 1], cell.box[:, 1])
            if was.hidden != cell.hidden or (low > high).any():
                problems.append(
                    f"Two tables of '{table.layout.of}' do not show the same of '{cell_words(name)}': give protect the "
                    "one released first as `beside`."
                )
            known[name] = Known(was.hidden and cell.hidden, was.needs or cell.needs, np.stack([low, high], axis=1))
    refuse(problems)
    return known, list(dict.fromkeys(s for table in tables for s in table.sums))


def put(frame: pd.DataFrame, column: str, shown: Sequence[Any], status: Sequence[str]) -> None:
    """Set a column of numbers and its status."""
    whole = all(not s for s in status) and all(isinstance(v, int) for v in shown)
    frame[column] = pd.array(shown, dtype="int64" if whole else "float64")
    frame[column + STATUS] = pd.array(list(status), dtype="str")


def _cells(
    table: pd.DataFrame, layout: Layout, shares: Mapping[str, tuple[str, str]]
) -> tuple[dict[Hashable, int], list[Sum], set[Hashable]]:
    """Return counts by cell, sums, and the rests of shares: children too, whom a reader finds by subtraction."""
    rows = layout.rows(table)
    values: dict[Hashable, int] = {
        layout.name(c, r): int(v)
        for c in layout.counts
        for r, v in zip(rows, table[c].tolist(), strict=True)
        if pd.notna(v)
    }
    sums = [(t, tuple(p for p in parts if p in values)) for t, parts in layout.sums(table) if t in values]
    rest: set[Hashable] = set()
    for top, base in {pair for pair in shares.values() if pair[1]}:
        for row in rows:
            whole, part = layout.name(base, row), layout.name(top, row)
            if whole in values and part in values and whole != part:
                name = layout.name(f"{base} not {top}", row)
                values[name] = values[whole] - values[part]
                sums.append((whole, (part, name)))
                rest.add(name)
    return values, [s for s in dict.fromkeys(sums) if s[1]], rest


def _ordered(frame: pd.DataFrame, shares: Mapping[str, Any], omit: Sequence[str]) -> list[str]:
    """Return the columns as given, each status right after its number, new shares last."""
    plain = [c for c in frame.columns if not c.endswith(STATUS) and c not in omit]
    plain = [*(c for c in plain if c not in shares), *(c for c in plain if c in shares)]
    return [n for c in plain for n in (c, c + STATUS) if n in frame.columns]


def _check(
    table: pd.DataFrame, layout: Layout, shares: Mapping[str, Any], means: Mapping[str, str], public: Sequence[str]
) -> None:
    layout.rows(table)
    named = {*layout.keys, *layout.counts, *shares, *means, *public}
    problems = [
        f"Column '{c}': nobody has said what it is. Name it among keys, counts, shares, means or public."
        for c in table.columns
        if c not in named
    ]
    used = {c for pair in shares.values() for c in pair if c} | set(means.values())
    used |= {c for t, parts in layout.columns.items() for c in (t, *parts)}
    problems += [f"Column '{c}' is used but is not among counts." for c in sorted(used - set(layout.counts))]
    for column in layout.counts:
        given = pd.to_numeric(table[column], errors="coerce")
        wrong = given.isna() & table[column].notna() | (given < 0) | (given % 1 > 0)
        if wrong.any():
            problems.append(
                f"Column '{column}', row {int(np.argmax(wrong)) + 1}: a count is a whole number, 0 or more."
            )
    if not layout.counts:
        problems.append(
            "A table needs its counts of children: without them nothing can be protected. Name them as counts."
        )
    elif len(table) > _EXPOSED and not problems and table[list(layout.counts)].max().max() <= 1:
        problems.append("No row counts more than one child: lists of children are not published. Group them.")
    refuse(problems)


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
