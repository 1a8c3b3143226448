"""Choose the rounds: the most need reached, less what changes weigh, with a bound that no timetable can exceed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from cfwlib.hub.day import Day
from cfwlib.hub.demands import Demands
from cfwlib.hub.instance import Flags, Floats, Ints
from cfwlib.hub.model import MOST_PAIRS, NO_PAIRS, ChosenRound, Clients, Model, pairs_of
from cfwlib.hub.offers import Offers
from cfwlib.hub.rounds import Round, need_reached, remote_reached
from cfwlib.hub.tours import Tours
from cfwlib.hub.weeks import Cell, arrange, dated_rounds
from cfwlib.settings import HubSettings

TIE_BREAK = 1e-5  # the most that minutes driven may weigh, as a share of what the best venue is worth
ROUNDING = 1e-9  # what sums of the same numbers in another order may differ by, as a share
ENOUGH = 5e-5  # a gap well within the 1e-4 of a proof


@dataclass(frozen=True)
class Choice:
    """The solver's answer.

    Attributes
    ----------
    rounds
        What to run as whole rounds; None where no plan was found.
    dated
        Rounds that are worth more than those, where weeks that share some stops of a day and not others are; else None.
    bound
        No plan reaches more need, less the penalty of each changed stop, than this.
    bound_rounds
        The same of plans whose days are repeated as a whole.
    remote_bound
        No plan of whole rounds reaches more of the most remote children.
    infeasible
        True when the solver proved that no plan exists.
    """

    rounds: tuple[ChosenRound, ...] | None
    bound: float
    bound_rounds: float = 0.0
    remote_bound: float = 0.0
    dated: list[Round] | None = None
    infeasible: bool = False


def merge_clients(weight: Floats, reach: Flags, remote: Floats) -> Clients:
    """Merge households with the same venues within reach; drop those of no weight or out of reach of every venue.

    Parameters
    ----------
    weight
        Children likely to need help, (C,).
    reach
        Which venue reaches which household group, (C, V).
    remote
        Children who live far from help today, (C,).
    """
    useful = ((weight > 0) | (remote > 0)) & reach.any(axis=1)
    if not useful.any():
        return Clients(np.zeros(0), np.zeros((0, reach.shape[1]), dtype=bool), np.zeros(0))
    packed, group = np.unique(np.packbits(reach[useful], axis=1), axis=0, return_inverse=True)
    merged = np.unpackbits(packed, axis=1, count=reach.shape[1]).astype(bool)
    merge = partial(np.bincount, group.ravel())
    return Clients(merge(weight[useful]).astype(float), merged, merge(remote[useful]).astype(float))


def choose_rounds(
    tours: Tours, offers: Offers, clients: Clients, demands: Demands, settings: HubSettings, *,
    days: Sequence[Day] = (), pairs: int = MOST_PAIRS,
) -> Choice:  # fmt: skip
    """Return the rounds that reach the most need, less the penalty of changed stops, with a bound for all timetables.

    Where the aim is `balanced` or `farthest_first`, the most of the most remote children that whole rounds can reach
    comes first, and the plan has to reach `remote_share` of them, or all. Minutes driven break ties only: they weigh so
    little that bound and value are of the need reached alone.

    Parameters
    ----------
    tours
        Feasible days.
    offers
        The stops.
    clients
        Merged households, with the offers that reach them.
    demands
        Decisions, floors, budget and the last plan.
    settings
        Aim, cycle, vehicles, values, time limit and seed.
    days
        Rules of the day of each kind of vehicle. Given, the bound is of every plan, and weeks may share some stops of a
        day and not others; else both are of whole rounds only, which is quicker.
    pairs
        Most pairs of tours among which a fortnight whose weeks share stops is looked for to proof, where no quick
        answer is one.
    """
    reachable = float(clients.weight.sum())
    scale = float((clients.weight @ clients.reach).max(initial=0.0)) or 1.0
    most_minutes = settings.vehicle_days * float(tours.drive.max()) or 1.0
    changed = demands.penalty * int((demands.last > 0).sum())  # if every stop changed
    model = Model(tours, offers, clients, demands, settings)
    gain = model.need + demands.penalty * model.kept
    most_remote = remote_bound = float(clients.remote.sum())
    if most_remote:
        size = float((clients.remote @ clients.reach).max(initial=0.0)) or 1.0
        solved = model.solve(model.remote * (100 / size), settings)
        if solved.x is None:
            return Choice(None, reachable, infeasible=solved.infeasible)
        most_remote, remote_bound = float(model.remote @ solved.x), min(remote_bound, solved.bound * size / 100)
    share = {"most_need": 0.0, "balanced": settings.remote_share, "farthest_first": 1.0}[settings.aim]
    asked = share * most_remote * (1 - ROUNDING)
    model.ask(asked)
    for tie_break in (TIE_BREAK, 0.0):
        epsilon = tie_break * scale / most_minutes
        solved = model.solve((gain - epsilon * model.minutes) * (100 / scale), settings)
        if solved.x is None:
            return Choice(None, reachable, infeasible=solved.infeasible)
        # gain <= objective + epsilon * minutes <= solver's bound + epsilon * most minutes
        bound = min(reachable, solved.bound * scale / 100 + epsilon * most_minutes - changed)
        value, rounds = float(gain @ solved.x) - changed, model.rounds(solved.x)
        if not solved.proven or bound - value <= ENOUGH * max(abs(value), float(model.need @ solved.x)):
            break  # otherwise decisions leave so little need to reach that even the tie-break blurs the proof
    found, every = Choice(rounds, bound, bound, remote_bound), reachable
    shared = pairs_of(tours, settings, pairs) if days else NO_PAIRS
    for two in [NO_PAIRS, shared][: 1 + bool(shared.size)] if days else ():
        model = Model(tours, offers, clients, demands, settings, whole=two.size > 0, pairs=two)
        model.ask(asked)
        gain = model.need + demands.penalty * model.kept
        solved = model.solve((gain - epsilon * model.minutes) * (100 / scale), settings)
        every = min(every, solved.bound * scale / 100 + epsilon * most_minutes - changed)
        found = replace(found, bound=max(every, value), bound_rounds=min(every, bound))
        if solved.x is None or every - value <= ENOUGH * max(abs(value), float(gain @ solved.x)):
            break
        visits = _needed(model.visits_of(solved.x), offers, clients, demands, settings)
        where = _arranged(visits, tours, offers, demands, settings)
        if where and solved.proven and (dated := dated_rounds(where, days, settings)):
            return replace(found, dated=dated)
    return found


def _needed(visits: Ints, offers: Offers, clients: Clients, demands: Demands, settings: HubSettings) -> Ints:
    """Return the visits without those that add nothing to need, remote children or demands."""
    protected, visits = demands.protected[offers.venue], visits.copy()
    rarer = [0, *sorted(frequency.visits for frequency in settings.frequencies)]

    def reached() -> tuple[float, float]:
        told = clients, visits, settings, offers.worth
        return need_reached(*told), remote_reached(*told)

    whole = reached()
    for stop in np.flatnonzero((visits > 0) & ~protected):
        was = visits[stop]
        for fewer in (number for number in rarer if number < was):
            visits[stop] = fewer
            if all(now >= before * (1 - ROUNDING) for now, before in zip(reached(), whole, strict=True)):
                break
            visits[stop] = was
    return visits


def _arranged(
    visits: Ints, tours: Tours, offers: Offers, demands: Demands, settings: HubSettings
) -> dict[Cell, frozenset[int]]:
    """Arrange visits on as many vehicle-days as there are, and as the budget leaves."""
    left, days = demands.budget_gbp - float(visits @ demands.visit_gbp[offers.venue]), settings.vehicle_days
    if demands.day_gbp and np.isfinite(left):
        days = min(days, max(0, int(left / demands.day_gbp + 1e-6)))
    return arrange(visits, tours, settings, most_days=days)


def lacking(
    tours: Tours, offers: Offers, clients: Clients, demands: Demands, settings: HubSettings
) -> tuple[int, float]:  # fmt: skip
    """Return the fewest extra vehicle-days with which all demands can be met and, if 0, the fewest extra pounds.

    Parameters
    ----------
    tours, offers, clients, demands, settings
        As in `choose_rounds`.

    Returns
    -------
    days, pounds
        Per cycle; NaN pounds where no sum is enough, and 0 days where none is known to help.
    """
    model = Model(tours, offers, clients, demands, settings, lacking=True)
    days, pounds = np.zeros((2, len(model.need)))
    days[model.days], pounds[model.pounds] = 1, 1
    solved = model.solve(-days, settings)
    if solved.x is None:
        return 0, float("nan")
    if missing := round(float(days @ solved.x)):
        return missing, 0.0
    model.program.upper[model.days] = 0
    solved = model.solve(-pounds, settings)
    return 0, float("nan") if solved.x is None else float(pounds @ solved.x)
