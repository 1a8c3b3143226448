"""Child-level returns are read whole: every row is accounted for, and nobody's identifier is ever shown."""

import pickle
import traceback
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from cfwlib.data.returns import Returns, find_returns, read_returns
from cfwlib.errors import InputError
from cfwlib.settings import Settings

SECRET, BIRTH = "ZQ987654", "2013-07-19"
HEADER = f"CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n{SECRET},1,{BIRTH},WBRI,A123456789012,,\nB2,2,2008-01-20,WBRI,,,\n"
HEADINGS = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN"
FIRST = f"{SECRET},2023-05-02,S,C2,N1,U4,PR1,2024-01-20,X1,CREQB,QQ1 1AA,QQ1 1AB,"
SECOND = f"{SECRET},2024-01-20,P,C2,N1,K2,PR4,,,,QQ1 1AA,QQ9 9AB,SC1"
ROWS, HEADS = "episodes table (file 1 of 3 by name)", "header table (file 2 of 3 by name)"
UASC = "CHILD,SEX,DOB,DUC\nB2,2,2008-01-20,2026-01-20\n"


def episodes(*rows: str, headings: str = HEADINGS) -> str:
    return "\n".join([headings, *rows]) + "\n"


def put(folder: Path, **files: str | bytes) -> Path:
    """Write files, by stem; a double underscore is a folder."""
    for stem, text in files.items():
        path = folder / (stem.replace("__", "/") + ".csv")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def usual(folder: Path, **changes: str | bytes) -> Path:
    return put(folder, **({"header": HEADER, "episodes": episodes(FIRST, SECOND), "uasc": UASC} | changes))


def rows_of(returns: Returns, step: str, *words: str) -> int:
    """Rows of the account under a step, of the rules that have all the words."""
    account = returns.account[returns.account["step"] == step]
    return int(account.loc[[all(word in rule for word in words) for rule in account["rule"]], "rows"].sum())


def adds_up(returns: Returns) -> None:
    for table in ("episodes", "header", "UASC"):
        in_files = returns.files.loc[returns.files["table"] == table, "rows"].sum()
        assert rows_of(returns, table) == in_files, table


def refused(folder: Path, *words: str, **options: str) -> str:
    """The sentence with which a folder is refused: it has the words and no identifier."""
    with pytest.raises(InputError) as caught:
        read_returns(folder, **options)
    text = "".join(traceback.format_exception(caught.value)) + str(caught.value.__context__)
    for secret in (SECRET, "A123456789012", "B2", BIRTH, "19/07/2013", "07/19/2013"):
        assert secret not in text
    for word in words:
        assert word in str(caught.value), str(caught.value)
    return str(caught.value)


def test_a_plain_return_is_read_and_its_children_are_numbers(tmp_path: Path) -> None:
    """Two children, two episodes: dates are days, codes and postcodes are tidy, the identifier is kept apart."""
    returns = read_returns(usual(tmp_path))
    assert returns.identifier(0) == "B2"
    assert returns.identifier(1) == SECRET
    assert returns.children["born"].tolist() == [pd.Timestamp("2008-01-20"), pd.Timestamp(BIRTH)]
    assert returns.children["uasc"].tolist() == [True, False]
    assert returns.children["uasc_ceased"].iloc[0] == pd.Timestamp("2026-01-20")
    frame = returns.episodes
    assert frame["child"].tolist() == [1, 1]
    assert frame["start"].tolist() == [pd.Timestamp("2023-05-02"), pd.Timestamp("2024-01-20")]
    assert frame["end"].isna().tolist() == [False, True]
    assert frame["place"].tolist() == ["U4", "K2"]
    assert frame["placement_postcode"].tolist() == ["QQ11AB", "QQ99AB"]
    assert (returns.start, returns.end) == (pd.Timestamp("2023-04-01"), pd.Timestamp("2024-03-31"))
    adds_up(returns)


def test_returns_show_and_send_no_child(tmp_path: Path) -> None:
    """The text of returns has counts only, and they cannot be pickled: a worker or a cache never gets them."""
    returns = read_returns(usual(tmp_path))
    shown = repr(returns) + str(returns) + repr(returns._identifiers) + repr(vars(returns).keys())
    assert repr(returns) == "Returns(2 children, 2 episodes, 2023-04-01 to 2024-03-31)"
    assert SECRET not in shown
    assert SECRET not in returns.account.to_string() + returns.files.to_string()
    assert not any(SECRET in frame.to_string() for frame in (returns.children, returns.episodes, returns.postcodes))
    for thing in (returns, returns._identifiers):
        with pytest.raises(TypeError, match="not written or sent"):
            pickle.dumps(thing)


