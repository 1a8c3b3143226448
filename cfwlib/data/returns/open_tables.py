"""Open the tables of a returns' folder: CSV or text of any usual kind, and Excel workbooks, all as text.

No message here, or of what calls it, repeats a value, the name of a file or of a sheet, or a heading that is not known.
"""

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cfwlib.data.open_table import MARKS
from cfwlib.data.returns.recognise import EXTRA, KINDS, NEEDED, OPTIONAL, recognised
from cfwlib.data.workbook import sheets
from cfwlib.errors import InputError
from cfwlib.reading import reading

Kind = Callable[[Collection[str]], str]
"""Tells which table some headings are of; "" = not known."""
MOST_TITLES = 20
_KNOWN = frozenset(name for kind in KINDS for name in (*NEEDED[kind], *OPTIONAL[kind], *EXTRA[kind]))
"""The only headings that a message may repeat."""
_SAME = {"GENDER": "SEX", "CHILD_ID": "CHILD"}
TEXT, WORKBOOK = {".csv", ".txt", ".tsv"}, {".xlsx", ".xlsm"}


@dataclass
class Table:
    """One table of a folder: columns of text under headings in capitals, and the number of each row in its file.

    `name` is how messages call it: what it is and where it stands, never what its file is called. `title` is the name
    of its sheet, which no message repeats; `year` is that of its return, 0 = not told.
    """

    name: str
    columns: dict[str, pa.Array]
    numbers: npt.NDArray[np.int64]
    empty: bool = False  # without even headings
    title: str = ""
    year: int = 0

    def __len__(self) -> int:
        return len(self.numbers)


def open_text(path: Path, label: str, *, kind: Kind = recognised) -> Table:
    """Return the table of a text file: commas, semicolons, tabs or bars; UTF-8, UTF-16 or Windows-1252.

    Parameters
    ----------
    path
        The file; titles may stand above its headings.
    label
        How messages call it.
    kind
        By which a row is known as headings.

    Raises
    ------
    InputError
        When it is no such table, a row has more values than there are headings, or a value runs over the end of its
        line. No value is ever in the message.
    """
    with reading(label, "Put the file back, readable.", tell=False):
        content = path.read_bytes()
    data = _utf8(content, label)
    if not data.strip():
        return Table(label, {}, np.zeros(0, np.int64), empty=True)
    titles, separator, names, astray = _heading_line(data, kind)
    name = _named(kind(names), label)
    if astray:
        _refuse_stray_quotes(name, titles)
    body = data.split(b"\n", titles)[-1]
    with reading(name, "Save it again as CSV.", how="cannot be read as a table to its end", tell=False):
        rows = list(csv.reader(io.StringIO(body.decode(), newline=""), delimiter=separator))
    if len({len(row) for row in rows if row}) > 1:  # a blank row counts as one only where all are as long
        rows = [row if any(row) else [] for row in rows]
    first = next(place for place, row in enumerate(rows) if any(row))
    cells = rows[first]
    if kind(names) and (_plain(cells) != names or any(mark in text for text in cells for mark in "\r\n")):
        _refuse_stray_quotes(name, titles)  # known headings run on into other rows
    table = _below(rows, name, first, spare=False, above=titles)
    _refuse_open_quotes(table.columns, table.numbers, name)
    return table


def open_workbook(path: Path, label: str, *, kind: Kind = recognised) -> Iterator[Table]:
    """Yield the tables of a workbook, one of each sheet that has headings; dates become 2025-03-31.

    Parameters
    ----------
    path, label, kind
        As of `open_text`.

    Raises
    ------
    InputError
        When it cannot be opened or read to its end, or by `open_text`.
    """
    found = [(title, [[_cell(value) for value in row] for row in rows]) for title, rows in sheets(path, label)]
    for number, (title, rows) in enumerate(found, start=1):
        name = f"{label}, sheet {number}" if len(found) > 1 else label
        if any(any(row) for row in rows):
            heading = _heading_row(rows, kind)
            table = _below(rows, _named(kind(_plain(rows[heading])), name), heading)
        else:
            table = Table(name, {}, np.zeros(0, np.int64), empty=True)
        table.title = title if len(found) > 1 else ""
        yield table


def _plain(names: Sequence[str]) -> list[str]:
    """Return headings in capitals with _ for spaces, the department's name for known variants."""
    names = [re.sub(r"[^A-Z0-9]+", "_", name.strip().upper()).strip("_") for name in names]
    return [_SAME.get(name, name) for name in names]


