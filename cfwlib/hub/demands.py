"""What a plan has to do besides reaching need: decisions, floors, a budget, and the last plan's stops."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from cfwlib.hub.instance import Flags, Floats, Instance, Ints, within


@dataclass(frozen=True)
class Floor:
    """At least `least` of some venues (flags, (V,)) must be visited, for the sake of `who`."""

    who: str
    venues: Flags
    least: int


@dataclass(frozen=True, eq=False)
class Demands:
    """Demands on a plan.

    Attributes
    ----------
    least
        Fewest visits in a cycle of each venue, (V,): 1 where it is must-serve, those of the last plan where kept.
    floors
        Sets of venues of which some must be visited.
    last
        Visits in a cycle of the last plan, (V,).
    penalty
        Children likely to need help that outweigh one stop visited less often than in the last plan.
    visit_gbp
        Cost of one visit, (V,), pounds.
    day_gbp
        Cost of one vehicle-day, pounds.
    budget_gbp
        Most that a cycle may cost; infinite where there is none.
    notes
        Floors that no plan can keep, in words.
    """

    least: Ints
    floors: tuple[Floor, ...]
    last: Ints
    penalty: float
    visit_gbp: Floats
    day_gbp: float
    budget_gbp: float
    notes: tuple[str, ...] = ()

    @property
    def protected(self) -> Flags:
        """Return the venues (V,) whose visits may serve a demand even where they reach nobody new."""
        floors = [floor.venues for floor in self.floors]
        return np.logical_or.reduce([self.least > 0, (self.last > 0) & (self.penalty > 0), *floors])

    def changes(self, visits: Ints) -> int:
        """Return how many stops of the last plan are visited less often, given the visits of each venue, (V,)."""
        return int((visits < self.last).sum())


def demands_of(instance: Instance, possible: Collection[int]) -> Demands:
    """Return the demands of a problem.

    A floor asks for no more than can be had: an LSOA none of whose venues can be visited is left out and noted, and a
    district with fewer venues than the floor must have those it has.

    Parameters
    ----------
    instance
        The problem.
    possible
        Venue indexes (0-based) that are in some tour.
    """
    venues, s = instance.venues, instance.settings
    can = np.isin(np.arange(len(venues)), list(possible))
    last = venues["last_visits"].to_numpy(np.int64)
    floors, notes = _lsoa_floors(instance, can)
    if s.min_stops_per_district:
        for district in sorted(set(venues["district"]) - {""}):
            inside = can & (venues["district"] == district).to_numpy()
            if inside.sum() < s.min_stops_per_district:
                asked = f"the {s.min_stops_per_district} that min_stops_per_district asks for"
                notes += (f"{district} has {inside.sum()} venues that can be visited, not {asked}.",)
            floors.append(Floor(district, inside, min(s.min_stops_per_district, int(inside.sum()))))
    must, keep = (venues["venue"].isin(chosen).to_numpy() for chosen in (s.must, s.keep))
    least = np.maximum(must, np.where(keep, last, 0))
    return Demands(
        least=least.astype(np.int64),
        floors=tuple(floor for floor in floors if floor.least),
        last=last,
        penalty=s.change_penalty,
        visit_gbp=s.cost_per_visit_gbp + venues["hire_gbp"].to_numpy(float),
        day_gbp=s.cost_per_vehicle_day_gbp,
        budget_gbp=np.inf if s.budget_gbp is None else s.budget_gbp,
        notes=notes,
    )


def _lsoa_floors(instance: Instance, can: Flags) -> tuple[list[Floor], tuple[str, ...]]:
    points = instance.points
    near = within(instance.minutes.drive_min, instance.settings.limit_drive_min)
    floors: list[Floor] = []
    without: list[Floor] = []
    for lsoa in points["lsoa"][points["floor"]].unique():
        flagged = (points["floor"] & (points["lsoa"] == lsoa)).to_numpy()
        at = near[flagged].any(axis=0) & can
        (floors if at.any() else without).append(Floor(str(lsoa), at, 1))
    told = ", ".join(floor.who for floor in without)
    note = f"No venue that can be visited is within the drive limit of {told}: no floor there."
    return floors, (note,) if told else ()
