"""Open the tables of a returns' folder: CSV or text of any usual kind, and Excel workbooks, all as text."""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from cfwlib.data.workbook import sheets
from cfwlib.errors import InputError
from cfwlib.reading import read_bytes, reading

TEXT, WORKBOOK = {".csv", ".txt", ".tsv"}, {".xlsx", ".xlsm"}
_ALL_TEXT = {f"f{place}": pa.string() for place in range(1000)}
_MOST_BYTES = 1 << 30
_SAME = {"GENDER": "SEX", "CHILD_ID": "CHILD"}


@dataclass
class Table:
    """One table of a folder: columns of text under headings in capitals, and the number of each row in its file."""

    name: str
    columns: dict[str, pa.Array]
    numbers: npt.NDArray[np.int64]
    empty: bool = False  # without even headings

    def __len__(self) -> int:
        return len(self.numbers)


def open_text(path: Path, name: str) -> Table:
    """Return the table of a text file: commas, semicolons, tabs or bars; UTF-8, UTF-16 or Windows-1252.

    Raises
    ------
    InputError
        When it is no such table, a row has more values than there are headings, or a value runs over the end of its
        line. No value is ever in the message.
    """
    data = _utf8(read_bytes(path, most=_MOST_BYTES), name)
    if not data.strip():
        return Table(name, {}, np.zeros(0, np.int64), empty=True)
    heading = data[: data.find(b"\n")] if b"\n" in data else data
    separator = max(",;\t|", key=lambda mark: heading.count(mark.encode()))
    try:
        with reading(name, tell=False):
            read = pacsv.read_csv(
                pa.BufferReader(data),
                read_options=pacsv.ReadOptions(use_threads=False, autogenerate_column_names=True),
                parse_options=pacsv.ParseOptions(delimiter=separator, newlines_in_values=b'"' in data),
                convert_options=pacsv.ConvertOptions(column_types=_ALL_TEXT, strings_can_be_null=False),
            )
    except InputError:
        read = None
    if read is None:  # only now: an error raised above would carry arrow's, whose message shows the row
        return _uneven(data, separator, name)
    names = _headings([column[0].as_py() for column in read.columns], name)
    body = read.slice(1)
    columns = {key: column.combine_chunks() for key, column in zip(names, body.columns, strict=True) if key}
    if b'"' in data:
        _refuse_open_quotes(columns, [number for number, line in enumerate(data.splitlines(), 1) if line][1:], name)
    return Table(name, columns, _line_numbers(data, len(body)))


def open_workbook(path: Path, name: str) -> Iterator[Table]:
    """Yield the tables of a workbook, one of each sheet whose first row has headings; dates become 2025-03-31.

    Raises
    ------
    InputError
        When it cannot be opened.
    """
    found = list(sheets(path, name))
    for title, rows in found:
        cells = [[_cell(value) for value in row] for row in rows]
        yield _from_rows(cells, f"{name}, sheet {title}" if len(found) > 1 else name)


def _utf8(data: bytes, name: str) -> bytes:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace").encode()
    if data[:2] == b"PK" or data[:4] == b"\xd0\xcf\x11\xe0":
        raise InputError(f"{name}: is an Excel workbook or a zip under a name for text. Save it as CSV or .xlsx.")
    if data[:64].lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<":
        raise InputError(f"{name}: is a web page or XML, not a table. Save the return as CSV or .xlsx.")
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace").encode()
    return data


def _uneven(data: bytes, separator: str, name: str) -> Table:
    """Read text whose rows differ in length: short ones are filled up, of long ones see `_from_rows`."""
    with reading(name, "Save it again as CSV.", how="cannot be read as a table to its end", tell=False):
        cells = list(csv.reader(io.StringIO(data.decode(), newline=""), delimiter=separator))
    table = _from_rows(cells, name, spare=False)
    _refuse_open_quotes(table.columns, table.numbers, name)
    return table


def _refuse_open_quotes(
    columns: Mapping[str, pa.Array], numbers: Sequence[int] | npt.NDArray[np.int64], name: str
) -> None:
    """Refuse a return with a value that holds the end of a line: an open quotation mark swallows the rows after it."""
    if "CHILD" not in columns:
        return
    ends = [pc.index(pc.match_substring_regex(column, r"[\r\n]"), True).as_py() for column in columns.values()]
    if first := [place for place in ends if place >= 0]:
        raise InputError(
            f"{name}, row {numbers[min(first)]}: a value runs over the end of its line. Is a quotation mark left open? "
            "Close it, or take the line break out of the value."
        )


def _from_rows(rows: Sequence[Sequence[str]], name: str, *, spare: bool = True) -> Table:
    """Return a table; blanks beyond the headings are nothing: with `spare` always, else where most rows have them."""
    lines = [(number, row) for number, row in enumerate(rows, start=1) if row and any(row)]
    if not lines:
        return Table(name, {}, np.zeros(0, np.int64), empty=True)
    names, body = _headings(lines[0][1], name), lines[1:]
    width = len(names)
    long = [number for number, row in body if len(row) > width]
    if spare or 2 * len(long) > len(body):  # else a comma too many has moved the values of a row
        long = [number for number, row in body if any(value.strip() for value in row[width:])]
    if long:
        more = f" (and {len(long) - 1:,} more rows)" if len(long) > 1 else ""
        raise InputError(f"{name}, row {long[0]}{more}: more values than headings. Is a comma in one of the values?")
    columns = {
        key: pa.array([row[place] if place < len(row) else "" for _, row in body], pa.string())
        for place, key in enumerate(names)
        if key
    }
    return Table(name, columns, np.array([number for number, _ in body], np.int64))


def _headings(names: Sequence[str], file: str) -> list[str]:
    """Return headings in capitals with _ for spaces."""
    plain = [re.sub(r"[^A-Z0-9]+", "_", name.strip().upper()).strip("_") for name in names]
    plain = [_SAME.get(name, name) for name in plain]
    twice = sorted({name for name in plain if name and plain.count(name) > 1})
    if twice and "CHILD" in plain:
        raise InputError(f"{file}: has the column {', '.join(twice)} twice. Keep one.")
    return plain


def _line_numbers(data: bytes, rows: int) -> npt.NDArray[np.int64]:
    """Return the line on which each row stands; blank lines count, as they do in a spreadsheet."""
    if data.count(b"\n") + (not data.endswith(b"\n")) != rows + 1:
        filled = [number for number, line in enumerate(data.split(b"\n"), start=1) if line.strip(b"\r")]
        if len(filled) == rows + 1:
            return np.array(filled[1:], np.int64)
    return np.arange(2, rows + 2)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.time):  # Excel's day 0
        return "1899-12-30"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
