"""What a spreadsheet does to a return is refused where a child may be lost, mended where it cannot, and always said."""

import gc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook

from cfwlib.data.returns import Returns, find_returns, read_returns
from cfwlib.errors import InputError
from cfwlib.settings import Settings

HEAD, CHILDREN = "CHILD,DECOM,DEC,PLACE", "CHILD,SEX,DOB"


def folder_of(folder: Path, rows: str, children: str = "1,1,2012-05-30", *, head: str = HEAD, titles: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "a.csv").write_text(f"{titles}{head}\n{rows}\n", encoding="utf-8")
    (folder / "b.csv").write_text(f"{CHILDREN}\n{children}\n", encoding="utf-8")
    return folder


def seen(returns: Returns, words: str) -> int:
    account = returns.account
    return int(account.loc[account["rule"].str.contains(words, regex=False), "rows"].sum())


def refusal(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_returns(folder)
    return str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["1.23457E+11", '"1,23457E+11"', "1.23E11", "1E+11", "1.2e+05", " 1.23457E+11 ", "######", "#N/A", "#REF!",
     "123456789012345000"],
)  # fmt: skip
def test_a_number_that_a_spreadsheet_has_shortened_is_refused_by_row(tmp_path: Path, text: str) -> None:
    """Two children may have become one: file and rows are told, the number is not."""
    folder = folder_of(tmp_path, f"7,2023-05-30,,U4\n{text},2023-06-30,,U4\n{text},2023-07-30,,K2")
    told = refusal(folder)
    assert told.startswith("episodes table (file 1 of 2 by name), column CHILD, rows 3, 4: a spreadsheet has ")
    assert "children may have become one" in told
    assert text.strip(' "') not in told


def test_shortened_numbers_come_with_the_other_problems_and_of_every_table(tmp_path: Path) -> None:
    """The header's too, in one error with a date that cannot be read."""
    told = refusal(folder_of(tmp_path, "7,2023-02-31,,U4", "1.2E+11,1,2012-05-30"))
    assert "header table (file 2 of 2 by name), column CHILD, row 2" in told
    assert "column DECOM: not a date in row 2" in told


@pytest.mark.parametrize("text", ["7E10", "E4A", "123456789012345", "1234567890123450", "123456789012345678", "A1E+B"])
def test_codes_that_only_look_shortened_are_read(tmp_path: Path, text: str) -> None:
    """7E10 may be a code; 15 digits are kept whole; a single last zero is chance, and other digits are no zeros."""
    assert read_returns(folder_of(tmp_path, f"{text},2023-06-30,,U4")).identifier(1) == text


@pytest.mark.parametrize("text", ["101.0", "101", " 101", "101.00", '"101,0"'])
def test_a_spreadsheets_decimals_are_no_part_of_a_number(tmp_path: Path, text: str) -> None:
    """101.0 is 101; but 101.000 may be a hundred and one thousand, and stays as it is."""
    returns = read_returns(folder_of(tmp_path, f"{text},2023-06-30,,U4", "101,1,2012-05-30"))
    assert len(returns.children) == 1
    assert len(read_returns(folder_of(tmp_path, "101.000,2023-06-30,,U4", "101,1,2012-05-30")).children) == 2


def test_leading_zeros_lost_in_one_file_are_put_back(tmp_path: Path) -> None:
    """00123 in the header and 123 in the episodes are one child, and it is counted; the full number is kept."""
    returns = read_returns(folder_of(tmp_path, "123,2023-06-30,,U4\n45,2023-06-30,,U4", "00123,1,2012-05-30"))
    assert [returns.identifier(n) for n in range(2)] == ["00123", "45"]
    assert returns.children["has_header"].tolist() == [True, False]
    assert seen(returns, "without its leading zeros") == 1


def test_both_forms_in_one_file_are_asked_about(tmp_path: Path) -> None:
    """00123 and 123 under each other may be two children: rows are told, nothing is guessed."""
    told = refusal(folder_of(tmp_path, "123,2023-06-30,,U4\n9,2023-06-30,,U4\n00123,2023-06-30,,U4"))
    assert "episodes table (file 1 of 2 by name), column CHILD, rows 2, 4: the same number with and without" in told
    assert "123" not in told


def test_words_for_blank_are_no_child(tmp_path: Path) -> None:
    """Two rows of NULL are not one child: they are rows without CHILD."""
    returns = read_returns(folder_of(tmp_path, "1,2023-06-30,,U4\nNULL,2023-06-30,,U4\nn/a,2023-07-30,,U4"))
    assert len(returns.children) == 1
    assert seen(returns, "no CHILD") == 2


