"""Settings of the mobile family hub: its rules, its venues and its calendar."""

from datetime import date, timedelta
from typing import Literal, NamedTuple, Self

from pydantic import Field, model_validator

from cfwlib.errors import SettingsError
from cfwlib.settings.base import DAY_MIN, WEEK, Frozen, LimitSettings, SolverSettings
from cfwlib.settings.help import DATE, FILE_NAME, WEEKDAYS


class Frequency(NamedTuple):
    """How often a round runs: its name, visits per cycle, and the share of a need it meets."""

    name: str
    visits: int
    value: float


class Vehicle(Frozen):
    """A vehicle that differs from the others in where it is kept, when it works or how far it goes."""

    depot: str = Field(default="", description="venue where it starts, by id; empty = the hub's depot")
    ends_at: str | None = Field(default=None, description="venue where it ends; empty = the hub's, None = its own")
    weekdays: str = Field(default="", pattern=WEEKDAYS, description="weekdays it works; empty = those of the hub")
    range_km: float | None = Field(default=None, gt=0, le=2000, description="longest day, km; None = as the hub's")


class HubSettings(LimitSettings, SolverSettings):
    """Duty day, cycle, access limits and decisions of a mobile family hub.

    The break is taken once the first stop is packed up. Which law asks for it depends on the vehicle and the driver:
    20 minutes where the day exceeds 6 hours (Working Time Regulations 1998, regulation 12); 45 minutes after 4.5 hours
    at the wheel under the assimilated drivers' hours rules (Regulation (EC) 561/2006, article 7). With the default day
    of 420 minutes and sessions of 120, no more than 4 hours are driven. Where a longer day could break either rule
    between breaks, check it: only the length and the place of the one break are planned.

    Every field carries its unit in its name or description; unknown names are refused.
    """

    aim: Literal["most_need", "balanced", "farthest_first"] = Field(
        "balanced",
        description="the most need reached; the same where remote_share of the most remote is kept; or these first",
    )
    remote_min: float = Field(
        25, ge=0, le=240, description="most remote are children farther from help by car, minutes"
    )
    remote_share: float = Field(
        0.75,
        ge=0,
        le=1,
        description="of the most remote children that any plan can reach, share that a balanced one must",
    )
    cycle_weeks: Literal[1, 2, 3, 4] = Field(2, description="weeks after which the timetable repeats")
    vehicles: int = Field(1, ge=1, le=10, description="vehicles, all from the one depot, where `fleet` names none")
    fleet: tuple[Vehicle, ...] = Field(
        (),
        max_length=10,
        description="vehicles one by one, each with depot, ends_at, weekdays, range_km; empty = `vehicles` alike",
    )
    working_weekdays: str = Field(
        "12345", min_length=1, pattern=WEEKDAYS, description="weekdays worked, 1 = Monday ... 5 = Friday"
    )
    max_vehicle_days: int | None = Field(None, ge=1, description="most vehicle-days used in a cycle; none = all")
    duty_start_min: float = Field(510, ge=0, lt=DAY_MIN, description="vehicle leaves the depot, minutes after midnight")
    duty_min: float = Field(420, gt=0, le=DAY_MIN, description="longest duty, depot to depot, minutes")
    setup_min: float = Field(15, ge=0, le=240, description="minutes from arriving to opening the door")
    pack_up_min: float = Field(15, ge=0, le=240, description="minutes from closing the door to driving off")
    dwell_min: float = Field(120, ge=5, le=720, description="session length where a venue names none, minutes")
    break_min: float = Field(30, ge=0, le=240, description="break, taken once the first stop is packed up, minutes")
    reserve_share: float = Field(
        0.1, ge=0, le=1, description="time kept in hand on each drive of a round, as a share of its minutes"
    )
    round_to_min: float = Field(
        5, ge=0, le=60, description="sessions begin on whole multiples of this, minutes; 0 = any"
    )
    range_km: float = Field(200, gt=0, le=2000, description="longest distance driven in a day, km")
    value_fortnightly: float = Field(0.6, ge=0, le=1, description="share of a need met by a visit every two weeks")
    value_three_weekly: float = Field(0.45, ge=0, le=1, description="share of a need met by a visit every three weeks")
    value_four_weekly: float = Field(0.35, ge=0, le=1, description="share of a need met by a visit every four weeks")
    further_dwell_min: tuple[float, ...] = Field(
        (), description="session lengths also offered where a venue names none, minutes"
    )
    dwell_values: tuple[tuple[float, float], ...] = Field(
        ((60, 0.7), (90, 0.9), (120, 1.0)),
        min_length=1,
        description="minutes and worth of a session, linear between and from 0; counts where lengths are a choice",
    )
    min_stops_per_district: int = Field(0, ge=0, le=50, description="stops that each district must have, if it can")
    cost_per_visit_gbp: float = Field(0, ge=0, description="cost of a visit besides the venue's hire, pounds")
    cost_per_vehicle_day_gbp: float = Field(0, ge=0, description="cost of a day a vehicle is out, pounds")
    budget_gbp: float | None = Field(None, ge=0, description="most that a cycle may cost, pounds; none = no limit")
    change_penalty: float = Field(
        0, ge=0, description="need that outweighs one stop of the last plan dropped or made rarer, children"
    )
    must: tuple[str, ...] = Field((), description="venues that must be visited, by id")
    keep: tuple[str, ...] = Field((), description="venues visited no less often than in the last plan, by id")
    ban: tuple[str, ...] = Field((), description="venues that must not be visited, by id")
    max_tours: int = Field(200_000, ge=1, description="most sets of stops of one size that are looked at")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(set(self.working_weekdays)) < len(self.working_weekdays):
            raise ValueError(f"working_weekdays '{self.working_weekdays}' names a day twice")
        lengths, worth = zip(*self.dwell_values, strict=True)
        if list(lengths) != sorted({0.0, *lengths} - {0.0}) or list(worth) != sorted(worth) or worth[-1] > 1:
            raise ValueError("dwell_values must be pairs of minutes and worth, both rising, none worth more than 1")
        if not all(5 <= length <= 720 for length in self.further_dwell_min):
            raise ValueError("further_dwell_min must be from 5 to 720 minutes")
        for vehicle in self.fleet:
            if not set(vehicle.weekdays) <= set(self.working_weekdays):
                raise ValueError(f"a vehicle works on {vehicle.weekdays}, the hub only on {self.working_weekdays}")
        if self.value_four_weekly > self.value_fortnightly:
            raise ValueError("value_four_weekly exceeds value_fortnightly: a rarer visit cannot be worth more")
        return self

    @property
    def frequencies(self) -> tuple[Frequency, ...]:
        """Return the frequencies a round may have in this cycle, most frequent first."""
        named = [("weekly", 1, 1.0), ("fortnightly", 2, self.value_fortnightly)]
        named += [("three-weekly", 3, self.value_three_weekly), ("four-weekly", 4, self.value_four_weekly)]
        cycle = self.cycle_weeks
        return tuple(Frequency(name, cycle // every, worth) for name, every, worth in named if cycle % every == 0)

    @property
    def vehicle_kinds(self) -> tuple[tuple[Vehicle, tuple[int, ...]], ...]:
        """Return the vehicles that differ, every rule filled in, each with the numbers (from 1) of those alike."""
        numbers: dict[Vehicle, tuple[int, ...]] = {}
        for number, vehicle in enumerate(self.fleet or [Vehicle()] * self.vehicles, start=1):
            filled = Vehicle(
                depot=vehicle.depot,
                ends_at=vehicle.depot if vehicle.ends_at is None else vehicle.ends_at,
                weekdays=vehicle.weekdays or self.working_weekdays,
                range_km=vehicle.range_km or self.range_km,
            )
            numbers[filled] = (*numbers.get(filled, ()), number)
        return tuple(numbers.items())

    @property
    def vehicle_days(self) -> int:
        """Return the vehicle-days that may be used in one cycle."""
        there_are = self.cycle_weeks * sum(len(kind.weekdays) * len(numbers) for kind, numbers in self.vehicle_kinds)
        return there_are if self.max_vehicle_days is None else min(there_are, self.max_vehicle_days)


class VenueSettings(Frozen):
    """Where the mobile hub may stop."""

    hub_serves: Literal["rural", "everyone"] = Field("rural", description="whose unmet need the mobile hub is for")
    depot: str = Field("family_hub", min_length=1, description="kind or name of the service the vehicle starts from")
    venue_kinds: str = Field(
        "library,gp,village,school,hamlet",
        description="candidate kinds, preferred first; 'own', your own list, comes first unless named elsewhere",
    )
    venue_parking: bool = Field(False, description="leave out venues without parking")
    venue_step_free: bool = Field(False, description="leave out venues without step-free access")
    venue_unknown: Literal["allowed", "left_out"] = Field(
        "allowed", description="venues of which it is not known whether they have what is asked for"
    )
    venue_hire_limit_gbp: float | None = Field(None, ge=0, description="most a session's hire may cost; none = any")
    vehicle_speed_factor: float = Field(
        0.88, gt=0, le=1.5, description="speed of the mobile hub as a share of a car's (lorries in hills: 0.88)"
    )
    venue_spacing_m: float = Field(1500, ge=0, le=20_000, description="nearer candidates count as one, metres")
    max_venues: int = Field(100, ge=1, le=200, description="most candidate venues given to the planner")
    venues_must: str = Field("", description="venue names the plan must serve, separated by ;")
    venues_banned: str = Field("", description="venue names the plan may not use, separated by ;")
    decisions: str = Field("", pattern=FILE_NAME, description="file in data/decisions; empty = none")
    baseline: str = Field(
        "", pattern=FILE_NAME, description="timetable drawn by hand, a CSV in data/decisions; empty = none"
    )
    last_plan: str = Field("", pattern=FILE_NAME, description="plan.json in data/decisions; empty = none")
    plan_redraws: int = Field(40, ge=1, le=2000, description="redraws of minutes and need that test the plan")
    floor_deprived: bool = Field(True, description="most deprived hard-to-reach neighbourhoods must have a stop")


class CalendarSettings(Frozen):
    """From which date the mobile hub's timetable runs, which days it leaves out, and what its notices say."""

    cycle_start: str = Field("", pattern=DATE, description="Monday of the first week; empty = the first sensible one")
    weeks_notice: int = Field(4, ge=0, le=52, description="weeks from the run to the first week, at least")
    run_date: str = Field("", pattern=DATE, description="day that counts as that of the run; empty = today")
    weeks_ahead: int = Field(26, ge=1, le=104, description="weeks that dates are given for")
    bank_holidays: str = Field("", pattern=FILE_NAME, description="gov.uk JSON in data/calendar; empty = by rule")
    closures: str = Field("", pattern=FILE_NAME, description="TOML or CSV of closed days in data/calendar")
    term_time_only: bool = Field(False, description="leave out the school holidays that the closures file names")
    timetable_issue: int = Field(1, ge=1, description="one more each time a changed timetable is published")
    hub_name: str = Field("Mobile family hub", min_length=1, description="what families call it")
    hub_url: str = Field(
        "https://www.gov.uk/find-local-council", pattern=r"^https?://[^\s]+$", description="web page about it"
    )
    hub_contact: str = Field("", description="how to ask, in words, such as a telephone number; empty = web page only")
    hub_offer: str = Field(
        "Help and advice for families with children aged 0 to 19, or up to 25 with special educational needs or "
        "disabilities",
        description="what it offers, separated by ;",
    )

    @model_validator(mode="after")
    def _starts_on_a_monday(self) -> Self:
        for name in ("cycle_start", "run_date"):
            try:
                day = date.fromisoformat(getattr(self, name) or "2001-01-01")  # a Monday
            except ValueError:
                raise ValueError(f"{name} '{getattr(self, name)}' is not a date") from None
            if name == "cycle_start" and (weekday := day.weekday()):
                monday = day - timedelta(days=weekday)
                raise ValueError(f"cycle_start '{self.cycle_start}' is not a Monday; {monday} and {monday + WEEK} are")
        return self

    @property
    def run_day(self) -> date:
        """Return the day of the run: everything that asks what day it is asks here."""
        return date.fromisoformat(self.run_date) if self.run_date else date.today()

    @property
    def first_day(self) -> date:
        """Return the Monday on which the first cycle begins, once that is set: `cfwlib.data.days_off.with_start`.

        Raises
        ------
        SettingsError
            When it is not.
        """
        if not self.cycle_start:
            raise SettingsError(
                "cycle_start is not set. Give a Monday, or take what days_off.with_start(settings) does."
            )
        return date.fromisoformat(self.cycle_start)

    @property
    def last_day(self) -> date:
        """Return the Sunday that ends the last week given dates."""
        return self.first_day + self.weeks_ahead * WEEK - timedelta(days=1)