def test_an_episode_of_two_returns_is_one(tmp_path: Path) -> None:
    """Open in the earlier return, closed in the later: the later row counts, and the earlier one is counted."""
    opened = FIRST.replace("2024-01-20,X1,CREQB", ",,")
    put(
        tmp_path, header=HEADER, **{"2023-24__episodes": episodes(opened), "2024-25__episodes": episodes(FIRST, SECOND)}
    )
    returns = read_returns(tmp_path)
    assert returns.episodes["end"].tolist()[0] == pd.Timestamp("2024-01-20")
    assert returns.episodes["year"].tolist() == [2025, 2025]
    assert rows_of(returns, "episodes", "superseded") == 1
    adds_up(returns)


def test_a_row_given_twice_is_one_and_a_corrected_one_is_two(tmp_path: Path) -> None:
    """Only rows that are the same are merged; what differs is left to the cleaning rules."""
    other = FIRST.replace(",PR1,", ",PR4,")
    returns = read_returns(usual(tmp_path, episodes=episodes(FIRST, SECOND, FIRST, other)))
    assert len(returns.episodes) == 3
    assert rows_of(returns, "episodes", "given twice") == 1
    adds_up(returns)


def test_open_and_closed_in_one_return_is_one_and_another_provider_is_another(tmp_path: Path) -> None:
    """The closed row tells more than the open one, in any order; a later return with another provider adds a row."""
    opened = FIRST.replace("2024-01-20,X1,CREQB", ",,")
    returns = read_returns(usual(tmp_path, episodes=episodes(FIRST, opened)))
    assert returns.episodes["end"].tolist() == [pd.Timestamp("2024-01-20")]
    assert rows_of(returns, "episodes", "superseded") == 1
    put(tmp_path, **{"2025__episodes": episodes(FIRST.replace(",PR1,", ",PR4,"))})
    assert read_returns(tmp_path).episodes["provider"].tolist() == ["PR1", "PR4"]


def test_the_latest_header_counts(tmp_path: Path) -> None:
    """Two returns give a child two dates of birth: the later is used, and the difference is counted."""
    later = HEADER.replace(BIRTH, "2013-08-19").replace(f"{SECRET},1", f"{SECRET},2")
    put(
        tmp_path,
        uasc=UASC,
        **{"2024__header": HEADER, "2025__header": later, "2025__episodes": episodes(FIRST, SECOND)},
    )
    returns = read_returns(tmp_path)
    assert returns.children["born"].iloc[1] == pd.Timestamp("2013-08-19")
    assert returns.children["sex"].iloc[1] == "2"
    assert rows_of(returns, "header", "older") == 2
    assert rows_of(returns, "seen in children", "date of birth differs") == 1
    adds_up(returns)


@pytest.mark.parametrize(
    ("changes", "step", "words", "rows"),
    [
        ({"episodes": episodes(SECOND)}, "seen in episodes", ["REASON_PLACE_CHANGE", "blank"], 1),
        ({"episodes": episodes(FIRST, SECOND.replace("K2", "U9"))}, "seen in episodes", ["PLACE", "not known"], 1),
        ({"header": HEADER.replace("WBRI", "XXXX")}, "seen in header", ["ETHNIC", "not known"], 2),
        ({"uasc": "CHILD,SEX,DOB,DUC\n"}, "seen in children", ["no UASC table"], 0),
        ({"episodes": episodes(FIRST.replace("2024-01-20", "2023-05-02"))}, "seen in episodes", ["one day"], 1),
        ({"episodes": episodes(FIRST.replace("2023-05-02", "2013-07-01"))}, "seen in episodes", ["before the"], 1),
        ({"header": HEADER.replace(BIRTH, "")}, "seen in children", ["no date of birth"], 1),
        ({"header": HEADER.replace(SECRET, "C3")}, "seen in children", ["no row in the header"], 1),
        ({"episodes": episodes(FIRST.replace("2024-01-20", "30/12/1899"))}, "seen in episodes", ["DEC", "1899"], 1),
        ({"episodes": episodes(FIRST, SECOND.replace(SECRET, ""))}, "episodes", ["no CHILD"], 1),
        ({"episodes": episodes(FIRST, SECOND.replace("2024-01-20", ""))}, "episodes", ["no start"], 1),
        ({"episodes": episodes(FIRST.replace("2024-01-20", "2023-01-20"))}, "seen in episodes", ["ends before"], 1),
        ({"reviews": "CHILD,DOB,REVIEW\nB2,2008-01-20,2024-01-20\n"}, "other files", ["not used"], 1),
        ({"2024__episodes": HEADINGS + "\n"}, "seen in files", ["file 1 of 4 by name", "no rows"], 0),
    ],
    ids=["blank reason", "unknown place", "unknown ethnic", "no UASC", "same day", "unborn", "no DOB", "no header row",
         "Excel 1899", "no child", "no start", "backwards", "other file", "headings only"],
)  # fmt: skip
def test_odd_rows_are_read_and_counted(
    tmp_path: Path, changes: dict[str, str], step: str, words: list[str], rows: int
) -> None:
    """What is odd stops nothing, is in the account by its own name, and leaves no row unaccounted for."""
    returns = read_returns(usual(tmp_path, **changes))
    account = returns.account[returns.account["step"] == step]
    assert any(all(word in rule for word in words) for rule in account["rule"]), account.to_string()
    assert rows_of(returns, step, *words) == rows
    assert SECRET not in returns.account.to_string()
    adds_up(returns)


