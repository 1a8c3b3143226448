"""Read dates as councils' systems write them; ask rather than guess whether 03/04/2025 is in March or in April."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

Days = npt.NDArray[np.datetime64]

BLANK = {"", "-", "NULL", "NONE", "NA", "N/A", "NAN", "NAT", "<NA>"}
FIRST_YEAR, LAST_YEAR = 1950, 2100
SHOWN = 10  # rows named in one message
_TIME = r"(?:[T ]+\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?:Z| ?[AP]M)?)?"
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})" + _TIME)
_PACKED = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
_PARTS = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d\d)" + _TIME)
_NAMED = re.compile(r"(\d{1,2})[-/. ]?([A-Z]{3})[A-Z]*\.?[-/., ]*(\d{4}|\d\d)" + _TIME)
_SERIAL = re.compile(r"(\d{1,5})(?:\.\d*)?")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_ZERO = (1899, 1900)  # Excel's day 0 and its neighbours: a blank saved as a date
GOOD, MISSING, ZERO, BAD, DAY_FIRST, MONTH_FIRST, EITHER = range(7)
NOT_A_DAY = np.datetime64("NaT", "D")


@dataclass
class DateColumn:
    """One column of one file: position of each row's text in `texts`, and the rows' numbers in the file."""

    codes: npt.NDArray[np.int32]
    texts: Sequence[str]
    days: Days = field(init=False)  # of each text, a day first where both readings are possible
    other: Days = field(init=False)  # the same, a month first
    kinds: npt.NDArray[np.int8] = field(init=False)

    def __post_init__(self) -> None:
        read = [_read(text) for text in self.texts]
        self.kinds = np.array([kind for kind, _, _ in read], dtype=np.int8)
        self.days = np.array([day for _, day, _ in read], dtype="datetime64[D]")
        self.other = np.array([day for _, _, day in read], dtype="datetime64[D]")

    def count(self, kind: int) -> int:
        """Return how many rows are of a kind."""
        return int(np.count_nonzero(self.kinds[self.codes] == kind)) if (self.kinds == kind).any() else 0

    def where(self, kind: int, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the numbers of the rows that are of a kind."""
        return numbers[self.kinds[self.codes] == kind]


@dataclass
class Dates:
    """The dates of one file, by column, with what is wrong and what was noticed (rule: rows)."""

    columns: dict[str, Days] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)


def read_dates(
    columns: Mapping[str, DateColumn], numbers: npt.NDArray[np.int64], *, file: str, dates: str = ""
) -> Dates:
    """Return the dates of the columns of one file.

    Parameters
    ----------
    columns
        The texts, by column.
    numbers
        Number of each row in the file.
    file
        What messages call it; no date is ever in a message.
    dates
        "dmy" or "mdy": how a date that may be either is meant; empty = as the other dates of the column, or else of
        the file, show.

    Returns
    -------
    dates
        Days (NaT = blank), problems and counts. A date that can be read in one way only is read so.
    """
    result = Dates()
    for name, column in columns.items():
        if bad := named_rows(column.where(BAD, numbers)):
            result.problems.append(
                f"{file}, column {name}: not a date in {bad}. Write dates as 2025-03-31 or 31/03/2025 "
                f"(from {FIRST_YEAR} on), or leave them blank."
            )
        if zeros := column.count(ZERO):
            result.seen[f"{name} in 1899 or 1900 (Excel's blank): read as blank"] = zeros
        order, problem = _order(columns, name, numbers, file, dates)
        if problem:
            result.problems.append(problem)
        days = column.days.copy()
        if order == "mdy":
            days[column.kinds == EITHER] = column.other[column.kinds == EITHER]
        against = MONTH_FIRST if order == "dmy" else DAY_FIRST
        if order and (odd := column.count(against)):
            result.seen[f"{name} in the other order of day and month, which only it can mean"] = odd
        result.columns[name] = days[column.codes]
    return result


