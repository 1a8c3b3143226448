import pandas as pd
import pytest
from answers_cases import END, spells
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.indicators import indicators, over_time, placements_in_year

from cfwlib.errors import InputError
from cfwlib.settings import Settings
from cfwlib.sufficiency.homes.groups import age_bands, completed_years
from cfwlib.sufficiency.homes.spells import clean
from tools.sample import synthetic_returns


def values(table: pd.DataFrame) -> pd.Series:
    assert table["name"].is_unique
    return table.set_index("name")["value"]


def test_shares_are_of_all_children() -> None:
    """A child whose place or distance is not known stays in the denominator, and is shown."""
    cases = spells(
        {},
        {"where": "outside", "miles": 20.0, "provider": "private"},
        {"where": "outside", "miles": 20.1, "provider": "private"},
        {"where": "not known", "miles": None, "provider": "not known", "uasc": True},
    )
    found = values(indicators(cases, END, children_0_17=1000))
    assert found["total"] == 4
    assert found["rate"] == pytest.approx(40)
    assert found["location_in_area"] == found["location_not_known"] == found["distance_not_known"] == 0.25
    assert found["distance_more_than_20_miles"] == 0.25  # 20.0 miles is not more than 20
    assert found["location_and_distance_outside_more_than_20_miles"] == 0.25
    assert found["provider_private"] == 0.5
    assert found["asylum_unaccompanied"] == 0.25


def test_published_placements_are_those_of_the_national_table() -> None:
    """Secure homes count with children's homes there, though the forecast keeps them with 'other'."""
    cases = spells({"place": "K1", "placement": "other"}, {"place": "K2", "placement": "residential"}, {"place": "Q9"})
    table = indicators(cases, END, children_0_17=1000).set_index("name")["numerator"]
    assert table["published_placement_secure_and_children_s_homes"] == 2
    assert table["published_placement_other_placements"] == 1  # a code nobody knows is not lost


codes = st.fixed_dictionaries(
    {
        "where": st.sampled_from(["in area", "outside", "not known"]),
        "miles": st.one_of(st.none(), st.floats(0, 300)),
        "place": st.sampled_from(["U6", "K2", "H5", "P1", "Z1", "??"]),
        "placement": st.sampled_from(["fostering", "residential", "supported", "other"]),
        "provider": st.sampled_from(["own", "private", "not known", "a new one"]),
        "born": st.one_of(st.none(), st.dates(pd.Timestamp("2006-01-01").date(), pd.Timestamp("2025-12-01").date())),
        "uasc": st.booleans(),
    }
)


@settings(max_examples=20, deadline=None)
@given(st.lists(codes, min_size=1, max_size=12))
def test_every_way_of_dividing_holds_every_child(rows: list[dict[str, object]]) -> None:
    """The parts of each group add up to all children, whatever codes, ages or distances they have."""
    table = indicators(spells(*rows), END, children_0_17=1000)
    for group in (
        "location",
        "distance",
        "location and distance",
        "placement",
        "published placement",
        "provider",
        "age",
    ):
        parts = table[table["group"] == group]
        assert parts["numerator"].sum() == len(rows)
        assert parts["value"].sum() == pytest.approx(1)


def test_the_night_counts_who_has_come_and_not_yet_left() -> None:
    """A child is there on the night of arrival and no longer on the night of leaving."""
    cases = spells(
        {"start": "2024-10-01", "end": "2024-10-05", "left_care": True},
        {"start": "2024-10-05"},
    )
    totals = over_time(cases, ["2024-09-30", "2024-10-01", "2024-10-04", "2024-10-05"], children_0_17=[1, 2, 3, 4])
    totals = totals[totals["name"] == "total"]
    assert totals["value"].tolist() == [0, 1, 1, 1]
    assert totals["date"].is_monotonic_increasing
    with pytest.raises(InputError, match="2026"):
        indicators(cases, "2026-01-01", children_0_17=100)
    with pytest.raises(InputError, match="residents"):
        indicators(cases, END, children_0_17=0)


def test_who_came_and_left_is_counted_once_in_the_year() -> None:
    """Coming into care twice in a year is one child; the day after the year before is in it."""
    cases = spells(
        {"child": 1, "start": "2024-04-01", "end": "2024-05-01", "left_care": True},
        {"child": 1, "start": "2024-06-01", "end": "2025-03-31", "left_care": True},
        {"child": 2, "start": "2024-03-31", "end": "2024-03-31", "left_care": True},
        {"child": 3, "start": "2024-06-01", "end": "2024-07-01"},
        {"child": 3, "start": "2024-07-01", "began_care": False},
    )
    found = values(indicators(cases, END, children_0_17=10_000))
    assert found["started"] == found["started_rate"] == 2
    assert found["ceased"] == 1


