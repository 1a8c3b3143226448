"""Charts as SVG with a text that says what they show; the same bytes for the same data."""

from __future__ import annotations

import hashlib
import html
import io
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from cfwlib.errors import InputError
from cfwlib.report.files import write_text
from cfwlib.report.numbers import plain_number, unit_words, with_unit
from cfwlib.report.symbols import CATEGORIES

INK = "#1a1a1a"
WIDTH_IN = 7.8  # at 72 units an inch about 560 px, so that the letters stay legible on a telephone
HATCHES = ("", "////", "....", "xxxx")
STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",
    "font.size": 12,
    "axes.edgecolor": "#868e96",
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "hatch.linewidth": 0.8,
    "text.parse_math": False,  # a dollar in a name is a dollar
    "axes.spines.top": False,
    "axes.spines.right": False,
}


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
    """

    title: str
    alt: str
    svg: str
    source: str = ""

    def _repr_html_(self) -> str:
        source = f"<small>Source: {html.escape(self.source)}</small>" if self.source else ""
        return (
            f'<figure class="cfw-chart"><figcaption>{html.escape(self.title)}</figcaption>'
            f'<div class="cfw-scroll" role="img" aria-label="{html.escape(self.alt)}" tabindex="0">{self.svg}</div>'
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
    thick = 0.8 / len(values)
    with _style(title):
        figure, axes = _canvas(len(table) * max(0.42, 0.3 * len(values)) + (1.4 if len(values) > 1 else 1.0))
        rows = np.arange(len(table))
        for k, (column, name) in enumerate(values.items()):
            numbers = table[column].to_numpy(dtype=float, na_value=np.nan)
            at = rows + (k - (len(values) - 1) / 2) * thick
            axes.barh(
                at,
                np.nan_to_num(numbers),
                thick * 0.92,
                label=name,
                hatch=HATCHES[k],
                edgecolor="white",
                color=CATEGORIES[0] if k == 0 else ("#9ecae1", "#e69f00", "#cc79a7")[k - 1],
            )
            for y, number, shown in zip(at, numbers, table[column].tolist(), strict=True):
                axes.annotate(
                    with_unit(shown, "share" if unit == "share" else ""),
                    (max(np.nan_to_num(number), 0), y),
                    xytext=(4, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=11,
                )
        axes.set_yticks(rows, [_wrap(str(v)) for v in table[label]])
        axes.invert_yaxis()
        axes.margins(x=0.14, y=0.02)
        _finish(axes, unit)
        if len(values) > 1:
            axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(values), frameon=False, borderaxespad=0.2)
        svg = _svg(figure)
    return Chart(title, alt or _bars_alt(table, label, values, title, unit), svg, source)


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
    with _style(title):
        figure, axes = _canvas(len(table) * 0.32 + 1.0)
        rows = np.arange(len(table))
        ends = table[[low, high]].to_numpy(dtype=float, na_value=np.nan)
        axes.hlines(rows, ends[:, 0], ends[:, 1], color="#7fb2d6", linewidth=5)
        axes.plot(table[mid].to_numpy(dtype=float, na_value=np.nan), rows, "o", color=INK, markersize=5.5)
        axes.set_yticks(rows, [_wrap(str(v)) for v in table[name]])
        axes.set_ylim(len(table) - 0.4, -0.6)
        _finish(axes, unit)
        svg = _svg(figure)
    parts = [
        f"{n} {with_unit(m, unit)} ({plain_number(a, unit=unit)} to {plain_number(b, unit=unit)})"
        for n, a, m, b in zip(table[name], table[low], table[mid], table[high], strict=True)
    ]
    return Chart(title, alt or f"{title}. Middle and interval: {_some(parts)}.", svg, source)


@contextmanager
def _style(salt: str) -> Iterator[None]:
    """Use our settings for one chart, whatever the notebook has set."""
    with rc_context(cast(Any, {**STYLE, "svg.hashsalt": salt})), warnings.catch_warnings():
        # The browser draws the letters; matplotlib only measures them, and need not know every script.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def _check(table: pd.DataFrame, columns: list[str], title: str) -> None:
    problems = [f"Chart '{title}': there is no column {c!r}." for c in columns if c not in table.columns]
    if table.empty:
        problems.append(f"Chart '{title}': there are no rows to draw.")
    if problems:
        raise InputError(problems)


def _canvas(height_in: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH_IN, height_in), layout="constrained")
    FigureCanvasSVG(figure)
    return figure, figure.add_subplot()


def _finish(axes: Axes, unit: str) -> None:
    words = "per cent" if unit == "share" else unit_words(unit) or unit
    axes.set_xlabel(words[:1].upper() + words[1:])
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda x, _: plain_number(x, unit=unit, decimals=_tick_decimals(x, unit)))
    )
    axes.xaxis.grid(True, color="#dee2e6", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)


def _tick_decimals(x: float, unit: str) -> int:
    number = x * 100 if unit == "share" else x
    return next((d for d in range(3) if abs(number - round(number, d)) < 1e-9), 3)


def _svg(figure: Figure) -> str:
    """Return the drawing without dates and without identifiers that two charts of a page would share."""
    buffer = io.StringIO()
    figure.savefig(
        buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
    )
    drawn = buffer.getvalue()
    drawn = drawn[drawn.index("<svg") :]
    drawn = re.sub(r"<metadata>.*?</metadata>", "", drawn, flags=re.DOTALL)
    drawn = re.sub(r'<g id="[^"]*"', "<g", drawn)
    drawn = drawn.replace("'DejaVu Sans'", "system-ui, 'Segoe UI', Roboto, Arial, 'DejaVu Sans'")
    own = "c" + hashlib.sha256(drawn.encode()).hexdigest()[:8]
    drawn = re.sub(r'(\bid="|url\(#|href="#)', rf"\1{own}-", drawn)
    return re.sub(r'<svg ([^>]*?)width="[^"]*"', r"<svg \1", re.sub(r'height="[\d.]+pt" ', "", drawn, count=1), count=1)


def _wrap(text: str, width: int = 26) -> str:
    """Break a long label over two lines and cut what is still too long."""
    if len(text) <= width:
        return text
    cut = text.rfind(" ", 0, width)
    cut = cut if cut > 0 else width
    rest = text[cut:].strip()
    return f"{text[:cut]}\n{rest[: width - 1] + '…' if len(rest) > width else rest}"


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