def test_a_missing_uasc_file_and_missing_columns_are_said(tmp_path: Path) -> None:
    """Without UASC nobody is unaccompanied; a column that is not needed is read as blank, by name."""
    lean = "CHILD,DECOM,PLACE,DEC\n" + f"{SECRET},2023-05-02,U4,\n"
    returns = read_returns(put(tmp_path, header=HEADER, episodes=lean))
    assert not returns.children["uasc"].any()
    assert rows_of(returns, "seen in episodes", "no column REASON_PLACE_CHANGE") == 1
    assert returns.episodes["reason_change"].tolist() == [""]


def test_capitals_spaces_marks_and_separators_do_not_matter(tmp_path: Path) -> None:
    """Lower case, a byte order mark, semicolons, Windows text, UTF-16, short rows and .0 give the same frames."""
    plain = read_returns(usual(tmp_path / "plain"))
    text = episodes(FIRST, SECOND)
    forms: dict[str, str | bytes] = {
        "lower": text.lower(),
        "mark": b"\xef\xbb\xbf" + text.encode(),
        "semicolon": text.replace(",", ";"),
        "tabs": text.replace(",", "\t"),
        "utf16": text.encode("utf-16"),
        "spaces": text.replace(",", " , "),
        "quoted": text.replace("U4", '"U4"'),
        "windows": text.replace("\n", "\r\n").replace("CREQB", "CREQB\xa0").encode("cp1252"),
        "short": text.replace("QQ1 1AB,\n", "QQ1 1AB\n"),
        "spare": text.replace("\n", ",,\n").replace("URN,,", "URN"),
        "blank lines": text.replace("\n", "\n\n"),
    }
    for name, form in forms.items():
        returns = read_returns(usual(tmp_path / name, episodes=form))
        told = [column for column in plain.episodes if column != "row"]
        pd.testing.assert_frame_equal(returns.episodes[told], plain.episodes[told], obj=name)
        assert returns.identifier(1) == SECRET, name
    assert read_returns(tmp_path / "blank lines").episodes["row"].tolist() == [3, 5]


def test_files_are_known_by_their_columns(tmp_path: Path) -> None:
    """Header and episodes under each other's names are read right, and the account says so."""
    returns = read_returns(usual(tmp_path, header=episodes(FIRST, SECOND), episodes=HEADER))
    assert len(returns.episodes) == 2
    assert returns.children["has_header"].all()
    assert rows_of(returns, "seen in files", "episodes table (file 2 of 3 by name)", "else than") == 2
    adds_up(returns)


