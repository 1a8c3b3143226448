"""Plans to choose from: as more of the most remote are asked for, they come, and nothing is told that is not so."""

import numpy as np
import pandas as pd
import pytest
from hub_cases import case
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from cfwlib.data import AreaData
from cfwlib.errors import PlanError
from cfwlib.hub import (
    HubPlan,
    check_plan,
    hub_options,
    option_figures,
    place_answers,
    plan_hub,
    study_hub,
)
from cfwlib.hub.options import SHARES, band_of, need_reached_at, options_frame
from cfwlib.need import assess_need
from cfwlib.pages.hub_options import OPTION_FIGURES, bands_table, options_table, options_words, stops_of_options
from cfwlib.reach import reach_area
from cfwlib.settings import Settings


def some_plan(seed: int) -> HubPlan | None:
    try:
        return plan_hub(*case(seed, most=4, cycle_weeks=2, must=(), ban=(), aim="balanced"))
    except PlanError:
        return None


@given(st.integers(0, 2**32 - 1))
@examples(max_examples=15, derandomize=True, deadline=None, database=None)
def test_more_of_the_farthest_cost_need(seed: int) -> None:
    """Along the line need never rises; each plan keeps its share of remote children and passes the check."""
    plan = some_plan(seed)
    if plan is None:
        return
    options = hub_options(plan, cycles=(1, 2))
    for weeks in (1, 2):
        line = [options.plans[share, weeks] for share in SHARES if (share, weeks) in options.plans]
        most = max((one.remote_reached for one in line), default=0.0)
        for share, one in zip(SHARES, line, strict=False):
            assert one.remote_reached >= share * most - 1e-6
            assert check_plan(one.to_dict()) == []
        assert np.all(np.diff([one.value for one in line]) <= 1e-6)
    assert options.named["balanced", 2] is plan
    frame = options_frame(options)
    assert (frame["bound"] >= frame["value"] - 1e-9).all()
    assert len(frame) == len(options.plans)


def test_the_farthest_village_is_reached_when_it_is_asked_for() -> None:
    """Of two villages a day apart one has more need, the other is remote: each plan goes where its name says."""
    from test_hub_plan import line

    points, venues, minutes, rules = line(-60, 60, working_weekdays="1", limit_drive_min=5, aim="most_need")
    points["need_count"], points["remote_children"] = [9.0, 2.0], [0.0, 7.0]
    rules = rules.model_copy(update={"cycle_weeks": 1, "duty_min": 300})
    plan = plan_hub(points, venues, minutes, rules)
    options = hub_options(plan, cycles=(1,))
    reached = {name: (one.value, one.remote_reached) for (name, _), one in options.named.items()}
    assert reached["most_children"] == (pytest.approx(9.0), 0)
    assert reached["farthest_first"] == (pytest.approx(2.0), 7) == reached["balanced"]
    drive = pd.Series([12.0, np.nan], index=["p0", "p1"])
    figures = option_figures(plan, options, drive)
    assert set(figures) <= set(OPTION_FIGURES)
    assert figures["need_reached_by_10_15"] == pytest.approx(plan.value)
    assert (figures["plan_farthest_first_remote_reached"], figures["remote_children_reached"]) == (7, 0)
    assert "Farthest first reaches 7 of the 7 children" in options_words(plan, options)[0]
    assert options_table(options)["most remote reached"].tolist() == [0, 7, 7]
    assert stops_of_options(options, venues.set_index("venue")["name"])["place"].tolist() == ["Place 1", "Place 0"]
    assert bands_table(options, drive).iloc[-1].tolist()[:2] == ["25 and more", 2]


def test_bands_hold_their_upper_end() -> None:
    """Exactly five minutes are up to five; no way at all is the farthest."""
    assert band_of(pd.Series([0.0, 5.0, 5.01, 25.0, 25.1, np.nan])).tolist() == [
        "0_5", "0_5", "5_10", "20_25", "25_plus", "25_plus",
    ]  # fmt: skip


@given(st.integers(0, 2**32 - 1))
@examples(max_examples=15, derandomize=True, deadline=None, database=None)
def test_need_by_point_adds_up_to_the_value(seed: int) -> None:
    """What is told by minutes today is the plan's own number, cut in pieces."""
    plan = some_plan(seed)
    if plan is not None:
        assert need_reached_at(plan).sum() == pytest.approx(plan.value)


def test_every_village_has_an_answer(modelled: AreaData) -> None:
    """How far help is and which plan comes near: within the limit where minutes stand, and a reason where none do."""
    told = Settings(max_venues=40)
    reach = reach_area(modelled, assess_need(modelled.neighbourhoods, told), told)
    study = study_hub(modelled, reach, told)
    options = hub_options(study.plan, cycles=(2,))
    answers = place_answers(modelled, reach, study, options, told)
    own = ["most_children", "balanced", "farthest_first"]
    assert set(answers["kind"]) <= {"town", "village", "hamlet"}
    assert answers["minutes_today"].is_monotonic_decreasing
    assert (answers[own].max() <= told.limit_drive_min + 1e-6).all()
    assert (answers[own].isna().all(axis=1) == (answers["why"] != "")).all()
    stops = study.stops["venue"]
    places = modelled.services[modelled.services["service"].isin(stops)]
    here = answers[answers["place"].isin(places.loc[places["kind"].isin(["village", "hamlet", "town"]), "name"])]
    assert here["balanced"].notna().all()  # where it stops, it is near
