"""Plan a mobile family hub: where it stops, how often and when, with a proof of how good the plan is."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cfwlib.errors import PlanError
from cfwlib.hub.choose import Choice, choose_rounds, merge_clients, missing_days
from cfwlib.hub.day import Day, Ints, day_of
from cfwlib.hub.instance import (
    Floats,
    HubMinutes,
    Instance,
    instance_from_dict,
    instance_to_dict,
    read_instance,
    records,
    unreached,
    within,
)
from cfwlib.hub.reasons import impossible
from cfwlib.hub.rounds import Round, build_rounds
from cfwlib.hub.tables import clients_frame, rounds_frame, venues_frame, visits_frame
from cfwlib.hub.tours import Tours, find_tours
from cfwlib.settings import HubSettings

PROVEN_GAP = 1e-4
FRAMES = ("visits", "rounds", "venues", "clients")


@dataclass(frozen=True, eq=False)
class HubPlan:
    """A timetable of the mobile hub for one cycle, and the proof.

    Attributes
    ----------
    visits
        One row per visit: `vehicle`, `week`, `weekday` (1 = Monday), `sequence`, `venue`, `arrive_min`,
        `session_start_min`, `session_end_min`, `depart_min` (minutes after midnight), `round`.
    rounds
        One row per round: `round`, `vehicle`, `weekday`, `weeks`, `frequency`, `venues` (names), `leave_min`,
        `return_min` (minutes after midnight), `drive_min`, `km` (each time it runs).
    venues
        Every venue with `status`, `frequency`, `need` (children whose best stop this is), `need_reached` (the same
        times the value of the frequency; sums to `value`) and `reason`.
    clients
        One row per point: `need_car`, `need_foot` (children not served by a fixed service), and for each the visits per
        cycle of its best stop, 0 if none (`car_visits`, `foot_visits`), and that stop (`car_venue`, `foot_venue`).
    value, bound, gap
        Need reached, a number that no plan of this instance exceeds, and (bound - value) / value.
    status
        'optimal' if the gap is at most 1e-4, else 'time limit'.
    residual_need
        Children likely to need help whom no fixed service reaches, whether or not a venue could.
    tours
        Days the solver could choose from.
    minutes_driven, km_driven, visits_per_cycle, stops
        Totals of one cycle; stops counts venues once.
    """

    visits: pd.DataFrame
    rounds: pd.DataFrame
    venues: pd.DataFrame
    clients: pd.DataFrame
    value: float
    bound: float
    gap: float
    status: str
    residual_need: float
    tours: int
    solve_s: float
    minutes_driven: float
    km_driven: float
    visits_per_cycle: int
    stops: int
    instance: Instance
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the plan with its full instance as JSON-ready values."""
        plan = {k: v for k, v in vars(self).items() if k not in (*FRAMES, "instance", "notes")}
        plan |= {name: records(getattr(self, name)) for name in FRAMES} | {"notes": list(self.notes)}
        return {"format": "cfwlib hub plan 1", "instance": instance_to_dict(self.instance), "plan": plan}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "HubPlan":
        """Return the plan that `to_dict` described.

        Parameters
        ----------
        data
            The dictionary, possibly after a trip through JSON.
        """
        plan = dict(data["plan"])
        plan |= {name: pd.DataFrame(plan[name]) for name in FRAMES}
        plan |= {"notes": tuple(plan["notes"]), "instance": Instance(*instance_from_dict(data))}
        return cls(**plan)


