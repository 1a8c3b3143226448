"""Choose the rounds: the most need reached, less what changes weigh, with a bound that no timetable can exceed."""

from dataclasses import dataclass

import numpy as np

from cfwlib.hub.demands import Demands
from cfwlib.hub.instance import Flags, Floats
from cfwlib.hub.model import ChosenRound, Clients, Model
from cfwlib.hub.offers import Offers
from cfwlib.hub.tours import Tours
from cfwlib.settings import HubSettings

TIE_BREAK = 1e-5  # the most that minutes driven may weigh, as a share of what the best venue is worth
ENOUGH = 5e-5  # a gap well within the 1e-4 of a proof


@dataclass(frozen=True)
class Choice:
    """The solver's answer.

    Attributes
    ----------
    rounds
        What to run; None where no plan was found.
    bound
        No plan reaches more need, less the penalty of each changed stop, than this.
    infeasible
        True when the solver proved that no plan exists.
    """

    rounds: tuple[ChosenRound, ...] | None
    bound: float
    infeasible: bool = False


def merge_clients(weight: Floats, reach: Flags) -> Clients:
    """Merge households with the same venues within reach; drop those of no weight or out of reach of every venue.

    Parameters
    ----------
    weight
        Children likely to need help, (C,).
    reach
        Which venue reaches which household group, (C, V).
    """
    useful = (weight > 0) & reach.any(axis=1)
    if not useful.any():
        return Clients(np.zeros(0), np.zeros((0, reach.shape[1]), dtype=bool))
    packed, group = np.unique(np.packbits(reach[useful], axis=1), axis=0, return_inverse=True)
    merged = np.unpackbits(packed, axis=1, count=reach.shape[1]).astype(bool)
    return Clients(np.bincount(group.ravel(), weight[useful]).astype(float), merged)


def choose_rounds(
    tours: Tours, offers: Offers, clients: Clients, demands: Demands, settings: HubSettings
) -> Choice:  # fmt: skip
    """Return the rounds that reach the most need, less the penalty of changed stops, with a bound for all timetables.

    Minutes driven break ties only: they weigh so little that bound and value are of the need reached alone.

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
        Cycle, vehicles, values, time limit and seed.
    """
    reachable = float(clients.weight.sum())
    scale = float((clients.weight @ clients.reach).max(initial=0.0)) or 1.0
    most_minutes = settings.vehicle_days * float(tours.drive.max()) or 1.0
    changed = demands.penalty * int((demands.last > 0).sum())  # if every stop changed
    model = Model(tours, offers, clients, demands, settings)
    gain = model.need + demands.penalty * model.kept
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
    return Choice(rounds, bound)


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
