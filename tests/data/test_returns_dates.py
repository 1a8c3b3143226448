"""Dates are read as written, whatever the form; what may be two days is asked about, never guessed."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfwlib.data.returns.dates import DateColumn, Dates, read_dates


def read(*texts: str, dates: str = "", **others: list[str]) -> Dates:
    """Read one column DAY (and others) of a file whose first row of values is row 2."""
    columns = {
        name: DateColumn(np.arange(len(column), dtype=np.int32), column)
        for name, column in {"DAY": list(texts), **others}.items()
    }
    return read_dates(columns, np.arange(2, 2 + len(texts)), file="episodes.csv", dates=dates)


def day(text: str, **options: str) -> str:
    return str(read(text, **options).columns["DAY"][0])


@pytest.mark.parametrize(
    "text",
    ["2024-03-25", "2024-03-25 00:00:00", "2024-03-25T00:00:00.000", "2024/03/25", "20240325", "25/03/2024",
     "25-03-2024", "25.3.2024", "25/03/24", "03/25/2024", "25-Mar-2024", "25 March 2024", "25-mar-24", "25MAR2024",
     "45376", "45376.0", " 25/03/2024 00:00 ", "25/03/2024 12:00:00 AM"],
)  # fmt: skip
def test_every_usual_form_is_read(text: str) -> None:
    """ISO, British, American where only that can be meant, month names and Excel's numbers are the same day."""
    assert day(text) == "2024-03-25"


@pytest.mark.parametrize("text", ["", " ", "NULL", "NaT", "n/a", "-"])
def test_blanks_are_blank(text: str) -> None:
    """The usual words for nothing are nothing, and no problem."""
    result = read(text)
    assert np.isnat(result.columns["DAY"][0])
    assert not result.problems
    assert not result.seen


@pytest.mark.parametrize(
    "text", ["0", "1", "60", "00/01/1900", "1899-12-30", "30/12/1899", "01/01/1900", "31-Dec-1899"]
)
def test_excels_blank_days_are_blank_and_counted(text: str) -> None:
    """A blank that Excel saved as its day 0 is blank, and the account says so."""
    result = read(text, "2024-03-25")
    assert np.isnat(result.columns["DAY"]).tolist() == [True, False]
    assert sum(result.seen.values()) == 1
    assert not result.problems


@pytest.mark.parametrize(
    "text", ["31/02/2024", "2024-02-30", "29/02/2023", "32/01/2024", "13/13/2024", "25/03/2204", "0217-03-25", "2024",
             "12-Foo-2024", "yesterday", "1234567", "25/03"]
)  # fmt: skip
def test_days_that_do_not_exist_are_named_by_row_and_column(text: str) -> None:
    """The message names file, column and row, and does not repeat the text."""
    (problem,) = read("2024-03-25", text).problems
    assert "episodes.csv, column DAY: not a date in row 3." in problem
    assert text not in problem


def test_only_the_first_bad_rows_are_listed() -> None:
    """A thousand bad dates make one short sentence."""
    (problem,) = read(*["never"] * 1000).problems
    assert "rows 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 990 more" in problem


def test_the_column_tells_the_order_and_then_the_file() -> None:
    """25/03 in the column makes its 03/04 April; without one, another column of the file tells."""
    assert str(read("25/03/2024", "03/04/2024").columns["DAY"][1]) == "2024-04-03"
    assert str(read("03/25/2024", "03/04/2024").columns["DAY"][1]) == "2024-03-04"
    assert str(read("03/04/2024", BORN=["25/03/2010"]).columns["DAY"][0]) == "2024-04-03"
    told_apart = read("25/03/2024", "03/04/2024", BORN=["03/25/2010", "03/04/2010"])
    assert [str(told_apart.columns[name][1]) for name in ("DAY", "BORN")] == ["2024-04-03", "2010-03-04"]


def test_unclear_dates_are_asked_about_and_the_answer_is_taken() -> None:
    """Nothing to tell by: a question that names rows and setting; 03/03 alone needs none."""
    both = read("03/04/2024", "2024-01-01", BORN=["03/25/2010", "25/03/2010"])
    assert "the other columns have both" in both.problems[0]
    (problem,) = read("03/04/2024", "04/04/2024").problems
    assert "row 2 may have the day or the month first" in problem
    assert 'returns_dates = "dmy"' in problem
    assert day("03/04/2024", dates="dmy") == "2024-04-03"
    assert day("03/04/2024", dates="mdy") == "2024-03-04"
    assert day("04/04/2024") == "2024-04-04"


def test_a_contradiction_is_asked_about_with_its_rows() -> None:
    """Both orders and a date that may be either: all three are named; without the third all is clear, and counted."""
    (problem,) = read("25/03/2024", "03/25/2024", "03/04/2024").problems
    assert "day first (row 2), some the month (row 3), and row 4 may be either" in problem
    answered = read("25/03/2024", "03/25/2024", "03/04/2024", dates="dmy")
    assert [str(value) for value in answered.columns["DAY"]] == ["2024-03-25", "2024-03-25", "2024-04-03"]
    assert sum(answered.seen.values()) == 1
    assert not read("25/03/2024", "03/25/2024", "2024-03-04").problems


def test_an_answer_against_the_evidence_is_refused() -> None:
    """returns_dates = "mdy" where the column has 25/03: the setting or the rows are wrong, and it says which."""
    (problem,) = read("25/03/2024", "03/04/2024", dates="mdy").problems
    assert 'returns_dates = "mdy", but row 2 can only be read as dmy' in problem


@given(st.lists(st.dates(date(1990, 1, 1), date(2089, 12, 31)), min_size=1, max_size=8), st.integers(0, 4))
def test_a_written_day_is_read_back(days: list[date], form: int) -> None:
    """Any days in any of five forms come back, or the order is asked about; never another day."""
    forms = ["%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%b-%y", "serial"]
    texts = [
        str((value - date(1899, 12, 30)) // timedelta(days=1))
        if forms[form] == "serial"
        else value.strftime(forms[form])
        for value in days
    ]
    result = read(*texts)
    if result.problems:
        assert form in (1, 2)
        assert all(value.day <= 12 for value in days)
        result = read(*texts, dates="dmy" if form == 1 else "mdy")
    assert result.columns["DAY"].astype(object).tolist() == days
