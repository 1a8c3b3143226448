"""Open a table as text: commas, semicolons, tabs or bars, with or without headings or titles above; or Parquet."""

import codecs
import csv
import functools
import gzip
import itertools
import re
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import IO, cast

import pandas as pd
import pyarrow.parquet as pq

from cfwlib.data.genuine import refuse_stand_in
from cfwlib.data.packed import parts
from cfwlib.errors import InputError
from cfwlib.reading import AGAIN, reading

SUFFIXES = {".csv", ".gz", ".parquet"}
MARKS = ",;\t|"  # that separate columns
_MOST_TITLES = 12
_LONGEST_LINE = 1 << 20  # bytes: a table of a thousand columns has headings of some ten thousand
_MOST_ROWS = 50_000_000  # of Parquet, where a few bytes can stand for any number of rows
POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}"
# Ordnance Survey's headings of Code-Point Open, which stand in a file of their own
_CODE_POINT = ("PC", "PQ", "EA", "NO", "CY", "RH", "LH", "CC", "DC", "WC")
_BROKEN = "cannot be read to its end"
LENIENT = "windows-1252-lenient"  # an accent in a name stops nothing
_ERRORS = {"utf-8-sig": "windows-1252", "utf-16": "strict"}


def _as_windows(error: UnicodeError, errors: str = "strict") -> tuple[str, int]:
    """Read the bytes that are not UTF-8 as Windows-1252: all of an ANSI file, or a lone one, as by a paste."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", errors), error.end


codecs.register_error("windows-1252", _as_windows)
codecs.register_error(LENIENT, functools.partial(_as_windows, errors="replace"))


def headings(path: Path) -> list[str]:
    """Return the column names of a table; a Code-Point Open file, which has no heading row, gets its official ones.

    Raises
    ------
    InputError
        When the file is not readable as what its ending says.
    """
    refuse_stand_in(path)
    if path.suffix.lower() == ".parquet":
        with reading(path, "It may be cut short. Make it again.", how="cannot be opened as Parquet"):
            return [str(name) for name in pq.read_schema(path).names]
    names = _first_row(path)
    return list(_CODE_POINT) if _is_code_point(names) else names


def read_columns(path: Path, wanted: Collection[str]) -> pd.DataFrame:
    """Return columns of a table as text, the index being the row's number in the file; Parquet keeps its numbers.

    Raises
    ------
    InputError
        When the file cannot be read to its end, a wanted column is there twice, or a quotation mark that is left open
        swallows rows.
    """
    names = [name for name in headings(path) if name in set(wanted)]
    if twice := sorted(name for name, times in Counter(names).items() if times > 1):
        raise InputError(f"{path.name}: the column '{twice[0]}' is there {names.count(twice[0])} times. Keep one.")
    if path.suffix.lower() == ".parquet":
        return _read_parquet(path, names)
    first_row = _first_row(path)
    bare, titles = _is_code_point(first_row), _titles(path)
    with reading(path, how=_BROKEN):
        frame = pd.read_csv(
            path,
            sep=_separator(path),
            dtype=str,
            index_col=False,  # a comma too many at the end of every row is no index
            header=None if bare else 0,
            skiprows=titles,
            names=list(_CODE_POINT) if bare else None,
            keep_default_na=False,
            encoding=(encoding := _encoding(path)),
            encoding_errors=_ERRORS[encoding],
            compression="gzip" if path.suffix.lower() == ".gz" else None,
            skipinitialspace=True,
            usecols=lambda name: name.strip() in set(wanted),
        ).rename(columns=str.strip)
    heading = 0 if bare else 1
    frame.index = frame.index + titles + 1 + heading  # row 1 of a file is its heading, or a title above it
    if _line_ends(path) > titles + len(frame) + heading:  # blank lines, or values that run over the end of their line
        starts = _starts(path, len(first_row))[titles + heading :]
        if len(starts) == len(frame):
            frame.index = pd.Index(starts)
    return frame


def _read_parquet(path: Path, names: list[str]) -> pd.DataFrame:
    with reading(path, how=_BROKEN):
        rows = pq.read_metadata(path).num_rows
        if rows > _MOST_ROWS:
            raise InputError(f"{path.name}: claims {rows:,} rows, more than any published table has. {AGAIN}")
        frame = pd.read_parquet(path, columns=names)[names].reset_index(drop=True)
        frame.index = pd.RangeIndex(1, len(frame) + 1)
        for name in set(names) - set(frame.select_dtypes("number").columns):
            frame[name] = frame[name].astype("str").mask(frame[name].isna(), "")
        return frame


def _line_ends(path: Path) -> int:
    """Count the line ends of a text file, read once and bounded; refuse a NUL, and a heading without end."""
    with reading(path):
        state = path.stat()
    return _counted(path, state.st_size, state.st_mtime_ns)


@functools.lru_cache(maxsize=64)
def _counted(path: Path, size: int, changed: int) -> int:
    line_ends, returns, done = 0, 0, 0
    decode = codecs.getincrementaldecoder("utf-16")().decode if _encoding(path) == "utf-16" else None
    for raw in parts(path):
        with reading(path, how=_BROKEN):
            part = decode(raw).encode() if decode else raw
        if b"\0" in part:
            row = line_ends + part.count(b"\n", 0, part.index(b"\0")) + 1
            raise InputError(f"{path.name}, row {row}: holds a NUL, so it is damaged or no text. {AGAIN}")
        line_ends, returns = line_ends + part.count(b"\n"), returns + part.count(b"\r")
        done += len(part)
        if done >= _LONGEST_LINE and not line_ends and not returns:
            raise InputError(f"{path.name}: its first line is longer than the headings of a table can be. {AGAIN}")
    return line_ends or returns


def _opened(path: Path) -> IO[str]:
    opened, encoding = gzip.open if path.suffix.lower() == ".gz" else open, _encoding(path)
    return cast(IO[str], opened(path, "rt", encoding=encoding, errors=_ERRORS[encoding], newline=""))


def _encoding(path: Path) -> str:
    with reading(path, how=_BROKEN), (gzip.open if path.suffix.lower() == ".gz" else open)(path, "rb") as file:
        return "utf-16" if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"


def _first_rows(path: Path, separator: str = "") -> list[list[str]]:
    """The first rows of a table, cell by cell, blank lines too."""
    separator = separator or _separator(path)
    with reading(path, how="cannot be read as a table"), _opened(path) as file:
        return list(itertools.islice(csv.reader(file, delimiter=separator, skipinitialspace=True), _MOST_TITLES + 1))


def _separator(path: Path) -> str:
    """The sign that cuts most of the first rows into as many cells; a comma where several do it alike."""
    _line_ends(path)

    def alike(mark: str) -> tuple[int, int]:
        widths = Counter(len(row) for row in _first_rows(path, mark) if len(row) > 1)
        return max(((rows, cells) for cells, rows in widths.items()), default=(0, 0))

    return max(MARKS, key=alike)


def _first_row(path: Path) -> list[str]:
    rows = _first_rows(path)[_titles(path) :]
    first = next((row for row in rows if row), [])
    if not any(cell.strip() for cell in first):
        raise InputError(f"{path.name}: cannot be read as a table (it has no headings). {AGAIN}")
    return [cell.strip() for cell in first]


def _titles(path: Path) -> int:
    """Count the rows above the heading, as of a sheet saved as CSV: one cell filled at most, before a row with more."""
    for number, row in enumerate(_first_rows(path)):
        filled = [cell for cell in row if cell.strip()]
        if len(filled) > 1:
            return number
    return 0


def _starts(path: Path, columns: int) -> list[int]:
    """Return the line on which each row begins that is not blank.

    Raises
    ------
    InputError
        When a value holds whole rows: a quotation mark was left open, and closed further down.
    """
    starts, line, separator = [], 0, _separator(path)
    with reading(path, how=_BROKEN), _opened(path) as file:
        for row in (rows := csv.reader(file, delimiter=separator, skipinitialspace=True)):
            line, before = rows.line_num, line
            if any(cell.strip() for cell in row) or len(row) > 1:
                starts.append(before + 1)
            if any(cell.count(separator) >= max(columns - 1, 2) and ("\n" in cell or "\r" in cell) for cell in row):
                raise InputError(
                    f"{path.name}, row {before + 1}: a value runs over {line - before - 1:,} line ends and holds whole "
                    "rows. A quotation mark is left open there. Close it, or download the file again."
                )
    return starts


def _is_code_point(first_row: list[str]) -> bool:
    return len(first_row) == len(_CODE_POINT) and bool(re.fullmatch(POSTCODE, first_row[0]))