def _order(
    columns: Mapping[str, DateColumn], name: str, numbers: npt.NDArray[np.int64], file: str, dates: str
) -> tuple[str, str]:
    """Return the order of a column's unclear dates, or the question to the user."""
    column = columns[name]
    first, second = column.count(DAY_FIRST), column.count(MONTH_FIRST)
    unclear = column.where(EITHER, numbers)
    here = "dmy" if first and not second else "mdy" if second and not first else ""
    if dates and here and here != dates and len(unclear):
        proof = named_rows(column.where(DAY_FIRST if first else MONTH_FIRST, numbers))
        return here, (
            f'{file}, column {name}: returns_dates = "{dates}", but {proof} can only be read as {here}. '
            "Correct the setting or these rows."
        )
    if not len(unclear) or dates or here:
        return here or dates, ""
    if first and second:
        return "", (
            f"{file}, column {name}: some dates have the day first ({named_rows(column.where(DAY_FIRST, numbers))}), "
            f"some the month ({named_rows(column.where(MONTH_FIRST, numbers))}), and {named_rows(unclear)} may be "
            'either. Correct them, or set returns_dates = "dmy" (day first) or "mdy" for those that may be either.'
        )
    firsts = any(other.count(DAY_FIRST) for other in columns.values())
    seconds = any(other.count(MONTH_FIRST) for other in columns.values())
    if firsts != seconds:
        return ("dmy" if firsts else "mdy"), ""
    return "", (
        f"{file}, column {name}: {named_rows(unclear)} may have the day or the month first, and "
        f"{'the other columns have both' if firsts else 'no date in the file tells'}. "
        'Set returns_dates = "dmy" (day first) or "mdy".'
    )


def named_rows(rows: npt.NDArray[np.int64]) -> str:
    """Return the first rows by number, the rest counted; "" for none."""
    if not len(rows):
        return ""
    shown = ", ".join(str(row) for row in rows[:SHOWN])
    more = f" and {len(rows) - SHOWN:,} more" if len(rows) > SHOWN else ""
    return f"row{'s' if len(rows) > 1 else ''} {shown}{more}"


def _read(text: str) -> tuple[int, np.datetime64 | date, np.datetime64 | date]:
    """Return what a text is, and its day: with the day first, and with the month first."""
    text = text.strip().upper()
    if text in BLANK:
        return MISSING, NOT_A_DAY, NOT_A_DAY
    if found := _ISO.fullmatch(text) or _PACKED.fullmatch(text):
        return _plain(int(found[1]), int(found[2]), int(found[3]))
    if found := _NAMED.fullmatch(text):
        month = _MONTHS.index(found[2]) + 1 if found[2] in _MONTHS else 0
        return _plain(_year(found[3]), month, int(found[1]))
    if found := _SERIAL.fullmatch(text):
        serial = int(found[1])
        day = date(1899, 12, 30) + timedelta(days=serial)
        if serial > 366 and day.year < FIRST_YEAR:
            return BAD, NOT_A_DAY, NOT_A_DAY
        return _plain(day.year, day.month, day.day)
    if found := _PARTS.fullmatch(text):
        return _either(int(found[1]), int(found[2]), _year(found[3]))
    return BAD, NOT_A_DAY, NOT_A_DAY


def _either(first: int, second: int, year: int) -> tuple[int, np.datetime64 | date, np.datetime64 | date]:
    dmy, mdy = _plain(year, second, first), _plain(year, first, second)
    if dmy[0] == mdy[0] == GOOD:
        return (GOOD if first == second else EITHER), dmy[1], mdy[1]
    if first == 0 or ZERO in (dmy[0], mdy[0]):  # Excel writes its day 0 as 00/01/1900
        return ZERO, NOT_A_DAY, NOT_A_DAY
    if dmy[0] == GOOD:
        return DAY_FIRST, dmy[1], dmy[1]
    return (MONTH_FIRST, mdy[1], mdy[1]) if mdy[0] == GOOD else dmy


def _year(text: str) -> int:
    """Return a year; of two digits, 90 to 99 are of the last century."""
    return int(text) if len(text) == 4 else int(text) + (1900 if int(text) >= 90 else 2000)


def _plain(year: int, month: int, day: int) -> tuple[int, np.datetime64 | date, np.datetime64 | date]:
    if year in _ZERO:
        return ZERO, NOT_A_DAY, NOT_A_DAY
    try:
        value = date(year, month, day)
    except ValueError:
        return BAD, NOT_A_DAY, NOT_A_DAY
    return (GOOD, value, value) if FIRST_YEAR <= year <= LAST_YEAR else (BAD, NOT_A_DAY, NOT_A_DAY)
