"""Codes that changed are joined: no year of an authority is lost because its code was another then."""

from pathlib import Path

import pandas as pd
import pytest

from cfwlib.data.authorities import former_codes, joined, successor
from cfwlib.data.catalogue import datasets
from cfwlib.data.importer import read_folder
from cfwlib.data.social_care import CHILDREN, from_store

AREA, NEIGHBOUR = "E06000063", "E06000064"
RATES = datasets()["care_rates"]
OLD = ("E07000026", "E07000028", "E07000029")
TABLE = "cla_numbers_and_rates_modelled.csv"
PLANS = "sen_needs_all_plans_modelled.csv"


def rows(*given: tuple[str, str, str, float | None], status: str = "") -> pd.DataFrame:
    """Year, authority, name and number of each row; a number of None is hidden."""
    frame = pd.DataFrame(given, columns=["year", "authority", "name", "number"])
    return frame.assign(
        level="Local authority", region="North West", la=frame["authority"].str[-3:], item="Children", rate=9.0,
        number=frame["number"].astype(float), rate_status="",
        number_status=["" if row[3] is not None else "c" for row in given],
    )  # fmt: skip


def own(frame: pd.DataFrame) -> dict[str, float]:
    mine = frame[frame["authority"] == AREA]
    return dict(zip(mine["year"], mine["number"], strict=True))


def test_a_new_code_takes_over_the_years_of_the_old() -> None:
    """Under one name until 2024 and under a new code in 2025: the same authority, and every year is kept."""
    frame, told = joined(
        rows(("2023", "E06000999", "Cumberland", 5), ("2024", "E06000999", "CUMBERLAND", 6),
             ("2025", AREA, "Cumberland", 7)), RATES, AREA,
    )  # fmt: skip
    assert own(frame) == {"2023": 5, "2024": 6, "2025": 7}
    assert told == ["2 rows under its other code E06000999 (2023 to 2024) joined"]


def test_the_counts_of_all_former_districts_are_added_up() -> None:
    """Three districts until 2023 make the county's year; their rates are not averaged."""
    years = [("2023", code, f"D{n}", float(n + 1)) for n, code in enumerate(OLD)]
    frame, told = joined(rows(*years, ("2024", AREA, "Cumberland", 7)), RATES, AREA)
    assert own(frame) == {"2023": 6, "2024": 7}
    added = frame[(frame["authority"] == AREA) & (frame["year"] == "2023")]
    assert added["rate"].isna().all()
    assert added["rate_status"].item() == "x"
    assert "1 figures (2023) added up of its former districts E07000026, E07000028, E07000029" in told


def test_a_hidden_part_keeps_the_sum_hidden() -> None:
    """A district whose figure is hidden cannot be told from the sum of the three."""
    frame, _ = joined(
        rows(*[("2023", code, code, None if code == OLD[0] else 4.0) for code in OLD], ("2024", AREA, "Cumberland", 7)),
        RATES, AREA,
    )  # fmt: skip
    added = frame[(frame["authority"] == AREA) & (frame["year"] == "2023")]
    assert added["number"].isna().all()
    assert added["number_status"].item() == "c"


def test_some_of_the_districts_are_not_the_county() -> None:
    """Two of three are not added up: the year is told as not joined."""
    frame, told = joined(
        rows(*[("2023", code, code, 4.0) for code in OLD[:2]], ("2024", AREA, "Cumberland", 7)), RATES, AREA
    )
    assert own(frame) == {"2024": 7}
    assert any("2023 of E07000026, E07000028, E07000029 not joined: not all of them are there" in one for one in told)


def test_a_county_that_was_divided_is_told_and_not_joined() -> None:
    """Cumbria's figures are of two authorities: its years are named, and so are those without a figure."""
    frame, told = joined(
        rows(("2022", "E10000006", "Cumbria", 9), ("2023", "E10000006", "Cumbria", 9), ("2024", AREA, "Cumberland", 7),
             ("2022", NEIGHBOUR, "W", 1)),
        RATES, AREA,
    )  # fmt: skip
    assert own(frame) == {"2024": 7}
    assert told == [
        f"Cumbria (E10000006, 2022 to 2023) was divided: its figures are not joined to those of {AREA}",
        f"caution: no figure of {AREA} for 2022 to 2023, though others have one",
    ]