def plan_hub(points: pd.DataFrame, venues: pd.DataFrame, minutes: HubMinutes, settings: HubSettings) -> HubPlan:
    """Plan the mobile hub that reaches the most need, to proof.

    Parameters
    ----------
    points
        One row per demand point: `point`, `lsoa`, `easting`, `northing` (m), `need_count` (children), `no_car_share`
        (0 to 1), `served_drive`, `served_walk`.
    venues
        One row per venue: `venue`, `name`, `kind`, `easting`, `northing` (m); optional `district`, `weekdays`,
        `open_min`, `close_min` (minutes after midnight), `dwell_min` (minutes).
    minutes
        Travel minutes and km, rows and columns in the order of the frames.
    settings
        The rules of the cycle, and the decisions.

    Returns
    -------
    plan
        The timetable with its value, bound and gap.

    Raises
    ------
    PlanError
        If the input is wrong, nothing can be planned, or the decisions cannot be met; the message says why.
    """
    started = time.perf_counter()
    instance = read_instance(points, venues, minutes, settings)
    day = day_of(instance)
    weight = np.concatenate(unreached(instance.points))
    near = within(instance.minutes.drive_min, settings.limit_drive_min)
    reach = np.vstack([near, within(instance.minutes.walk_min, settings.limit_walk_min)])
    must = np.flatnonzero(instance.venues["venue"].isin(settings.must))
    allowed = np.flatnonzero(~instance.venues["venue"].isin(settings.ban))
    _refuse_hopeless(weight @ reach, allowed, must)
    # Venues that reach nobody stay in: where range or break binds, one on the way can make another possible.
    tours = find_tours(day, allowed + 1, max_tours=settings.max_tours)
    if not len(tours.stops):
        raise PlanError(["No venue can be visited in a duty day:", *impossible(instance, day, allowed, tours)])
    if problems := impossible(instance, day, must, tours):
        raise PlanError([f"Must-serve {why} Withdraw it, or change the session or the duty." for why in problems])
    reach[:, ~np.isin(np.arange(reach.shape[1]) + 1, tours.stops)] = False
    clients = merge_clients(weight, reach)
    choice = choose_rounds(tours, clients, settings, must)
    if choice.rounds is None:
        missing = missing_days(tours, clients, settings, must) if choice.infeasible else 0
        raise PlanError(_why_no_plan(choice, instance, tours, missing))
    rounds = build_rounds(choice.rounds, tours, day, clients, settings, must)
    return _assemble(instance, day, rounds, choice, tours, started)


def _refuse_hopeless(in_reach: Floats, allowed: Ints, must: Ints) -> None:
    if not len(allowed):
        raise PlanError("Every venue is banned. Withdraw a ban.")
    if not len(must) and not in_reach[allowed].any():
        raise PlanError(
            "No child with unmet need lives within the drive or walk limit of any venue. "
            "Raise limit_drive_min or limit_walk_min, or give other venues."
        )


def _why_no_plan(choice: Choice, instance: Instance, tours: Tours, missing: int) -> str:
    s = instance.settings
    if not choice.infeasible:
        return f"No plan was found among {len(tours.drive):,} tours in {s.time_limit_s:g} s. Raise time_limit_s."
    names = instance.venues.set_index("venue")["name"][list(s.must)]
    return (
        f"The must-serve venues ({', '.join(names)}) need at least {missing} more vehicle-days a cycle, on the "
        f"weekdays they open, than the {s.vehicle_days} there are. Add a vehicle or a weekday, or withdraw some."
    )


def _assemble(
    instance: Instance, day: Day, rounds: list[Round], choice: Choice, tours: Tours, started: float
) -> HubPlan:
    visits = visits_frame(instance, rounds)
    clients = clients_frame(instance, visits)
    venues = venues_frame(instance, day, visits, clients)
    value = float(venues["need_reached"].sum())
    if choice.bound < value - 1e-6 * max(value, 1.0):
        raise PlanError(
            f"The solver's bound {choice.bound:g} is below the plan's own value {value:g}: a fault in cfwlib."
        )
    bound = max(choice.bound, value)
    gap = (bound - value) / max(value, 1e-9)
    return HubPlan(
        visits=visits,
        rounds=rounds_frame(instance, rounds),
        venues=venues,
        clients=clients,
        value=value,
        bound=bound,
        gap=gap,
        status="optimal" if gap <= PROVEN_GAP else "time limit",
        residual_need=float(sum(part.sum() for part in unreached(instance.points))),
        tours=len(tours.drive),
        solve_s=time.perf_counter() - started,
        minutes_driven=sum(r.trip.drive * len(r.weeks) for r in rounds),
        km_driven=sum(r.trip.km * len(r.weeks) for r in rounds),
        visits_per_cycle=len(visits),
        stops=visits["venue"].nunique(),
        instance=instance,
        notes=instance.notes,
    )
