"""Put the tables of one kind under each other: coded columns, days, and where each row came from."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cfwlib.data.returns.codes import Coded, coded, number, tidy, tight, trimmed
from cfwlib.data.returns.dates import DateColumn, Days, read_dates
from cfwlib.data.returns.open_tables import Table
from cfwlib.data.returns.recognise import DATES, EPISODES, EXTRA, NEEDED, OPTIONAL, year_of

Rows = npt.NDArray[np.bool_]
_CLEAN = {"CHILD": number, "HOME_POST": tight, "PL_POST": tight, "URN": number}


@dataclass
class Stack:
    """The rows of all tables of one kind, the later return last; `year` 0 = not told; `counts` of what was noticed."""

    kind: str
    columns: dict[str, Coded]
    days: dict[str, Days]
    file: npt.NDArray[np.int32]
    row: npt.NDArray[np.int64]
    year: npt.NDArray[np.int32]
    left_out: dict[str, int] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.row)

    def keep(self, rows: Rows, rule: str) -> None:
        """Leave out the other rows, and count them under a rule."""
        gone = len(rows) - int(np.count_nonzero(rows))
        if gone:
            self.left_out[rule] = self.left_out.get(rule, 0) + gone
            self.take(rows)

    def take(self, rows: npt.NDArray[np.int64] | Rows) -> None:
        """Take some rows, or all in another order."""
        self.columns = {name: column.take(rows) for name, column in self.columns.items()}
        self.days = {name: days[rows] for name, days in self.days.items()}
        self.file, self.row, self.year = self.file[rows], self.row[rows], self.year[rows]


def stack(kind: str, tables: Sequence[tuple[int, Table]], *, dates: str) -> tuple[Stack, list[str]]:
    """Return the rows of the tables of one kind, and the problems with their dates.

    Parameters
    ----------
    kind
        episodes, header or UASC.
    tables
        The tables, each with its position among the files.
    dates
        As of `dates.read_dates`.
    """
    seen: dict[str, int] = {}
    problems: list[str] = []
    days: dict[str, list[Days]] = {name: [] for name in DATES[kind]}
    for _, table in tables:
        found = {name: _date_column(table.columns[name]) for name in DATES[kind] if name in table.columns}
        read = read_dates(found, table.numbers, file=table.name, dates=dates)
        problems += read.problems
        for rule, rows in read.seen.items():
            seen[rule] = seen.get(rule, 0) + rows
        for name in DATES[kind]:
            days[name].append(read.columns.get(name, np.full(len(table), "NaT", "datetime64[D]")))
    wanted = [name for name in (*NEEDED[kind], *OPTIONAL[kind], *EXTRA[kind]) if name not in DATES[kind]]
    columns = {
        name: coded([_text(table, name) for _, table in tables], _CLEAN.get(name, tidy))
        for name in wanted
        if name in (*NEEDED[kind], *OPTIONAL[kind]) or any(name in table.columns for _, table in tables)
    }
    years = _years(kind, tables, columns.get("YEAR"), days)
    return (
        Stack(
            kind,
            columns,
            {name: np.concatenate(pieces) if pieces else np.zeros(0, "datetime64[D]") for name, pieces in days.items()},
            np.concatenate(
                [np.full(len(table), place, np.int32) for place, table in tables] or [np.zeros(0, np.int32)]
            ),
            np.concatenate([table.numbers for _, table in tables] or [np.zeros(0, np.int64)]),
            years,
            seen=seen | _missing_columns(kind, tables),
        ),
        problems,
    )


def _date_column(array: pa.Array) -> DateColumn:
    values = coded([array], trimmed)
    return DateColumn(values.codes, values.listed())


def _text(table: Table, name: str) -> pa.Array:
    return table.columns[name] if name in table.columns else pa.repeat(pa.scalar("", pa.string()), len(table))


def _missing_columns(kind: str, tables: Sequence[tuple[int, Table]]) -> dict[str, int]:
    rows: dict[str, int] = {}
    for _, table in tables:
        for name in OPTIONAL[kind]:
            if name not in table.columns and not (kind == "UASC" and name == "DOB"):
                rule = f"no column {name}: read as blank"
                rows[rule] = rows.get(rule, 0) + len(table)
    return {rule: count for rule, count in rows.items() if count}


def _years(
    kind: str, tables: Sequence[tuple[int, Table]], given: Coded | None, days: dict[str, list[Days]]
) -> npt.NDArray[np.int32]:
    """Return each row's year: of its column YEAR, else of the file's name, else (episodes) of the file's last dates."""
    pieces = []
    for place, (_, table) in enumerate(tables):
        year = table.year
        if not year and kind == EPISODES:
            year = last_year(days["DECOM"][place], days["DEC"][place])
        pieces.append(np.full(len(table), year, np.int32))
    years = np.concatenate(pieces) if pieces else np.zeros(0, np.int32)
    if given is None:
        return years
    of_text = np.array([year_of(text) for text in number(given.texts).to_pylist()], np.int32)[given.codes]
    return np.where(of_text > 0, of_text, years)


def last_year(starts: Days, ends: Days) -> int:
    """Return the year whose 31 March ends the last return of some dates; a date or two far ahead do not count."""
    days = np.concatenate([starts, ends])
    days = days[~np.isnat(days)]
    if not len(days):
        return 0
    years, counts = np.unique(return_year(days), return_counts=True)
    return int(years[counts >= max(1, len(days) // 400)].max(initial=years[0]))


def return_year(days: Days) -> npt.NDArray[np.int32]:
    """Return the year on whose 31 March the return of a day ends."""
    months = days.astype("datetime64[M]").astype(np.int64)  # months since January 1970
    return ((months + 9) // 12 + 1970).astype(np.int32)
