import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from study_cases import AREA, AT, SMALL, small_study, some_returns

from cfwlib.errors import InputError
from cfwlib.stockflow import BackTest
from cfwlib.sufficiency.homes.study import INSIDE, RESIDENTIAL, TOTAL, UNACCOMPANIED, HomesStudy, draws_of, study_homes


@pytest.fixture
def study() -> HomesStudy:
    return small_study()


def test_every_draw_starts_from_the_children_there_are(study: HomesStudy) -> None:
    """On the first night each group's draws are the spells open then, the unaccompanied in their own group too."""
    now = study.now
    here = {
        TOTAL: len(now),
        INSIDE: int((now["where"] == "in area").sum()),
        UNACCOMPANIED: int(now["uasc"].sum()),
        "fostering": int((now["placement"] == "fostering").sum()),
        "residential, outside": int(((now["placement"] == "residential") & (now["where"] == "outside")).sum()),
    }
    assert min(here.values()) > 0
    for group, count in here.items():
        assert (draws_of(study.made, group)[:, 0] == count).all()
    assert (draws_of(study.made, "nowhere") == 0).all()


def test_placements_add_up_to_all_children(study: HomesStudy) -> None:
    """In each draw and on each date the four placements make the total."""
    parts = sum(draws_of(study.made, name) for name in ("fostering", "residential", "supported", "other"))
    assert (parts == draws_of(study.made, TOTAL)).all()


def test_beds_and_homes_by_hand(study: HomesStudy) -> None:
    """Beds enough with 95% are the least number that 95 draws in 100 stay under; today's in the area are there."""
    demand = draws_of(study.made, RESIDENTIAL)
    enough = [min(b for b in range(200) if (column <= b).mean() >= 0.95) for column in demand.T]
    assert study.beds["beds_for_chance"].tolist() == enough
    lives = study.now["placement"] == "residential"
    assert_allclose(study.beds["chance_short"], (demand > lives.sum()).mean(axis=0))
    here = (lives & (study.now["where"] == "in area")).sum()
    last = study.homes[study.homes["date"] == pd.Timestamp("2025-03-31")].set_index("beds_per_home")
    assert (last["beds_missing"] == enough[-1] - here).all()
    assert last["homes"].tolist() == [-(-(enough[-1] - here) // size) for size in (1, 2, 3, 4)]


def test_a_years_cost_by_hand(study: HomesStudy) -> None:
    """A financial year of children's homes is 365 nights of children there, at 6,750 a week and 3% dearer by year."""
    demand, dates = draws_of(study.made, RESIDENTIAL), study.made.dates
    nights = pd.date_range("2023-04-01", "2024-03-31")
    days = np.asarray((nights - AT).days)
    there = np.interp(days, np.asarray((dates - AT).days), demand.mean(axis=0))
    expected = (there * 6750 / 7 * 1.03 ** (days / 365.25)).sum()
    row = study.cost[(study.cost["year"] == "2023/24") & (study.cost["placement"] == "residential")]
    assert row["mean"].item() == pytest.approx(expected)
    first = study.cost[study.cost["year"] == "2022/23"]
    assert not first["whole_year"].any()
    assert (first["days"] == 1).all()


def test_scenarios_share_the_luck_of_the_forecast(study: HomesStudy) -> None:
    """With fewer starts no draw has more children than as things go; they are the same children otherwise."""
    _, fewer = study.scenarios["Fewer come into care"]
    more = draws_of(fewer, TOTAL) - draws_of(study.made, TOTAL)
    assert (more <= 0).all()
    assert more[:, -1].mean() < -0.5
    assert (draws_of(fewer, UNACCOMPANIED) == draws_of(study.made, UNACCOMPANIED)).all()


def test_the_later_the_more_has_to_change(study: HomesStudy) -> None:
    """The change that reaches the target is no smaller a year later."""
    assert study.path["chance"].iloc[-1] < 0.5
    assert study.changes["starts"].tolist() == [AT, AT + pd.DateOffset(years=1)]
    strengths = study.changes["strength"].fillna(2.0)
    assert 0 < strengths.iloc[0] <= strengths.iloc[1]


def test_what_past_forecasts_got_wrong_has_no_range(monkeypatch: pytest.MonkeyPatch) -> None:
    """A placement whose bands failed has no range of its costs, and homes no chance of anything; means stay."""
    monkeypatch.setattr(BackTest, "failed", lambda self, what: what == RESIDENTIAL)
    study = study_homes(AREA, some_returns(children=60), SMALL)
    cost = study.cost.set_index("placement")
    assert cost.loc["residential", ["low_80", "high_80"]].isna().all(axis=None)
    assert cost.loc[["fostering", "All"], ["low_80", "high_80"]].notna().all(axis=None)
    assert cost["mean"].notna().all()
    assert study.beds[["beds_for_chance", "chance_short", "low_95"]].isna().all(axis=None)
    assert study.homes.empty
    assert np.isnan(study.home.table["chance_never"].item())


def test_where_nobody_knows_where_children_live_nothing_can_be_moved() -> None:
    """Without postcodes no change brings a child into the area: that is the answer, not an error; starts can fall."""
    study = study_homes(AREA, some_returns(children=60, placement_postcode=""), SMALL)
    assert set(study.now["where"]) == {"not known"}
    assert study.changes["strength"].isna().all()
    assert (study.path["mean"] == 0).all()
    _, fewer = study.scenarios["Fewer come into care"]
    assert draws_of(fewer, TOTAL).mean() < draws_of(study.made, TOTAL).mean()


def test_where_all_live_outside_places_in_the_area_would_still_help() -> None:
    """Nobody was ever placed in the area: making new placements there raises the share all the same."""
    study = study_homes(AREA, some_returns(children=60, placement_postcode="XX33CC"), SMALL)
    assert set(study.now["where"]) == {"outside"}
    assert (study.path["mean"] == 0).all()
    assert study.changes["mean"].iloc[0] > 0.1


def test_a_target_outside_the_forecast_moves_to_its_end() -> None:
    """With a target date before the returns end, or after the forecast does, the path ends with it; that is said."""
    for date in ("2023-03-31", "2025-04-01"):
        study = study_homes(AREA, some_returns(children=40), SMALL.model_copy(update={"target_date": date}))
        assert study.path["path"].iloc[-1] == pytest.approx(SMALL.target_in_area_share)
        assert any(date in note for note in study.made.notes)


def test_scenarios_that_were_not_handed_in_are_refused() -> None:
    """A study reads no file: one whose text the area does not carry is an error, never quietly ours instead."""
    with pytest.raises(InputError, match=r"^scenarios 'own\.toml': the area was loaded without it"):
        study_homes(AREA, some_returns(children=60), SMALL.model_copy(update={"scenarios": "own.toml"}))
