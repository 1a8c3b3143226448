"""Choose sites that each serve no fewer and no more clients than given, within a limit, to proof."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cfwlib.errors import PlanError, refuse
from cfwlib.sites.case import Case, read_case
from cfwlib.sites.choose import PROVEN_GAP
from cfwlib.sites.loads import Loads, Shared
from cfwlib.sites.search import ROUNDING, Ints


@dataclass(frozen=True, eq=False)
class CapacitatedChoice:
    """Which sites to open and whom each serves, and how sure it is that nothing is better.

    Attributes
    ----------
    sites
        Open candidates, fixed ones included, in rising order.
    assigned
        Candidate that serves each client, (clients,); -1 = none.
    value
        Weight served; where everyone had to be served, the weighted sum of minutes.
    bound, gap
        No choice has a higher value (where everyone is served: a lower one); how far apart they are, as a share.
    proven
        True if the gap is at most 0.0001.
    minutes, minutes_bound
        Sum of minutes over the clients served, unweighted, and what no choice of this value is below (0 = not sought);
        where everyone had to be served, value and bound again.
    shortest
        True if the value is proven and those two are at most 0.0001 of the minutes apart.
    """

    sites: tuple[int, ...]
    assigned: Ints
    value: float
    bound: float
    gap: float
    proven: bool
    minutes: float
    minutes_bound: float
    shortest: bool


def choose_capacitated(
    minutes: npt.ArrayLike,
    new: int,
    *,
    least: npt.ArrayLike = 0,
    most: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    limit_min: float = np.inf,
    fixed: Sequence[int] = (),
    own: npt.ArrayLike | None = None,
    everyone: bool = False,
    shortest: bool = True,
    time_limit_s: float = 60.0,
    seed: int = 1,
) -> CapacitatedChoice:
    """Open up to `new` sites, and give each client to one or none, so that the most weight is served.

    Of choices equally good the one with the least sum of minutes is taken. Each open site serves from `least` to `most`
    clients. Where too few clients are near, fewer sites or none are opened, and that is then the best there is.

    Parameters
    ----------
    minutes
        From client to candidate, (clients, candidates), zero or more; NaN or inf = no way.
    new
        Most sites to open besides the fixed ones, 1 or more.
    least, most
        Fewest and most clients of an open site: one number for all, or one per candidate.
    weight
        Of each client, (clients,), zero or more; None = all count alike. A client of weight zero still counts as one.
    limit_min
        Longest way to a site, in minutes; the limit itself counts as near.
    fixed
        Candidates that are open already.
    own
        Which client each candidate is, (candidates,), -1 = none: it is served by no site while it is one itself.
    everyone
        True: every client must be served (or be an open site), and the weighted sum of minutes is to be least.
    shortest
        False leaves the minutes as they come, which is quicker.
    time_limit_s
        Seconds after which the best choice found is returned, not proven, with its bound.
    seed
        Of HiGHS. The same seed gives the same choice unless time runs out.

    Raises
    ------
    InputError
        For shapes, numbers and candidates that cannot be: all of them at once.
    PlanError
        When no choice keeps every rule (everyone served, or fixed sites with too few near), or none was found in time.
    """
    case = read_case(weight, minutes, new, fixed, time_limit_s)
    loads = _read_loads(case, least, most, limit_min, own, everyone, seed)
    deadline = time.monotonic() + time_limit_s
    solved = loads.solve(case.fixed, new, time_limit_s=time_limit_s)
    if solved.infeasible or (solved.x is None and everyone):
        raise _none(solved.infeasible)
    best = loads.share(case.fixed if solved.x is None else loads.opened(solved.x), case.fixed)
    if best is None:
        raise _none(solved.infeasible)
    if everyone:
        return _answer(best, solved.bound, solved.bound)
    bound = min(solved.bound, loads.served_at_most)
    if (case.weight == np.round(case.weight)).all():
        bound = np.floor(bound + ROUNDING)
    floor = 0.0
    if shortest:
        left = max(0.0, deadline - time.monotonic())
        solved = loads.solve(case.fixed, new, at_least=best.value, time_limit_s=left)
        other = None if solved.x is None else loads.share(loads.opened(solved.x), case.fixed)
        best = min((one for one in (best, other) if one), key=lambda one: (-one.value, one.minutes))
        floor = solved.bound
    return _answer(best, bound, floor)


def _answer(best: Shared, bound: float, floor: float) -> CapacitatedChoice:
    """Put value and bound together; whoever rounds better than the solver is not ahead of its own bound."""
    bound = max(bound, best.value) if not best.everyone else min(max(bound, 0.0), best.value)
    floor = float(np.clip(floor, 0.0, best.minutes))
    gap = _share(bound - best.value, best.value)
    proven = gap <= PROVEN_GAP
    return CapacitatedChoice(
        sites=tuple(best.sites.tolist()),
        assigned=best.assigned,
        value=best.value,
        bound=float(bound),
        gap=gap,
        proven=proven,
        minutes=best.minutes,
        minutes_bound=floor,
        shortest=proven and _share(best.minutes - floor, best.minutes) <= PROVEN_GAP,
    )


def _share(apart: float, of: float) -> float:
    return float(abs(apart) / of if of else np.inf if apart else 0.0)


def _none(impossible: bool) -> PlanError:
    if not impossible:
        return PlanError("time_limit_s: no choice of sites that keeps every rule was found in time; allow longer.")
    return PlanError(
        "new, least, most, limit_min: no choice of sites keeps them all (everyone served, or the fixed sites with as "
        "many clients near as they must serve). Open more sites, or loosen the limits."
    )


def _read_loads(
    case: Case,
    least: npt.ArrayLike,
    most: npt.ArrayLike,
    limit_min: float,
    own: npt.ArrayLike | None,
    everyone: bool,
    seed: int,
) -> Loads:
    """Check what is asked besides the case; refuse everything wrong at once."""
    clients, sites = case.minutes.shape
    fewest, fullest = np.asarray(least, dtype=float), np.asarray(most, dtype=float)
    itself = np.full(sites, -1) if own is None else np.asarray(own)
    problems = []
    for name, number in (("least", fewest), ("most", fullest)):
        if number.shape not in ((), (sites,)):
            problems.append(
                f"{name}: shape {number.shape}; give one number, or one for each of the {sites} candidates."
            )
        elif not ((number >= 0) & (number == np.round(number))).all():
            problems.append(f"{name}: give whole numbers of clients, zero or more.")
    if not problems and (fewest > fullest).any():
        problems.append("least: a site would have to serve more clients than it may; give least no higher than most.")
    if not limit_min >= 0:
        problems.append(f"limit_min: {limit_min}; give minutes, zero or more.")
    if itself.shape != (sites,) or not np.issubdtype(itself.dtype, np.integer):
        problems.append(f"own: give the number of a client, or -1, for each of the {sites} candidates.")
    elif (itself >= clients).any() or (itself < -1).any():
        problems.append(f"own: clients are numbered 0 to {clients - 1}, and -1 means none.")
    elif len(np.unique(itself[itself >= 0])) < (itself >= 0).sum():
        problems.append("own: a client is given for two candidates; it can be one of them only.")
    refuse(problems)
    far = np.where(case.minutes <= limit_min, case.minutes, np.inf)
    far[itself[itself >= 0], np.flatnonzero(itself >= 0)] = np.inf
    whole = [np.broadcast_to(np.minimum(number, clients + 1), sites) for number in (fewest, fullest)]
    return Loads(far, case.weight, whole[0], whole[1], itself.astype(np.int64), everyone, seed)
