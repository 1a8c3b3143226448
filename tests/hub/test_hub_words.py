"""What the pages of the hub and of access say: proof of the number that was proven, and true at none, one and all."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from value_cases import road

from cfwlib.hub import HubPlan, HubStudy, plan_hub
from cfwlib.hub.frontier import concave_envelope, frontier
from cfwlib.hub.robust import Robustness
from cfwlib.hub.value import Solved
from cfwlib.pages.hub import (
    access_answer,
    access_points,
    bands_title,
    hours_title,
    hub_answer,
    hub_points,
    proof_table,
    proof_words,
)
from cfwlib.pages.hub_worth import (
    frontier_chart,
    frontier_table,
    frontier_words,
    more_table,
    robustness_words,
    worth_words,
)
from cfwlib.settings import Settings

RULES: dict[str, Any] = {"working_weekdays": "1", "duty_min": 250, "dwell_min": 60, "break_min": 0}
NOBODY = cast(Any, SimpleNamespace(table=pd.DataFrame()))


@pytest.fixture(scope="module")
def plan() -> HubPlan:
    """Two places with 9 and 8 children, one day a week: each can be seen once a fortnight, or one of them weekly."""
    return road((20, 9), (-25, 8), rules=RULES)


def problem(plan: HubPlan) -> tuple[Any, ...]:
    return tuple(getattr(plan.instance, name) for name in ("points", "venues", "minutes", "settings"))


def known_as(plan: HubPlan, bound: float, **changed: Any) -> HubPlan:
    gap = (bound - plan.value) / plan.value
    return replace(plan, bound=bound, gap=gap, status="optimal" if gap <= 1e-4 else "time limit", **changed)


def test_what_is_proven_is_the_number_counted_by_frequency(plan: HubPlan) -> None:
    """The sentence names it, the candidates and the worth of a rare visit that it rests on."""
    assert plan.status == "optimal"
    told = proof_words(plan)
    assert told.startswith("Proven: no plan from 2 candidate places, under the rules set, reaches one child")
    assert f"more than this one, {plan.value:.0f}" in told
    assert told.endswith("(counted by frequency: a fortnightly visit 0.6 of a weekly one).")
    four = proof_words(road((20, 9), rules=RULES | {"cycle_weeks": 4, "value_fortnightly": 0.5}))
    assert "from 1 candidate place," in four
    assert "a fortnightly visit 0.5 and a four-weekly visit 0.35 of a weekly one" in four


def test_best_is_never_said_of_what_is_not_proven(plan: HubPlan) -> None:
    """With a gap above 0.0001 the sentence says so, with the number that nothing exceeds, rounded up."""
    told = proof_words(known_as(plan, plan.value + 2.2))
    assert told.startswith("Not proven best (gap ")
    assert f"reaches more than {int(np.ceil(plan.value + 2.2))}" in told
    assert "Proven" not in told
    rows = proof_table(known_as(plan, plan.value * 1.01)).set_index("what")["value"]
    assert rows["Verdict"] == "not proven in the time allowed"


def test_a_gap_is_nothing_only_where_it_is_nothing(plan: HubPlan) -> None:
    """A gap of a hundred-thousandth is under 0.01%, not 0.00%."""
    rows = proof_table(known_as(plan, plan.value * 1.00001)).set_index("what")["value"]
    assert rows["Gap"] == "under 0.01%"
    assert rows["Verdict"] == "proven best"


def test_a_large_proven_number_is_not_said_to_be_beaten_by_no_child(plan: HubPlan) -> None:
    """0.0001 of 40,000 children is four: then the number is named."""
    venues = plan.venues.assign(need_reached=20_000.0)
    told = proof_words(known_as(replace(plan, venues=venues, value=40_000.0), 40_002.5))
    assert "reaches more than 40,003" in told
    assert "one child more" not in told


def test_the_penalty_of_change_is_part_of_what_is_proven(plan: HubPlan) -> None:
    """Where stops of the last plan are spared the bound is of the need less the penalty, and both places say so."""
    spared = replace(plan.instance, settings=plan.instance.settings.model_copy(update={"change_penalty": 5.0}))
    told = replace(plan, instance=spared)
    assert "less 5 for each stop of the last plan dropped or made rarer" in proof_words(told)
    assert proof_table(told)["what"].str.contains("less change_penalty").any()


def test_the_answer_tells_whom_and_how_many_by_the_settings(plan: HubPlan) -> None:
    """All 17 are reached; they are rural only where the hub is for them."""
    assert "They bring help to all 17 rural children likely to need it" in hub_answer(plan, NOBODY, Settings())
    everyone = hub_answer(plan, NOBODY, Settings(hub_serves="everyone", cycle_weeks=2))
    assert "all 17 children" in everyone
    decided = cast(Any, SimpleNamespace(table=pd.DataFrame({"venue": ["v0"]})))
    assert hub_answer(plan, decided, Settings()).endswith("Decisions of planners honoured: 1.")


def test_the_weakest_stop_and_who_is_left_out(plan: HubPlan) -> None:
    """One visit takes, two take; nobody by car is said of nobody; nothing of elsewhere if it is for all."""
    study = cast(HubStudy, SimpleNamespace(plan=plan, candidates=pd.DataFrame({"kept": [True, True, False]})))
    told = hub_points(study, 17.0, Settings())
    assert "no rural children likely to need help stay out of reach" in told[0]
    assert "is the best stop for fewest (8 children by car, 0 on foot)" in told[1]
    assert told[2] == "Best stop for nobody by car, but for families without one: none of the 2 stops."
    assert told[3].endswith("(hub_serves): no children.")
    assert told[4].startswith("1 place was no candidate,")
    assert len(hub_points(study, 17.0, Settings(hub_serves="everyone"))) == len(told) - 1
    one = replace(plan, visits_per_cycle=1, clients=plan.clients.assign(need_car=0.0, need_foot=[0.3, 0.0]))
    on_foot = replace(one, clients=one.clients.assign(foot_venue="v0", foot_visits=1))
    told = hub_points(cast(HubStudy, SimpleNamespace(plan=on_foot, candidates=study.candidates)), 17.0, Settings())
    assert "In 2 weeks 1 visit takes" in told[0]
    assert "for families without one: 1 of the 2 stops. Best stop for nobody at all" in told[2]


def test_a_place_left_out_is_not_said_to_reach_fewer(plan: HubPlan) -> None:
    """The reason claims nothing of the chosen ones, and what is more than nobody is not told as 0."""
    points, venues, minutes, rules = problem(plan)
    fewer = plan_hub(points.assign(need_count=[0.2, 8.0]), venues, minutes, rules.model_copy(update={"ban": ("v1",)}))
    assert fewer.venues.set_index("venue").loc["v0", "reason"] == "best stop for under 1 of the under 1 in reach"
    three = road((20, 9), (-25, 8), (70, 0.3), rules=RULES).venues.set_index("venue")
    assert three.loc["v2", ["status", "reason"]].tolist() == [
        "not chosen", "under 1 in reach; the rounds chosen do without it",
    ]  # fmt: skip
    reasons = plan.venues["reason"].tolist() + fewer.venues["reason"].tolist()
    assert not any("reach more" in reason for reason in reasons)


def table(values: list[float], *, proven: bool = True) -> pd.DataFrame:
    days = np.arange(1, len(values) + 1)
    value = pd.Series(values, dtype=float)
    out = pd.DataFrame({"days_per_fortnight": days, "stops": 1, "value": value, "bound": value + (0 if proven else 5)})
    out = out.assign(gain=value.diff().fillna(value), reached_share=0.5, proven=proven, gap=0.0, problem="")
    envelope = concave_envelope(days.astype(float), value.to_numpy())
    return out.assign(on_envelope=out["value"] >= envelope * (1 - 1e-4))


def test_each_further_day_brings_less_only_where_that_is_proven() -> None:
    """One row has no step; rows that are not proven best tell nothing of the steps between them."""
    assert frontier_words(table([9.6])) == "1 vehicle-day a fortnight can reach 10 children, weighted by frequency."
    proven = frontier_words(table([10.4, 15.6]))
    assert proven.endswith("brings the last 6. Each further day brings less than the one before, or "
                           "as much.")  # fmt: skip
    assert "Each further day" not in frontier_words(table([10.4, 15.6], proven=False))
    assert frontier_chart(table([9.6])).title.startswith("1 vehicle-day a fortnight reaches 10 children")


def test_the_gain_of_a_row_is_the_difference_of_the_rows_shown() -> None:
    """10 and 16 differ by 6, though 10.4 and 15.6 differ by 5.2; a bound that is not the value is rounded up."""
    shown = frontier_table(table([10.4, 15.6], proven=False))
    assert shown["more than the row above"].tolist() == [10, 6]
    assert shown["no plan reaches more than"].tolist() == [16, 21]
    assert frontier_table(table([10.4]))["no plan reaches more than"].tolist() == [10]


def test_a_row_without_a_plan_is_no_row_of_nobody(plan: HubPlan) -> None:
    """The gain after a number of days that allows no plan is counted from the last that does."""
    must = plan.instance.settings.model_copy(update={"must": ("v0", "v1"), "value_fortnightly": 0.6})
    rows = frontier(*problem(plan)[:3], must, days=[1, 2, 3])
    known = rows.dropna(subset=["value"])
    assert rows["value"].isna().tolist() == [True, False, False]
    assert frontier_table(rows)["more than the row above"].sum() == round(known["value"].iloc[-1])
    assert known["gain"].sum() == pytest.approx(known["value"].iloc[-1])


def test_a_number_of_days_without_a_plan_leaves_the_next_gain_as_it_is(
    plan: HubPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a row without a plan the gain is counted from the last row that has one, not from nobody."""
    found = [Solved(5.0, 5.0, 0.0, True), Solved(problem="no time"), Solved(8.0, 8.0, 0.0, True)]
    monkeypatch.setattr("cfwlib.hub.frontier.solve_under", lambda *_, **__: found)
    rows = frontier(*problem(plan), days=[1, 2, 3])
    assert rows["gain"].dropna().tolist() == [5, 3]
    assert frontier_table(rows)["more than the row above"].dropna().tolist() == [5, 3]