def test_a_year_that_the_table_has_under_both_codes_counts_once() -> None:
    """A row under the old code beside one under the new is left out, and counted."""
    frame, told = joined(rows(("2024", "E06000999", "Cumberland", 6), ("2024", AREA, "Cumberland", 7)), RATES, AREA)
    assert own(frame) == {"2024": 7}
    assert told[-1] == f"1 of these left out: the table has them under {AREA} as well"


def test_old_and_new_codes_lead_to_each_other() -> None:
    """Every former district has one successor, and is among its former codes."""
    assert successor("E07000026") == AREA
    assert successor(AREA) == ""
    assert former_codes(AREA) == set(OLD)


def test_the_homes_page_has_the_years_under_the_old_code(sample_copy: Path) -> None:
    """A published table with the old code until its last year but one gives every year to the area."""
    path = sample_copy / TABLE
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    before = from_store(read_folder(sample_copy, AREA)[0], name="Cumberland").figures
    old = (table["new_la_code"] == AREA) & (table["time_period"] < table["time_period"].max())
    table.loc[old, ["new_la_code", "old_la_code"]] = ["E06000999", "999"]
    table.to_csv(path, index=False)
    store, _ = read_folder(sample_copy, AREA)
    after = from_store(store, name="Cumberland").figures
    for figures in (before, after):
        assert (figures["authority"] == AREA).any()
    keep = ["year", "number", "percent"]
    one, other = (
        f[(f["authority"] == AREA) & (f["topic"] == CHILDREN)]
        .sort_values(["item", "year"])[keep]
        .reset_index(drop=True)
        for f in (before, after)
    )
    pd.testing.assert_frame_equal(one, other)
    assert "joined" in store.datasets["care_rates"].notes[0]


def test_plans_of_the_former_districts_are_the_county_s(sample_copy: Path) -> None:
    """A count by district of a later year is added up, and its rows are accounted for."""
    path = sample_copy / PLANS
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    parts = [table.assign(new_la_code=code, la_name=code, old_la_code=code, time_period="202122", ehc_plans=plans)
             for code, plans in zip(OLD, ("900", "800", "700"), strict=True)]  # fmt: skip
    other = table.assign(new_la_code=NEIGHBOUR, la_name="W", old_la_code="943")
    pd.concat([table, *parts, other]).to_csv(path, index=False)
    store, _ = read_folder(sample_copy, AREA)
    plans = store.frames["ehc_plans"].set_index("period")["ehc_plans"]
    assert plans.to_dict() == {"202122": 2400, "202223": 2721}
    entry = store.datasets["ehc_plans"]
    assert (entry.rows, entry.rows_in_file, entry.left_out) == (4, 5, {"outside the area": 1})


@pytest.mark.parametrize("name", ["", "943"])
def test_another_authority_s_rows_stay_its_own(name: str) -> None:
    """Neither a blank name nor a number of somebody else's makes a row the area's."""
    table = rows(("2024", AREA, "", 7), ("2023", NEIGHBOUR, name, 1))
    frame, _ = joined(table, RATES, AREA)
    assert own(frame) == {"2024": 7}


def test_a_district_with_the_number_of_the_whole_is_not_the_whole() -> None:
    """Old districts listed under the new authority's number are added up; one of them never stands for all."""
    districts = [("2023", code, f"D{n}", float(n + 1)) for n, code in enumerate(OLD)]
    number = {"la": "942"}
    frame, told = joined(rows(*districts, ("2024", AREA, "Cumberland", 7)).assign(**number), RATES, AREA)
    assert own(frame) == {"2023": 6, "2024": 7}
    assert not any("left out" in line for line in told)
    frame, told = joined(rows(*districts[:2], ("2024", AREA, "Cumberland", 7)).assign(**number), RATES, AREA)
    assert own(frame) == {"2024": 7}
    assert any("not all of them are there" in line for line in told)
