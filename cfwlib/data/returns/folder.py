"""Open every table of a returns' folder and tell what each one is."""

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from cfwlib.data.returns.files import TEXT, WORKBOOK, Table, open_text, open_workbook
from cfwlib.data.returns.recognise import (
    EPISODES,
    HEADER,
    KINDS,
    NEEDED,
    OTHER,
    POSTCODES,
    kind_of,
    named_after,
    year_of,
)
from cfwlib.data.tables import headings
from cfwlib.errors import InputError
from cfwlib.reading import reading


@dataclass
class Folder:
    """The tables of a folder, by kind, each with its position in `files`; other files and remarks, with their rows."""

    name: str
    tables: dict[str, list[tuple[int, Table]]] = field(default_factory=dict)
    points: list[Path] = field(default_factory=list)
    files: list[dict[str, object]] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)

    def rows(self, kind: str) -> int:
        """Return the number of rows of a kind."""
        return sum(len(table) for _, table in self.tables.get(kind, []))

    def listing(self) -> pd.DataFrame:
        """Return the tables found as a frame: file, table, year (<NA> = not told), rows."""
        listed = pd.DataFrame(self.files, columns=["file", "table", "year", "rows"])
        return listed.astype({"file": "str", "table": "str", "year": "Int64", "rows": "int64"})


def open_folder(folder: Path) -> Folder:
    """Return the tables of a folder and its sub-folders.

    Raises
    ------
    InputError
        When there is no such folder, a file cannot be read or lacks a needed column, there is no episode, or no table
        has dates of birth. All problems of the files are named.
    """
    if not folder.is_dir():
        raise InputError(f"{folder.name}: there is no such folder. Put the files of the return in one.")
    found, problems = Folder(folder.name), list[str]()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts):
            continue
        try:
            _open(path, name, found)
        except InputError as error:
            problems += error.problems
    problems += _lacking(found)
    if problems:
        raise InputError(problems)
    return found


def _open(path: Path, name: str, found: Folder) -> None:
    suffix = path.suffix.lower()
    if suffix in (*TEXT, ".parquet") and _is_points(path):
        found.points.append(path)
    elif suffix in TEXT:
        _add(open_text(path, name), found)
    elif suffix in WORKBOOK:
        for table in open_workbook(path, name):
            _add(table, found)
    else:
        found.seen[f"{name}: not read (only CSV, text and .xlsx are)"] = 0


def _is_points(path: Path) -> bool:
    """Return whether a file is a list of postcodes; such a file may be large, and is read on its own."""
    if path.suffix.lower() == ".parquet":
        return kind_of([column.upper() for column in headings(path)]) == POSTCODES
    with reading(path), path.open("rb") as file:
        start = file.readline(4000)
    if b"CHILD" in start.upper() or not start.strip() or start[:2] in (b"\xff\xfe", b"\xfe\xff", b"PK"):
        return False
    try:
        return kind_of([name.strip().upper() for name in headings(path)]) == POSTCODES
    except InputError:  # told, better, where it is opened as a return
        return False


def _add(table: Table, found: Folder) -> None:
    if table.empty:
        if ", sheet " in table.name:
            return  # workbooks come with spare sheets
        raise InputError(f"{table.name}: is empty. Save it again, or take it out of the folder.")
    kind = kind_of(table.columns)
    if kind == POSTCODES:
        kind = OTHER
    if lacking := [column for column in NEEDED.get(kind, ()) if column not in table.columns]:
        raise InputError(
            f"{table.name}: looks like the {kind} table, but lacks the column {', '.join(lacking)}. "
            "Add it, under this heading, in the first row."
        )
    if kind in KINDS and named_after(table.name, kind):
        found.seen[f"{table.name}: holds the {kind} table, whatever its name (told by its columns)"] = len(table)
    if kind in KINDS and not len(table):
        found.seen[f"{table.name}: has headings and no rows"] = 0
    if kind == OTHER:
        found.seen[f"{table.name}: not a table that is used here"] = len(table)
    found.tables.setdefault(kind, []).append((len(found.files), table))
    year = year_of(table.name) or pd.NA
    found.files.append({"file": table.name, "table": kind, "year": year, "rows": len(table)})


def _lacking(found: Folder) -> list[str]:
    if not found.rows(EPISODES):
        there = "has headings and no rows" if found.tables.get(EPISODES) else "is not there"
        return [
            f"{found.name}: the episodes table {there}. It is told by its columns CHILD, DECOM, DEC and PLACE, in CSV, "
            "text or .xlsx files."
        ]
    born = any("DOB" in table.columns for _, table in found.tables[EPISODES])
    if not found.rows(HEADER) and not born:
        return [
            f"{found.name}: the header table is not there or has no rows, so that nobody's age is known. It is told by "
            "its columns CHILD, SEX and DOB."
        ]
    return []
