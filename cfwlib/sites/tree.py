"""Choose sites that make a sum of costs least, to proof: local search, Lagrangian bounds, branching, HiGHS."""

import heapq
from dataclasses import dataclass

import numpy as np

from cfwlib.sites.dual import BRANCH, ROOT, Node, tighten, whole_node
from cfwlib.sites.radius import settle
from cfwlib.sites.search import Ints, Problem, Search

HAND_OVER = 200  # parts to look into before HiGHS is asked: it is the better where many sites are to be opened


@dataclass(frozen=True, eq=False)
class Outcome:
    """Sites to open, the sum of costs, what no choice has less than, and whether the search came to its end."""

    sites: Ints
    value: float
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
    return Outcome(search.sites, search.value, min(bound, search.value), finished)


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