def test_the_simple_rule_is_called_one_and_more_is_told_as_shown(plan: HubPlan) -> None:
    """One more child, at least where it is not proven, and less is said where the plan reaches less."""
    more = pd.DataFrame({"means": ["as planned", "one more vehicle"], "value": [10.4, 10.6], "gain": [0, 0.2],
                         "proven": [True, False], "bound": 11.0, "stops": 1, "gap": 0.0, "problem": "",
                         "vehicle_days": 2})  # fmt: skip
    robust = Robustness(pd.DataFrame({"in_plan": [True, True], "role": ["core", "never"]}),
                        pd.DataFrame({"fits": [True, False], "kept_share": [1.0, np.nan]}))  # fmt: skip
    worth = cast(Any, SimpleNamespace(more=pd.concat([more, more.iloc[[1]].assign(means="one more day a fortnight")]),
                                      robust=robust, simple=replace(plan, value=plan.value * 2)))  # fmt: skip
    told = worth_words(plan, worth)
    assert told[0].startswith("A simple rule (highest need first")
    assert told[0].endswith("50% less.")
    assert told[1] == "1 of the 2 stops is core: each in 80% or more of the redrawn plans."
    assert told[2] == "One more vehicle would reach at least 1 more child, weighted."
    assert more_table(more)["more than planned"].tolist() == [0, 1]
    said = robustness_words(robust)
    assert "off by up to 15%" in said
    assert "In 1 of the 2 redraws today's rounds still fit their days, and there keep 100.0% of" in said
    none = robustness_words(
        replace(robust, draws=robust.draws.assign(fits=False, kept_share=np.nan), travel_spread=0.3)
    )
    assert "In none of the 2 redraws today's rounds still fit their days." in none
    assert "off by up to 30%" in none


