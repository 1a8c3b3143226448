"""Open a table of text: CSV, with or without a heading row, or with titles above it, or Parquet."""

import csv
import gzip
import itertools
import re
from collections.abc import Collection
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cfwlib.errors import InputError

SUFFIXES = {".csv", ".gz", ".parquet"}
_MOST_TITLES = 12
POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}"
# Ordnance Survey's headings of Code-Point Open, which stand in a file of their own
_CODE_POINT = ("PC", "PQ", "EA", "NO", "CY", "RH", "LH", "CC", "DC", "WC")


def headings(path: Path) -> list[str]:
    """Return the column names of a table; a Code-Point Open file, which has no heading row, gets its official ones.

    Raises
    ------
    InputError
        When the file is not readable as what its ending says.
    """
    if path.suffix == ".parquet":
        try:
            return [str(name) for name in pq.read_schema(path).names]
        except (OSError, pa.ArrowInvalid):
            raise InputError(f"{path.name}: cannot be opened as Parquet; it may be cut short. Make it again.") from None
    start = path.read_bytes()[:4] if path.suffix != ".gz" else b""
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(f"{path.name}: is UTF-16 text. Save it again as 'CSV UTF-8 (comma delimited)'.")
    if start.lstrip()[:1] == b"<":
        raise InputError(f"{path.name}: is a web page, not a table. Download the file itself.")
    try:
        names = _first_row(path)
    except UnicodeDecodeError:
        raise InputError(f"{path.name}: is not a text file. Download it again, or take it out of the folder.") from None
    except (pd.errors.EmptyDataError, pd.errors.ParserError, OSError, EOFError) as error:
        raise InputError(f"{path.name}: cannot be read as a table ({error}). Download it again.") from None
    if len(names) == 1 and (";" in names[0] or "\t" in names[0]):
        raise InputError(
            f"{path.name}: its columns are not separated by commas. Save it again as 'CSV (comma delimited)'."
        )
    return list(_CODE_POINT) if _is_code_point(names) else names


def read_columns(path: Path, wanted: Collection[str]) -> pd.DataFrame:
    """Return columns of a table as text, the index being the row's number in the file; Parquet keeps its numbers.

    Raises
    ------
    InputError
        When the file cannot be read to its end.
    """
    try:
        if path.suffix == ".parquet":
            frame = pd.read_parquet(path, columns=[name for name in headings(path) if name in set(wanted)])
            frame.index = pd.RangeIndex(1, len(frame) + 1)
            numbers = set(frame.select_dtypes("number").columns)
            return frame.astype({name: "str" for name in frame if name not in numbers}).fillna(
                {name: "" for name in frame if name not in numbers}
            )
        bare, titles = _is_code_point(_first_row(path)), _titles(path)
        frame = pd.read_csv(
            path,
            dtype=str,
            index_col=False,  # a comma too many at the end of every row is no index
            header=None if bare else 0,
            skiprows=titles,
            names=list(_CODE_POINT) if bare else None,
            keep_default_na=False,
            encoding=encoding(path),
            skipinitialspace=True,
            usecols=lambda name: name.strip() in set(wanted),
        ).rename(columns=str.strip)
    except (pd.errors.ParserError, OSError, EOFError, pa.ArrowInvalid) as error:
        raise InputError(f"{path.name}: cannot be read to its end ({error}). Download it again.") from None
    frame.index = frame.index + titles + (1 if bare else 2)  # row 1 of a file is its heading, or a title above it
    return frame


def encoding(path: Path) -> str:
    """Return the text encoding of a table: UTF-8 (with or without mark), else Windows-1252."""
    if path.suffix == ".gz":
        return "utf-8-sig"
    try:
        with path.open(encoding="utf-8-sig") as file:
            while file.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _first_row(path: Path) -> list[str]:
    first = pd.read_csv(path, nrows=0, dtype=str, encoding=encoding(path), skiprows=_titles(path))
    return [str(name).strip() for name in first.columns]


def _titles(path: Path) -> int:
    """Count the rows above the heading, as of a sheet saved as CSV: one cell filled at most, before a row with more."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding=encoding(path), newline="") as file:
        try:
            rows = list(itertools.islice(csv.reader(file), _MOST_TITLES + 1))
        except csv.Error:
            return 0
    for number, row in enumerate(rows):
        filled = [cell for cell in row if cell.strip()]
        if any(";" in cell or "\t" in cell for cell in filled[1:]):  # not separated by commas
            return 0
        if len(filled) > 1:
            return number
    return 0


def _is_code_point(first_row: list[str]) -> bool:
    return len(first_row) == len(_CODE_POINT) and bool(re.fullmatch(POSTCODE, first_row[0]))
