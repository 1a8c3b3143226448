"""The exact projection is the step-by-step rule, and the closed form where there is one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from oracles.model import project

from cfwlib.errors import InputError


@pytest.mark.parametrize(
    ("days", "mean", "variance"),
    [
        (30, 456.408239, 30.412445),
        (90, 453.392567, 84.852274),
        (365, 442.051938, 252.337619),
        (730, 431.787735, 353.203624),
    ],
)
def test_one_state_has_its_closed_form(days: int, mean: float, variance: float) -> None:
    """458 people, 0.12% leaving and half a person coming a day: the published mean and variance, to a millionth."""
    found = project([[1 - 0.0012066]], [458], [0.49863], steps=days)
    assert found.mean[0] == pytest.approx(mean, abs=1e-6)
    assert found.cov[0, 0] == pytest.approx(variance, abs=1e-6)


def test_two_states_by_hand() -> None:
    """100 people, two steps: 10% move to the second state, 20% leave it, 3 come a step; worked out on paper."""
    found = project([[0.9, 0.0], [0.1, 0.8]], [100, 0], [0, 3], steps=2)
    # first step: 90 and 10 + 3; second: 81 and 9 + 10.4 + 3. Shares of the hundred: 0.81, 0.17 (9% + 8%), 0.02 gone.
    assert_allclose(found.mean, [81, 22.4])
    by_hand = [[100 * 0.81 * 0.19, -100 * 0.81 * 0.17], [-100 * 0.81 * 0.17, 100 * 0.17 * 0.83 + 2.4 + 3]]
    assert_allclose(found.cov, by_hand)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), size=st.integers(1, 5), steps=st.integers(0, 40), phi=st.floats(0.5, 4))
def test_halving_the_steps_equals_taking_them(seed: int, size: int, steps: int, phi: float) -> None:
    """Any network, any starting covariance: repeated squaring gives what one step after another gives."""
    rng = np.random.default_rng(seed)
    move = rng.dirichlet(np.full(size + 1, 0.7), size).T[:size]
    mean, flow, root = rng.uniform(0, 50, size), rng.uniform(0, 3, size), rng.normal(size=(size, size))
    cov = root @ root.T
    found = project(move, mean, flow, steps=steps, cov0=cov, phi=phi)
    for _ in range(steps):
        spread = sum(mean[j] * (np.diag(move[:, j]) - np.outer(move[:, j], move[:, j])) for j in range(size))
        cov = move @ cov @ move.T + spread + np.diag(flow * phi)
        mean = move @ mean + flow
    assert_allclose(found.mean, mean, rtol=1e-9)
    assert_allclose(found.cov, cov, rtol=1e-9, atol=1e-9)


def test_what_cannot_be_is_refused_all_at_once() -> None:
    """Shares over 1, negative numbers and sizes that differ are named."""
    with pytest.raises(InputError) as raised:
        project([[0.9, 0], [0.2, 1]], [1, -1], [0, np.nan], steps=-1)
    assert len(raised.value.problems) == 4
    with pytest.raises(InputError, match="square"):
        project([[1.0, 0]], [1], [0], steps=1)