def _heading_row(rows: Sequence[Sequence[str]], kind: Kind) -> int:
    """Return the position of the row of headings: the first that a table is known by, else the first with a value."""
    filled = [place for place, row in enumerate(rows[: 3 * MOST_TITLES]) if any(row)]
    known = [place for place in filled[: MOST_TITLES + 1] if kind(_plain(rows[place]))]
    return next(iter([*known, *filled]), 0)


def _heading_line(data: bytes, kind: Kind) -> tuple[int, str, list[str], bool]:
    """Return the line of headings of a text: its position, separator, headings, and whether quotes in it are astray.

    Parameters
    ----------
    data
        The text, UTF-8.
    kind
        By which a row is known as headings; where no row is, the first that is not blank counts.
    """
    lines = [line.decode(errors="replace").strip("\r") for line in data[: 1 << 20].split(b"\n")[: 3 * MOST_TITLES]]
    filled = [place for place, line in enumerate(lines) if line.strip()][: MOST_TITLES + 1]
    for place in filled:
        separator, names = _cells(lines[place])
        if kind(names):
            return place, separator, names, False
    for place in filled:
        separator, names = _cells(lines[place].replace('"', ""))
        if '"' in lines[place] and kind(names):
            return place, separator, names, True
    first = next(iter(filled), 0)
    return first, *_cells(lines[first]), False


def _cells(line: str) -> tuple[str, list[str]]:
    separator = max(MARKS, key=line.count)
    try:
        with reading("heading", tell=False):
            return separator, _plain(next(csv.reader([line], delimiter=separator), []))
    except InputError:
        return separator, []


def _named(kind: str, label: str) -> str:
    """Return how messages call a table: "episodes table (file 2 of 3 by name)"."""
    return f"{kind} table ({label})" if kind and label.startswith("file ") else label


def _utf8(data: bytes, name: str) -> bytes:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", errors="replace").encode()
    if data[:2] == b"PK" or data[:4] == b"\xd0\xcf\x11\xe0":
        raise InputError(f"{name}: is an Excel workbook or a zip under a name for text. Save it as CSV or .xlsx.")
    if data[:64].lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<":
        raise InputError(f"{name}: is a web page or XML, not a table. Save the return as CSV or .xlsx.")
    if b"\0" in data:
        raise InputError(f"{name}: is not text (it has bytes of zero). Save it again as 'CSV UTF-8'.")
    data = data.removeprefix(b"\xef\xbb\xbf")
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace").encode()
    return data


def _refuse_stray_quotes(name: str, titles: int) -> NoReturn:
    raise InputError(
        f"{name}, row {titles + 1}: the quotation marks in the row of headings do not match. Take all of them out of "
        "that row (and out of the rows below, if each has lost its first and last), or export the return again."
    )


def _refuse_open_quotes(columns: Mapping[str, pa.Array], numbers: npt.NDArray[np.int64], name: str) -> None:
    """Refuse a return with a value that holds the end of a line: an open quotation mark swallows the rows after it."""
    if "CHILD" not in columns:
        return
    ends = [pc.index(pc.match_substring_regex(column, r"[\r\n]"), True).as_py() for column in columns.values()]
    if first := [place for place in ends if place >= 0]:
        raise InputError(
            f"{name}, row {numbers[min(first)]}: a value runs over the end of its line. Is a quotation mark left open? "
            "Close it, or take the line break out of the value."
        )


def _below(rows: Sequence[Sequence[str]], name: str, heading: int, *, spare: bool = True, above: int = 0) -> Table:
    """Return the rows below the headings; blanks beyond are nothing: with `spare` always, else where most have them."""
    numbered = enumerate(rows[heading + 1 :], start=heading + 2 + above)
    body = [(number, row) for number, row in numbered if row and (any(row) or not spare)]
    names = _headings(_plain(rows[heading]), name)
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


def _headings(names: Sequence[str], name: str) -> list[str]:
    """Return headings that are each there once; of one that is not known not even its text is told."""
    twice = {one for one in names if one and names.count(one) > 1}
    if twice and "CHILD" in names:
        known = ", ".join(sorted(twice & _KNOWN))
        which = f"the column {known}" if known else "a column that is not known"
        raise InputError(f"{name}: has {which} twice. Keep one.")
    return list(names)


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