def test_a_workbook_is_read_sheet_by_sheet(tmp_path: Path) -> None:
    """Real Excel dates and whole numbers come out as from text; Excel's empty date is blank."""
    book = Workbook()
    book.active.title = "anything"
    for line in episodes(FIRST, SECOND).splitlines():
        book.active.append([value or None for value in line.split(",")])
    for row, day in ((2, "2023-05-02"), (3, "2024-01-20")):
        book.active.cell(row, 2).value = pd.Timestamp(day).to_pydatetime()
    cell = book.active.cell(3, 8)
    cell.value, cell.number_format = 0, "dd/mm/yyyy"
    sheet = book.create_sheet("children")
    sheet.append(["Child", "Sex", "DOB"])
    sheet.append([SECRET, 1, 41474])
    book.save(tmp_path / "return.xlsx")
    returns = read_returns(tmp_path)
    assert returns.episodes["start"].tolist() == [pd.Timestamp("2023-05-02"), pd.Timestamp("2024-01-20")]
    assert returns.episodes["end"].isna().tolist() == [False, True]
    assert returns.children["born"].tolist() == [pd.Timestamp(BIRTH)]
    assert returns.children["sex"].tolist() == ["1"]
    adds_up(returns)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"episodes": b""}, ["file 1 of 3 by name", "is empty", "Save it again"]),
        ({"episodes": HEADINGS + "\n"}, ["episodes table has headings and no rows"]),
        ({"episodes": b"\xef\xbb\xbf\r\n"}, ["file 1 of 3 by name", "is empty"]),
        ({"header": "CHILD,SEX,DOB\n", "uasc": "CHILD,DUC\n"}, ["header table", "nobody's age"]),
        ({"episodes": episodes(headings=HEADINGS.replace("PLACE,", "", 1))}, [ROWS, "column PLACE"]),
        ({"episodes": episodes(headings=HEADINGS.replace("DEC,", ""))}, ["lacks the column DEC"]),
        ({"episodes": episodes(headings=HEADINGS.replace("DECOM,", ""))}, ["lacks the column DECOM"]),
        ({"episodes": episodes(headings=HEADINGS.replace("CHILD,", ""))}, ["lacks the column CHILD"]),
        ({"header": HEADER.replace("CHILD", "NOBODY")}, [HEADS, "lacks the column CHILD"]),
        ({"episodes": episodes(FIRST + ",Smith")}, [ROWS, "row 2", "more values than headings"]),
        ({"episodes": episodes(FIRST.replace("QQ1 1AB", "QQ1,1AB"), SECOND)}, [ROWS, "row 2", "Is a comma"]),
        ({"episodes": episodes(FIRST, "", SECOND.replace(",P,", ',"P,'), FIRST, FIRST)}, ["row 4", "quotation mark"]),
        ({"episodes": episodes(SECOND, FIRST + '"x', FIRST, SECOND, FIRST + '"')}, ["row 3", "quotation mark"]),
        ({"header": HEADER.replace("WBRI,,,", 'WBRI,",,')}, [HEADS, "row 3", "quotation mark"]),
        ({"episodes": HEADINGS + ",DEC\n" + FIRST + ",\n"}, ["column DEC twice"]),
        ({"episodes": b"PK\x03\x04rubbish"}, ["file 1 of 3 by name", "Excel workbook or a zip"]),
        ({"episodes": "<html><body>Sign in</body></html>"}, ["file 1 of 3 by name", "web page or XML"]),
        ({"episodes": episodes(FIRST.replace("2023-05-02", "2023-02-31"))}, ["row 2", "DECOM", "not a date"]),
        ({"header": HEADER.replace(BIRTH, "2204-07-19")}, [HEADS, "column DOB", "row 2", "not a date"]),
        ({"episodes": episodes(FIRST.replace(SECRET, ""), SECOND.replace(SECRET, ""))}, ["both a CHILD and a start"]),
    ],
    ids=["0 bytes", "no rows", "only a mark", "nobody's age", "no PLACE", "no DEC", "no DECOM", "no CHILD",
         "header CHILD", "long row", "comma", "open quote", "two quotes", "quote at the end", "twice", "zip",
         "html", "31 February", "year 2204", "all blank"],
)  # fmt: skip
def test_what_cannot_be_used_is_said_in_a_sentence(tmp_path: Path, changes: dict[str, str], words: list[str]) -> None:
    """File, row and column and what to do, and never an identifier, in the message or in what led to it."""
    refused(usual(tmp_path, **changes), *words)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    """An empty UASC file and a missing column come in one error; so do bad dates of two files."""
    text = refused(
        usual(tmp_path / "a", uasc=b"", episodes=episodes(headings="CHILD,DECOM,PLACE")), "lacks the column DEC"
    )
    assert "file 3 of 3 by name: is empty" in text
    bad = {"header": HEADER.replace(BIRTH, "soon"), "episodes": episodes(FIRST.replace("2024-01-20", "?"))}
    text = refused(usual(tmp_path / "b", **bad), "column DOB", "column DEC")
    assert len(text.splitlines()) == 2


