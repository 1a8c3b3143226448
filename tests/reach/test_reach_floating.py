import math
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cfwlib.errors import InputError
from cfwlib.reach.session_hours import balanced, gaussian, two_step, within

with warnings.catch_warnings():  # the oracle's own imports may warn
    warnings.simplefilter("ignore")
    from access import fca

PEOPLE = arrays(float, 6, elements=st.just(0.0) | st.floats(1e-3, 1e4))
WEIGHTS = arrays(float, (6, 4), elements=st.just(0.0) | st.floats(1e-3, 1))
SUPPLY = arrays(float, 4, elements=st.just(0.0) | st.floats(1e-3, 1e3))


def test_two_step_by_hand() -> None:
    """Ten hours shared by 40 and 10 people, four hours for the 10 alone."""
    weights = np.array([[True, False], [True, True]])
    assert two_step([40.0, 10.0], weights, [10.0, 4.0]).tolist() == pytest.approx([0.2, 0.2 + 0.4])


def test_nearer_people_get_more_of_a_service() -> None:
    """At weights 1 and 1/2, twelve hours for 10 and 4 people are an hour each next door and half an hour far off."""
    assert two_step([10, 4], [[1], [0.5]], [12]).tolist() == pytest.approx([1.0, 0.5])


def test_balanced_by_hand() -> None:
    """The 40 use one service; of the 10, five go to each: levels 10/45 and 4/5, the first split over two places."""
    access = balanced([40, 10], [[1, 0], [1, 1]], [10, 4])
    assert access.tolist() == pytest.approx([10 / 45 / 2, 10 / 45 / 2 + 4 / 5])


def test_weights_count_the_limit_and_nobody_who_cannot_come() -> None:
    """The limit itself is within reach, though its Gaussian weight is nought; at half the limit that is 0.70."""
    minutes = [[0, 7.5, 15, 15.1, np.nan]]
    assert within(minutes, 15).tolist() == [[1, 1, 1, 0, 0]]
    assert gaussian(minutes, 15)[0].tolist() == pytest.approx([1, 0.70137, 0, 0, 0], abs=1e-5)


@given(PEOPLE, WEIGHTS, SUPPLY)
def test_no_hour_is_lost_or_made(population: np.ndarray, weights: np.ndarray, supply: np.ndarray) -> None:
    """Hours per head times heads add up to the hours of every service that anyone can reach, whatever the weights."""
    for weight in (weights, weights > 0):
        reachable = supply[(population @ weight) > 0].sum()
        assert population @ two_step(population, weight, supply) == pytest.approx(reachable, rel=1e-9, abs=1e-9)


@given(PEOPLE, WEIGHTS, SUPPLY)
def test_balanced_keeps_people_and_levels_of_service(
    population: np.ndarray, weights: np.ndarray, supply: np.ndarray
) -> None:
    """Everybody is allotted once, and the levels of service are divided without rest among the clients."""
    each_goes = np.divide(weights, weights.sum(1, keepdims=True), out=np.zeros((6, 4)), where=weights.any(1)[:, None])
    allotted = population @ each_goes
    assert allotted.sum() == pytest.approx(population[weights.any(axis=1)].sum(), rel=1e-9)
    levels = (supply[allotted > 0] / allotted[allotted > 0]).sum()
    assert balanced(population, weights, supply).sum() == pytest.approx(levels, rel=1e-9, abs=1e-12)


def test_balanced_is_no_measure_of_hours_per_child() -> None:
    """As its documentation warns: a village listed as two halves changes everybody's access, but not by two steps."""
    whole, halves = ([20.0, 30.0], [[1], [1]]), ([10.0, 10.0, 30.0], [[1], [1], [1]])
    assert np.dot(whole[0], balanced(*whole, [10])) == pytest.approx(5)  # of ten hours
    assert balanced(*halves, [10])[-1] == pytest.approx(balanced(*whole, [10])[-1] * 2 / 3)
    assert two_step(*halves, [10])[-1] == pytest.approx(two_step(*whole, [10])[-1])


def oracle(population: np.ndarray, supply: np.ndarray, minutes: np.ndarray, **options: object) -> np.ndarray:
    """Floating catchments by PySAL's `access`."""
    clients, services = minutes.shape
    pairs = pd.DataFrame(
        {
            "origin": np.repeat([f"c{i}" for i in range(clients)], services),
            "dest": np.tile([f"s{j}" for j in range(services)], clients),
            "cost": minutes.ravel(),
        }
    ).dropna()
    found = fca.two_stage_fca(
        pd.DataFrame({"demand": population}, index=[f"c{i}" for i in range(clients)]),
        pd.DataFrame({"supply": supply}, index=[f"s{j}" for j in range(services)]),
        pairs,
        demand_index=True,
        **options,
    )
    return found.reindex([f"c{i}" for i in range(clients)]).fillna(0).to_numpy()


@pytest.mark.parametrize("seed", range(5))
def test_the_same_as_pysal(seed: int) -> None:
    """Ours equal PySAL's 2SFCA, and its E2SFCA with a Gaussian and with three zones, on random towns."""
    rng = np.random.default_rng(seed)
    population, supply = rng.uniform(1, 900, 60), rng.uniform(0, 40, 9)
    minutes = rng.gamma(2, 12, (60, 9))
    minutes[rng.random((60, 9)) < 0.1] = np.nan
    zones = np.select([minutes <= 10, minutes <= 20, minutes <= 30], [1, 0.68, 0.22], 0.0)
    ours = [two_step(population, weights, supply) for weights in (within(minutes, 30), gaussian(minutes, 30), zones)]
    edge = math.exp(-0.5)
    weight_fns = (
        None,
        lambda t: (math.exp(-t * t / 1800) - edge) / (1 - edge),
        lambda t: 1 if t <= 10 else 0.68 if t <= 20 else 0.22,
    )
    theirs = [oracle(population, supply, minutes, max_cost=30, weight_fn=fn) for fn in weight_fns]
    for our, their in zip(ours, theirs, strict=True):
        assert (our > 0).sum() > 30
        np.testing.assert_allclose(our, their, rtol=1e-9)


def test_numbers_that_make_no_sense_are_refused() -> None:
    """A missing supply, negative people and a matrix the wrong way round are all named at once."""
    with pytest.raises(InputError) as caught:
        two_step([10, -1, 5], np.ones((2, 3)), [1, np.nan])
    assert [problem.split(":")[0] for problem in caught.value.problems] == ["population", "supply", "weights"]
