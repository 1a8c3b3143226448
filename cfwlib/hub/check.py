"""Check a mobile hub plan from its file alone: every minute, rule and figure, sharing no code with the planner."""

import math
from collections.abc import Iterator
from itertools import pairwise

from cfwlib.hub.recount import MINUTE, Record, Recount


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


class _Check(Recount):
    def problems(self) -> Iterator[str]:
        unknown = sorted(set(self.by_venue) - set(self.venues))
        if unknown:  # nothing else can be derived
            yield from (f"Venue '{venue}' is visited but not in the instance." for venue in unknown)
            return
        for key, visits in sorted(self.by_day.items()):
            yield from self._day(key, sorted(visits, key=lambda v: v["sequence"]))
        if len(self.by_day) > self.weeks * sum(len(vehicle["weekdays"]) for vehicle in self.fleet):
            yield f"{len(self.by_day)} vehicle-days are used, more than there are in the cycle."
        if len(self.by_day) > (self.rules.get("max_vehicle_days") or len(self.by_day)):
            yield f"{len(self.by_day)} vehicle-days are used, more than max_vehicle_days allows."
        for venue, visits in sorted(self.by_venue.items()):
            yield from self._same_time(venue, visits)
        yield from self._decisions()
        yield from self._floors()
        yield from self.spending()
        yield from self._rounds()
        yield from self.figures()

    def _day(self, key: tuple[int, int, int], visits: list[Record]) -> Iterator[str]:
        """Check one vehicle's day: places, times, opening, break, duty and range."""
        vehicle, week, weekday = key
        where, rules = f"Vehicle {vehicle}, week {week}, weekday {weekday}", self.rules
        in_hand, step = 1 + rules.get("reserve_share", 0.0), rules.get("round_to_min", 0.0)
        if vehicle not in range(1, len(self.fleet) + 1) or week not in range(1, self.weeks + 1):
            yield f"{where}: there is no such vehicle or week."
            return
        own = self.fleet[vehicle - 1]
        if str(weekday) not in rules["working_weekdays"] or str(weekday) not in own["weekdays"]:
            yield f"{where}: the hub does not work on this weekday."
        if [v["sequence"] for v in visits] != list(range(1, len(visits) + 1)):
            yield f"{where}: the sequence is not 1, 2, ...: the vehicle would be in two places."
        here, free_from, drive, km = own["starts"], rules["duty_start_min"], 0.0, 0.0
        for at, visit in enumerate(visits):
            there, venue = self.number[visit["venue"]], self.venues[visit["venue"]]
            stop = f"{where}, {venue['name']}"
            leg = float(self.minutes["vehicle_min"][here, there])
            drive, km, leg = drive + leg, km + float(self.minutes["vehicle_km"][here, there]), leg * in_hand
            arrive, begin, end, depart = (
                visit[f"{moment}_min"] for moment in ("arrive", "session_start", "session_end", "depart")
            )
            pause = rules["break_min"] if at == 0 else 0
            # written so that a NaN fails
            if not arrive >= free_from + leg - MINUTE:
                yield f"{stop}: arrives at minute {arrive:g}, before the drive allows ({free_from + leg:g})."
            elif not arrive <= free_from + leg + MINUTE:
                yield f"{stop}: arrives at minute {arrive:g}, later than it can ({free_from + leg:g})."
            if not begin >= arrive + rules["setup_min"] - MINUTE:
                yield f"{stop}: the session starts before setting up is done."
            if not begin >= venue["open_min"] - MINUTE or not end <= venue["close_min"] + MINUTE:
                yield f"{stop}: the session is outside opening hours."
            if step and not abs(begin / step - round(begin / step)) * step <= MINUTE:
                yield f"{stop}: the session does not begin on a multiple of {step:g} minutes."
            lengths = self.lengths(venue)
            exact = any(abs(end - begin - length) <= MINUTE for length in lengths)
            if not (exact or (len(lengths) == 1 and end - begin >= lengths[0])):
                told = " or ".join(f"{length:g}" for length in lengths)
                yield f"{stop}: the session lasts {end - begin:g} minutes, not {told}."
            if not depart >= end + rules["pack_up_min"] + pause - MINUTE:
                yield f"{stop}: departs before packing up{' and the break' if pause else ''} can be over."
            if str(weekday) not in venue["weekdays"]:
                yield f"{stop}: closed on this weekday."
            here, free_from = there, depart
        home = float(self.minutes["vehicle_min"][here, own["ends"]])
        back, drive = free_from + home * in_hand, drive + home
        km += float(self.minutes["vehicle_km"][here, own["ends"]])
        if not back <= rules["duty_start_min"] + rules["duty_min"] + MINUTE:
            yield f"{where}: back at minute {back:g}, after the end of duty."
        if not km <= own["range_km"] + MINUTE:
            yield f"{where}: {km:g} km, beyond the range of {own['range_km']:g}."
        self.driven[key] = back, drive, km

    def _same_time(self, venue: str, visits: list[Record]) -> Iterator[str]:
        """Check that a venue is visited on one weekday, at one time, in evenly spaced weeks."""
        name, weeks = self.venues[venue]["name"], sorted(v["week"] for v in visits)
        if len({v["weekday"] for v in visits}) > 1:
            yield f"{name}: visited on different weekdays."
        for moment in ("session_start_min", "session_end_min"):  # on the way from elsewhere, it may arrive earlier
            times = [v[moment] for v in visits]
            if not max(times) - min(times) <= MINUTE:
                yield f"{name}: {moment} differs between weeks."
        if len(set(weeks)) < len(weeks):
            yield f"{name}: visited twice in a week."
        elif len(weeks) not in self.values() or len({b - a for a, b in pairwise(weeks)}) > 1:
            yield f"{name}: weeks {weeks} of {self.weeks} are none that a frequency has."
        elif len(weeks) > 1 and weeks[1] - weeks[0] != self.weeks // len(weeks):
            yield f"{name}: weeks {weeks} of {self.weeks} are not evenly spaced."

    def _decisions(self) -> Iterator[str]:
        yield from (f"Venue '{v}' is banned but visited." for v in self.rules["ban"] if v in self.by_venue)
        yield from (f"Venue '{v}' is must-serve but not visited." for v in self.rules["must"] if v not in self.by_venue)

        for venue in self.rules.get("keep", []):
            visits, last = len(self.by_venue.get(venue, [])), self.venues[venue]["last_visits"]
            if visits < last:
                yield f"Venue '{venue}' is to be kept at {last} visits a cycle but has {visits}."

    def _floors(self) -> Iterator[str]:
        """Check that LSOAs with a floor, and districts, have the stops that venues possible by themselves allow."""
        possible = {venue for venue in self.venues if self._possible(venue)}
        for lsoa in sorted({point["lsoa"] for point in self.points if point.get("floor")}):
            flagged = [at for at, p in enumerate(self.points) if p.get("floor") and p["lsoa"] == lsoa]
            near = (self.minutes["drive_min"][flagged] <= self.rules["limit_drive_min"] + 1e-6).any(axis=0)
            venues = {venue for venue, at in self.number.items() if near[at - 1]}
            if venues & possible and not venues & set(self.by_venue):
                yield f"{lsoa}: no stop is within the drive limit, though one can be visited."
        for district in sorted({venue["district"] for venue in self.venues.values()} - {""}):
            inside = {key for key, venue in self.venues.items() if venue["district"] == district}
            asked = min(self.rules.get("min_stops_per_district", 0), len(inside & possible))
            if len(inside & set(self.by_venue)) < asked:
                yield f"{district}: {len(inside & set(self.by_venue))} stops, not {asked}."

    def _possible(self, name: str) -> bool:
        """Return whether some vehicle can visit a venue alone in a duty day; banned venues cannot be visited."""
        venue, at, rules = self.venues[name], self.number[name], self.rules
        in_hand, step = 1 + rules.get("reserve_share", 0.0), rules.get("round_to_min", 0.0)
        for vehicle in self.fleet:
            out, home = (
                self.minutes["vehicle_min"][leg] * in_hand for leg in ((vehicle["starts"], at), (at, vehicle["ends"]))
            )
            begin = max(rules["duty_start_min"] + out + rules["setup_min"], venue["open_min"])
            begin = math.ceil((begin - 1e-6) / step) * step if step and begin < math.inf else begin
            end = begin + min(self.lengths(venue))
            back = end + rules["pack_up_min"] + rules["break_min"] + home
            km = self.minutes["vehicle_km"][vehicle["starts"], at] + self.minutes["vehicle_km"][at, vehicle["ends"]]
            if (
                set(venue["weekdays"]) & set(vehicle["weekdays"])
                and end <= venue["close_min"]
                and back <= rules["duty_start_min"] + rules["duty_min"]
                and km <= vehicle["range_km"]
            ):
                return name not in rules["ban"]
        return False

    def _rounds(self) -> Iterator[str]:
        """Check that the rounds say what the visits say."""
        told: set[tuple[int, int, int]] = set()
        names = {at: venue["name"] for at, venue in self.venues.items()}
        for row in self.plan["rounds"]:
            weeks = [int(week) for week in row["weeks"].split(",")]
            where = f"Round {row['round']}"
            if row["frequency"] != self.frequency(len(weeks)):
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
                first = self.fleet[row["vehicle"] - 1]["starts"], self.number[visits[0]["venue"]]
                leave = row["leave_min"] + self.minutes["vehicle_min"][first]
                if row["leave_min"] < self.rules["duty_start_min"] - MINUTE or visits[0]["arrive_min"] < leave - MINUTE:
                    yield f"{where}: leaves before duty or too late for its first stop."
                for name, right in (("return_min", back), ("drive_min", drive), ("km", km)):
                    if not abs(row[name] - right) <= MINUTE:
                        yield f"{where}: {name} is printed as {row[name]:g} but is {right:g}."
        if set(self.by_day) - told:
            yield f"{len(set(self.by_day) - told)} vehicle-days with visits are in no round."
