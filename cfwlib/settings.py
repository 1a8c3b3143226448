"""Typed run parameters: one frozen model, filled from an area file, the command line or a notebook's cell."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from cfwlib.errors import SettingsError

DAY_MIN = 1440.0
AREA_NAME = r"^[a-z0-9_-]+$"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class DataSettings(_Frozen):
    """Which area, which data, where the outputs go."""

    area: str = Field("cumberland", pattern=AREA_NAME, description="area file in notebooks/areas")
    data: Literal["sample", "store"] = Field("sample", description="modelled sample, or imported data")
    out: str = Field("", description="output folder; empty = show only, write nothing")
    lsoa_vintage: Literal[2011, 2021] = Field(2021, description="2021 = IoD 2025, 2011 = IoD 2019")
    bus_timetable: str = Field("", pattern=r"^(\w[\w .-]*)?$", description="folder or zip in data/gtfs; empty = no bus")
    bus_date: str = Field("", pattern=r"^(\d{4}-\d\d-\d\d)?$", description="day travelled; empty = a Tuesday")


class SeedSettings(_Frozen):
    """What makes a run repeatable."""

    seed: int = Field(1, ge=0, le=2**31 - 1, description="seed of every random draw and of the solver")


class LimitSettings(_Frozen):
    """How far is too far; the limit itself still counts as reached."""

    limit_drive_min: float = Field(15, gt=0, le=120, description="longest acceptable drive, minutes")
    limit_walk_min: float = Field(30, gt=0, le=120, description="longest acceptable walk, minutes")


class NeedSettings(SeedSettings):
    """Weights of the need index and how far they are shaken."""

    weight_income: float = Field(0.4, ge=0, le=1, description="weight of income deprivation")
    weight_children_young_people: float = Field(0.2, ge=0, le=1, description="weight of the education sub-domain")
    weight_geographical_barriers: float = Field(0.2, ge=0, le=1, description="weight of distance to services")
    weight_no_car: float = Field(0.2, ge=0, le=1, description="weight of households without a car")
    weight_draws: int = Field(1000, ge=100, le=20_000, description="redraws of the weights for the rank interval")
    weight_concentration: float = Field(50, gt=0, le=10_000, description="Dirichlet concentration of the redraws")

    @model_validator(mode="after")
    def _weights_sum_to_one(self) -> Self:
        total = sum(self.weights.values())
        if abs(total - 1) > 1e-9:
            raise ValueError(f"the four need weights must sum to 1; they sum to {total:g}")
        return self

    @property
    def weights(self) -> dict[str, float]:
        """Weight of each indicator of the need index, summing to 1."""
        return {
            "income": self.weight_income,
            "children_young_people": self.weight_children_young_people,
            "geographical_barriers": self.weight_geographical_barriers,
            "no_car": self.weight_no_car,
        }


class BusSettings(_Frozen):
    """When families without a car travel by bus, and how far they walk to a stop."""

    bus_from_min: float = Field(540, ge=0, lt=DAY_MIN, description="first departure looked at, minutes of the day")
    bus_to_min: float = Field(660, gt=0, le=DAY_MIN, description="end of departures looked at, minutes of the day")
    bus_walk_limit_m: float = Field(1000, gt=0, le=5000, description="longest walk to or from a bus stop, crow metres")
    bus_change_min: float = Field(2, gt=0, le=60, description="shortest change between buses, minutes")
    limit_bus_min: float = Field(45, gt=0, le=240, description="longest journey by bus, wait and walks included")


class ReachSettings(LimitSettings, BusSettings):
    """Speeds, limits and the rule for 'hard to reach'.

    Class speeds are a first sketch for free-flowing rural roads, to be multiplied by `speed_factor`
    once calibrated against times the council trusts.
    """

    fixed_services: Literal["hubs_and_centres", "hubs"] = Field(
        "hubs_and_centres", description="which fixed services count as help"
    )
    hard_to_reach_rule: Literal["household_minutes", "drive_minutes"] = Field(
        "household_minutes", description="minutes compared with the limit"
    )
    hard_to_reach_min: float = Field(15, gt=0, le=240, description="rural and beyond this = hard to reach, minutes")
    speed_motorway_kmh: float = Field(95, gt=0, le=130, description="class speed, km/h")
    speed_primary_kmh: float = Field(66, gt=0, le=130, description="class speed, km/h")
    speed_a_road_kmh: float = Field(58, gt=0, le=130, description="class speed, km/h")
    speed_b_road_kmh: float = Field(52, gt=0, le=130, description="class speed, km/h")
    speed_minor_kmh: float = Field(42, gt=0, le=130, description="class speed, km/h")
    speed_narrow_kmh: float = Field(32, gt=0, le=130, description="class speed of roads under 4 m wide, km/h")
    speed_factor: float = Field(1.0, ge=0.5, le=1.5, description="calibration factor on every class speed")
    terminal_min: float = Field(1.8, ge=0, le=15, description="parking and setting off, both ends together, minutes")
    access_speed_kmh: float = Field(30, gt=0, le=60, description="from the door to the road by car, km/h")
    access_detour: float = Field(1.2, ge=1, le=3, description="road over crow distance from door to road, by car")
    walk_speed_kmh: float = Field(4.8, gt=0, le=8, description="walking speed, km/h")
    walk_detour: float = Field(1.3, ge=1, le=3, description="path over crow distance from door to road, on foot")
    snap_limit_m: float = Field(3000, gt=0, le=20_000, description="points farther from a road are listed, not routed")
    junction_tolerance_m: float = Field(1.0, ge=0, le=50, description="link ends nearer than this meet, metres")

    @property
    def class_speed_kmh(self) -> dict[str, float]:
        """Speed of each road class in km/h, calibration factor included."""
        names = ("motorway", "primary", "a_road", "b_road", "minor", "narrow")
        return {name: getattr(self, f"speed_{name}_kmh") * self.speed_factor for name in names}


class Frequency(NamedTuple):
    """How often a round runs: its name, visits per cycle, and the share of a need it meets."""

    name: str
    visits: int
    value: float


class HubSettings(LimitSettings, SeedSettings):
    """Duty day, cycle, access limits and decisions of a mobile family hub.

    Every field carries its unit in its name or description; unknown names are refused.
    """

    cycle_weeks: Literal[2, 4] = Field(2, description="weeks after which the timetable repeats")
    vehicles: int = Field(1, ge=1, le=10, description="vehicles, all from the one depot")
    working_weekdays: str = Field("12345", pattern="^[1-5]+$", description="weekdays worked, 1 = Monday ... 5 = Friday")
    duty_start_min: float = Field(510, ge=0, lt=DAY_MIN, description="vehicle leaves the depot, minutes after midnight")
    duty_min: float = Field(420, gt=0, le=DAY_MIN, description="longest duty, depot to depot, minutes")
    setup_min: float = Field(15, ge=0, le=240, description="minutes from arriving to opening the door")
    pack_up_min: float = Field(15, ge=0, le=240, description="minutes from closing the door to driving off")
    dwell_min: float = Field(120, ge=5, le=720, description="session length where a venue names none, minutes")
    break_min: float = Field(30, ge=0, le=240, description="break, taken once the first stop is packed up, minutes")
    range_km: float = Field(200, gt=0, le=2000, description="longest distance driven in a day, km")
    limit_drive_min: float = Field(15, gt=0, le=120, description="longest drive that counts as reached, minutes")
    limit_walk_min: float = Field(30, gt=0, le=120, description="longest walk that counts as reached, minutes")
    value_fortnightly: float = Field(0.6, ge=0, le=1, description="share of a need met by a visit every two weeks")
    value_four_weekly: float = Field(0.35, ge=0, le=1, description="share of a need met by a visit every four weeks")
    must: tuple[str, ...] = Field((), description="venues that must be visited, by id")
    ban: tuple[str, ...] = Field((), description="venues that must not be visited, by id")
    max_tours: int = Field(200_000, ge=1, description="most sets of stops of one size that are looked at")
    time_limit_s: float = Field(60, gt=0, description="longest search for the proof, seconds")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(set(self.working_weekdays)) < len(self.working_weekdays):
            raise ValueError(f"working_weekdays '{self.working_weekdays}' names a day twice")
        if self.value_four_weekly > self.value_fortnightly:
            raise ValueError("value_four_weekly exceeds value_fortnightly: a rarer visit cannot be worth more")
        return self

    @property
    def frequencies(self) -> tuple[Frequency, ...]:
        """Return the frequencies a round may have in this cycle, most frequent first."""
        weekly = Frequency("weekly", self.cycle_weeks, 1.0)
        fortnightly = Frequency("fortnightly", self.cycle_weeks // 2, self.value_fortnightly)
        if self.cycle_weeks == 2:
            return weekly, fortnightly
        return weekly, fortnightly, Frequency("four-weekly", 1, self.value_four_weekly)

    @property
    def vehicle_days(self) -> int:
        """Return the vehicle-days in one cycle."""
        return self.vehicles * self.cycle_weeks * len(self.working_weekdays)


class VenueSettings(_Frozen):
    """Where the mobile hub may stop."""

    hub_serves: Literal["rural", "everyone"] = Field("rural", description="whose unmet need the mobile hub is for")
    depot: str = Field("family_hub", min_length=1, description="kind or name of the service the vehicle starts from")
    venue_kinds: str = Field("library,gp,village,school", description="candidate kinds, preferred first")
    venue_spacing_m: float = Field(1500, ge=0, le=20_000, description="nearer candidates count as one, metres")
    max_venues: int = Field(100, ge=1, le=200, description="most candidate venues given to the planner")
    venues_must: str = Field("", description="venue names the plan must serve, separated by ;")
    venues_banned: str = Field("", description="venue names the plan may not use, separated by ;")


class SiteSettings(_Frozen):
    """Where further permanent sites may stand, and for whom they are meant."""

    new_sites: int = Field(3, ge=1, le=10, description="most further permanent sites looked at")
    site_kinds: str = Field("library,gp,school,village", description="kinds of place that could house one")
    site_weight: Literal["need", "children"] = Field("need", description="count children likely to need help, or all")


class AccessSettings(_Frozen):
    """How much service each place offers, and the least a ward should have."""

    hub_hours_per_week: float = Field(37, ge=0, le=168, description="session hours of a family hub, hours a week")
    centre_hours_per_week: float = Field(20, ge=0, le=168, description="session hours of a centre, hours a week")
    floor_hours_per_1000: float = Field(4, ge=0, le=1000, description="least hours a week per 1,000 children")


class Settings(DataSettings, NeedSettings, ReachSettings, HubSettings, VenueSettings, SiteSettings, AccessSettings):
    """Every parameter of a run; each part of the library reads only its own."""

    @classmethod
    def read(cls, **values: Any) -> Self:
        """Return validated settings, naming every wrong value at once.

        Parameters
        ----------
        values
            Parameter names and values; text is read as the parameter's type.

        Raises
        ------
        SettingsError
            One line per unknown name, wrong type or value out of range.
        """
        try:
            return cls(**values)
        except ValidationError as error:
            raise SettingsError([_explain(item) for item in error.errors()]) from None

    @classmethod
    def from_cell(cls, namespace: Mapping[str, Any]) -> Self:
        """Return validated settings from a notebook's variables: those that are parameters, by name.

        Parameters
        ----------
        namespace
            `globals()` of the notebook, right after its parameters cell.

        Raises
        ------
        SettingsError
            As `read`.
        """
        return cls.read(**{name: namespace[name] for name in cls.model_fields if name in namespace})


def _explain(item: Any) -> str:
    name = ".".join(str(part) for part in item["loc"])
    if item["type"] == "extra_forbidden":
        return f"parameter '{name}' is unknown. See the parameters cell of the notebook, or cfwlib/settings.py."
    if not name:
        return f"parameters: {item['msg'].removeprefix('Value error, ')}."
    description = Settings.model_fields[name].description if name in Settings.model_fields else ""
    message = "this form is not allowed" if item["type"] == "string_pattern_mismatch" else item["msg"].lower()
    return f"parameter '{name}' = {item['input']!r}: {message} ({description})."