def test_an_unclear_order_of_day_and_month_is_asked_about(tmp_path: Path) -> None:
    """03/04/2023 with nothing to tell by is a question; the answer is taken; evidence in the file answers it too."""
    unclear = FIRST.replace("2023-05-02", "03/04/2023").replace("2024-01-20", "")
    folder = usual(tmp_path, episodes=episodes(unclear))
    refused(folder, "episodes table (file 1 of 3 by name), column DECOM", "row 2", 'returns_dates = "dmy"', '"mdy"')
    for order, day in (("dmy", "2023-04-03"), ("mdy", "2023-03-04")):
        assert read_returns(folder, dates=order).episodes["start"].tolist() == [pd.Timestamp(day)]
    for proof, day in (("25/12/2023", "2023-04-03"), ("12/25/2023", "2023-03-04")):
        usual(tmp_path, episodes=episodes(unclear, SECOND.replace("2024-01-20", proof)))
        assert read_returns(folder).episodes["start"].iloc[0] == pd.Timestamp(day)


def test_the_returns_years_may_be_named_by_their_start_or_their_end(tmp_path: Path) -> None:
    """2023 for April 2023 to March 2024, and 2024 for the same: the dates tell which; a gap between years is said."""
    by_start = put(tmp_path / "start", header=HEADER, **{"2023__episodes": episodes(FIRST, SECOND)})
    by_end = put(tmp_path / "end", header=HEADER, **{"2024__episodes": episodes(FIRST, SECOND)})
    for folder in (by_start, by_end):
        returns = read_returns(folder)
        assert (returns.start, returns.end) == (pd.Timestamp("2023-04-01"), pd.Timestamp("2024-03-31")), folder
    assert read_returns(by_end, end="2024-02-29").end == pd.Timestamp("2024-02-29")
    put(by_end, **{"2021__episodes": episodes(FIRST.replace("2023-05-02", "2020-05-02").replace("2024-01", "2021-01"))})
    assert {2022, 2023} == {
        year for year in range(2020, 2026) if any(str(year) in doubt for doubt in read_returns(by_end).doubts)
    }  # fmt: skip


def test_authorities_are_told_apart_where_every_table_names_them(tmp_path: Path) -> None:
    """Two children of two authorities who share a number are two; one authority can be chosen."""
    header = "CHILD,SEX,DOB,LA\n7,1,2010-01-30,North\n7,2,2012-01-30,South\n"
    rows = "CHILD,DECOM,DEC,PLACE,LA\n7,2023-05-30,,U4,North\n7,2023-06-30,,K2,South\n7,2023-07-30,,K2,South\n"
    folder = put(tmp_path, header=header, episodes=rows)
    returns = read_returns(folder)
    assert returns.children["born"].dt.year.tolist() == [2010, 2012]
    assert returns.episodes["child"].tolist() == [0, 1, 1]
    assert rows_of(returns, "seen in episodes", "2 authorities") == 3
    south = read_returns(folder, authority="south")
    assert len(south.children) == 1
    assert rows_of(south, "episodes", "another authority") == 1
    adds_up(south)
    refused(folder, "returns_authority is 'East'", "2 others", authority="East")
    slipped = rows.replace("2023-05-30,,U4,North", f"2023-05-30,,U4,{SECRET}").replace("South", "19/07/2013")
    refused(put(folder, episodes=slipped), "4 others", authority="East")


@pytest.mark.parametrize("far", ["QQ9 9AB,90,1,1,,E06000063", "QQ9 9AB,10,1e300,540000,,X", "QQ9 9AB,10,330000,inf,,X"])
def test_where_children_live_comes_from_the_return_and_from_postcodes(tmp_path: Path, far: str) -> None:
    """IN/OUT, miles and authority are taken where given; of a postcode list only what is needed and on the grid."""
    headings = HEADINGS + ",PL_DISTANCE,PL_LOCATION,PL_LA"
    rows = episodes(FIRST + ",12.5,IN,E06000063", SECOND + ",,Out,", headings=headings)
    postcodes = "postcode,pqi,easting,northing,county,district\n"
    postcodes += "qq1\u00a01aa ,10,330000,540000,, e06000063\nQQ1 1AB,10,331000,541000,E10000017,E07000117\n"
    postcodes += f"{far}\nQQ5 5ZZ,10,1,1,,E06000063\n"
    returns = read_returns(usual(tmp_path, episodes=rows, places=postcodes))
    assert returns.episodes["placement_location"].tolist() == ["in", "out"]
    assert returns.episodes["placement_miles"].tolist()[0] == 12.5
    assert np.isnan(returns.episodes["placement_miles"].iloc[1])
    assert returns.postcodes.to_numpy().tolist() == [
        ["QQ11AA", 330000.0, 540000.0, "E06000063"],
        ["QQ11AB", 331000.0, 541000.0, "E10000017"],  # two tiers: the county looks after children
    ]
    assert rows_of(returns, "seen in files", "placement postcode not in the postcode file") == 1


