"""Choose sites that make the longest journey shortest, to proof: covering problems of few clients, by HiGHS."""

import time
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from cfwlib.milp import Programme, solve
from cfwlib.sites.search import TOLERANCE, Floats, Ints


@dataclass(frozen=True, eq=False)
class Longest:
    """Sites to open (None: none serve every client, or none found), the longest journey, and its bound, in minutes."""

    sites: Ints | None
    value: float
    bound: float
    finished: bool


class Covers:
    """Sets of at most `new` sites that serve every client within some minutes.

    Only a few hard clients are in the programme given to HiGHS; those that its answer leaves out join them, the
    farthest first, until no one is left out or the programme has no answer (Chen and Chen 2009). What was hard for one
    limit is hard for the next, so the few stay few.

    Parameters
    ----------
    minutes
        From site to client, (sites, clients); inf = no way.
    base
        Minutes from the nearest site that is open anyway, (clients,); inf = none.
    new
        Sites that may be opened.
    """

    def __init__(self, minutes: Floats, base: Floats, new: int, *, time_limit_s: float, seed: int) -> None:
        self.minutes, self.base, self.new, self.seed = minutes, base, new, seed
        self.deadline = time.monotonic() + time_limit_s
        self.hard = np.zeros(0, dtype=np.int64)

    @property
    def left_s(self) -> float:
        """Seconds left; zero at least."""
        return max(0.0, self.deadline - time.monotonic())

    def nearest(self, sites: Ints) -> Floats:
        """Return the minutes of each client with these sites open."""
        return np.minimum(self.minutes[sites].min(axis=0, initial=np.inf), self.base)

    def find(self, within: float) -> tuple[Ints | None, bool]:
        """Return sites that serve every client within some minutes, if found; and whether the search was finished."""
        sites: Ints | None = self._greedy(within)
        while sites is not None:
            near = self.nearest(sites)
            out = np.flatnonzero(near > within)
            if not out.size:
                return self._fill(sites), True
            farthest = out[np.argsort(-near[out], kind="stable")]
            self.hard = np.union1d(self.hard, farthest[: max(self.new, 5)])
            sites, impossible = self._cover(self.hard[self.base[self.hard] > within], within)
        return None, impossible

    def _greedy(self, within: float) -> Ints:
        covers, sites = (self.minutes <= within)[:, self.base > within], np.zeros(0, dtype=np.int64)
        while covers.any() and len(sites) < self.new:
            sites = np.append(sites, covers.sum(axis=1).argmax())
            covers = covers[:, ~covers[sites[-1]]]
        return sites

    def _fill(self, sites: Ints) -> Ints:
        """Open as many sites as may be, each nearest to the client who is then the farthest away."""
        while len(sites) < self.new:
            closed = np.setdiff1d(np.arange(len(self.minutes)), sites)
            farthest = self.nearest(sites).argmax()
            sites = np.append(sites, closed[self.minutes[closed, farthest].argmin()])
        return sites

    def _cover(self, clients: Ints, within: float) -> tuple[Ints | None, bool]:
        """Return sites that serve some clients, or None and whether there are none."""
        covers, site = np.unique(self.minutes[:, clients] <= within, axis=0, return_index=True)
        programme = Programme(
            cost=np.zeros(len(site)),
            lower=np.zeros(len(site)),
            upper=np.ones(len(site)),
            whole=np.ones(len(site), dtype=bool),
            matrix=sp.csc_array(np.vstack([covers.T, np.ones(len(site))])),
            low=np.append(np.ones(len(clients)), 0.0),
            high=np.append(np.full(len(clients), np.inf), self.new),
        )
        solved = solve(programme, time_limit_s=self.left_s, seed=self.seed, options={"mip_rel_gap": TOLERANCE / 10})
        return (None if solved.x is None else site[solved.x > 0.5]), solved.infeasible


def least_longest(covers: Covers) -> Longest:
    """Open the sites that make the longest journey of any client shortest: bisection over the distinct minutes."""
    minutes, base = covers.minutes, covers.base
    if not base.size:
        return Longest(np.zeros(0, dtype=np.int64), 0.0, 0.0, True)
    levels = np.unique(np.minimum(minutes, base))
    levels = levels[np.isfinite(levels) & (levels >= np.minimum(minutes.min(axis=0), base).max())]
    best, finished = covers.find(levels[-1])
    if best is None:
        return Longest(None, np.inf, levels[0], finished)
    low, high = 0, int(np.searchsorted(levels, covers.nearest(best).max()))
    while low < high and finished:
        middle = (low + high) // 2
        sites, finished = covers.find(levels[middle])
        if sites is not None:
            best, high = sites, int(np.searchsorted(levels, covers.nearest(sites).max()))
        elif finished:
            low = middle + 1
    return Longest(best, float(levels[high]), float(levels[low]), finished)
