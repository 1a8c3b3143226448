"""The state of a search for sites: the problem, the best choice so far, and a local search that betters it."""

import time
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

TOLERANCE = 1e-9  # a choice counts as the best when no other is better by more than this share of the value
ROUNDING = 0.01  # far above what sums of whole numbers are rounded by, far below 1


@dataclass(frozen=True, eq=False)
class Problem:
    """Open `new` sites so that the sum over clients of the least cost is least.

    Attributes
    ----------
    cost
        Cost of serving a client from a site, (sites, clients); inf = no way.
    base
        Cost of a client that no new site serves, (clients,); inf = some new site must serve it.
    new
        Sites to open, 1 to the number of sites.
    of
        Tolerances are shares of how far the sum is from this: 0, or for covering the whole weight.
    """

    cost: Floats
    base: Floats
    new: int
    of: float = 0.0

    @cached_property
    def whole(self) -> bool:
        """True where every finite cost is a whole number, so that two values differ by 1 or not at all."""
        both = np.append(self.cost[np.isfinite(self.cost)], self.base[np.isfinite(self.base)])
        return bool((both == np.round(both)).all()) and both.sum() < 2**53

    def value(self, sites: Ints) -> float:
        """Return the sum of costs with these sites open; inf where some client is not served."""
        return float(np.minimum(self.cost[sites].min(axis=0), self.base).sum())


class Search:
    """The best choice so far, what would better it, and the time there is."""

    def __init__(self, problem: Problem, *, time_limit_s: float, seed: int) -> None:
        self.problem, self.seed = problem, seed
        self.deadline = time.monotonic() + time_limit_s
        self.value, self.sites = np.inf, np.zeros(0, dtype=np.int64)
        finite = problem.cost[np.isfinite(problem.cost)]
        dear = 1 + 2 * max(float(finite.max(initial=0.0)) * len(problem.base), 1.0)  # dearer than serving everybody
        self._cost = np.where(np.isfinite(problem.cost), problem.cost, dear)
        self._base = np.where(np.isfinite(problem.base), problem.base, dear)

    @property
    def left_s(self) -> float:
        """Seconds left; zero at least."""
        return max(0.0, self.deadline - time.monotonic())

    @property
    def cutoff(self) -> float:
        """What cannot be below this need not be looked into."""
        if self.problem.whole:
            return self.value - 1 + ROUNDING
        return self.value - TOLERANCE * abs(self.problem.of - self.value)

    def offer(self, sites: Ints) -> None:
        """Keep a choice if it is the best so far."""
        value = self.problem.value(sites)
        if value < self.value:
            self.value, self.sites = value, np.sort(sites)

    def greedy(self) -> Ints:
        """Return the sites opened one by one, each the one that saves most."""
        near, sites = self._base, np.zeros(0, dtype=np.int64)
        for _ in range(self.problem.new):
            saved = np.maximum(near - self._cost, 0).sum(axis=1)
            saved[sites] = -1
            sites = np.append(sites, saved.argmax())
            near = np.minimum(near, self._cost[sites[-1]])
        return sites

    def improve(self, sites: Ints) -> None:
        """Swap an open site for a closed one while that lowers the sum, best swap first; offer the outcome."""
        sites, best = sites.copy(), np.inf
        while True:
            open_cost = np.vstack([self._cost[sites], self._base])
            server, near = open_cost.argmin(axis=0), open_cost.min(axis=0)
            if near.sum() >= best:  # rounding only
                break
            best = float(near.sum())
            self.offer(sites)
            open_cost[server, np.arange(near.size)] = np.inf
            change = self._swaps(server, near, np.minimum(open_cost.min(axis=0), self._base), len(sites))
            change[:, sites] = np.inf
            out, into = np.unravel_index(change.argmin(), change.shape)
            if change[out, into] >= 0 or not self.left_s:
                break
            sites[out] = into

    def _swaps(self, server: Ints, near: Floats, second: Floats, opened: int) -> Floats:
        """Return the change in the sum if an open site (rows) gives way to any site (columns)."""
        order = np.argsort(server, kind="stable")
        with_it = np.minimum(self._cost, near)
        without = (np.minimum(self._cost, second) - with_it)[:, order]  # what its clients lose with their server
        starts = np.searchsorted(server[order], np.arange(opened + 1))
        change = np.zeros((opened, len(self._cost)))
        busy = np.flatnonzero(np.diff(starts))
        if busy.size:
            change[busy] = np.add.reduceat(without[:, : starts[-1]], starts[busy], axis=1).T
        return change + (with_it.sum(axis=1) - near.sum())
