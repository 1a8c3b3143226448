"""A list of foster carers is read whole or refused by row, and nobody's reference or address is repeated."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from cfwlib.data import AreaData
from cfwlib.data.carers import find_carers, read_carers
from cfwlib.errors import InputError
from cfwlib.settings import Settings
from tools.sample.carers import carers as carers_text
from tools.sample.people import make_county

SECRET, HOME = "FC-4711-Smith", "XX1 9ZZ"
CODES = pd.DataFrame({"postcode": ["XX1 9ZZ", "XX11AA"], "easting": [3e5, 31e4], "northing": [5.2e5, 5.3e5]})
HEAD = "Household ID,Postcode,Easting,Northing,Can host,Approved places,Filled places,Provider,Years approved"
GOOD = [f"{SECRET},{HOME},,,Yes,3,2,Own,12.5", "B2,xx1 1aa,,,no,2,,IFA,", "C3,,340000,555000,,1,0,,3"]


def write(folder: Path, *rows: str, head: str = HEAD) -> Path:
    path = folder / "carers.csv"
    path.write_text("\n".join([head, *rows]), encoding="utf-8")
    return path


def test_a_list_is_read_as_it_is(tmp_path: Path) -> None:
    """Coordinates are the file's own, else its postcode's; blanks stay unknown, and the account adds up to the rows."""
    carers = read_carers(write(tmp_path, *GOOD, GOOD[0], "D4,YY1 1YY,,,y,2,1,own,1"), CODES)
    frame = carers.frame
    assert frame["carer"].tolist() == [0, 1, 2, 3]
    assert frame["easting"].tolist()[:3] == [3e5, 31e4, 34e4]
    assert frame["northing"].isna().tolist() == [False, False, False, True]
    assert frame["can_host"].tolist() == [True, False, False, True]
    assert frame["provider"].tolist() == ["own", "agency", "not known", "own"]
    assert frame["approved_places"].tolist() == [3, 2, 1, 2]
    assert frame["filled_places"].isna().tolist() == [False, True, False, False]
    rows = dict(carers.account.to_numpy().tolist())
    assert rows.pop("rows in the file") == 5
    assert rows.pop("of those used: whether it can host is blank, taken as no") == 1
    assert sum(rows.values()) == 5


def test_a_workbook_says_what_the_text_says(tmp_path: Path) -> None:
    """The same list saved by Excel gives the same households."""
    path = write(tmp_path, *GOOD)
    pd.read_csv(path).to_excel(tmp_path / "carers.xlsx", index=False)
    from_text, from_book = read_carers(path, CODES), read_carers(tmp_path / "carers.xlsx", CODES)
    pd.testing.assert_frame_equal(from_text.frame, from_book.frame)
    pd.testing.assert_frame_equal(from_text.account, from_book.account)


def test_who_somebody_is_stays_with_the_caller(tmp_path: Path) -> None:
    """Only `identifier` knows the reference: no frame, nor what is printed, holds it or the postcode."""
    carers = read_carers(write(tmp_path, *GOOD), CODES)
    assert carers.identifier(0) == SECRET
    shown = f"{carers!r} {carers} {carers.frame.to_csv()} {carers.account.to_csv()}"
    assert SECRET not in shown
    assert "XX1" not in shown
    assert repr(carers) == "Carers(3 households read, 1 may be a hub home)"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (f"{SECRET},{HOME},,,no,2,1,own,1", "row 3: carer is a household given above"),
        (f",{HOME},,,no,2,1,own,1", "row 3: carer is blank"),
        (f"E,{SECRET},,,no,2,1,own,1", "row 3: postcode is not a postcode"),
        ("E,,,,no,2,1,own,1", "row 3: postcode is blank"),
        ("E,,340000,,no,2,1,own,1", "row 3: easting or northing is blank"),
        ("E,,54.5,-3.2,no,2,1,own,1", "row 3: easting is not in metres"),
        (f"E,,{SECRET},555000,no,2,1,own,1", "row 3: easting is no number"),
        (f"E,{HOME},,,{SECRET},2,1,own,1", "row 3: can_host is neither"),
        (f"E,{HOME},,,no,2.5,1,own,1", "row 3: approved_places is no whole number"),
        (f"E,{HOME},,,no,,1,own,1", "row 3: approved_places is blank"),
        (f"E,{HOME},,,no,2,{SECRET},own,1", "row 3: filled_places is no whole number"),
        (f"E,{HOME},,,no,2,1,{SECRET},1", "row 3: provider is neither"),
        (f"E,{HOME},,,no,2,1,own,{SECRET}", "row 3: years_approved is no number"),
    ],
)
def test_a_bad_row_is_named_and_never_quoted(row: str, words: str, tmp_path: Path) -> None:
    """Row, column and what is wrong are said; the value is not, since it may be a name or an address."""
    with pytest.raises(InputError) as refused:
        read_carers(write(tmp_path, GOOD[0], row), CODES)
    assert words in str(refused.value)
    assert SECRET not in str(refused.value)
    assert "XX1" not in str(refused.value)


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    """Problems of several rows and columns come together, many of a kind counted."""
    rows = [f"{n},{HOME},,,maybe,lots,1,own,1" for n in range(9)]
    with pytest.raises(InputError) as refused:
        read_carers(write(tmp_path, *rows), CODES)
    assert len(refused.value.problems) == 8
    assert "the list of carers: can_host is neither yes nor no in 6 more rows." in refused.value.problems


@pytest.mark.parametrize(
    ("head", "rows", "words"),
    [
        ("Postcode,Can host", ["a,b"], "'carer' is missing"),
        ("id,can_host,places", ["a,no,2"], "give a column 'postcode'"),
        ("id,reference,can_host,places,postcode", ["a,b,no,2,XX1 9ZZ"], "mean the same"),
        ("id,can_host,places,postcode,fillled_places", ["a,no,2,XX1 9ZZ,1"], "no column 'filled_places', but one that"),
        (HEAD, [], "no row"),
        (HEAD, ["E,YY1 1YY,,,y,2,1,own,1"], "Is it this area's list"),
    ],
)
def test_a_list_that_is_none_is_refused(head: str, rows: list[str], words: str, tmp_path: Path) -> None:
    """Missing or double columns, no rows, and another area's list are each a sentence."""
    with pytest.raises(InputError, match=words):
        read_carers(write(tmp_path, *rows, head=head), CODES)
    with pytest.raises(
        InputError, match=words if rows != ["E,YY1 1YY,,,y,2,1,own,1"] else "no postcodes were imported"
    ):
        read_carers(write(tmp_path, *rows, head=head))


