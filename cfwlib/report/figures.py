"""Charts as SVG with a text that says what they show; the same bytes for the same data."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cfwlib.errors import InputError, refuse
from cfwlib.report.numbers import plain_number, with_unit
from cfwlib.report.symbols import CATEGORIES
from cfwlib.report.write import write_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HATCHES = ("", "////", "....", "xxxx")
PALER = ("#9ecae1", "#e69f00", "#cc79a7")  # of the bars after the first
LABEL = {False: (26, 2), True: (15, 4)}  # letters a line and most lines of a label, on a page and on a telephone


@dataclass(frozen=True)
class Chart:
    """A finished chart.

    Attributes
    ----------
    title
        What the chart shows.
    alt
        The same in words with its numbers, for those who cannot see it.
    svg
        The drawing.
    source
        Where the numbers come from.
    narrow
        The same drawn for a telephone, where the wide one would be too small to read.
    """

    title: str
    alt: str
    svg: str
    source: str = ""
    narrow: str = ""

    def _repr_html_(self) -> str:
        source = f"<small>Source: {html.escape(self.source)}</small>" if self.source else ""
        drawn = f'<div class="cfw-wide">{self.svg}</div><div class="cfw-narrow">{self.narrow}</div>'
        return (
            '<figure class="cfw-chart mathjax_ignore tex2jax_ignore">'
            f"<figcaption>{html.escape(self.title)}</figcaption>"
            f'<div class="cfw-drawing" role="img" aria-label="{html.escape(self.alt)}">'
            f"{drawn if self.narrow else self.svg}</div>"
            f"{source}</figure>"
        )

    def save(self, path: str | Path) -> Path:
        """Write the drawing as an SVG file, whole or not at all.

        Parameters
        ----------
        path
            The file to make or replace.
        """
        write_text(path, self.svg)
        return Path(path)


def drawn(title: str, alt: str, source: str, paint: Callable[[bool], Figure]) -> Chart:
    """Return the chart that a function paints, once for a page and once, narrow, for a telephone."""
    from cfwlib.report.drawing import drawings  # here: pages without a chart need no matplotlib

    wide, narrow = drawings(alt, paint)
    return Chart(title, alt, wide, source, narrow)


def bars(
    table: pd.DataFrame,
    *,
    label: str,
    values: Mapping[str, str],
    title: str,
    unit: str,
    source: str = "",
    alt: str = "",
) -> Chart:
    """Draw horizontal bars, one group per row; two columns make a before-and-after chart.

    Parameters
    ----------
    table
        One row per group, top to bottom as they shall appear.
    label
        Column that names the groups.
    values
        Column of numbers to its name in the key; one to four columns, told apart by colour and hatching.
    title
        What the chart shows, as a sentence.
    unit
        Unit of the numbers; a `share` (0 to 1) is drawn in per cent.
    source
        Where the numbers come from.
    alt
        Text for those who cannot see it; made from the numbers if not given.

    Returns
    -------
    chart
        Every bar carries its number.

    Raises
    ------
    InputError
        If a column is missing, the table is empty, or there are more than four columns.
    """
    _check(table, [label, *values], title)
    if not 1 <= len(values) <= len(HATCHES):
        raise InputError(f"Chart '{title}': bars show one to {len(HATCHES)} columns, not {len(values)}.")
    alt = alt or _bars_alt(table, label, values, title, unit)
    return drawn(title, alt, source, lambda narrow: _paint_bars(table, label, values, unit, narrow))


def _paint_bars(table: pd.DataFrame, label: str, values: Mapping[str, str], unit: str, narrow: bool) -> Figure:
    from cfwlib.report.drawing import canvas, finish, key, wrap

    names = [wrap(str(v), *LABEL[narrow]) for v in table[label]]
    lines, several, thick = max(name.count("\n") + 1 for name in names), len(values) > 1, 0.8 / len(values)
    row_in, key_in = max(0.42, 0.3 * len(values), 0.1 + 0.2 * lines), 0.25 * (len(values) if narrow else 1)
    figure, axes = canvas(len(table) * row_in + 1.0 + key_in * several, narrow)
    rows = np.arange(len(table))
    for k, (column, name) in enumerate(values.items()):
        numbers = table[column].to_numpy(dtype=float, na_value=np.nan)
        at = rows + (k - (len(values) - 1) / 2) * thick
        look: dict[str, Any] = {"hatch": HATCHES[k], "edgecolor": "white", "color": (CATEGORIES[0], *PALER)[k]}
        axes.barh(at, np.nan_to_num(numbers), thick * 0.92, label=wrap(name, 34, 2), **look)
        for y, number, shown in zip(at, numbers, table[column].tolist(), strict=True):
            axes.annotate(
                with_unit(shown, "share" if unit == "share" else ""), (max(np.nan_to_num(number), 0), y),
                xytext=(4, 0), textcoords="offset points", va="center", fontsize=11,
            )  # fmt: skip
    axes.set_yticks(rows, names)
    axes.invert_yaxis()
    axes.margins(x=0.4 if narrow else 0.14, y=0.02)  # room for the last number
    finish(axes, unit, narrow)
    if several:
        key(figure, 1 if narrow else len(values))
    return figure


def interval_plot(
    table: pd.DataFrame,
    *,
    name: str,
    low: str,
    mid: str,
    high: str,
    title: str,
    unit: str,
    source: str = "",
    alt: str = "",
) -> Chart:
    """Draw a dot and its interval for each row: how sure a ranking or an estimate is.

    Parameters
    ----------
    table
        One row per thing, top to bottom as they shall appear.
    name
        Column that names the rows.
    low, mid, high
        Columns of the interval's ends and its middle, in `unit`.
    title
        What the chart shows, as a sentence.
    unit
        Unit of the numbers; a `share` (0 to 1) is drawn in per cent.
    source
        Where the numbers come from.
    alt
        Text for those who cannot see it; made from the numbers if not given.

    Returns
    -------
    chart
        Rows with a missing number have no mark.

    Raises
    ------
    InputError
        If a column is missing or the table is empty.
    """
    _check(table, [name, low, mid, high], title)
    parts = [
        f"{n} {with_unit(m, unit)} ({plain_number(a, unit=unit)} to {plain_number(b, unit=unit)})"
        for n, a, m, b in zip(table[name], table[low], table[mid], table[high], strict=True)
    ]
    alt = alt or f"{title}. Middle and interval: {_some(parts)}."
    return drawn(title, alt, source, lambda narrow: _paint_intervals(table, (name, low, mid, high), unit, narrow))


def _paint_intervals(table: pd.DataFrame, columns: tuple[str, str, str, str], unit: str, narrow: bool) -> Figure:
    from cfwlib.report.drawing import INK, canvas, finish, wrap

    name, low, mid, high = columns
    names = [wrap(str(v), *LABEL[narrow]) for v in table[name]]
    row_in = max(0.32, 0.1 + 0.18 * max(label.count("\n") + 1 for label in names))
    figure, axes = canvas(len(table) * row_in + 1.0, narrow)
    rows = np.arange(len(table))
    ends = table[[low, high]].to_numpy(dtype=float, na_value=np.nan)
    axes.hlines(rows, ends[:, 0], ends[:, 1], color="#7fb2d6", linewidth=5)
    axes.plot(table[mid].to_numpy(dtype=float, na_value=np.nan), rows, "o", color=INK, markersize=5.5)
    axes.set_yticks(rows, names)
    axes.set_ylim(len(table) - 0.4, -0.6)
    finish(axes, unit, narrow)
    return figure


def _check(table: pd.DataFrame, columns: list[str], title: str) -> None:
    problems = [f"Chart '{title}': there is no column {c!r}." for c in columns if c not in table.columns]
    if table.empty:
        problems.append(f"Chart '{title}': there are no rows to draw.")
    refuse(problems)


def _bars_alt(table: pd.DataFrame, label: str, values: Mapping[str, str], title: str, unit: str) -> str:
    parts = [
        f"{row[label]}: "
        + ", ".join(f"{with_unit(row[c], unit)} {n if len(values) > 1 else ''}".strip() for c, n in values.items())
        for row in table.to_dict("records")
    ]
    return f"{title}. {_some(parts)}."


def _some(parts: list[str], most: int = 12) -> str:
    rest = f"; and {len(parts) - most} more in the table" if len(parts) > most else ""
    return "; ".join(parts[:most]) + rest
