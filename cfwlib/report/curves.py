"""Curves: one number against another, told apart by colour, dash and marker, with a text that says what they show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cfwlib.errors import InputError, refuse
from cfwlib.report.figures import Chart, drawn
from cfwlib.report.numbers import plain_number, with_unit
from cfwlib.report.symbols import CATEGORIES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
if TYPE_CHECKING:
    from matplotlib.figure import Figure

LOOKS = (("-", "o"), ((0, (6, 3)), "s"), ((0, (1.5, 1.5)), "^"), ((0, (6, 2, 1.5, 2)), "D"))  # dash and marker
MOST_POINTS = 500  # a picture of more takes long to load and shows no more
POINTS_INK = "#868e96"
SHADES = {95: "#dbe9f4", 80: "#b3d1e8", 50: "#7fb2d6"}  # the surer, the darker


def curves(
    lines: Mapping[str, pd.DataFrame],
    *,
    x: str,
    y: str,
    x_label: str,
    y_label: str,
    x_unit: str,
    y_unit: str,
    title: str,
    reference: str = "",
    points: pd.DataFrame | None = None,
    points_name: str = "",
    source: str = "",
    alt: str = "",
) -> Chart:
    """Draw lines of one number against another, over faint points if there are any.

    Parameters
    ----------
    lines
        Name of a line in the key to its frame, one row per corner from left to right; one to four lines.
    x, y
        Columns of every frame: across and up, in `x_unit` and `y_unit`.
    x_label, y_label
        What the axes show, without the unit.
    x_unit, y_unit
        Units of the numbers; a `share` (0 to 1) is drawn in per cent. If both are, the picture is square.
    title
        What the chart shows, as a sentence.
    reference
        Name of a line to compare with, such as the line of equality: thin and grey, without markers.
    points
        Single observations, columns `x` and `y`; of more than 500 an even selection is drawn.
    points_name
        Their name in the key.
    source
        Where the numbers come from.
    alt
        Text for those who cannot see it; made from the numbers if not given.

    Returns
    -------
    chart
        Its text gives each line's height at five places.

    Raises
    ------
    InputError
        If a column is missing, a frame is empty, there are not one to four lines, or the reference is none of them.
    """
    clouds = {} if points is None else {points_name: points}
    _check(lines, clouds, x, y, reference, title)
    alt = alt or f"{title}. Across: {x_label}; up: {y_label}. " + " ".join(
        _in_words(name, line, x, y, x_unit, y_unit) for name, line in lines.items()
    )

    def paint(narrow: bool) -> Figure:
        from cfwlib.report.drawing import axis_words, canvas, finish_axis, key

        square = x_unit == y_unit == "share"
        height_in = (4.4 if square else 3.8) + 0.25 * len([*lines, *clouds]) if narrow else 6.4 if square else 4.6
        figure, axes = canvas(height_in, narrow)
        for name, cloud in clouds.items():
            some = cloud.iloc[np.linspace(0, len(cloud) - 1, min(len(cloud), MOST_POINTS)).round().astype(int)]
            axes.plot(some[x], some[y], ".", color=POINTS_INK, markersize=6, alpha=0.6, label=name, markeredgewidth=0)
        _draw(axes, lines, x, y, reference)
        if square:
            axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
        else:
            axes.set_xlim(left=0)
            axes.set_ylim(bottom=0)
        for axis, label, unit in ((axes.xaxis, x_label, x_unit), (axes.yaxis, y_label, y_unit)):
            finish_axis(axes, axis, f"{label} ({axis_words(unit)})" if unit else label, unit, narrow)
        key(figure, 1 if narrow else 2, handlelength=3.5)
        return figure

    return drawn(title, alt, source, paint)


def _draw(axes: Axes, lines: Mapping[str, pd.DataFrame], x: str, y: str, reference: str) -> None:
    from cfwlib.report.drawing import wrap

    own = [name for name in lines if name != reference]
    for name, line in lines.items():
        if name == reference:
            axes.plot(line[x], line[y], "-", color=POINTS_INK, linewidth=1.5, label=wrap(name, 34, 2), zorder=1.5)
            continue
        k = own.index(name)
        dash, marker = LOOKS[k]
        # marked by length of the line: a line of a thousand corners stays a line
        marks: dict[str, Any] = {"marker": marker, "markevery": (0.04 + 0.03 * k, 0.18), "markersize": 6}
        look: dict[str, Any] = {"linestyle": dash, "color": CATEGORIES[k], "linewidth": 2.2, **marks}
        axes.plot(line[x], line[y], label=wrap(name, 34, 2), **look)


def _in_words(name: str, line: pd.DataFrame, x: str, y: str, x_unit: str, y_unit: str) -> str:
    across, up = line[x].to_numpy(float), line[y].to_numpy(float)
    places = np.linspace(across.min(), across.max(), 6)[1:]
    told = [
        f"{with_unit(height, y_unit)} at {with_unit(int(place) if place.is_integer() else place, x_unit)}"
        for place, height in zip(places.tolist(), np.interp(places, across, up).tolist(), strict=True)
    ]
    return f"{name}: {', '.join(told)}."


def _check(
    lines: Mapping[str, pd.DataFrame], clouds: Mapping[str, pd.DataFrame], x: str, y: str, reference: str, title: str
) -> None:
    problems = []
    if not 1 <= len(lines) <= len(LOOKS):
        problems.append(f"Chart '{title}': there can be one to {len(LOOKS)} lines, not {len(lines)}.")
    if reference and reference not in lines:
        problems.append(f"Chart '{title}': the reference '{reference}' is not among the lines.")
    for name, frame in {**lines, **clouds}.items():
        missing = [column for column in (x, y) if column not in frame.columns]
        problems += [f"Chart '{title}', {name or 'points'}: there is no column {column!r}." for column in missing]
        if frame.empty:
            problems.append(f"Chart '{title}', {name or 'points'}: there is nothing to draw.")
    refuse(problems)


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
    refuse([f"Chart '{title}': there is no column {name!r}." for name in columns if name not in table.columns])
    if table[[counted, middle]].isna().all(axis=None):
        raise InputError(f"Chart '{title}': there is nothing to draw.")
    alt = _fan_words(table, counted, middle, target, title, unit)
    return drawn(title, alt, source, lambda narrow: _paint_fan(table, counted, middle, target, unit, narrow))


def _paint_fan(table: pd.DataFrame, counted: str, middle: str, target: str, unit: str, narrow: bool) -> Figure:
    from cfwlib.report.drawing import axis_words, canvas, finish_axis, key

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
    key(figure, 1 if narrow else 2)
    return figure


def _fan_words(table: pd.DataFrame, counted: str, middle: str, target: str, title: str, unit: str) -> str:
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