@pytest.mark.parametrize(
    ("before", "after", "total", "told"),
    [(5, 5, 10.0, "With the mobile hub no more children have help within 15 minutes' drive: 50%, as without it."),
     (5, 6, 10.0, "With the mobile hub, 1 more child has help within 15 minutes' drive: 60.0% instead of 50.0%."),
     (5, 9999, 10000.0, "With the mobile hub, 9,994 more children have help within 15 minutes' drive: over 99.9% "
      "instead of 0.1%."),
     (0, 0, 0.0, "No child lives in the area, by these data: nothing can be said of who is in reach.")],
)  # fmt: skip
def test_how_many_more_have_help(before: int, after: int, total: float, told: str) -> None:
    """Nobody, one child, nearly all; and an area without children."""
    said = access_answer(before, after, total, {}, Settings())
    assert said == told.replace("50%, as", "50.0%, as")


@pytest.mark.parametrize(
    ("visits", "cycle", "told"),
    [
        ({1: 40}, 2, "That is no centre that is open every day: all of them by a visit every 2 weeks only."),
        ({2: 10, 1: 30}, 2, "That is no centre that is open every day: 30 of them by a visit every 2 weeks only, "
         "10 by a weekly one."),
        ({2: 40}, 2, "It comes to them once a week, which is no centre that is open every day."),
        ({3: 10, 2: 20, 1: 10}, 4, "day: 10 of them by a visit in 3 of 4 weeks only, 20 of them by a visit every 2 "
         "weeks only, 10 of them by a visit every 4 weeks only."),
        ({1: 40}, 3, "all of them by a visit every 3 weeks only."),
        ({1: 40}, 1, "once a week, which is no centre that is open every day."),
    ],
)  # fmt: skip
def test_a_rare_visit_is_not_told_as_a_centre(visits: dict[int, int], cycle: int, told: str) -> None:
    """The headline says how seldom the hub comes to those it newly reaches, for cycles of 1 to 4 weeks."""
    settings = Settings().model_copy(update={"cycle_weeks": cycle})
    said = access_answer(100, 140, 200.0, visits, settings)
    assert said.startswith("With the mobile hub, 40 more children have help within 15 minutes' drive: 70.0%")
    assert said.endswith(told)


