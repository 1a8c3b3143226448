"""Open every table of a returns' folder and tell what each one is."""

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from cfwlib.data.open_table import headings
from cfwlib.data.returns import recognise
from cfwlib.data.returns.open_tables import TEXT, WORKBOOK, Table, open_text, open_workbook
from cfwlib.errors import InputError
from cfwlib.reading import reading


@dataclass
class Folder:
    """The tables of a folder, by kind, each with its position in `files`; other files and remarks, with their rows.

    `points` are lists of postcodes, by what messages call them. Nothing here has the name of a file or folder.
    """

    tables: dict[str, list[tuple[int, Table]]] = field(default_factory=dict)
    points: dict[str, Path] = field(default_factory=dict)
    files: list[dict[str, object]] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)

    def rows(self, kind: str) -> int:
        """Return the number of rows of a kind."""
        return sum(len(table) for _, table in self.tables.get(kind, []))

    def labels(self) -> list[str]:
        """Return what messages call each table, by its position."""
        return [str(one["file"]) for one in self.files]

    def listing(self) -> pd.DataFrame:
        """Return the tables found as a frame: file (what messages call it), table, year (<NA> = not told), rows."""
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
        raise InputError("the returns: there is no such folder. Put the files of the return in one.")
    found, problems = Folder(), list[str]()
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    names = [name for name in paths if not any(part.startswith((".", "~$")) for part in name.split("/"))]
    for number, name in enumerate(sorted(names, key=str.casefold), start=1):
        label = f"file {number} of {len(names)} by name"
        try:
            _open(paths[name], name, label, found)
        except InputError as error:
            problems += error.problems
        except Exception:  # whatever a library raises may quote a value, or the name of the file
            problems.append(f"{label}: cannot be read to its end. Save it again, or take it out of the folder.")
    if problems := problems or _lacking(found):  # what is lacking may be in the files that could not be read
        raise InputError(problems)
    return found


def _open(path: Path, name: str, label: str, found: Folder) -> None:
    suffix = path.suffix.lower()
    if suffix in (*TEXT, ".parquet") and _is_points(path, label):
        found.points[f"postcodes table ({label})"] = path
    elif suffix in TEXT:
        _add(open_text(path, label), name, found)
    elif suffix in WORKBOOK:
        for table in open_workbook(path, label):
            _add(table, name, found)
    else:
        found.seen[f"{label}: not read (only CSV, text and .xlsx are)"] = 0


def _is_points(path: Path, label: str) -> bool:
    """Return whether a file is a list of postcodes; such a file may be large, and is read on its own."""
    parquet = path.suffix.lower() == ".parquet"
    if not parquet:
        with reading(label, "Put the file back, readable.", tell=False), path.open("rb") as file:
            start = file.readline(4000)
        if b"CHILD" in start.upper() or not start.strip() or start[:2] in (b"\xff\xfe", b"\xfe\xff", b"PK"):
            return False
    try:
        return recognise.kind_of([name.strip().upper() for name in headings(path)]) == recognise.POSTCODES
    except Exception:  # a text is told, better, where it is opened as a return
        if not parquet:
            return False
    raise InputError(f"{label}: cannot be opened as Parquet; it may be cut short. Make it again.")


def _add(table: Table, name: str, found: Folder) -> None:
    if table.empty:
        if ", sheet " in table.name:
            return  # workbooks come with spare sheets
        raise InputError(f"{table.name}: is empty. Save it again, or take it out of the folder.")
    kind = recognise.kind_of(table.columns)
    if kind == recognise.POSTCODES:
        kind = recognise.OTHER
    if lacking := [column for column in recognise.NEEDED.get(kind, ()) if column not in table.columns]:
        raise InputError(
            f"{table.name}: looks like the {kind} table, but lacks the column {', '.join(lacking)}. "
            "Add it, under this heading, in the row of headings."
        )
    if kind in recognise.KINDS and recognise.named_after(table.title or name, kind):
        found.seen[f"{table.name}: is called something else than what its columns tell"] = len(table)
    if kind in recognise.KINDS and not len(table):
        found.seen[f"{table.name}: has headings and no rows"] = 0
    if kind == recognise.OTHER:
        found.seen[f"{table.name}: not a table that is used here"] = len(table)
    table.year = recognise.year_of(f"{name}, {table.title}") if table.title else recognise.year_of(name)
    found.tables.setdefault(kind, []).append((len(found.files), table))
    found.files.append({"file": table.name, "table": kind, "year": table.year or pd.NA, "rows": len(table)})


def _lacking(found: Folder) -> list[str]:
    if not found.rows(recognise.EPISODES):
        there = "has headings and no rows" if found.tables.get(recognise.EPISODES) else "is not there"
        return [
            f"the returns: the episodes table {there}. It is told by its columns CHILD, DECOM, DEC and PLACE, in CSV, "
            "text or .xlsx files."
        ]
    born = any("DOB" in table.columns for _, table in found.tables[recognise.EPISODES])
    if not found.rows(recognise.HEADER) and not born:
        return [
            "the returns: the header table is not there or has no rows, so that nobody's age is known. It is told by "
            "its columns CHILD, SEX and DOB."
        ]
    return []
