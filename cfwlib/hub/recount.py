"""Recount the figures of a mobile hub plan from its file alone, sharing no code with the planner."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np

MINUTE = 1e-3  # how far printed times and km may be off
SHARE = 1e-6  # how far printed figures may be off, relatively

Record = dict[str, Any]


class Recount:
    """A plan as read from its file: its rules, places and visits, and the figures that follow from them."""

    def __init__(self, data: Record) -> None:
        instance, self.plan = data["instance"], data["plan"]
        self.rules, self.points = instance["settings"], instance["points"]
        self.venues = {venue["venue"]: venue for venue in instance["venues"]}
        self.number = {venue["venue"]: at for at, venue in enumerate(instance["venues"], start=1)}
        self.minutes = {name: np.array(rows, dtype=float) for name, rows in instance["minutes"].items()}
        self.weeks = self.rules["cycle_weeks"]
        self.fleet = [self.vehicle(own) for own in self.rules.get("fleet") or [{}] * self.rules["vehicles"]]
        self.by_length = any(venue.get("further_dwell_min") for venue in self.venues.values())
        self.by_day: dict[tuple[int, int, int], list[Record]] = defaultdict(list)
        self.by_venue: dict[str, list[Record]] = defaultdict(list)
        for visit in self.plan["visits"]:
            self.by_day[visit["vehicle"], visit["week"], visit["weekday"]].append(visit)
            self.by_venue[visit["venue"]].append(visit)
        self.driven: dict[tuple[int, int, int], tuple[float, float, float]] = {}  # day -> back, minutes, km

    def vehicle(self, own: Record) -> Record:
        """Return a vehicle's places (rows of the matrix), weekdays and range."""
        starts = own.get("depot", "")
        ends = starts if own.get("ends_at") is None else own["ends_at"]
        return {
            "starts": self.number[starts] if starts else 0,
            "ends": self.number[ends] if ends else 0,
            "weekdays": own.get("weekdays") or self.rules["working_weekdays"],
            "range_km": own.get("range_km") or self.rules["range_km"],
        }

    def lengths(self, venue: Record) -> list[float]:
        """Return the session lengths a venue is offered at."""
        further = venue.get("further_dwell_min") or ""
        return [float(venue["dwell_min"]), *(float(length) for length in further.split(",") if length.strip())]

    def values(self) -> dict[int, float]:
        """Return the value of a need met, by visits per cycle."""
        return {
            1: {1: 1.0},
            2: {2: 1.0, 1: self.rules["value_fortnightly"]},
            3: {3: 1.0, 1: self.rules.get("value_three_weekly")},
            4: {4: 1.0, 2: self.rules["value_fortnightly"], 1: self.rules["value_four_weekly"]},
        }[self.weeks]

    def frequency(self, visits: int) -> str:
        """Return the name of so many visits a cycle."""
        if visits == self.weeks:
            return "weekly"
        return {2: "fortnightly", 3: "three-weekly", 4: "four-weekly"}.get(self.weeks // visits, "otherwise")

    def _worth(self) -> "np.ndarray[Any, Any]":
        """Return the share of a need that the visits to each venue meet, by their number and their length."""
        values, worth = self.values(), []
        for venue in self.number:
            visits = self.by_venue.get(venue, [])
            value = values.get(len(visits), 0.0)
            if visits and self.by_length:
                length = min(v["session_end_min"] - v["session_start_min"] for v in visits)
                value *= self._worth_of_length(length)
            worth.append(value)
        return np.array(worth)

    def _worth_of_length(self, length: float) -> float:
        """Return what a session is worth: straight lines from nothing through the points of `dwell_values`."""
        before = (0.0, 0.0)
        for minutes, worth in self.rules["dwell_values"]:
            if length <= minutes:
                part = (length - before[0]) / (minutes - before[0])
                return before[1] + part * (worth - before[1])
            before = minutes, worth
        return before[1]

    def _value(self) -> tuple[float, float]:
        """Return the need reached and the residual need, household group by household group."""
        worth, reached, residual = self._worth(), 0.0, 0.0
        for at, point in enumerate(self.points):
            for served, share, minutes, limit in (
                ("served_drive", 1 - point["no_car_share"], "drive_min", "limit_drive_min"),
                ("served_walk", point["no_car_share"], "walk_min", "limit_walk_min"),
            ):
                need = 0.0 if point[served] else point["need_count"] * share
                near = self.minutes[minutes][at] <= self.rules[limit] + 1e-6
                residual += need
                reached += need * float(worth[near].max(initial=0.0))
        return reached, residual

    def _clients(self) -> Iterator[str]:
        """Check that each point's printed visits are those of its best stop."""
        visits, worth = np.array([len(self.by_venue.get(venue, [])) for venue in self.number]), self._worth()
        for at, (point, row) in enumerate(zip(self.points, self.plan["clients"], strict=True)):
            for who, minutes, limit in (
                ("car", "drive_min", "limit_drive_min"),
                ("foot", "walk_min", "limit_walk_min"),
            ):
                near = (self.minutes[minutes][at] <= self.rules[limit] + 1e-6) & (visits > 0)
                named = self.number.get(row[f"{who}_venue"])
                told = near.any() and named and near[named - 1] and worth[named - 1] >= worth[near].max() - 1e-9
                right = told if near.any() else named is None
                count = visits[named - 1] if named else 0
                if row["point"] != point["point"] or not right or row[f"{who}_visits"] != count:
                    yield f"Point '{point['point']}': the best stop by {who} is not as printed."

    def figures(self) -> Iterator[str]:
        """Check every printed figure against the visits."""
        value, residual = self._value()
        changes = sum(len(self.by_venue.get(name, [])) < v.get("last_visits", 0) for name, v in self.venues.items())
        net = value - self.rules.get("change_penalty", 0.0) * changes
        days = self.driven.values()
        figures = {
            "value": value,
            "residual_need": residual,
            "minutes_driven": sum(drive for _, drive, _ in days),
            "km_driven": sum(km for *_, km in days),
            "visits_per_cycle": len(self.plan["visits"]),
            "stops": len(self.by_venue),
            **self._remote(),
        } | ({"changes": changes} if "changes" in self.plan else {})
        for name, right in figures.items():
            if not abs(self.plan[name] - right) <= SHARE * max(1.0, abs(right)):
                yield f"{name} is printed as {self.plan[name]:g} but is {right:g}."
        bound, gap = self.plan["bound"], self.plan["gap"]
        right = (bound - net) / max(value, abs(net), 1e-9)
        if not bound >= net - SHARE * max(1.0, value):
            yield f"The bound {bound:g} is below the value {net:g}."
        if not self.plan.get("remote_reached", 0.0) <= self.plan.get("remote_bound", 0.0) + SHARE:
            yield "More of the most remote children are reached than the bound says can be."
        if not abs(gap - right) <= SHARE * max(1.0, abs(right)):
            yield f"The gap is printed as {gap:g} but is {right:g}."
        if self.plan["status"] not in ("optimal", "best of whole rounds", "time limit"):
            yield f"The status '{self.plan['status']}' is unknown."
        if self.plan["status"] == "optimal" and not right <= 1e-4:
            yield f"The plan is called optimal with a gap of {right:g}."
        yield from self._venues(value)
        yield from self._clients()

    def _remote(self) -> dict[str, float]:
        """Recount the most remote children and those within the drive limit of a visit that is worth anything."""
        if "remote_reached" not in self.plan:
            return {}
        worth, limit = self._worth(), self.rules["limit_drive_min"] + 1e-6
        children = [point.get("remote_children") or 0.0 for point in self.points]
        near = [bool((worth[minutes <= limit] > 0).any()) for minutes in self.minutes["drive_min"]]
        reached = sum(count for count, is_near in zip(children, near, strict=True) if is_near)
        return {"remote_children": sum(children), "remote_reached": reached}

    def _venues(self, value: float) -> Iterator[str]:
        """Check the venues' statuses and that their shares add up to the value."""
        rows = {row["venue"]: row for row in self.plan["venues"]}
        if set(rows) != set(self.venues):
            yield "The plan's venues are not those of the instance."
            return
        for venue, row in rows.items():
            visits = len(self.by_venue.get(venue, []))
            frequency = self.frequency(visits) if visits else ""
            if (row["status"] == "chosen") != bool(visits) or row["frequency"] != frequency:
                yield f"{row['name']}: printed as '{row['status']}' '{row['frequency']}' but visited {visits} times."
        if not abs(sum(row["need_reached"] for row in rows.values()) - value) <= SHARE * max(1.0, value):
            yield "need_reached of the venues does not add up to the value."

    def spending(self) -> Iterator[str]:
        """Check the cost of the cycle against the printed sum and the budget."""
        cost = len(self.by_day) * self.rules.get("cost_per_vehicle_day_gbp", 0.0)
        for visit in self.plan["visits"]:
            cost += self.rules.get("cost_per_visit_gbp", 0.0) + self.venues[visit["venue"]].get("hire_gbp", 0.0)
        if not abs(self.plan.get("cost_gbp", cost) - cost) <= SHARE * max(1.0, cost):
            yield f"cost_gbp is printed as {self.plan['cost_gbp']:g} but is {cost:g}."
        budget = self.rules.get("budget_gbp")
        if budget is not None and not cost <= budget + SHARE * max(1.0, budget):
            yield f"The cycle costs {cost:g} pounds, more than the budget of {budget:g}."
