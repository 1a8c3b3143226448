"""Check a mobile hub plan from its file alone: every minute, rule and figure, sharing no code with the planner."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

MINUTE = 1e-3  # how far printed times and km may be off
SHARE = 1e-6  # how far printed figures may be off, relatively

Record = dict[str, Any]


def check_plan(plan: Record) -> list[str]:
    """Re-derive every minute, constraint and figure of a plan from its raw matrices.

    The bound itself cannot be re-derived without solving; it is checked to be no less than the value, and the gap and
    status to follow from the two.

    Parameters
    ----------
    plan
        The dictionary stored as `plan.json`: instance and plan.

    Returns
    -------
    problems
        One sentence per broken rule; empty when the plan passes.
    """
    try:
        return list(_Check(plan).problems())
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        return [f"The plan cannot be read: {type(error).__name__} {error}. Is the file complete?"]


class _Check:
    def __init__(self, data: Record) -> None:
        instance, self.plan = data["instance"], data["plan"]
        self.rules, self.points = instance["settings"], instance["points"]
        self.venues = {venue["venue"]: venue for venue in instance["venues"]}
        self.number = {venue["venue"]: at for at, venue in enumerate(instance["venues"], start=1)}
        self.minutes = {name: np.array(rows, dtype=float) for name, rows in instance["minutes"].items()}
        self.weeks = self.rules["cycle_weeks"]
        self.by_day: dict[tuple[int, int, int], list[Record]] = defaultdict(list)
        self.by_venue: dict[str, list[Record]] = defaultdict(list)
        for visit in self.plan["visits"]:
            self.by_day[visit["vehicle"], visit["week"], visit["weekday"]].append(visit)
            self.by_venue[visit["venue"]].append(visit)
        self.driven: dict[tuple[int, int, int], tuple[float, float, float]] = {}  # day -> back, minutes, km

    def problems(self) -> Iterator[str]:
        unknown = sorted(set(self.by_venue) - set(self.venues))
        if unknown:  # nothing else can be derived
            yield from (f"Venue '{venue}' is visited but not in the instance." for venue in unknown)
            return
        for key, visits in sorted(self.by_day.items()):
            yield from self._day(key, sorted(visits, key=lambda v: v["sequence"]))
        if len(self.by_day) > self.rules["vehicles"] * self.weeks * len(self.rules["working_weekdays"]):
            yield f"{len(self.by_day)} vehicle-days are used, more than there are in the cycle."
        for venue, visits in sorted(self.by_venue.items()):
            yield from self._same_time(venue, visits)
        yield from self._decisions()
        yield from self._rounds()
        yield from self._figures()

    def _day(self, key: tuple[int, int, int], visits: list[Record]) -> Iterator[str]:
        """Check one vehicle's day: places, times, opening, break, duty and range."""
        vehicle, week, weekday = key
        where, rules = f"Vehicle {vehicle}, week {week}, weekday {weekday}", self.rules
        if vehicle not in range(1, rules["vehicles"] + 1) or week not in range(1, self.weeks + 1):
            yield f"{where}: there is no such vehicle or week."
        if str(weekday) not in rules["working_weekdays"]:
            yield f"{where}: the hub does not work on this weekday."
        if [v["sequence"] for v in visits] != list(range(1, len(visits) + 1)):
            yield f"{where}: the sequence is not 1, 2, ...: the vehicle would be in two places."
        here, free_from, drive, km = 0, rules["duty_start_min"], 0.0, 0.0
        for visit in visits:
            there, venue = self.number[visit["venue"]], self.venues[visit["venue"]]
            stop = f"{where}, {venue['name']}"
            leg = self.minutes["vehicle_min"][here, there]
            drive, km = drive + leg, km + self.minutes["vehicle_km"][here, there]
            arrive, begin, end, depart = (
                visit[f"{moment}_min"] for moment in ("arrive", "session_start", "session_end", "depart")
            )
            pause = rules["break_min"] if here == 0 else 0
            # written so that a NaN fails
            if not arrive >= free_from + leg - MINUTE:
                yield f"{stop}: arrives at minute {arrive:g}, before the drive allows ({free_from + leg:g})."
            if not begin >= arrive + rules["setup_min"] - MINUTE:
                yield f"{stop}: the session starts before setting up is done."
            if not begin >= venue["open_min"] - MINUTE or not end <= venue["close_min"] + MINUTE:
                yield f"{stop}: the session is outside opening hours."
            if not end - begin >= venue["dwell_min"] - MINUTE:
                yield f"{stop}: the session lasts {end - begin:g} minutes, not {venue['dwell_min']:g}."
            if not depart >= end + rules["pack_up_min"] + pause - MINUTE:
                yield f"{stop}: departs before packing up{' and the break' if pause else ''} can be over."
            if str(weekday) not in venue["weekdays"]:
                yield f"{stop}: closed on this weekday."
            here, free_from = there, depart
        back = free_from + self.minutes["vehicle_min"][here, 0]
        drive += self.minutes["vehicle_min"][here, 0]
        km += self.minutes["vehicle_km"][here, 0]
        if not back <= rules["duty_start_min"] + rules["duty_min"] + MINUTE:
            yield f"{where}: back at minute {back:g}, after the end of duty."
        if not km <= rules["range_km"] + MINUTE:
            yield f"{where}: {km:g} km, beyond the range of {rules['range_km']:g}."
        self.driven[key] = back, drive, km

    def _same_time(self, venue: str, visits: list[Record]) -> Iterator[str]:
        """Check that a venue is visited on one weekday, at one time, in evenly spaced weeks."""
        name, weeks = self.venues[venue]["name"], sorted(v["week"] for v in visits)
        if len({v["weekday"] for v in visits}) > 1:
            yield f"{name}: visited on different weekdays."
        for moment in ("arrive_min", "session_start_min", "session_end_min", "depart_min"):
            times = [v[moment] for v in visits]
            if not max(times) - min(times) <= MINUTE:
                yield f"{name}: {moment} differs between weeks."
        if len(set(weeks)) < len(weeks):
            yield f"{name}: visited twice in a week."
        elif len(weeks) not in self._values() or len({b - a for a, b in pairwise(weeks)}) > 1:
            yield f"{name}: weeks {weeks} of {self.weeks} are neither weekly, fortnightly nor four-weekly."
        elif len(weeks) > 1 and weeks[1] - weeks[0] != self.weeks // len(weeks):
            yield f"{name}: weeks {weeks} of {self.weeks} are not evenly spaced."

    def _values(self) -> dict[int, float]:
        """Return the value of a need met, by visits per cycle."""
        values = {self.weeks: 1.0, self.weeks // 2: self.rules["value_fortnightly"]}
        return values | ({1: self.rules["value_four_weekly"]} if self.weeks == 4 else {})

    def _decisions(self) -> Iterator[str]:
        yield from (f"Venue '{v}' is banned but visited." for v in self.rules["ban"] if v in self.by_venue)
        yield from (f"Venue '{v}' is must-serve but not visited." for v in self.rules["must"] if v not in self.by_venue)

    def _rounds(self) -> Iterator[str]:
        """Check that the rounds say what the visits say."""
        told: set[tuple[int, int, int]] = set()
        names = {at: venue["name"] for at, venue in self.venues.items()}
        for row in self.plan["rounds"]:
            weeks = [int(week) for week in row["weeks"].split(",")]
            where = f"Round {row['round']}"
            if row["frequency"] != self._frequency(len(weeks)):
                yield f"{where}: weeks {row['weeks']} are not {row['frequency']}."
            for week in weeks:
                key = row["vehicle"], week, row["weekday"]
                if key in told or key not in self.driven:
                    yield f"{where}: week {week} is told twice or has no visits."
                    continue
                told.add(key)
                visits = sorted(self.by_day[key], key=lambda v: v["sequence"])
                back, drive, km = self.driven[key]
                if row["venues"] != " · ".join(names[v["venue"]] for v in visits):
                    yield f"{where}: the stops differ from the visits of week {week}."
                leave = row["leave_min"] + self.minutes["vehicle_min"][0, self.number[visits[0]["venue"]]]
                if row["leave_min"] < self.rules["duty_start_min"] - MINUTE or visits[0]["arrive_min"] < leave - MINUTE:
                    yield f"{where}: leaves before duty or too late for its first stop."
                for name, right in (("return_min", back), ("drive_min", drive), ("km", km)):
                    if not abs(row[name] - right) <= MINUTE:
                        yield f"{where}: {name} is printed as {row[name]:g} but is {right:g}."
        if set(self.by_day) - told:
            yield f"{len(set(self.by_day) - told)} vehicle-days with visits are in no round."

    def _frequency(self, visits: int) -> str:
        if visits == self.weeks:
            return "weekly"
        return {self.weeks // 2: "fortnightly"}.get(visits, "four-weekly")

    def _value(self) -> tuple[float, float]:
        """Return the need reached and the residual need, household group by household group."""
        values, reached, residual = self._values(), 0.0, 0.0
        worth = np.array([values.get(len(self.by_venue.get(venue, [])), 0.0) for venue in self.number])
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
        visits = np.array([len(self.by_venue.get(venue, [])) for venue in self.number])
        for at, (point, row) in enumerate(zip(self.points, self.plan["clients"], strict=True)):
            for who, minutes, limit in (
                ("car", "drive_min", "limit_drive_min"),
                ("foot", "walk_min", "limit_walk_min"),
            ):
                best = visits[self.minutes[minutes][at] <= self.rules[limit] + 1e-6].max(initial=0)
                told = len(self.by_venue.get(row[f"{who}_venue"], []))
                if row["point"] != point["point"] or row[f"{who}_visits"] != best or told != best:
                    yield f"Point '{point['point']}': the best stop by {who} is not as printed."

    def _figures(self) -> Iterator[str]:
        value, residual = self._value()
        days = self.driven.values()
        figures = {
            "value": value,
            "residual_need": residual,
            "minutes_driven": sum(drive for _, drive, _ in days),
            "km_driven": sum(km for *_, km in days),
            "visits_per_cycle": len(self.plan["visits"]),
            "stops": len(self.by_venue),
        }
        for name, right in figures.items():
            if not abs(self.plan[name] - right) <= SHARE * max(1.0, abs(right)):
                yield f"{name} is printed as {self.plan[name]:g} but is {right:g}."
        bound, gap = self.plan["bound"], self.plan["gap"]
        right = (bound - value) / max(value, 1e-9)
        if not bound >= value - SHARE * max(1.0, value):
            yield f"The bound {bound:g} is below the value {value:g}."
        if not abs(gap - right) <= SHARE * max(1.0, abs(right)):
            yield f"The gap is printed as {gap:g} but is {right:g}."
        if self.plan["status"] not in ("optimal", "time limit"):
            yield f"The status '{self.plan['status']}' is unknown."
        if self.plan["status"] == "optimal" and not right <= 1e-4:
            yield f"The plan is called optimal with a gap of {right:g}."
        yield from self._venues(value)
        yield from self._clients()

    def _venues(self, value: float) -> Iterator[str]:
        """Check the venues' statuses and that their shares add up to the value."""
        rows = {row["venue"]: row for row in self.plan["venues"]}
        if set(rows) != set(self.venues):
            yield "The plan's venues are not those of the instance."
            return
        for venue, row in rows.items():
            visits = len(self.by_venue.get(venue, []))
            frequency = self._frequency(visits) if visits else ""
            if (row["status"] == "chosen") != bool(visits) or row["frequency"] != frequency:
                yield f"{row['name']}: printed as '{row['status']}' '{row['frequency']}' but visited {visits} times."
        if not abs(sum(row["need_reached"] for row in rows.values()) - value) <= SHARE * max(1.0, value):
            yield "need_reached of the venues does not add up to the value."
