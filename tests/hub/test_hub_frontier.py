import numpy as np
import pytest
from hub_cases import best_value, case
from hypothesis import given, settings
from hypothesis import strategies as st
from value_cases import best_by_days

from cfwlib.errors import PlanError
from cfwlib.hub import HubSettings, check_plan, plan_hub
from cfwlib.hub.frontier import concave_envelope, frontier, one_more

SEEDS = st.integers(0, 2**32 - 1)
some = settings(max_examples=12, derandomize=True, deadline=None, database=None)
CURVES = st.lists(st.floats(0, 100), min_size=1, max_size=8).map(lambda gains: np.cumsum(gains))


@given(SEEDS)
@some
def test_no_timetable_of_so_many_days_beats_the_frontier(seed: int) -> None:
    """At every number of vehicle-days, trying every timetable finds the same value; it never falls, and is proven."""
    hub = case(seed, most=4, cycle_weeks=1, aim="most_need")  # whole rounds are all that a week can have
    best = best_by_days(hub)
    days = range(2, 2 * hub[3].vehicle_days + 1, 2)
    try:
        table = frontier(*hub, days=days)
    except PlanError:
        assert not any(best.values())
        return
    for row in table.itertuples():
        can = [value for used, value in best.items() if used * 2 <= row.days_per_fortnight]
        assert bool(row.problem) == (not can)
        assert row.value == pytest.approx(max(can, default=np.nan), rel=1e-9, abs=1e-9, nan_ok=True)
    known = table[table["problem"] == ""]
    assert known["proven"].all()
    assert (known["bound"] >= known["value"]).all()
    assert known["value"].is_monotonic_increasing
    assert known["gain"].sum() == pytest.approx(known["value"].iloc[-1])


@given(SEEDS, st.integers(1, 3))
@some
def test_a_cap_on_days_is_kept_and_checked(seed: int, cap: int) -> None:
    """A plan uses no more vehicle-days than the cap; the checker accepts it, and refuses it under a lower cap."""
    try:
        plan = plan_hub(*case(seed, max_vehicle_days=cap))
    except PlanError:
        return
    used = len(plan.visits[["vehicle", "week", "weekday"]].drop_duplicates())
    told = plan.to_dict()
    assert used <= cap
    assert check_plan(told) == []
    if used > 1:
        told["instance"]["settings"]["max_vehicle_days"] = used - 1
        assert check_plan(told)


@given(SEEDS)
@some
def test_one_more_vehicle_is_worth_what_trying_everything_says(seed: int) -> None:
    """The gain of one more vehicle and of one more day are the differences of the brute-force values."""
    points, venues, minutes, rules = hub = case(seed, most=3, cycle_weeks=1, must=(), aim="most_need")
    found = best_value(hub)
    if not found or not found[1]:
        return
    now = found[1]
    table = one_more(*hub).set_index("means")
    bigger = points, venues, minutes, rules.model_copy(update={"vehicles": rules.vehicles + 1})
    assert table.loc["one more vehicle", "gain"] == pytest.approx((best_value(bigger) or found)[1] - now, abs=1e-9)
    one_day = [value for days, value in best_by_days(bigger).items() if days <= rules.vehicle_days + 1]
    assert table.loc["one more day a fortnight", "gain"] == pytest.approx(max(one_day) - now, abs=1e-9)
    assert table["proven"].all()


@given(CURVES)
@settings(derandomize=True, deadline=None, database=None)
def test_the_envelope_is_concave_and_touches_its_corners(values: np.ndarray) -> None:
    """It is nowhere below the values, its steps never grow, and it is a value wherever it bends."""
    days = np.arange(1.0, len(values) + 1)
    curve = concave_envelope(days, values)
    steps = np.diff(curve, prepend=0.0)
    assert (curve >= values - 1e-9).all()
    assert (np.diff(steps) <= 1e-9).all()
    bends = np.flatnonzero(np.diff(steps) < -1e-6)
    assert np.allclose(curve[bends], values[bends])
    assert curve[-1] == pytest.approx(values[-1])


def test_an_awkward_number_of_days_is_named() -> None:
    """Where three days reach no more than two, averaging two and four would do better: three is off the envelope."""
    curve = concave_envelope(np.arange(1.0, 5.0), np.array([4.0, 8.0, 8.0, 12.0]))
    assert curve == pytest.approx([4, 8, 10, 12])


def test_days_that_make_no_sense_are_refused() -> None:
    """Half a day, no day, and more than ten vehicles' days are each refused with the reason."""
    hub = case(1, vehicles=1, working_weekdays="1", cycle_weeks=2)
    for days, why in ((1.5, "whole"), (0, "whole"), (21, "10 is the most")):
        with pytest.raises(PlanError, match=why):
            frontier(*hub, days=[days])
    with pytest.raises(PlanError, match="at least one"):
        frontier(*hub, days=[])


def test_a_frontier_that_can_reach_nobody_says_why() -> None:
    """All venues banned: the reason of `plan_hub`, not a table of blanks."""
    points, venues, minutes, rules = case(1)
    closed = HubSettings.model_validate({**rules.model_dump(), "must": (), "ban": tuple(venues["venue"])})
    with pytest.raises(PlanError, match="Every venue is banned"):
        frontier(points, venues, minutes, closed, days=[1, 2])
