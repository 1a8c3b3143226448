"""A population of numbered states, projected exactly: its mean and its covariance after any number of steps."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cfwlib.errors import InputError

Floats = npt.NDArray[np.float64]
_ROUNDING = 1e-9  # how far a column of shares may pass 1 and still be rounding


class Projection(NamedTuple):
    """Mean (n,) and covariance (n, n) of the people in each state."""

    mean: Floats
    cov: Floats


class _Run(NamedTuple):
    """What some steps do: shares moved, entrants still there, and the spread that clumped entries add per unit."""

    move: Floats
    entered: Floats
    clump: Floats

    def then(self, later: "_Run") -> "_Run":
        """Return these steps followed by later ones."""
        return _Run(
            later.move @ self.move,
            later.move @ self.entered + later.entered,
            later.move @ self.clump @ later.move.T + later.clump,
        )


def project(
    moves: npt.ArrayLike,
    now: npt.ArrayLike,
    entries: npt.ArrayLike,
    *,
    steps: int,
    cov0: npt.ArrayLike | None = None,
    phi: npt.ArrayLike = 1.0,
) -> Projection:
    """Project the mean and covariance of N' = M N + entries over a number of equal steps.

    People move on their own, so that after t steps those of state j are spread over column j of M^t: one multinomial
    each. Entrants still there are Poisson, and clumped entries (phi above 1) add to it. So the steps need not be taken
    one by one: their number is halved again and again. The result is that of the step-by-step rule
    Cov' = M Cov M^T + sum_j N_j (diag(m_j) - m_j m_j^T) + diag(entries phi).

    Parameters
    ----------
    moves
        M, (n, n): column j holds the shares of state j that stand in each state one step on; what is missing to 1
        leaves.
    now
        People in each state at the start, (n,): certain numbers, or means if `cov0` is given.
    entries
        Expected entries into each state per step, (n,).
    steps
        Number of steps, 0 or more.
    cov0
        Covariance of `now`, (n, n); None = none.
    phi
        Variance of a step's entries over their mean, one or (n,); 1 = Poisson.

    Returns
    -------
    projection
        Mean and covariance after the last step, in people and people squared.

    Raises
    ------
    InputError
        If sizes differ, a share or number is negative or not finite, a column sums to more than 1, or steps are
        negative.
    """
    move, start, flow = (np.asarray(given, dtype=float) for given in (moves, now, entries))
    size = start.size
    spread = np.zeros((size, size)) if cov0 is None else np.asarray(cov0, dtype=float)
    clump = np.asarray(phi, dtype=float)
    _check(move, start, flow, spread, clump, steps)
    run = power(move, flow, np.diag(np.broadcast_to(clump - 1.0, size) * flow), steps=steps)
    mean = run.move @ start + run.entered
    moved = np.diag(run.move @ start) - (run.move * start) @ run.move.T
    return Projection(mean, run.move @ spread @ run.move.T + moved + np.diag(run.entered) + run.clump)


def power(move: Floats, entered: Floats, clump: Floats, *, steps: int) -> _Run:
    """Return what a number of equal steps do together, by repeated squaring."""
    size = len(entered)
    total, block = _Run(np.eye(size), np.zeros(size), np.zeros((size, size))), _Run(move, entered, clump)
    while steps:
        if steps & 1:
            total = total.then(block)
        steps >>= 1
        block = block.then(block) if steps else block
    return total


def _check(move: Floats, now: Floats, entries: Floats, cov0: Floats, phi: Floats, steps: int) -> None:
    size = now.size
    if move.shape != (size, size) or now.ndim != 1 or entries.shape != (size,) or cov0.shape != (size, size):
        raise InputError(
            f"project: {now.shape} people need a square matrix and entries of that size; got moves {move.shape}, "
            f"entries {entries.shape}, cov0 {cov0.shape}."
        )
    problems = []
    for name, values in (("moves", move), ("now", now), ("entries", entries), ("phi", phi)):
        if not np.all(np.isfinite(values)) or np.any(values < 0):
            problems.append(f"project: {name} holds a number that is negative or not finite.")
    if phi.shape not in ((), (size,)):
        problems.append(f"project: phi is one number or one per state, not {phi.shape}.")
    over = np.flatnonzero(move.sum(axis=0) > 1 + _ROUNDING)
    if over.size:
        problems.append(f"project: the shares that leave or stay of state {over[0]} sum to more than 1.")
    if steps < 0 or steps != int(steps):
        problems.append(f"project: steps must be a whole number, 0 or more, not {steps}.")
    if problems:
        raise InputError(problems)
