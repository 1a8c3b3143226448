"""Sites with a least and a most number of clients as a mixed-integer programme, and clients shared out among them."""

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from cfwlib.milp import Options, Programme, Solved, solve
from cfwlib.sites.search import TOLERANCE, Floats, Ints

_SHARE_S = 600.0  # never needed: clients are shared out among chosen sites in hundredths of a second
_OPTIONS: Options = {  # do not search near solutions or begin anew: the first ones are good here
    "mip_heuristic_run_rins": False, "mip_heuristic_run_rens": False, "mip_heuristic_run_root_reduced_cost": False,
    "mip_allow_restart": False, "mip_rel_gap": TOLERANCE / 10,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Shared:
    """Sites and the clients of each: the value asked for, and the sum of minutes."""

    sites: Ints
    assigned: Ints
    value: float
    minutes: float
    everyone: bool


@dataclass(frozen=True, eq=False)
class Loads:
    """What each site may serve.

    Attributes
    ----------
    far
        Minutes from client to site, (clients, sites); inf = cannot be served from there.
    weight
        Of each client, (clients,).
    least, most
        Fewest and most clients of each site that is open, (sites,).
    own
        Client that each site is, (sites,), -1 = none.
    everyone
        Serve every client at the least weighted minutes, instead of the most weight.
    seed
        Of HiGHS.
    """

    far: Floats
    weight: Floats
    least: Floats
    most: Floats
    own: Ints
    everyone: bool
    seed: int

    @property
    def served_at_most(self) -> float:
        """Weight of the clients that some site may serve."""
        return float(self.weight[np.isfinite(self.far).any(axis=1)].sum())

    def opened(self, x: Floats) -> Ints:
        """Return the sites open in a solution of `solve`."""
        return np.flatnonzero(x[: len(self.own)] > 0.5)

    def solve(
        self, opened: Ints, new: int, *, at_least: float | None = None, whole: bool = False, time_limit_s: float
    ) -> Solved:
        """Open `new` sites at most besides those that are open, to proof or to the time limit.

        y_j = 1 if site j is open, x_ij = 1 if it serves client i. Given the sites, what is left is a flow, so x need
        not be told to be whole for value and bound to be right; each x_ij <= y_j, which keeps the bound tight.

        Parameters
        ----------
        opened, new
            Sites that are open, and how many more may be.
        at_least
            Seek the least minutes among choices that serve this weight at least; None = seek what was asked for.
        whole
            Whether the x of the answer must be whole.
        time_limit_s
            Seconds.
        """
        client, site = self._pairs(opened, new)
        clients, sites, pairs = *self.far.shape, len(client)
        y, x, each = np.arange(sites), sites + np.arange(pairs), np.arange(pairs)
        is_one = np.flatnonzero(self.own >= 0)
        ones, unit = np.ones(pairs), max(float(self.weight.max(initial=0)), 1e-300)
        served = self.weight[client] / unit
        blocks = [  # rows, columns, values, number of rows, low, high
            (np.append(client, self.own[is_one]), np.append(x, is_one), np.ones(pairs + len(is_one)), clients,
             float(self.everyone), 1.0),
            (np.append(each, each), np.append(x, site), np.append(ones, -ones), pairs, -np.inf, 0.0),
            (np.append(site, y), np.append(x, y), np.append(ones, -self.most), sites, -np.inf, 0.0),
            (np.append(site, y), np.append(x, y), np.append(ones, -self.least), sites, 0.0, np.inf),
            (0 * y, y, np.ones(sites), 1, 0.0, float(new + len(opened))),
        ]  # fmt: skip
        cost = self.far[client, site] * (self.weight[client] if self.everyone else 1.0)
        if at_least is not None:
            blocks.append((0 * each, x, served, 1, at_least / unit, np.inf))
        elif not self.everyone:
            cost = -self.weight[client]
        scale = max(float(np.abs(cost).max(initial=0)), 1e-300)  # the solver's tolerances are absolute
        programme = Programme(
            cost=np.append(np.zeros(sites), cost / scale),
            lower=np.isin(np.arange(sites + pairs), opened).astype(float),
            upper=np.ones(sites + pairs),
            whole=np.append(np.ones(sites, dtype=bool), np.full(pairs, whole)),
            matrix=_stack(blocks, sites + pairs),
            low=np.concatenate([np.full(count, low) for _, _, _, count, low, _ in blocks]),
            high=np.concatenate([np.full(count, high) for _, _, _, count, _, high in blocks]),
        )
        solved = solve(programme, time_limit_s=time_limit_s, seed=self.seed, options=_OPTIONS)
        sign = -1.0 if at_least is None and not self.everyone else 1.0
        return replace(solved, bound=solved.bound * scale * sign)

    def share(self, opened: Ints, fixed: Ints) -> Shared | None:
        """Give each client to one of the open sites, or none, as well as can be; None where that cannot be done.

        Sites that then serve no one are closed, unless they are fixed or serve themselves.
        """
        solved = self.solve(opened, 0, whole=True, time_limit_s=_SHARE_S)
        if solved.x is None:
            return None
        if not self.everyone:
            weight = self._assigned(solved.x, opened)[1]
            shorter = self.solve(opened, 0, at_least=weight, whole=True, time_limit_s=_SHARE_S)
            solved = solved if shorter.x is None else shorter
        assigned, weight = self._assigned(np.asarray(solved.x), opened)
        served = np.flatnonzero(assigned >= 0)
        far = self.far[served, assigned[served]]
        minutes = float(far @ self.weight[served] if self.everyone else far.sum())
        sites = opened if self.everyone else np.union1d(np.intersect1d(opened, assigned), fixed)
        return Shared(sites, assigned, minutes if self.everyone else weight, minutes, self.everyone)

    def _pairs(self, opened: Ints, new: int) -> tuple[Ints, Ints]:
        near = np.isfinite(self.far)
        if not new:
            near[:, np.setdiff1d(np.arange(len(self.own)), opened)] = False
        client, site = np.nonzero(near)
        return client, site

    def _assigned(self, x: Floats, opened: Ints) -> tuple[Ints, float]:
        """Return the site of each client, -1 = none, and the weight served."""
        client, site = self._pairs(opened, 0)
        used = x[len(self.own) :] > 0.5
        assigned = np.full(len(self.weight), -1)
        assigned[client[used]] = site[used]
        return assigned, float(self.weight[assigned >= 0].sum())


def _stack(blocks: list[tuple[Ints, Ints, Floats, int, float, float]], width: int) -> sp.csc_array:
    start = np.cumsum([0, *(count for _, _, _, count, _, _ in blocks)])
    rows = np.concatenate([block[0] + first for block, first in zip(blocks, start, strict=False)])
    columns, values = (np.concatenate([block[part] for block in blocks]) for part in (1, 2))
    return sp.csc_array((values, (rows, columns)), shape=(start[-1], width))
