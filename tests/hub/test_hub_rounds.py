import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cfwlib.hub.choose import merge_clients
from cfwlib.hub.day import Trip, Visit
from cfwlib.hub.rounds import Round, place
from cfwlib.settings import HubSettings


@given(st.sampled_from([2, 4]), st.integers(1, 3), st.lists(st.integers(0, 2), max_size=60))
@settings(derandomize=True, deadline=None, database=None)
def test_rounds_that_fit_by_count_fit_by_week(weeks: int, vehicles: int, wanted: list[int]) -> None:
    """Whenever vehicle-days suffice in total, every round finds a vehicle, a weekday and evenly spaced weeks."""
    rules = HubSettings(cycle_weeks=weeks, vehicles=vehicles, working_weekdays="135")
    rounds, used = [], 0
    for number, choice in enumerate(wanted):
        frequency = rules.frequencies[choice % len(rules.frequencies)]
        if used + frequency.visits <= rules.vehicle_days:
            used += frequency.visits
            rounds.append(Round(Trip((Visit(number + 1, 0, 0, 0, 0),), 0, 0, 0), frequency, (1, 3, 5)))
    placed = place(rounds, rules)
    days = [(r.vehicle, r.weekdays, week) for r in placed for week in r.weeks]
    assert len(placed) == len(rounds)
    assert len(set(days)) == len(days) == used
    for r in placed:
        assert len(r.weeks) == r.frequency.visits
        assert set(np.diff(r.weeks)) <= {weeks // r.frequency.visits}


def test_households_with_the_same_venues_are_merged() -> None:
    """Equal reach is one client of the summed weight; no weight or no venue is none."""
    reach = np.array([[1, 0, 1], [1, 0, 1], [0, 1, 0], [0, 0, 0], [1, 1, 1]], dtype=bool)
    clients = merge_clients(np.array([1.0, 2.0, 4.0, 8.0, 0.0]), reach, np.zeros(5))
    merged = {tuple(row): w for row, w in zip(clients.reach.astype(int).tolist(), clients.weight, strict=True)}
    assert merged == {(1, 0, 1): 3.0, (0, 1, 0): 4.0}
