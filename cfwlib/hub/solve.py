"""Maximise a linear programme in whole numbers, leaving out the columns that its prices prove useless."""

import time
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
import scipy.sparse as sp

from cfwlib.hub.instance import Flags, Floats, Ints
from cfwlib.milp import Programme, Solved, solve

REL_GAP = 1e-6
SIFTED = 5_000  # optional columns up to which all are given to the solver at once
ADDED = 1_000  # columns added in the first round of pricing; twice as many in each further one
PRICED = 1e-5  # share of the bound that is not worth another round of pricing
PRICES, FIRST = 0.2, 0.5  # shares of the time by which prices and a first plan are to be found; the rest is for proof


@dataclass(frozen=True, eq=False)
class SiftedProgramme:
    """Maximise over 0 <= x <= upper with low <= matrix x <= high.

    `integer` flags the whole columns; `optional` those that may be left out until they are worth it, of which a
    solution holds `most` in all at the most. `supply` pairs rows, that demand optional columns (1 each) to equal
    others, with those others (-1): the price of such a row may be anything up to what its cheapest supply costs.
    """

    matrix: sp.csc_array
    low: Floats
    high: Floats
    upper: Floats
    integer: Flags
    optional: Flags
    most: int
    supply: tuple[Ints, Ints]


def maximise(program: SiftedProgramme, objective: Floats, *, time_limit_s: float, seed: int) -> Solved:
    """Maximise an objective over a programme, to proof if time allows.

    Where optional columns are many: solve the relaxation on a few and add those its prices call for until none is left
    (so its bound is that of all); find a plan among them; drop each column whose use would cost more than plan and
    bound are apart; prove the rest. A plan with a dropped column is worth no more than the first plan.

    Parameters
    ----------
    program
        Columns and constraints.
    objective
        One number per column.
    time_limit_s
        Longest search, seconds.
    seed
        Of the solver.
    """
    start = time.monotonic()
    every = np.ones(len(objective), dtype=bool)
    if program.optional.sum() <= SIFTED:
        return _run(program, objective, every, until=start + time_limit_s, seed=seed)
    used, bound, reduced = _price(program, objective, until=start + PRICES * time_limit_s, seed=seed)
    first = _run(program, objective, used, until=start + FIRST * time_limit_s, seed=seed)
    value = -np.inf if first.x is None else float(objective @ first.x)
    if bound - value <= REL_GAP * abs(value):
        return replace(first, bound=bound, proven=True)
    matters = ~program.optional | (bound + np.minimum(reduced, 0) >= value)
    if first.x is not None:
        matters |= first.x > 0
    last = _run(program, objective, matters, until=start + time_limit_s, seed=seed, known=first.x)
    best = max((first, last), key=lambda s: -np.inf if s.x is None else float(objective @ s.x))
    return replace(last, x=best.x, bound=min(bound, max(value, last.bound)))


def _price(program: SiftedProgramme, objective: Floats, *, until: float, seed: int) -> tuple[Flags, float, Floats]:
    """Return the columns that the relaxation calls for, its bound for all columns, and every column's reduced cost.

    With any prices, a solution is worth no more than their relaxation plus `most` times the best column not in it.
    """
    optional = np.flatnonzero(program.optional)
    used = ~program.optional
    used[optional[:: max(1, len(optional) // ADDED)]] = True
    bound, reduced = np.inf, np.zeros(len(objective))
    for more in (ADDED << n for n in count()):
        solved = _run(program, objective, used, until=until, seed=seed, relaxed=True)
        if solved.infeasible and not used.all():
            used[:] = True
            continue
        if not solved.proven or solved.x is None:
            break
        bound, reduced = _lagrange(program, objective, solved.duals)
        wanted = np.where(used, 0.0, reduced)
        if bound - float(objective @ solved.x) <= PRICED * abs(bound) or not wanted.max() > 0:
            break
        best = np.argsort(-wanted, kind="stable")[:more]
        used[best[wanted[best] > 0]] = True
    return used, bound, reduced


def _lagrange(program: SiftedProgramme, objective: Floats, prices: Floats) -> tuple[float, Floats]:
    """Return what no solution exceeds at some prices of the rows, and what each column is worth above its price.

    Any prices give a bound. That of a row in `supply` is set to what its cheapest supply costs: no higher price would
    sell, and fewer columns seem wanted.
    """
    free = np.where(prices > 0, np.isfinite(program.high), np.isfinite(program.low))
    prices = np.where(free, prices, 0.0)
    rows, columns = program.supply
    spare = np.full(len(prices), np.inf)
    np.minimum.at(spare, rows, program.matrix[:, columns].T @ prices - objective[columns])
    prices = prices + np.where(np.isfinite(spare), spare, 0.0)
    reduced = objective - program.matrix.T @ prices
    gains = np.maximum(reduced, 0.0)
    gains[columns] = 0.0  # by the choice of prices
    sides = np.where(prices > 0, program.high, program.low)[prices != 0]
    dear = np.argsort(-gains[program.optional], kind="stable")
    times = np.minimum(np.cumsum(program.upper[program.optional][dear]), program.most)
    best = gains[program.optional][dear] * np.diff(times, prepend=0.0)
    rest = np.flatnonzero((gains > 0) & ~program.optional)
    return float(prices[prices != 0] @ sides + best.sum() + gains[rest] @ program.upper[rest]), reduced


def _run(
    program: SiftedProgramme, objective: Floats, used: Flags, *, until: float, seed: int,
    relaxed: bool = False, known: Floats | None = None,
) -> Solved:  # fmt: skip
    """Solve with some of the columns, the others at 0."""
    columns = np.flatnonzero(used)
    lp = Programme(
        program.matrix[:, columns], program.low, program.high, np.zeros(len(columns)), program.upper[columns],
        objective[columns], None if relaxed else program.integer[columns], maximise=True,
    )  # fmt: skip
    left_s, start = max(1e-3, until - time.monotonic()), None if known is None else known[columns]
    solved = solve(lp, time_limit_s=left_s, seed=seed, start=start, options={"mip_rel_gap": REL_GAP})
    if solved.x is None:
        return solved
    x = np.zeros(len(objective))
    x[columns] = solved.x
    return replace(solved, x=x)
