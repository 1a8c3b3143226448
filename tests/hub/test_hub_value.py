from typing import Any

import numpy as np
import pandas as pd
import pytest
from hub_cases import best_value, case, value_of
from hypothesis import given, settings
from hypothesis import strategies as st
from value_cases import plan_of, road

from cfwlib.hub import plan_hub
from cfwlib.hub.value import marginal_stops, need_by, need_met, reached_by_age, worth_of_stops

SEEDS = st.integers(0, 2**32 - 1)
some = settings(max_examples=12, derandomize=True, deadline=None, database=None)


RULES: dict[str, Any] = {
    "most": 3, "cycle_weeks": 2, "must": (), "range_km": 1000, "break_min": 0, "aim": "most_need",
}  # fmt: skip


@given(SEEDS)
@some
def test_the_loss_of_a_stop_is_what_trying_everything_says(seed: int) -> None:
    """Banning a visited venue loses the difference of the brute-force values, and leaving the rest alone no less."""
    points, venues, minutes, rules = hub = case(seed, **RULES)
    plan = plan_of(seed, **RULES)
    if plan is None:
        return
    visits = plan.visits["venue"].value_counts().reindex(venues["venue"], fill_value=0)
    stops = marginal_stops(plan)
    assert set(stops["venue"]) == set(plan.visits["venue"])
    for row in stops.itertuples():
        without = points, venues, minutes, rules.model_copy(update={"ban": (*rules.ban, row.venue)})
        assert not row.problem
        assert row.proven
        assert row.lost == pytest.approx(plan.value - (best_value(without) or (0.0, 0.0))[1], abs=1e-6)
        left = tuple(visits.where(visits.index != row.venue, 0))
        assert row.lost_as_it_stands == pytest.approx(plan.value - value_of(hub, left))
        assert row.lost <= row.lost_as_it_stands + 1e-6


def test_a_must_serve_stop_can_be_dropped_to_see_its_cost() -> None:
    """A venue kept by decision alone is worth nothing or less: dropping it loses nothing."""
    points, venues, minutes, rules = case(3, most=5, ban=())
    plan = plan_hub(points, venues, minutes, rules.model_copy(update={"must": (venues["venue"][0],)}))
    row = marginal_stops(plan).set_index("venue").loc[venues["venue"][0]]
    free = plan_hub(points, venues, minutes, rules.model_copy(update={"must": ()}))
    assert free.value >= plan.value - 1e-9
    assert row["lost"] >= 0
    assert not row["problem"]


@given(SEEDS)
@some
def test_the_need_met_by_a_plans_stops_is_its_value(seed: int) -> None:
    """Counting the stops of a plan gives back its value; no stops meet nothing."""
    if plan := plan_of(seed):
        assert need_met(plan.instance, worth_of_stops(plan)) == pytest.approx(plan.value)
        assert need_met(plan.instance, pd.Series(dtype=float)) == 0


@given(SEEDS)
@some
def test_groups_add_up_to_all(seed: int) -> None:
    """Need and reach by group add up to the plan's totals, points of no known group included."""
    plan = plan_of(seed)
    if plan is None:
        return
    points = plan.instance.points["point"]
    groups = pd.Series(np.arange(len(points)) % 3, index=points, name="fifth").iloc[1:]
    table = need_by(plan, groups).set_index("fifth")
    parts = table.drop("All")[["need", "reached_by_car", "reached_on_foot"]].sum()
    assert parts.to_numpy() == pytest.approx(table.loc["All", parts.index].to_numpy(float))
    assert table.loc["All", "need"] == pytest.approx(plan.residual_need)
    assert table["reached_share"].dropna().between(0, 1 + 1e-12).all()


def test_age_bands_count_people_before_and_after() -> None:
    """A band's people are counted where the flags say so; a band of nobody has no share."""
    bands = {"age_0_4": [10.0, 20.0], "age_5_11": [1.0, 2.0], "age_12_17": [5.0, 5.0], "age_18_25": [0.0, 0.0]}
    points = pd.DataFrame(bands).assign(served_drive=[True, False], reached_drive=[True, True])
    table = reached_by_age(points).set_index("age_band")
    assert table.loc["0 to 4", ["within_before", "within_after", "gained"]].tolist() == [10, 30, 20]
    assert table.loc["5 to 11", "before_share"] == pytest.approx(1 / 3)
    assert np.isnan(table.loc["18 to 25", "after_share"])


def test_losing_the_only_place_in_reach_loses_everything() -> None:
    """Where no other venue has anybody in reach, the loss is the whole value, and proven."""
    plan = road((20, 9), (30, 0), rules={})
    stops = marginal_stops(plan)
    assert stops["lost"].tolist() == [pytest.approx(plan.value)]
    assert stops["proven"].all()
