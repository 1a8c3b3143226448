"""Plan a mobile family hub: where it stops, how often and when, with a proof of how good the plan is."""

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from cfwlib.errors import PlanError
from cfwlib.hub.choose import Choice, choose_rounds, lacking, merge_clients
from cfwlib.hub.day import Day, day_of
from cfwlib.hub.demands import Demands, demands_of
from cfwlib.hub.instance import (
    Floats,
    HubMinutes,
    Instance,
    Ints,
    instance_from_dict,
    instance_to_dict,
    read_instance,
    records,
    unreached,
    within,
)
from cfwlib.hub.model import MOST_PAIRS
from cfwlib.hub.offers import offers_of
from cfwlib.hub.pricing import choose_priced, tours_or_some
from cfwlib.hub.reasons import impossible
from cfwlib.hub.rounds import Round, build_rounds
from cfwlib.hub.tables import (
    ROUND_COLUMNS,
    VISIT_COLUMNS,
    clients_frame,
    remote_reached,
    rounds_frame,
    venues_frame,
    visits_frame,
)
from cfwlib.hub.tours import Tours
from cfwlib.settings import HubSettings
from cfwlib.showing import Shown

PROVEN_GAP = 1e-4
BEST_ROUNDS = "best of whole rounds"
FRAMES = ("visits", "rounds", "venues", "clients")
EMPTY = {"visits": VISIT_COLUMNS, "rounds": ROUND_COLUMNS}  # a plan may have none


@dataclass(frozen=True, eq=False, repr=False)
class HubPlan(Shown):
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
        Need reached; a number that no plan exceeds in need reached less the penalty of its changes, if it reaches as
        many of the most remote children as the aim asks for; and the distance of the two, as a share of the value.
    bound_rounds
        The same of plans whose days are repeated as a whole: no week shares some stops of another's day and not others.
    remote_children, remote_reached, remote_bound
        Children farther than `remote_min` from help by car today; how many of them the plan reaches; and a number that
        no plan of whole rounds exceeds.
    status
        'optimal' if the gap is at most 1e-4; 'best of whole rounds' if it is so to `bound_rounds`; else 'time limit'.
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
    bound_rounds: float = 0.0
    remote_children: float = 0.0
    remote_reached: float = 0.0
    remote_bound: float = 0.0

    def _says(self) -> tuple[str, ...]:
        about = f"need reached {self.value:,.1f}, bound {self.bound:,.1f}, gap {self.gap:.2%}, {self.status}"
        about += f"; {self.remote_reached:,.0f} of {self.remote_children:,.0f} most remote children"
        cycle = f"{self.stops} stops, {self.visits_per_cycle} visits in {self.instance.settings.cycle_weeks} weeks"
        return about, f"{cycle}, {self.km_driven:,.0f} km", f"frames: {', '.join(FRAMES)}"

    @property
    def changes(self) -> int:
        """Return how many stops of the last plan are visited less often, or no longer."""
        frame = self.instance.venues
        per_venue = self.visits["venue"].value_counts().reindex(frame["venue"], fill_value=0)
        return int((per_venue.to_numpy() < frame["last_visits"].to_numpy(float)).sum())

    @property
    def cost_gbp(self) -> float:
        """Return the cost of a cycle, pounds: visits, hire and vehicle-days."""
        s, hire = self.instance.settings, self.instance.venues.set_index("venue")["hire_gbp"]
        days = len(self.visits[["vehicle", "week", "weekday"]].drop_duplicates())
        visits = len(self.visits) * s.cost_per_visit_gbp + float(hire[self.visits["venue"]].sum())
        return visits + days * s.cost_per_vehicle_day_gbp

    def to_dict(self) -> dict[str, Any]:
        """Return the plan with its full instance as JSON-ready values."""
        plan = {k: v for k, v in vars(self).items() if k not in (*FRAMES, "instance", "notes")}
        plan |= {"changes": self.changes, "cost_gbp": self.cost_gbp, "notes": list(self.notes)}
        plan |= {name: records(getattr(self, name)) for name in FRAMES}
        return {"format": "cfwlib hub plan 1", "instance": instance_to_dict(self.instance), "plan": plan}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "HubPlan":
        """Return the plan that `to_dict` described.

        Parameters
        ----------
        data
            The dictionary, possibly after a trip through JSON.
        """
        plan = {k: v for k, v in data["plan"].items() if k not in ("changes", "cost_gbp")}
        plan |= {name: pd.DataFrame(plan[name], columns=None if plan[name] else EMPTY[name]) for name in FRAMES}
        plan |= {"notes": tuple(plan["notes"]), "instance": Instance(*instance_from_dict(data))}
        return cls(**plan)


