"""Tables that can be read by anyone: caption, headings, units, aligned numbers."""

import html
import re
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import pandas as pd

from cfwlib.errors import refuse
from cfwlib.report.numbers import default_decimals, heading, plain_number, unit_words

WORDY = 40  # characters: a longer text beside the row's name and numbers makes the row a list where the page is narrow
NUMBER = re.compile(r"[+−-]?£?[\d,]*\.?\d+%?|–?")


def table_html(
    table: pd.DataFrame,
    *,
    caption: str,
    labels: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    decimals: Mapping[str, int] | None = None,
    max_rows: int | None = None,
    note: str = "",
    status: Mapping[str, Sequence[str]] | None = None,
    stack: bool = False,
) -> str:
    """Return a table as accessible HTML, every text escaped.

    Parameters
    ----------
    table
        Columns as they shall appear; the first names the row. The index is not shown (use reset_index).
    caption
        What the table shows.
    labels
        Column to heading; by default the column's name in words.
    units
        Column to unit; by default read off the column's name (`_min`, `_km`, `_gbp`, `_share`, `_per_week`).
    decimals
        Column to digits after the point; by default chosen by the largest number, the same down the column.
    max_rows
        Rows to show at most; a line under the table says how many there are in all.
    note
        A sentence under the table: source, how to read it.
    status
        Column to the symbol of each row, shown in place of the number; empty = none.
    stack
        Whether each row becomes a small list where the page is narrow, however short its texts.

    Returns
    -------
    html
        A block that scrolls sideways where the page is narrow; with long texts, each row becomes a small list there.

    Raises
    ------
    InputError
        If `labels`, `units` or `decimals` name a column that is not in the table.
    """
    named = {**(labels or {}), **(units or {}), **(decimals or {})}
    refuse([f"Table '{caption}': there is no column {c!r} to format." for c in named if c not in table.columns])
    shown = table if max_rows is None else table.head(max_rows)
    columns = [
        _Column(
            shown.iloc[:, i], str(name), labels or {}, units or {}, decimals or {}, (status or {}).get(str(name), ())
        )
        for i, name in enumerate(table.columns)
    ]
    stack = stack or (len(columns) > 2 and any(column.wordy for column in columns[1:]))
    head = "".join(column.head for column in columns)
    body = "".join(
        "<tr>" + "".join(column.cell(i, first=column is columns[0], named=stack) for column in columns) + "</tr>"
        for i in range(len(shown))
    )
    notes = [f"The first {len(shown):,} of {len(table):,} rows; the exported table holds them all."] * (
        len(shown) < len(table)
    )
    foot = "".join(f'<p class="cfw-note">{html.escape(text)}</p>' for text in [*notes, note] if text)
    title = html.escape(caption)
    return (
        f'<div class="cfw-table{" cfw-stack" * stack}"><div class="cfw-scroll" role="group" '
        f'aria-label="Table: {title}" tabindex="0"><table><caption><span>{title}</span></caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{foot}</div>"
    )


class _Column:
    """One column, ready to be written."""

    def __init__(
        self,
        values: pd.Series,
        name: str,
        labels: Mapping[str, str],
        units: Mapping[str, str],
        decimals: Mapping[str, int],
        symbols: Sequence[str],
    ) -> None:
        label, unit = heading(name)
        self.unit = units.get(name, unit)
        self.numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
        digits = decimals.get(name, _digits(values, self.unit) if self.numeric else None)
        self.text = [html.escape(plain_number(v, unit=self.unit, decimals=digits)) for v in values.tolist()]
        self.text = [html.escape(s) or t for s, t in zip(symbols, self.text, strict=False)] or self.text
        words = unit_words(self.unit)
        note = f' <span class="cfw-unit">({html.escape(words)})</span>' if words else ""
        self.wordy = max((len(text) for text in self.text), default=0) > WORDY
        aligned = self.numeric or (any(self.text) and all(NUMBER.fullmatch(text) for text in self.text))
        self.css = ' class="n"' if aligned else ""
        self.head = f'<th scope="col"{self.css}>{html.escape(labels.get(name, label))}{note}</th>'
        self.name = html.escape(labels.get(name, label) + f" ({words})" * bool(words))

    def cell(self, row: int, *, first: bool, named: bool) -> str:
        """Return a cell; the first of a row is its heading. `named`: it carries its column's name, for narrow pages."""
        tag, scope = ("th", ' scope="row"') if first else ("td", "")
        name = f' data-label="{self.name}"' if named else ""
        return f"<{tag}{scope}{self.css}{name}>{self.text[row]}</{tag}>"


def _digits(values: pd.Series, unit: str) -> int:
    """Choose the decimals of a whole column, so that the points stand in line."""
    numbers: list[Any] = [v for v in values.tolist() if isinstance(v, Real) and v == v]
    if unit != "share" and all(float(v).is_integer() for v in numbers):
        return 0
    return (
        default_decimals(max(abs(float(v)) for v in numbers) * (100 if unit == "share" else 1), unit=unit)
        if numbers
        else 0
    )


def spread(
    table: pd.DataFrame, status: Mapping[str, Sequence[str]], *, across: str, value: str
) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """Return a table with one column per group of one of its columns, and the symbols that go with it.

    Parameters
    ----------
    table
        One row per group; what is neither `across` nor `value` names a row.
    status
        Column to the symbol of each row.
    across
        Column whose groups become columns, in the order in which they come.
    value
        Column of numbers that is shown; other numbers, those with symbols, are left out.

    Returns
    -------
    table, status
        Rows and columns in the order in which they came; a group a row lacks is missing.
    """
    symbols = list(status.get(value, [""] * len(table)))
    numbers = [name for name in status if name != value]
    keys = [name for name in table.columns if name not in {across, value, *numbers}]
    groups = list(dict.fromkeys(table[across].astype(str)))
    rows: dict[tuple[object, ...], dict[str, tuple[float, str]]] = {}
    for *labels, group, number, symbol in zip(
        *(table[name] for name in keys), table[across].astype(str), table[value], symbols, strict=True
    ):
        rows.setdefault(tuple(labels), {})[group] = number, symbol
    wide = pd.DataFrame(list(rows), columns=keys)
    found = {group: [cells.get(group, (float("nan"), "")) for cells in rows.values()] for group in groups}
    for group, cells in found.items():
        wide[group] = [number for number, _ in cells]
    return wide, {group: [symbol for _, symbol in cells] for group, cells in found.items()}