def test_what_counts_a_year_needs_the_year() -> None:
    """Where the returns begin within the year, its counts are not known rather than too low."""
    found = values(indicators(spells({}), "2023-01-31", children_0_17=10_000))
    assert found[["started", "ceased_rate", "three_placements"]].isna().all()
    assert values(indicators(spells({}), "2023-03-31", children_0_17=10_000))["started"] == 0


def test_three_placements_in_the_year() -> None:
    """Those open when the year begins count, a change with the same carers does not, nor one that ended before it."""
    moves = [
        ("2024-01-01", "2024-04-01"),
        ("2024-04-01", "2024-06-01"),
        ("2024-06-01", "2024-09-01"),
        ("2024-09-01", None),
    ]
    child = [{"child": 1, "start": start, "end": end} for start, end in moves]
    assert placements_in_year(spells(*child), END)[1] == 3
    child[2]["same_carer"] = True
    assert placements_in_year(spells(*child), END)[1] == 2
    child[0]["end"] = child[1]["start"] = "2024-04-02"
    assert placements_in_year(spells(*child), END)[1] == 3
    child[0]["end"] = child[1]["start"] = "2024-03-01"
    child[1]["same_carer"] = True  # with the same carers since before the year: they still count once
    assert placements_in_year(spells(*child), END)[1] == 2
    share = indicators(spells(*child, {"child": 2}), END, children_0_17=1).set_index("name").loc["three_placements"]
    assert (share["numerator"], share["denominator"]) == (0, 2)


def test_foster_occupancy() -> None:
    """Approved places filled: as given, else by the children with the authority's own carers; no places, no share."""
    cases = spells({}, {"provider": "private"}, {"placement": "other"})
    assert values(indicators(cases, END, children_0_17=1, foster_places=4))["foster_occupancy"] == 0.25
    given_both = indicators(cases, END, children_0_17=1, foster_places=275, foster_filled=160)
    assert values(given_both)["foster_occupancy"] == pytest.approx(160 / 275)
    assert pd.isna(values(indicators(cases, END, children_0_17=1, foster_places=0))["foster_occupancy"])
    assert "foster_occupancy" not in values(indicators(cases, END, children_0_17=1))


def test_ages_turn_on_the_birthday() -> None:
    """The day before a birthday is not the birthday; 29 February's comes on 1 March; the unborn are the youngest."""
    born = pd.to_datetime(pd.Series(["2020-03-31", "2020-04-01", "2004-02-29", None, "2025-09-01"]))
    assert completed_years(born, "2025-03-31").tolist()[:2] == [5, 4]
    assert completed_years(born, "2022-02-28")[2] == 17
    assert completed_years(born, "2022-03-01")[2] == 18
    assert age_bands(born, "2025-03-31").tolist() == ["5 to 9", "1 to 4", "not known", "not known", "under 1"]


def test_the_invented_returns_give_the_published_figures() -> None:
    """Read off the modelled default as off a council's own return: each figure published for 31 March 2025."""
    cases = clean(synthetic_returns(), Settings(), authorities=["E06000063"])
    table = indicators(cases, "2025-03-31", children_0_17=52_489).set_index("name")
    assert table.loc["rate", "value"] == pytest.approx(87.26, abs=0.005)
    published = {
        "total": 458, "location_in_area": 269, "distance_more_than_20_miles": 230,
        "location_and_distance_outside_more_than_20_miles": 158, "provider_private": 144, "provider_own": 211,
        "published_placement_foster_placements": 336, "published_placement_secure_and_children_s_homes": 61,
        "age_under_1": 22, "age_1_to_4": 52, "age_5_to_9": 83, "age_10_to_15": 187, "age_16_to_17": 114,
        "asylum_unaccompanied": 15, "started": 182, "ceased": 207,
    }  # fmt: skip
    assert table.loc[list(published), "numerator"].to_dict() == published
    before = indicators(cases, "2024-03-31", children_0_17=52_019).set_index("name")["numerator"]
    assert before["published_placement_foster_placements"] == 309
    assert before["published_placement_secure_and_children_s_homes"] == 69