@pytest.mark.parametrize(
    "titles",
    ["SSDA903 Episodes Report,,,\nRun 01/04/2025,,,\n,,,\n", "Report\n\n", 'A "report"\n', "sep=,\n", '"Two\nlines"\n',
     "a,b,c,d,e,f,g\n" * 12],
)  # fmt: skip
def test_titles_above_the_headings_are_passed_over(tmp_path: Path, titles: str) -> None:
    """Of any width and number; the row told of a problem is that of the file."""
    returns = read_returns(folder_of(tmp_path, "1,2023-06-30,,U4", titles=titles))
    assert returns.episodes["row"].tolist() == [titles.count("\n") + 2]
    told = refusal(folder_of(tmp_path, "1,2023-06-31,,U4", titles=titles))
    assert f"not a date in row {titles.count(chr(10)) + 2}." in told
    told = refusal(folder_of(tmp_path, "1,2023-06-30,,U4,more", titles=titles))
    assert f"row {titles.count(chr(10)) + 2}: more values than headings" in told


def test_titles_above_the_headings_of_a_sheet_are_passed_over(tmp_path: Path) -> None:
    """The same in a workbook, and in a list of postcodes beside it."""
    book = Workbook()
    for row in [["Report of our team"], [], ["Run", "01/04/2025"], HEAD.split(","), ["1", "2023-06-30", None, "U4"]]:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    (tmp_path / "b.csv").write_text(f"{CHILDREN}\n1,1,2012-05-30\n", encoding="utf-8")
    returns = read_returns(tmp_path)
    assert returns.episodes["row"].tolist() == [5]
    assert returns.children["has_header"].tolist() == [True]


def test_old_line_ends_are_read_and_what_is_no_text_is_refused(tmp_path: Path) -> None:
    """Lines that end as on old Macs are rows; UTF-16 without its mark is told to be saved again."""
    folder = folder_of(tmp_path, "1,2023-06-30,,U4\n1,2023-07-30,,K2")
    (folder / "a.csv").write_bytes((folder / "a.csv").read_bytes().replace(b"\n", b"\r"))
    assert len(read_returns(folder).episodes) == 2
    (folder / "a.csv").write_bytes(f"{HEAD}\n1,2023-06-30,,U4\n".encode("utf-16-le"))
    assert "file 1 of 2 by name: is not text" in refusal(folder)


def test_a_workbook_that_is_damaged_or_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut short, or too large once unpacked: one message, whatever the library would say."""
    book = Workbook()
    book.active.append(HEAD.split(","))
    folder = folder_of(tmp_path, "1,2023-06-30,,U4")
    book.save(folder / "c.xlsx")
    monkeypatch.setattr("cfwlib.data.packed.MOST_BYTES", 100)
    assert "file 3 of 3 by name: unpacks to" in refusal(folder)
    monkeypatch.undo()
    whole = (folder / "c.xlsx").read_bytes()
    for cut in (10, len(whole) // 2, len(whole) - 5):
        (folder / "c.xlsx").write_bytes(whole[:cut])
        assert "file 3 of 3 by name: cannot be read as an Excel workbook" in refusal(folder)
    gc.collect()


def test_a_file_that_fails_in_any_way_is_told_by_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error nobody foresaw names no file and no value either, and the other files are still read."""

    def fails(*given: object) -> None:
        raise RuntimeError("Ann Smith")

    monkeypatch.setattr("cfwlib.data.returns.folder.open_text", fails)
    told = refusal(folder_of(tmp_path, "1,2023-06-30,,U4"))
    assert "file 2 of 2 by name: cannot be read to its end." in told
    assert "Ann" not in told


def test_distances_places_and_authorities_that_cannot_be_are_blank_and_counted(tmp_path: Path) -> None:
    """`abc`, -5 and 9999 miles, "perhaps" for IN or OUT, a name for a code: none is used, each has its count."""
    head = HEAD + ",PL_DISTANCE,PL_LOCATION,PL_LA"
    rows = ["abc,perhaps,Leeds", "-5,Other,909", "9999,in,E06000063", "12.5,OUT,WAL", '"12,5",Inside LA,', ",,", "0,o,"]
    lines = "\n".join(f"{n},2023-06-30,,U4,{row}" for n, row in enumerate(rows))
    returns = read_returns(folder_of(tmp_path, lines, head=head))
    frame = returns.episodes
    np.testing.assert_array_equal(frame["placement_miles"], [np.nan, np.nan, np.nan, 12.5, 12.5, np.nan, 0])
    assert frame["placement_location"].tolist() == ["", "", "in", "out", "in", "", "out"]
    assert frame["placement_authority"].tolist() == ["", "", "E06000063", "WAL", "", "", ""]
    assert seen(returns, "PL_DISTANCE is not a number") == 1
    assert seen(returns, "PL_DISTANCE is below 0") == 1
    assert seen(returns, "PL_DISTANCE is over 700 miles") == 1
    assert seen(returns, "PL_LOCATION is neither IN nor OUT") == 2
    assert seen(returns, "PL_LA is not the ONS code") == 2


