"""Bounds from Lagrangian duality: what no choice of sites can be below, and the sites that no better choice has."""

from dataclasses import dataclass, replace

import numpy as np

from cfwlib.sites.search import Floats, Ints, Problem, Search


@dataclass(frozen=True, eq=False)
class Node:
    """A part of the problem: some sites opened, some closed, `new` of the others to open.

    Attributes
    ----------
    bound
        No choice of this part costs less.
    opened, free
        Sites opened so far, and those still to choose from.
    base
        Cost of each client with the sites opened so far, (clients,).
    price
        What each client pays at most towards a site, (clients,): the multipliers of "served once".
    """

    bound: float
    opened: Ints
    free: Ints
    base: Floats
    price: Floats

    def new(self, problem: Problem) -> int:
        """Return how many sites are still to be opened."""
        return problem.new - len(self.opened)

    def branch(self, problem: Problem) -> "tuple[Node, Node]":
        """Return the parts with and without the site that clients would pay the most for."""
        worth = np.minimum(problem.cost[self.free] - self.price, 0).sum(axis=1)
        site, rest = self.free[worth.argmin()], np.delete(self.free, worth.argmin())
        base = np.minimum(self.base, problem.cost[site])
        return replace(self, opened=np.append(self.opened, site), free=rest, base=base), replace(self, free=rest)


@dataclass(frozen=True)
class Effort:
    """How long to climb: first step, steps without progress before it is halved, its least, local search every."""

    step: float
    patience: int
    least_step: float
    improve_every: int = 0


ROOT = Effort(1.0, 20, 2e-3, improve_every=40)
BRANCH = Effort(0.3, 5, 2e-2)


def whole_node(search: Search) -> Node:
    """Return the problem as a node, priced between the nearest and the second site of the best choice so far."""
    problem = search.problem
    cost = np.sort(np.vstack([problem.cost[search.sites], problem.base]), axis=0)[:2]
    price = np.where(np.isfinite(cost[1]), cost.mean(axis=0), cost[0])
    return Node(0.0, search.sites[:0], np.arange(len(problem.cost)), problem.base, price)


def tighten(node: Node, search: Search, effort: Effort) -> Node:
    """Raise a node's bound and close the sites that no choice below the search's cutoff has.

    For any price u, a choice costs at least Σu + Σ of its sites' Σ min(0, cost − u), so Σu plus the `new` least of
    those is a bound, and a site whose place among them would lift it to the cutoff can be closed. Prices climb by
    subgradients (Held, Wolfe and Crowder 1974; for the p-median Narula, Ogbu and Samuelsson 1977, Beasley 1985).
    """
    problem, new, free = search.problem, node.new(search.problem), node.free
    if len(free) <= new or new == 0:
        sites = np.append(node.opened, free[:new])
        search.offer(np.append(sites, np.setdiff1d(np.arange(len(problem.cost)), sites)[: problem.new - len(sites)]))
        return replace(node, bound=np.inf)  # nothing left to choose
    cost = problem.cost[free]
    if not np.isfinite(np.minimum(cost.min(axis=0), node.base)).all():
        return replace(node, bound=np.inf)  # some client cannot be served
    price = best_price = np.minimum(node.price, node.base)
    bound, step, idle, turn, drift = node.bound, effort.step, 0, 0, np.zeros_like(price)
    at_best = -np.inf
    while bound < search.cutoff and step > effort.least_step and len(free) > new:
        paid = np.minimum(cost - price, 0)
        worth = paid.sum(axis=1)
        order = np.argpartition(worth, new - 1)
        chosen = order[:new]
        total = float(price.sum() + worth[chosen].sum())
        idle = 0 if total > at_best + 1e-5 * abs(search.value) else idle + 1
        if total > at_best:
            at_best, best_price = total, price
            bound = max(bound, total)
        turn += 1
        if not search.left_s:
            break
        keep = total + worth - worth[chosen].max() < search.cutoff
        keep[chosen] = True
        if effort.improve_every and turn % effort.improve_every == 0:
            search.improve(free[chosen])
        drift = 0.7 * (1.0 - (paid[chosen] < 0).sum(axis=0)) + 0.3 * drift
        if idle >= effort.patience:
            price, step, idle = best_price, step / 2, 0
        elif not drift.any():
            break
        else:
            price = price + step * (1.002 * search.value - total) / (drift @ drift) * drift
            price = np.minimum(price, node.base)
        if not keep.all():
            free, cost = free[keep], cost[keep]
    tight = replace(node, bound=bound, free=free, price=best_price)
    return tighten(tight, search, effort) if len(free) <= new else tight
