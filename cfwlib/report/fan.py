"""A fan: what was counted, and how wide the future lies around its middle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cfwlib.errors import InputError
from cfwlib.report.figures import Chart
from cfwlib.report.numbers import plain_number, with_unit
from cfwlib.report.symbols import CATEGORIES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHADES = {95: "#dbe9f4", 80: "#b3d1e8", 50: "#7fb2d6"}  # the surer, the darker


def fan_chart(
    table: pd.DataFrame,
    *,
    title: str,
    unit: str,
    counted: str = "counted",
    middle: str = "median",
    target: str = "",
    source: str = "",
) -> Chart:
    """Draw numbers counted by date, and ahead of them a middle line in its bands of 50, 80 and 95%.

    Parameters
    ----------
    table
        `date`; `counted` (NaN ahead), `middle` (NaN in the past) and, where they are known, `low_50`, `high_50` and so
        on, in `unit`.
    title
        What the chart shows, as a sentence.
    unit
        Unit of the numbers; a `share` (0 to 1) is drawn in per cent.
    counted, middle
        Columns.
    target
        Column of a path to compare with; empty = none.
    source
        Where the numbers come from.

    Returns
    -------
    chart
        Its text gives the last number counted, and the middle and widest band of the last date.

    Raises
    ------
    InputError
        If there is nothing to draw, or no such column.
    """
    columns = [name for name in ("date", counted, middle, target) if name]
    if missing := [name for name in columns if name not in table.columns]:
        raise InputError([f"Chart '{title}': there is no column {name!r}." for name in missing])
    if table[[counted, middle]].isna().all(axis=None):
        raise InputError(f"Chart '{title}': there is nothing to draw.")
    from cfwlib.report.drawing import drawings  # here: pages without a chart need no matplotlib

    alt = _in_words(table, counted, middle, target, title, unit)
    wide, narrow = drawings(alt, lambda narrow: _paint(table, counted, middle, target, unit, narrow))
    return Chart(title, alt, wide, source, narrow)


def _paint(table: pd.DataFrame, counted: str, middle: str, target: str, unit: str, narrow: bool) -> Figure:
    from cfwlib.report.drawing import axis_words, canvas, finish_axis

    dates = pd.DatetimeIndex(table["date"])
    years = np.asarray(dates.year + (dates.day_of_year - 1) / 365.25, dtype=float)
    figure, axes = canvas(4.8 if narrow else 4.4, narrow)
    for level, shade in SHADES.items():
        if f"low_{level}" in table and table[f"low_{level}"].notna().any():
            low, high = (table[f"{end}_{level}"].to_numpy(float) for end in ("low", "high"))
            axes.fill_between(years, low, high, color=shade, linewidth=0, label=f"{level}% range")
    axes.plot(years, table[counted], "o-", color="#1a1a1a", markersize=4, linewidth=1.6, label="counted")
    axes.plot(years, table[middle], "--", color=CATEGORIES[0], linewidth=2.2, label="middle of the forecast")
    if target:
        axes.plot(years, table[target], ":", color="#a34e00", linewidth=2.2, label="path to the target")
    axes.xaxis.set_major_formatter("{x:.0f}")
    axes.set_xticks(range(int(years.min()), int(np.ceil(years.max())) + 1, 2 if narrow else 1))
    axes.set_xlabel("Start of year")
    axes.grid(True, axis="x", color="#dee2e6", linewidth=0.8)
    finish_axis(axes, axes.yaxis, axis_words(unit).capitalize(), unit, narrow)
    columns = 1 if narrow else 2
    figure.legend(loc="outside upper left", ncols=columns, frameon=False, borderaxespad=0.2)
    return figure


def _in_words(table: pd.DataFrame, counted: str, middle: str, target: str, title: str, unit: str) -> str:
    said = [title]
    past, ahead = table[table[counted].notna()], table[table[middle].notna()]
    if len(past):
        said.append(f"Counted on {past['date'].iloc[-1]:%d %B %Y}: {with_unit(past[counted].iloc[-1], unit)}")
    if len(ahead):
        last = ahead.iloc[-1]
        words = f"Forecast for {last['date']:%d %B %Y}: {with_unit(last[middle], unit)}"
        level = next((n for n in SHADES if f"low_{n}" in ahead and pd.notna(last[f"low_{n}"])), None)
        if level:
            ends = [plain_number(last[f"{end}_{level}"], unit=unit) for end in ("low", "high")]
            words += f", {level}% range {ends[0]} to {ends[1]}"
        said.append(words)
        if target:
            said.append(f"the path to the target would be at {with_unit(last[target], unit)}")
    return ". ".join(said) + "."