@pytest.mark.parametrize(("column", "text"), [("RNE", "Q"), ("LS", "ZZ"), ("REC", "E99"), ("PLACE", "U9")])
def test_codes_that_are_not_known_are_counted_and_not_told(tmp_path: Path, column: str, text: str) -> None:
    """In whatever column: how many rows, not which code, for a slipped column may hold a child's number."""
    head = HEAD.replace("PLACE", f"PLACE,{column}") if column != "PLACE" else HEAD
    rows = f"1,2023-06-30,,U4,{text}" if column != "PLACE" else f"1,2023-06-30,,{text}"
    returns = read_returns(folder_of(tmp_path, rows, head=head))
    assert seen(returns, f"{column} has a code that is not known") == 1
    assert text not in "".join(returns.account["rule"]).replace("UASC", "").replace("REC", "").replace("PL", "").split()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("1,2033-07-30,,U4", "starts after the 21st birthday"),
        ("1,2023-06-30,2099-01-30,U4", "ends after the last day of the returns"),
        ("2,2023-06-30,,U4", "of a child born after the last day of the returns"),
        ("1,2011-06-30,,U4", "starts before the child is born"),
    ],
)
def test_days_that_do_not_fit_a_childhood_are_counted(tmp_path: Path, rows: str, words: str) -> None:
    """Read and counted by name; what to do with them is for the rules of cleaning."""
    usual = "\n".join(f"{n + 10},2023-05-30,,U4" for n in range(3))
    returns = read_returns(folder_of(tmp_path, f"{rows}\n{usual}", "1,1,2012-05-30\n2,1,2031-05-30"), end="2024-03-31")
    assert seen(returns, words) == 1


def test_unaccompanied_children_without_a_header_row_and_unknown_sexes_are_counted(tmp_path: Path) -> None:
    """A child in UASC alone, and a sex that is neither the old code nor the new."""
    folder = folder_of(tmp_path, "1,2023-06-30,,U4\n5,2023-06-30,,U4", "1,X9,2012-05-30\n2,F,2012-05-30")
    (folder / "c.csv").write_text("CHILD,DUC,DOB\n5,,2008-05-30\n", encoding="utf-8")
    returns = read_returns(folder)
    assert seen(returns, "UASC table without a row in the header") == 1
    assert seen(returns, "SEX has a code that is not known") == 1


def test_a_missing_year_and_a_year_given_twice_are_doubts(tmp_path: Path) -> None:
    """A gap makes rates too low; two versions of one year mix; both are for the top of the page, with no value."""
    rows = "1,2022-06-30,,U4\n2,2022-06-30,,K2"
    folder_of(tmp_path, rows)
    assert not read_returns(tmp_path).doubts
    folder_of(tmp_path / "2026", rows.replace("2022", "2025"))
    (tmp_path / "2023").mkdir()
    (tmp_path / "a.csv").rename(tmp_path / "2023" / "a.csv")
    doubts = read_returns(tmp_path).doubts
    assert [doubt for doubt in doubts if "none is of 2024, 2025:" in doubt] == list(doubts)
    (tmp_path / "2026" / "a new.csv").write_text(f"{HEAD}\n{rows.replace('2022', '2025').replace('U4', 'K2')}\n")
    assert any(
        "Several tables of episodes are of the return of 2026" in doubt for doubt in read_returns(tmp_path).doubts
    )


def test_the_settings_choose_the_authority(home: Path) -> None:
    """returns_authority keeps one authority's rows; the rest is counted, and a wrong one is refused."""
    rows = "1,2023-06-30,,U4,North\n2,2023-06-30,,U4,South"
    folder_of(home / "data" / "returns", rows, head=HEAD + ",LA")
    (home / "data" / "returns" / "b.csv").write_text(f"{CHILDREN},LA\n1,1,2012-05-30,North\n", encoding="utf-8")
    (home / "data" / "returns").rename(home / "data" / "mine")
    (home / "data" / "returns").mkdir()
    (home / "data" / "mine").rename(home / "data" / "returns" / "mine")
    returns = find_returns(Settings(returns="mine", data="store", returns_authority=" north"))
    assert returns is not None
    assert (len(returns.episodes), returns.authorities()) == (1, 1)
    assert returns.of_authority(["North"])
    assert pd.Series(returns.account["rule"]).str.contains("of another authority").any()
    with pytest.raises(InputError, match="returns_authority is 'East'"):
        find_returns(Settings(returns="mine", data="store", returns_authority="East"))