def test_the_title_of_the_bands_counts_who_has_nothing() -> None:
    """One child has, several have; what the first row says."""
    bands = pd.DataFrame({"band": ["none", "under 1"], "before": [1, 5], "after": [0, 6]})
    assert bands_title(bands) == "1 child has no hour of help in reach today, 0 with the mobile hub"
    assert bands_title(bands.assign(before=1200)).startswith("1,200 children have no hour")


def test_hours_are_missing_only_where_they_are() -> None:
    """Every ward above the floor is said so; nobody beyond is nobody, one is not; the bus counts where it is given."""
    wards = pd.DataFrame({"shortfall_before": [0.0, 0.0], "shortfall_after": [0.0, 0.0]})
    told = access_points(5, 5, 5.0, (1.0, 1.0), wards, Settings(floor_hours_per_1000=3))
    assert told[0].startswith("No more children are within 15 minutes' drive of help; nobody is beyond.")
    assert told[1] == "Every ward has 3 session hours a week per 1,000 children today."
    told = access_points(5, 6, 7.0, (0.5, 0.6), wards.assign(shortfall_before=0.02), Settings(bus_timetable="feed"))
    assert "1 more child is within 15 minutes' drive of help; 1 still is not." in told[0]
    assert "by their walk or bus" in told[0]
    assert "takes under 0.1 more hours a week today, and 0.0 with" in told[1]
    assert hours_title(wards, 15) == "Session hours in reach, in 2 wards"
    assert hours_title(pd.concat([wards] * 10), 15).endswith("the 15 wards with fewest today")
