"""Choose sites that make a sum of costs least, to proof: local search, Lagrangian bounds, branching, HiGHS."""

import heapq
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from cfwlib.milp import Programme, solve
from cfwlib.sites.dual import BRANCH, ROOT, Node, tighten, whole_node
from cfwlib.sites.search import TOLERANCE, Flags, Floats, Ints, Problem, Search

MOST_NONZEROS = 40_000  # larger programmes take HiGHS longer than branching does
HAND_OVER = 200  # parts to look into before HiGHS is asked: it is the better where many sites are to be opened


def settle(root: Node, search: Search) -> float:
    """Look for a better choice within a node, if its programme is small enough; return a bound.

    The programme is the radius formulation (Cornuéjols, Nemhauser and Wolsey 1980; García, Labbé and Marín 2011),
    chained as by Elloumi (2010): x_j = 1 if site j opens; z_l = 1 if no site of client i at level l or a nearer one
    opens, where a level is a distinct cost of that client; z_(l-1) <= z_l + Σ x_j over the sites of level l.
    No choice below the cutoff serves a client at more than its price plus (cutoff - bound): dearer levels fall away.
    """
    problem, free, new = search.problem, root.free, root.new(search.problem)
    worth = np.minimum(problem.cost[free] - root.price, 0).sum(axis=1)
    ranked = np.sort(worth)
    bound = root.price.sum() + ranked[:new].sum()
    most = root.price + (search.cutoff - bound) + TOLERANCE * search.value
    sure = bound - worth + ranked[new] >= search.cutoff  # no better choice is without it
    must = root.base > most
    client, site, level, cost_of, owner = _levels(problem.cost[free].T, np.where(must, most, root.base), must)
    served = np.isin(np.arange(must.size), owner)
    if not served[must].all():
        return search.cutoff  # some client is dearer than in any better choice
    if client.size > MOST_NONZEROS:
        return root.bound

    first, last = np.diff(owner, prepend=-1) != 0, np.diff(owner, append=must.size) != 0
    beyond = np.where(last, root.base[owner], np.append(cost_of[1:], 0.0))
    has_z = ~(last & must[owner])
    z = len(free) + np.cumsum(has_z) - 1
    levels, width = np.arange(owner.size), len(free) + int(has_z.sum())
    rows = np.concatenate([level, levels[has_z], levels[~first], np.full(len(free), owner.size)])
    columns = np.concatenate([site, z[has_z], z[levels[~first] - 1], np.arange(len(free))])
    values = np.repeat([1.0, 1.0, -1.0, 1.0], [site.size, has_z.sum(), (~first).sum(), len(free)])
    unit = search.value / 1e5  # so that the solver's absolute tolerances are small shares
    programme = Programme(
        cost=np.append(np.zeros(len(free)), (beyond - cost_of)[has_z] / unit),
        lower=np.append(sure, np.zeros(width - len(free))),
        upper=np.ones(width),
        whole=np.arange(width) < len(free),
        matrix=sp.csc_array((values, (rows, columns)), shape=(owner.size + 1, width)),
        low=np.append(first.astype(float), new),
        high=np.append(np.full(owner.size, np.inf), new),
    )
    solved = solve(programme, time_limit_s=search.left_s, seed=search.seed, options={"mip_rel_gap": TOLERANCE / 10})
    if solved.x is not None:
        sites = np.append(root.opened, free[np.argsort(-solved.x[: len(free)], kind="stable")[:new]])
        search.improve(sites)
    constant = float(cost_of[first].sum() + root.base[~served].sum())
    return search.cutoff if solved.infeasible else max(root.bound, solved.bound * unit + constant)


def _levels(cost: Floats, most: Floats, must: Flags) -> tuple[Ints, Ints, Ints, Floats, Ints]:
    """Return (client, site, level) of each pair worth having, and (cost, client) of each level; nearest first."""
    order = cost.argsort(axis=1, kind="stable")
    ranked = np.take_along_axis(cost, order, axis=1)
    worth = np.where(must[:, None], ranked <= most[:, None], ranked < most[:, None])
    starts = worth.copy()
    starts[:, 1:] &= ranked[:, 1:] > ranked[:, :-1]
    client, rank = np.nonzero(worth)
    level = np.cumsum(starts[worth]) - 1
    return client, order[client, rank], level, ranked[starts], np.nonzero(starts)[0]


@dataclass(frozen=True, eq=False)
class Outcome:
    """Sites to open, the sum of costs that no choice has less than, and whether the search came to its end."""

    sites: Ints
    bound: float
    finished: bool


def least_sum(problem: Problem, start: Ints | None = None, *, time_limit_s: float, seed: int) -> Outcome:
    """Open the sites that make the sum of costs least.

    Parameters
    ----------
    problem
        Costs and the number of sites to open.
    start
        A choice that serves everybody; needed only where `base` is infinite and the greedy choice leaves somebody out.
    time_limit_s
        Seconds; at least the first choice is made and the first bound found.
    seed
        Of HiGHS; all else is deterministic.
    """
    search = Search(problem, time_limit_s=time_limit_s, seed=seed)
    for sites in (search.greedy(), start):
        if sites is not None:
            search.offer(sites)
            search.improve(sites)
    root = tighten(whole_node(search), search, ROOT)
    bound = _branch(root, search)
    finished = bound >= search.cutoff
    if finished:
        bound = search.value if problem.whole else search.cutoff
    return Outcome(search.sites, min(bound, search.value), finished)


def _branch(root: Node, search: Search) -> float:
    """Split the part with the lowest bound until none is below the cutoff; return the lowest bound left."""
    count, queue, handed, bound = 0, [(root.bound, 0, root)], False, root.bound
    while queue and queue[0][0] < search.cutoff and search.left_s:
        if count >= HAND_OVER and not handed:
            handed, bound = True, settle(root, search)
            if bound >= search.cutoff:
                return bound
        _, _, node = heapq.heappop(queue)
        for part in node.branch(search.problem):
            part = tighten(part, search, BRANCH)
            count += 1
            if part.bound < search.cutoff:
                heapq.heappush(queue, (part.bound, count, part))
    return max(bound, queue[0][0]) if queue else np.inf