def plan_hub(
    points: pd.DataFrame, venues: pd.DataFrame, minutes: HubMinutes, settings: HubSettings, *, every: bool = True,
    pairs: int = MOST_PAIRS,
) -> HubPlan:  # fmt: skip
    """Plan the mobile hub that reaches the most need that its aim allows, to proof.

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
        The aim, the rules of the cycle, and the decisions.
    every
        Whether the bound is to be of every plan, or of whole rounds only, which is quicker.
    pairs
        Most pairs of tours among which a fortnight whose weeks share stops is looked for to proof, where no quick
        answer is one.

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
    offers = offers_of(instance)
    days = [day_of(instance, kind, offers) for kind, _ in settings.vehicle_kinds]
    remote = instance.points["remote_children"].to_numpy(float)
    weight = np.concatenate([*unreached(instance.points), np.zeros_like(remote)])
    near = within(instance.minutes.drive_min, settings.limit_drive_min)
    reach = np.vstack([near, within(instance.minutes.walk_min, settings.limit_walk_min), near])
    named = np.flatnonzero(instance.venues["venue"].isin((*settings.must, *settings.keep)))
    allowed = np.flatnonzero(~instance.venues["venue"].isin(settings.ban))
    _refuse_hopeless(weight @ reach, allowed, named)
    # Venues that reach nobody stay in: where range or break binds, one on the way can make another possible.
    stops = np.flatnonzero(np.isin(offers.venue, allowed)) + 1
    tours = tours_or_some(days, stops, settings)
    visitable = np.unique(offers.venue[tours.stops[tours.stops > 0] - 1])
    if not len(tours):
        why = impossible(instance, days, allowed, visitable)
        more = [f"And {len(why) - 3} more venues likewise."] * (len(why) > 3)
        raise PlanError(["No venue can be visited in a duty day:", *why[:3], *more])
    if problems := impossible(instance, days, named, visitable):
        raise PlanError([f"Must-serve {why} Withdraw it, or change the session or the duty." for why in problems])
    reach[:, ~np.isin(np.arange(reach.shape[1]), visitable)] = False
    merged = merge_clients(weight, reach, np.r_[np.zeros(2 * len(remote)), remote])
    clients = replace(merged, reach=merged.reach[:, offers.venue])
    sure = tours.stops[np.isfinite(tours.drive)]
    demands = demands_of(instance, np.unique(offers.venue[sure[sure > 0] - 1]))
    if tours.complete:
        choice = choose_rounds(tours, offers, clients, demands, settings, days=days if every else (), pairs=pairs)
    else:
        choice = choose_priced(tours, offers, clients, demands, settings, days)
    if choice.rounds is None:
        lack = lacking(tours, offers, clients, demands, settings) if choice.infeasible else (0, 0.0)
        raise PlanError(_why_no_plan(choice, instance, tours, demands, lack))
    rounds = choice.dated or build_rounds(
        choice.rounds, days, clients, settings, worth=offers.worth, protected=demands.protected[offers.venue]
    )
    return _assemble(instance, days, rounds, choice, tours, demands, started)


def _refuse_hopeless(in_reach: Floats, allowed: Ints, must: Ints) -> None:
    if not len(allowed):
        raise PlanError("Every venue is banned. Withdraw a ban.")
    if not len(must) and not in_reach[allowed].any():
        raise PlanError(
            "No child with unmet need lives within the drive or walk limit of any venue. "
            "Raise limit_drive_min or limit_walk_min, or give other venues."
        )


def _why_no_plan(choice: Choice, instance: Instance, tours: Tours, demands: Demands, lack: tuple[int, float]) -> str:
    s = instance.settings
    if not choice.infeasible:
        return f"No plan was found among {len(tours):,} tours in {s.time_limit_s:g} s. Raise time_limit_s."
    names = instance.venues.set_index("venue")["name"]
    asked = [
        f"the {rule} venues ({', '.join(names[list(chosen)])})"
        for rule, chosen in (("must-serve", s.must), ("kept", s.keep))
        if chosen
    ]
    if demands.floors:
        asked.append(f"the floors of {', '.join(floor.who for floor in demands.floors)}")
    told, (days, pounds) = " and ".join(asked), lack
    told = told[0].upper() + told[1:]
    if days:
        return (
            f"{told} need at least {days} more vehicle-days a cycle, on the weekdays they open, than the "
            f"{s.vehicle_days} there are. Add a vehicle or a weekday, or withdraw some."
        )
    if np.isfinite(pounds):
        return (
            f"{told} cost at least £{pounds:,.2f} a cycle more than the budget of £{demands.budget_gbp:,.2f}. "
            "Raise budget_gbp, or withdraw some."
        )
    return f"{told} exclude each other, however many vehicle-days there are. Withdraw some."


def _assemble(
    instance: Instance,
    days: list[Day],
    rounds: list[Round],
    choice: Choice,
    tours: Tours,
    demands: Demands,
    started: float,
) -> HubPlan:
    visits = visits_frame(instance, rounds)
    clients = clients_frame(instance, visits)
    venues = venues_frame(instance, days, visits, clients)
    value = float(venues["need_reached"].sum())
    per_venue = visits["venue"].value_counts().reindex(venues["venue"], fill_value=0).to_numpy(np.int64)
    net = value - demands.penalty * demands.changes(np.asarray(per_venue, dtype=np.int64))
    if choice.bound < net - 1e-6 * max(value, 1.0):
        raise PlanError(
            f"The solver's bound {choice.bound:g} is below the plan's own value {net:g}: a fault in cfwlib."
        )
    bound = max(choice.bound, net)
    gap, gap_rounds = ((most - net) / max(value, abs(net), 1e-9) for most in (bound, max(choice.bound_rounds, net)))
    return HubPlan(
        visits=visits,
        rounds=rounds_frame(instance, rounds),
        venues=venues,
        clients=clients,
        value=value,
        bound=bound,
        gap=gap,
        status="optimal" if gap <= PROVEN_GAP else BEST_ROUNDS if gap_rounds <= PROVEN_GAP else "time limit",
        residual_need=float(sum(part.sum() for part in unreached(instance.points))),
        tours=len(tours),
        solve_s=time.perf_counter() - started,
        minutes_driven=sum(r.trip.drive * len(r.weeks) for r in rounds),
        km_driven=sum(r.trip.km * len(r.weeks) for r in rounds),
        visits_per_cycle=len(visits),
        stops=visits["venue"].nunique(),
        instance=instance,
        notes=instance.notes + demands.notes,
        bound_rounds=max(choice.bound_rounds, net),
        remote_children=float(instance.points["remote_children"].sum()),
        remote_reached=remote_reached(instance, visits),
        remote_bound=choice.remote_bound,
    )
