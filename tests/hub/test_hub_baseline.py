import json

import pytest
from hub_cases import case
from hypothesis import given, settings
from hypothesis import strategies as st
from value_cases import road

from cfwlib.errors import PlanError
from cfwlib.hub import check_plan, plan_hub
from cfwlib.hub.baseline import greedy_frontier, greedy_plan
from cfwlib.hub.frontier import frontier

SEEDS = st.integers(0, 2**32 - 1)


@given(SEEDS)
@settings(max_examples=25, derandomize=True, deadline=None, database=None)
def test_a_simple_rule_never_beats_the_proof(seed: int) -> None:
    """Rounds made by a simple rule pass the independent checker and reach no more than the proven plan."""
    try:
        plan = plan_hub(*case(seed, aim="most_need"))
    except PlanError:
        return
    try:
        drawn = greedy_plan(plan)
    except PlanError:
        drawn = None
    if drawn is None:
        assert plan.instance.settings.must
        return
    assert drawn.value <= plan.value * (1 + 1e-9)
    assert check_plan(json.loads(json.dumps(drawn.to_dict()))) == []
    assert drawn.bound == plan.bound
    assert (drawn.status == "optimal") == (drawn.gap <= 1e-4)


def test_it_starts_where_most_need_is_and_goes_on_to_the_nearest() -> None:
    """Of places at 10, 20 and -15 minutes with 5, 9 and 8 children, the rule takes 20 then 10; 20 and -15 is more."""
    rules = {"working_weekdays": "1", "duty_min": 250, "dwell_min": 60, "break_min": 0, "value_fortnightly": 0.4}
    plan = road((10, 5), (20, 9), (-15, 8), rules=rules)
    assert plan.value == pytest.approx(17)
    drawn = greedy_plan(plan)
    assert drawn.visits.sort_values(["week", "sequence"])["venue"].tolist() == ["v1", "v0"] * 2
    assert drawn.value == pytest.approx(14)
    assert drawn.status != "optimal"


def test_the_simple_rule_stays_below_the_frontier() -> None:
    """At every number of days, the simple rule reaches no more than the best plan, and more days no less."""
    plan = road((10, 5), (20, 9), (-15, 8), (40, 7), rules={"working_weekdays": "12", "duty_min": 300})
    instance = plan.instance
    best = frontier(instance.points, instance.venues, instance.minutes, instance.settings, days=range(1, 6))
    drawn = greedy_frontier(plan, days=range(1, 6))
    assert drawn["days_per_fortnight"].tolist() == [1, 2, 3, 4, 5]
    assert (drawn["value"] <= best["value"] + 1e-9).all()
    assert drawn["value"].is_monotonic_increasing


def test_must_serve_places_come_first() -> None:
    """A must-serve place with one child is visited before a place with ninety."""
    rules = {"working_weekdays": "1", "duty_min": 330, "max_vehicle_days": 1, "must": ("v1",)}
    drawn = greedy_plan(road((20, 90), (-70, 1), rules=rules))
    assert drawn.visits["venue"].tolist() == ["v1"]


def test_decisions_that_the_rule_cannot_keep_are_told() -> None:
    """The rule starts at the must-serve place of more need, which opens late, and finds the other one shut by then."""
    rules = {"working_weekdays": "1", "max_vehicle_days": 1, "duty_min": 600, "must": ("v0", "v1")}
    plan = road((20, 9), (30, 5), rules=rules, open_min=[800.0, 0.0], close_min=[1440.0, 800.0])
    assert plan.visits["venue"].tolist() == ["v1", "v0"]
    with pytest.raises(PlanError) as caught:
        greedy_plan(plan)
    assert "cannot keep" in caught.value.problems[0]
    assert "'v1' is must-serve" in caught.value.problems[1]
