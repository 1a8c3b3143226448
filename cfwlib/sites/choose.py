"""Choose where further permanent sites would help most: p-median, p-centre and maximal covering, to proof."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cfwlib.errors import InputError, PlanError
from cfwlib.sites.case import Case, read_case
from cfwlib.sites.centre import Covers, least_longest
from cfwlib.sites.search import Ints, Problem
from cfwlib.sites.tree import least_sum

PROVEN_GAP = 1e-4
NO_LIMIT = float(np.finfo(float).max)


@dataclass(frozen=True, eq=False)
class SiteChoice:
    """Where to open new sites, and how sure it is that nowhere is better.

    Attributes
    ----------
    sites
        Candidates to open, in rising order; the fixed ones are not among them.
    assigned
        Candidate, fixed or new, that serves each client, (clients,); -1 = none.
    value
        What was asked for: weighted sum of minutes, longest minutes, or weight covered.
    bound
        No choice has a lower value (of covering: a higher one).
    gap
        How far apart value and bound are, as a share of the value.
    proven
        True if the search was finished and the gap is at most 0.0001.
    unreachable
        Clients of positive weight whom no candidate, fixed ones included, reaches (covering: within the limit). No
        choice helps them, and no value counts them.
    """

    sites: tuple[int, ...]
    assigned: Ints
    value: float
    bound: float
    gap: float
    proven: bool
    unreachable: int


def choose_median(
    weight: npt.ArrayLike,
    minutes: npt.ArrayLike,
    new: int,
    *,
    fixed: Sequence[int] = (),
    time_limit_s: float = 60.0,
    seed: int = 1,
) -> SiteChoice:
    """Open the new sites that make the weighted sum of minutes to the nearest open site least (the p-median).

    Every client of positive weight whom some candidate reaches has to be served. Clients whom none reaches are left
    out, and counted. Where not every pair is reachable, `new` sites may be too few to serve everybody: an error.

    Parameters
    ----------
    weight
        Of each client, such as children, (clients,); zero or more.
    minutes
        From client to candidate, (clients, candidates), zero or more; NaN or inf = no way.
    new
        Sites to open besides the fixed ones, 1 or more.
    fixed
        Candidates that are open already.
    time_limit_s
        Seconds after which the best choice found is returned, not proven, with its bound.
    seed
        Of HiGHS. The same seed gives the same choice unless time runs out.

    Raises
    ------
    InputError
        For shapes, numbers and candidates that cannot be: all of them at once.
    PlanError
        When no choice serves everybody, or none was found in time.
    """
    case = read_case(weight, minutes, new, fixed, time_limit_s)
    reduced, start = case.reduce(), None
    if np.isinf(reduced.minutes).any():
        covers = Covers(reduced.minutes, reduced.base, reduced.new, time_limit_s=time_limit_s, seed=seed)
        start, finished = covers.find(NO_LIMIT)
        if start is None:
            raise _too_few(case, finished)
        time_limit_s = covers.left_s
    problem = Problem(reduced.minutes * reduced.weight, reduced.base * reduced.weight, reduced.new)
    outcome = least_sum(problem, start, time_limit_s=time_limit_s, seed=seed)
    sites, assigned, near = case.open(reduced.site[outcome.sites])
    value = float(case.weight[case.counted] @ near[case.counted])
    return _answer(case, sites, assigned, value, min(outcome.bound, value), outcome.finished)


def choose_centre(
    minutes: npt.ArrayLike,
    new: int,
    *,
    weight: npt.ArrayLike | None = None,
    fixed: Sequence[int] = (),
    time_limit_s: float = 60.0,
    seed: int = 1,
) -> SiteChoice:
    """Open the new sites that make the longest journey to the nearest open site shortest (the p-centre).

    Who has to be served is as for `choose_median`.

    Parameters
    ----------
    minutes
        From client to candidate, (clients, candidates), zero or more; NaN or inf = no way.
    new
        Sites to open besides the fixed ones, 1 or more.
    weight
        Of each client, (clients,): those of weight zero do not count, all others count alike. None = all count.
    fixed, time_limit_s, seed
        As for `choose_median`.

    Raises
    ------
    InputError, PlanError
        As by `choose_median`.
    """
    case = read_case(weight, minutes, new, fixed, time_limit_s)
    reduced = case.reduce()
    longest = least_longest(Covers(reduced.minutes, reduced.base, reduced.new, time_limit_s=time_limit_s, seed=seed))
    if longest.sites is None:
        raise _too_few(case, longest.finished)
    sites, assigned, _ = case.open(reduced.site[longest.sites])
    return _answer(case, sites, assigned, longest.value, longest.bound, longest.finished)


def choose_cover(
    weight: npt.ArrayLike,
    within: npt.ArrayLike,
    new: int,
    *,
    fixed: Sequence[int] = (),
    time_limit_s: float = 60.0,
    seed: int = 1,
) -> SiteChoice:
    """Open the new sites with the most weight within the limit of an open site (maximal covering).

    This is the p-median of a cost that is a client's weight where no open site is within the limit, else nothing.

    Parameters
    ----------
    weight
        Of each client, (clients,); zero or more.
    within
        Whether a candidate is within the limit of a client, (clients, candidates): True or False.
    new
        Sites to open besides the fixed ones, 1 or more.
    fixed, time_limit_s, seed
        As for `choose_median`.

    Returns
    -------
    choice
        `value` and `bound` hold the weight covered by new and fixed sites together.

    Raises
    ------
    InputError
        As by `choose_median`, and when `within` is not of True and False.
    """
    reach = np.asarray(within)
    if reach.dtype != bool:
        raise InputError(f"within: holds {reach.dtype}; give True and False, such as minutes <= limit.")
    case = read_case(weight, np.where(reach, 0.0, np.inf), new, fixed, time_limit_s)
    reduced = case.reduce()
    cost = np.where(np.isinf(reduced.minutes), reduced.weight, 0.0)
    base = np.where(np.isinf(reduced.base), reduced.weight, 0.0)
    most = float(case.weight[case.counted].sum())
    problem = Problem(cost, base, reduced.new, of=most)
    outcome = least_sum(problem, time_limit_s=time_limit_s, seed=seed)
    sites, assigned, _ = case.open(reduced.site[outcome.sites])
    value = float(case.weight[assigned >= 0].sum())
    return _answer(case, sites, assigned, value, max(most - outcome.bound, value), outcome.finished)


def _answer(case: Case, sites: Ints, assigned: Ints, value: float, bound: float, finished: bool) -> SiteChoice:
    apart = abs(value - bound)
    gap = apart / value if value else float(apart and np.inf)
    return SiteChoice(
        sites=tuple(sites.tolist()),
        assigned=assigned,
        value=value,
        bound=bound,
        gap=gap,
        proven=finished and gap <= PROVEN_GAP,
        unreachable=case.unreachable,
    )


def _too_few(case: Case, finished: bool) -> PlanError:
    if not finished:
        return PlanError("time_limit_s: no choice of sites that serves everybody was found in time; allow longer.")
    return PlanError(
        f"new: no {case.new} sites, with the {len(case.fixed)} fixed, serve every client that some candidate reaches. "
        "Open more sites, or give minutes for the pairs that have none."
    )
