"""Returns become spells by stated rules, and no row is lost on the way."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from homes_cases import episode, returns
from hypothesis import given, settings
from hypothesis import strategies as st

from cfwlib.data.returns import Returns
from cfwlib.errors import InputError
from cfwlib.settings import Settings
from cfwlib.sufficiency.homes.spells import Spells, clean, stays, stock

AREA = {"E06000063"}
FATES = ("used", "merged", "dropped")


def spells(*episodes: dict[str, Any], short_breaks: bool = False, **options: Any) -> Spells:
    return clean(returns(episodes, **options), Settings(short_breaks=short_breaks), authorities=AREA)


def dates(result: Spells) -> list[tuple[str, str]]:
    frame = result.frame
    return [
        (f"{a:%Y-%m-%d}", "" if pd.isna(b) else f"{b:%Y-%m-%d}")
        for a, b in zip(frame["start"], frame["end"], strict=True)
    ]


def rows(result: Spells, words: str) -> int:
    found = result.account[result.account["rule"].str.contains(words, regex=False)]
    assert len(found) == 1, words
    return int(found["rows"].iloc[0])


def adds_up(result: Spells, given_rows: int) -> bool:
    account = result.account[result.account["fate"].isin(FATES)]
    return int(account["rows"].sum()) == given_rows


def test_a_child_moves_and_leaves() -> None:
    """Three episodes in a row are one stay in care with two moves; the first begins it and the last ends it."""
    result = spells(
        episode("2021-01-01", "2021-03-01"),
        episode("2021-03-01", "2021-06-01", reason_new="P", place="K2", provider="PR4", reason_change="CARPL"),
        episode("2021-06-01", "2021-09-01", reason_new="P", reason_ended="E4A"),
    )
    frame = result.frame
    assert dates(result) == [("2021-01-01", "2021-03-01"), ("2021-03-01", "2021-06-01"), ("2021-06-01", "2021-09-01")]
    assert frame["placement"].tolist() == ["fostering", "residential", "fostering"]
    assert frame["provider"].tolist() == ["own", "private", "own"]
    assert frame["began_care"].tolist() == [True, False, False]
    assert frame["left_care"].tolist() == [False, False, True]
    assert frame["reason_change"].tolist() == ["", "CARPL", ""]
    assert frame["reason_ended"].tolist() == ["X1", "X1", "E4A"]


def test_of_rows_with_one_start_the_last_counts() -> None:
    """An open row and its closed successor of the next return are one episode; so are two ends."""
    result = spells(
        episode("2021-01-01", None), episode("2021-01-01", "2021-05-01"), episode("2021-01-01", "2021-04-01")
    )
    assert dates(result) == [("2021-01-01", "2021-05-01")]
    assert rows(result, "starts the same day") == 2


@pytest.mark.parametrize("end", [None, "2021-05-01"])
def test_of_rows_with_one_start_the_latest_return_s_counts(end: str | None) -> None:
    """A later return that puts the placement right, and takes back or brings forward its end, is believed."""
    result = spells(episode("2021-04-01", "2021-06-01", year=2021), episode("2021-04-01", end, place="K2", year=2022))
    assert result.frame["placement"].tolist() == ["residential"]
    assert result.frame["end"].isna().tolist() == [end is None]


def test_of_rows_with_one_end_the_first_counts() -> None:
    """Two rows that end on one day are the longer one, also with a row between them."""
    result = spells(
        episode("2021-01-01", "2021-05-01"), episode("2021-02-01", "2021-03-01"), episode("2021-03-05", "2021-05-01")
    )
    assert dates(result) == [("2021-01-01", "2021-02-01"), ("2021-02-01", "2021-03-01")]
    assert rows(result, "ends the same day") == 1


def test_two_open_rows_are_a_move_and_not_a_repetition() -> None:
    """A missing end becomes the next start, so the later of two open rows is where the child lives."""
    result = spells(episode("2021-01-01", None), episode("2021-06-01", None, reason_new="P", place="K2"))
    assert dates(result) == [("2021-01-01", "2021-06-01"), ("2021-06-01", "")]
    assert rows(result, "no end, but a later row") == 1


def test_an_overlap_ends_at_the_next_start() -> None:
    """A child lives in one place at a time: the earlier row is cut."""
    result = spells(episode("2021-01-01", "2021-09-01"), episode("2021-06-01", "2021-07-01", reason_new="P"))
    assert dates(result) == [("2021-01-01", "2021-06-01"), ("2021-06-01", "2021-07-01")]
    assert rows(result, "ends after the next row starts") == 1


@pytest.mark.parametrize("reason", ["L", "T", "U"])
def test_same_carer_goes_into_the_row_before(reason: str) -> None:
    """A new legal status is no move: one spell, that ends as the last row does and is what the last row is."""
    result = spells(
        episode("2021-01-01", "2021-03-01", place="U5"),
        episode("2021-03-01", "2021-06-01", reason_new=reason, legal_status="E1", reason_ended="E12"),
    )
    assert dates(result) == [("2021-01-01", "2021-06-01")]
    spell = result.frame.iloc[0]
    assert (spell["legal_status"], spell["place"], spell["reason_ended"]) == ("E1", "U4", "E12")
    assert spell["left_care"]
    assert rows(result, "same carer (RNE") == 1


def test_same_carer_after_a_gap_is_a_new_stay() -> None:
    """What does not follow on is not merged, whatever its code."""
    result = spells(episode("2021-01-01", "2021-03-01"), episode("2021-03-02", None, reason_new="L"))
    assert result.frame["began_care"].tolist() == [True, True]
    assert result.frame["left_care"].tolist() == [True, False]


@pytest.mark.parametrize("reason", ["P", "B"])
def test_a_new_carer_is_a_move(reason: str) -> None:
    """A move between two homes of one kind stays two spells."""
    result = spells(episode("2021-01-01", "2021-03-01"), episode("2021-03-01", None, reason_new=reason))
    assert len(result.frame) == 2
    assert not result.frame["same_carer"].any()


@pytest.mark.parametrize(
    "change", [{"place": "A3"}, {"provider": "PR4"}, {"placement_postcode": "XX33CC"}, {"placement_miles": 25.0}]
)
def test_a_change_of_state_with_the_carer_is_a_spell_of_its_own(change: dict[str, Any]) -> None:
    """Placed for adoption with the same carer, the child is no longer fostered; the spell is marked, not a move."""
    result = spells(
        episode("2021-01-01", "2021-03-01", placement_miles=3.0),
        episode("2021-03-01", None, reason_new="T", **{"placement_miles": np.nan, **change}),
    )
    assert result.frame["same_carer"].tolist() == [False, True]
    assert rows(result, "a spell of its own") == 1
    assert adds_up(result, 2)


def test_short_breaks_are_left_out_unless_asked_for() -> None:
    """A series of short breaks is not being looked after; the switch counts it."""
    given_rows = [
        episode("2021-01-01", "2021-01-05", legal_status="V4"),
        episode("2021-06-01", "2021-07-01", child=1),
        episode("2021-02-01", None, legal_status="V3", child=2),
    ]
    assert spells(*given_rows).frame["child"].tolist() == [1]
    assert rows(spells(*given_rows), "short break") == 2
    assert spells(*given_rows, short_breaks=True).frame["child"].tolist() == [0, 1, 2]


def test_a_short_break_inside_an_episode_does_not_cut_it() -> None:
    """The night count of the episode around a short break is whole."""
    result = spells(episode("2021-01-01", "2021-12-01"), episode("2021-06-01", "2021-06-03", legal_status="V4"))
    assert dates(result) == [("2021-01-01", "2021-12-01")]


@pytest.mark.parametrize("code", ["T0", "T1", "T2", "T3", "T4"])
def test_a_temporary_placement_leaves_the_main_one_as_it_is(code: str) -> None:
    """A week in hospital and back home to the same carer is one spell."""
    result = spells(
        episode("2021-01-01", "2021-03-01"),
        episode("2021-03-01", "2021-03-08", reason_new="P", place=code, provider="PR3", placement_postcode=""),
        episode("2021-03-08", "2021-05-01", reason_new="P", legal_status="E1", reason_ended="E12"),
    )
    assert dates(result) == [("2021-01-01", "2021-05-01")]
    assert result.frame[["placement", "provider", "where"]].iloc[0].tolist() == ["fostering", "own", "in area"]
    assert rows(result, "temporary placement (T0") == rows(result, "back from a temporary") == 1


def test_after_a_temporary_placement_another_carer_is_a_move() -> None:
    """Two temporary placements in a row belong to the home before them; what comes then is somewhere else."""
    result = spells(
        episode("2021-01-01", "2021-03-01", urn="1"),
        episode("2021-03-01", "2021-03-08", reason_new="P", place="T1"),
        episode("2021-03-08", "2021-03-09", reason_new="P", place="T4"),
        episode("2021-03-09", None, reason_new="P", urn="2"),
    )
    assert dates(result) == [("2021-01-01", "2021-03-09"), ("2021-03-09", "")]


def test_a_stay_that_begins_temporarily_takes_the_placement_that_follows() -> None:
    """With nothing before it, the next placement counts; with nothing at all, the temporary one is other."""
    result = spells(
        episode("2021-01-01", "2021-01-05", place="T0", placement_postcode=""),
        episode("2021-01-05", None, reason_new="P", place="K2"),
        episode("2021-01-01", "2021-01-05", place="T0", child=1),
        episode("2021-01-06", None, place="K2", child=1),
    )
    assert dates(result) == [("2021-01-01", ""), ("2021-01-01", "2021-01-05"), ("2021-01-06", "")]
    assert result.frame["placement"].tolist() == ["residential", "other", "residential"]
    assert result.frame["where"].iloc[0] == "in area"


def test_nobody_is_a_child_in_care_at_18() -> None:
    """A row that runs past the 18th birthday ends there, open or not; one that starts there is dropped."""
    result = spells(
        episode("2021-01-01", None),
        episode("2021-01-01", "2022-12-01", child=1),
        episode("2022-02-10", None, child=2),
        episode("2021-01-01", None, child=3),
        born={0: "2004-02-29", 1: "2004-02-10", 2: "2004-02-10", 3: "2005-04-02"},
    )
    assert dates(result) == [("2021-01-01", "2022-03-01"), ("2021-01-01", "2022-02-10"), ("2021-01-01", "")]
    assert result.frame["left_care"].tolist() == [True, True, False]
    assert rows(result, "runs past the 18th") == 2
    assert rows(result, "on or after the 18th") == 1


def test_nights_before_birth_do_not_count() -> None:
    """An unborn child placed counts from the day of birth; a date of birth years later is not believed."""
    result = spells(
        episode("2021-01-01", "2021-05-01"),
        episode("2021-01-01", "2021-02-01", child=1),
        episode("2021-01-01", None, child=2),
        born={0: "2021-03-01", 1: "2021-03-01", 2: "2022-06-01"},
    )
    assert dates(result) == [("2021-03-01", "2021-05-01"), ("2021-01-01", "")]
    assert result.frame["born"].isna().tolist() == [False, True]
    assert rows(result, "over before the child was born") == rows(result, "counts from the birth") == 1
    assert rows(result, "date of birth not believed") == 1


def test_a_child_without_a_date_of_birth_is_counted_and_forecast() -> None:
    """The stock holds the child; the forecast gives it the age others come in at, and says so in the account."""
    result = spells(
        episode("2021-01-01", None),
        episode("2022-01-01", None, child=1),
        episode("2021-01-01", None, child=2, place="K2"),
        born={0: None},
    )
    assert len(stock(result, "2022-06-01")) == len(result.frame) == 3
    born = stays(result).set_index("person")["born"]
    assert born[1] == pd.Timestamp("2012-01-01")
    assert (pd.Timestamp("2021-01-01") - born[0]).days == (9 * 365 + 3 + 10 * 365 + 3) // 2
    assert rows(result, "age not known") == 1


def test_a_guessed_age_is_a_child_s_age() -> None:
    """Where no age is known, nobody is guessed to be 18 on a night in care, or born after coming in."""
    result = spells(episode("2006-01-01", None), episode("2022-01-01", None, child=1), born={0: None, 1: None})
    out = stays(result)
    assert (out["born"] <= out["start"]).all()
    assert (out["born"] + pd.DateOffset(years=18) > result.end).all()


def test_nobody_is_in_care_for_more_than_18_years() -> None:
    """A child of unknown age was born when first placed at the latest, and leaves 18 years later."""
    result = spells(episode("2004-01-01", None), born={0: None})
    assert dates(result) == [("2004-01-01", "2022-01-01")]
    assert (stays(result)["born"] <= pd.Timestamp("2004-01-01")).all()


def test_rows_that_hold_no_night_are_dropped_and_the_chain_holds() -> None:
    """A row that starts and ends on one day, or ends before it starts, is counted out; moves stay moves."""
    result = spells(
        episode("2021-01-01", "2021-03-01"),
        episode("2021-03-01", "2021-03-01", reason_new="P", place="K2"),
        episode("2021-03-01", "2021-05-01", reason_new="P"),
        episode("2021-05-01", "2021-04-01"),
        episode(None, "2021-04-01"),
    )
    assert dates(result) == [("2021-01-01", "2021-03-01"), ("2021-03-01", "2021-05-01")]
    assert result.frame["began_care"].tolist() == [True, False]
    assert result.frame["left_care"].tolist() == [False, True]
    assert rows(result, "no night") == rows(result, "ends before") == rows(result, "no start date") == 1
    assert adds_up(result, 5)


def test_the_period_covered_is_the_end_of_knowledge() -> None:
    """What starts after the last day is not known yet; what ends after it is still there."""
    result = spells(episode("2021-01-01", "2023-04-01"), episode("2023-04-01", None, reason_new="P"))
    assert dates(result) == [("2021-01-01", "")]
    assert not result.frame["left_care"].any()
    on_the_day = spells(episode("2021-01-01", "2023-03-31", reason_ended="E12"))
    assert on_the_day.frame["left_care"].all()
    assert len(stock(on_the_day, "2023-03-30")) == 1
    assert stock(on_the_day, "2023-03-31").empty


def test_a_stay_from_before_the_returns_began_with_its_first_row_or_not_at_all() -> None:
    """A move from before the first return is not mistaken for a child coming into care."""
    result = spells(
        episode("2019-01-01", None, reason_new="P"),
        episode("2019-01-01", None, reason_new="S", child=1),
        episode("2020-04-01", None, reason_new="P", child=2),
    )
    assert result.frame["began_care"].tolist() == [False, True, True]


def test_unaccompanied_children_are_flagged_until_that_ends() -> None:
    """The flag holds from the start of a spell to the day it ceases, also within a spell."""
    result = spells(
        episode("2021-01-01", "2022-01-01"),
        episode("2022-01-01", None, reason_new="P"),
        episode("2021-01-01", None, child=1),
        episode("2021-01-01", None, child=2),
        episode("2022-01-01", None, child=3),
        uasc={0: "2021-07-01", 1: None, 3: "2022-01-01"},
    )
    assert result.frame["uasc"].tolist() == [True, False, True, False, False]
    assert stock(result, "2021-06-30")["uasc"].tolist() == [True, True, False]
    assert stock(result, "2021-07-01")["uasc"].tolist() == [False, True, False]


def test_rows_open_in_an_old_return_only_end_with_it() -> None:
    """A child that no later return mentions has left by the end of the last return that does; it is counted."""
    result = spells(episode("2021-01-01", None, year=2021), episode("2022-01-01", None, year=2022, child=1))
    assert rows(result, "open in an older return") == 1
    assert result.frame["end"].tolist()[0] == pd.Timestamp("2021-04-01")
    assert pd.isna(result.frame["end"].iloc[1])


def test_a_date_the_returns_do_not_cover_is_refused() -> None:
    """Children in care on such a date cannot be counted, and zero is not the answer."""
    result = spells(episode("2021-01-01", None))
    assert len(stock(result, "2023-03-31")) == 1
    for night in ("2020-03-30", "2023-04-01"):
        with pytest.raises(InputError, match="outside the returns"):
            stock(result, night)


def test_stays_join_spells_of_one_kind() -> None:
    """A move within a kind is no event to the forecast; a move of kind, or a gap, is."""
    result = spells(
        episode("2021-01-01", "2021-02-01"),
        episode("2021-02-01", "2021-03-01", reason_new="P"),
        episode("2021-03-01", "2021-04-01", reason_new="P", placement_postcode="XX33CC"),
        episode("2021-05-01", None, placement_postcode="XX33CC"),
        episode("2021-05-01", None, placement_postcode="XX33CC", child=1),
    )
    out = stays(result)
    assert out["kind"].tolist() == ["fostering, in area", *["fostering, outside"] * 3]
    assert out["person"].tolist() == [0, 0, 0, 1]
    assert out["start"].dt.strftime("%m-%d").tolist() == ["01-01", "03-01", "05-01", "05-01"]
    assert out["end"].notna().tolist() == [True, True, False, False]


def test_nothing_in_is_nothing_out() -> None:
    """Returns without a row clean to no spell, with every rule at zero."""
    result = spells()
    assert result.frame.empty
    assert not result.account["rows"].any()
    assert stock(result, "2021-01-01").empty
    assert stays(result).empty


def test_spells_do_not_show_children() -> None:
    """Printing spells shows how many there are, and no date of birth."""
    assert repr(spells(episode("2021-01-01", None))) == "Spells(1 spells, 2020-04-01 to 2023-03-31)"


day = st.integers(0, 900).map(lambda n: (date(2020, 6, 1) + timedelta(days=n)).isoformat())
some_episode = st.builds(
    lambda start, nights, **rest: episode(
        start, None if nights is None else (date.fromisoformat(start) + timedelta(days=nights)).isoformat(), **rest
    ),
    st.sampled_from(["2020-07-01", "2020-08-01", "2020-08-20", "2021-01-01"]) | day,
    st.none() | st.sampled_from([-3, 0, 1, 19, 31]) | st.integers(0, 400),
    child=st.integers(0, 2),
    reason_new=st.sampled_from(["S", "P", "L", "T", "U", "B", ""]),
    legal_status=st.sampled_from(["C2", "E1", "V4"]),
    place=st.sampled_from(["U4", "U5", "K2", "T0", "T4", "H5", "??"]),
    placement_postcode=st.sampled_from(["XX22BB", "XX33CC", ""]),
)
some_returns = st.builds(
    returns,
    st.lists(some_episode, max_size=14),
    born=st.dictionaries(st.integers(0, 2), st.sampled_from([None, "2003-01-15", "2020-08-10", "2022-12-01"])),
)


@settings(max_examples=30, deadline=None)
@given(some_returns)
def test_every_row_is_used_merged_or_dropped_and_nobody_is_in_two_places(given_returns: Returns) -> None:
    """Whatever the rows: they add up, spells follow each other, and each has a night before the 18th birthday."""
    result = clean(given_returns, Settings(), authorities=AREA)
    frame = result.frame
    assert adds_up(result, len(given_returns.episodes))
    assert len(frame) == result.account.loc[result.account["fate"] == "used", "rows"].sum()
    again = frame["child"].duplicated()
    before = frame["end"].shift()
    assert (frame["start"][again] >= before[again]).all()
    assert not (frame["end"] <= frame["start"]).any()
    assert not (frame["start"] < frame["born"]).any()
    assert not (frame["end"].fillna(result.end) > frame["born"] + pd.DateOffset(years=18)).any()
    follows = again & (frame["start"] == before)
    assert frame["left_care"].tolist() == (frame["end"].notna() & ~follows.shift(-1, fill_value=False)).tolist()
    assert not (frame["began_care"] & follows).any()


@settings(max_examples=30, deadline=None)
@given(some_returns)
def test_cleaning_clean_spells_changes_nothing(given_returns: Returns) -> None:
    """Spells written out as episodes and cleaned again are the same spells: no rule works by halves."""
    once = clean(given_returns, Settings(), authorities=AREA)
    columns = ["child", "start", "end", "place", "legal_status"]
    written = once.frame[columns].assign(
        placement_location=once.frame["where"].map({"in area": "in", "outside": "out"})
    )
    episodes = [
        episode(str(row.pop("start").date()), None if pd.isna(row["end"]) else str(row["end"].date()),
                **{k: "" if k == "placement_location" and pd.isna(v) else v for k, v in row.items() if k != "end"},
                reason_new="P", placement_postcode="")
        for row in written.to_dict("records")
    ]  # fmt: skip
    births = once.frame.set_index("child")["born"]
    born = {int(child): None if pd.isna(birth) else str(birth.date()) for child, birth in births.items()}
    twice = clean(returns(episodes, born=born), Settings(), authorities=AREA)
    kept = ["child", "start", "end", "born", "placement", "where", "left_care"]
    if not once.frame["place"].str.startswith("T").any():  # a stay that is all temporary may follow on from another
        pd.testing.assert_frame_equal(once.frame[kept], twice.frame[kept])


@settings(max_examples=30, deadline=None)
@given(some_returns, st.integers(0, 1000))
def test_the_stock_is_who_sleeps_there_that_night(given_returns: Returns, nights: int) -> None:
    """On any night each child is counted once at most, and only within a row of the returns."""
    night = pd.Timestamp("2020-06-01") + pd.Timedelta(days=nights)
    there = stock(clean(given_returns, Settings(), authorities=AREA), night)
    episodes = given_returns.episodes
    in_a_row = episodes[(episodes["start"] <= night) & ~(episodes["end"] <= night)]
    assert there["child"].is_unique
    assert set(there["child"]) <= set(in_a_row["child"])