def test_the_invented_list_adds_up(home: Path, modelled: AreaData) -> None:
    """110 households, 275 places of which 160 filled, none over-filled, at Output Areas; none is left out."""
    carers = find_carers(Settings(), modelled)
    assert carers is not None
    assert carers.modelled
    assert carers.account["rows"].tolist() == [110, 0, 110, 0, 0]
    frame = carers.frame
    assert len(frame.merge(modelled.points, on=["easting", "northing"])) == 110
    assert (len(frame), frame["approved_places"].sum(), frame["filled_places"].sum()) == (110, 275, 160)
    assert (frame["filled_places"] <= frame["approved_places"]).all()
    assert frame["approved_places"].between(1, 4).all()
    assert frame["can_host"].sum() == 33
    assert frame.loc[frame["can_host"], "years_approved"].min() >= frame.loc[~frame["can_host"], "years_approved"].max()


def test_another_seed_invents_another_list() -> None:
    """Chance comes from the seed alone."""
    county = make_county()
    assert carers_text(county, seed=1) == carers_text(county)
    assert carers_text(county, seed=2) != carers_text(county)


def test_the_settings_say_which_list(home: Path, modelled: AreaData) -> None:
    """A named file is read from data/returns; without one the sample gets its own, real data none."""
    assert find_carers(Settings(data="store"), replace(modelled, modelled=False)) is None
    named = Settings(carers="carers.csv")
    with pytest.raises(InputError, match="no file of that name in data/returns"):
        find_carers(named, modelled)
    (home / "data" / "returns").mkdir()
    write(home / "data" / "returns", GOOD[2])
    carers = find_carers(named, modelled)
    assert carers is not None
    assert (len(carers.frame), carers.modelled) == (1, False)