def test_an_identifier_in_a_code_column_is_not_shown(tmp_path: Path) -> None:
    """Columns that have slipped by one put CHILD where PLACE belongs: counted, not named."""
    slipped = FIRST.replace(",U4,", ",B2,")
    returns = read_returns(usual(tmp_path, episodes=episodes(slipped, SECOND.replace(",K2,", f",{SECRET},"))))
    assert rows_of(returns, "seen in episodes", "PLACE has a code that is not known") == 2
    assert "B2" not in returns.account.to_string()
    without_start = "B2,,P,C2,N1,K2,PR4,,,,QQ1 1AA,QQ9 9AB,SC1"  # a child of whom no row can be used
    lone = HEADER.rsplit("\n", 2)[0] + "\n"
    returns = read_returns(put(tmp_path / "lone", header=lone, episodes=episodes(slipped, without_start)))
    assert "B2" not in returns.account.to_string()
    assert SECRET not in returns.account.to_string()


def test_a_run_finds_its_returns(home: Path) -> None:
    """By name in data/returns; the modelled area has invented ones; without a name real data have none."""
    usual(home / "data" / "returns" / "mine")
    assert len(find_returns(Settings(returns="mine", data="store")).episodes) == 2
    assert find_returns(Settings()).modelled
    assert find_returns(Settings(data="store")) is None
    with pytest.raises(InputError, match="no folder of that name in data/returns") as caught:
        find_returns(Settings(returns="yours"))
    assert str(home) not in str(caught.value)


NAMES = st.sampled_from(["a1", "A1 ", "B2", "C3", ""])
DAYS = st.sampled_from(["2023-05-02", "02-May-2023", "2024-01-20", "45311", "", "30/12/1899", "25/12/2023"])
ROW = st.tuples(
    NAMES, DAYS, st.sampled_from(["U4", "k2", "Z9", ""]), DAYS, st.sampled_from(["2023", "2024", "2023/24"])
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, min_size=1, max_size=12), children=st.lists(st.tuples(NAMES, DAYS), max_size=6))
def test_the_account_always_adds_up(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]], children: list[tuple[str, str]]
) -> None:
    """Used, repeated, superseded and unusable rows together are the rows of the files, whatever is in them."""
    folder = put(
        tmp_path_factory.mktemp("returns"),
        episodes=episodes(*(",".join(row) for row in rows), headings="CHILD,DECOM,PLACE,DEC,YEAR"),
        header=episodes(*(",".join(child) for child in children), "D4,2010-05-20", headings="CHILD,DOB,SEX"),
    )
    if not any(row[0].strip() and row[1] not in ("", "30/12/1899") for row in rows):
        refused(folder, "no row of the episodes table has both")
        return
    returns = read_returns(folder)
    adds_up(returns)
    assert rows_of(returns, "episodes", "used") == len(returns.episodes)
    assert rows_of(returns, "header", "used") == returns.children["has_header"].sum()
    assert not returns.episodes.duplicated(["child", "start", "end", "place", "year"]).any()
    assert returns.episodes["start"].notna().all()


def test_the_two_layouts_of_the_sample_tell_the_same(open_data: Path) -> None:
    """Invented returns in yearly folders (day first) and stacked (ISO, with authority) have the same episodes."""
    folder = open_data / "placements-903"
    if not folder.is_dir():
        pytest.skip(f"SAMPLE RETURNS NOT FOUND at {folder}")
    yearly, stacked = read_returns(folder / "yearly"), read_returns(folder / "stacked")
    told = [column for column in yearly.episodes if column not in ("file", "row")]
    pd.testing.assert_frame_equal(yearly.episodes[told], stacked.episodes[told])
    assert (yearly.start, yearly.end) == (stacked.start, stacked.end)
    for returns in (yearly, stacked):
        assert rows_of(returns, "episodes", "superseded") == 910
        assert len(returns.episodes) == 2827
        adds_up(returns)
