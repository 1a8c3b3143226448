"""Settings of need, reach, permanent sites and hours."""

from typing import Literal, Self

from pydantic import Field, model_validator

from cfwlib.settings.base import DAY_MIN, Frozen, LimitSettings, SeedSettings, SolverSettings


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
        names = ("income", "children_young_people", "geographical_barriers", "no_car")
        return {name: getattr(self, f"weight_{name}") for name in names}


class BusSettings(Frozen):
    """When families without a car travel by bus, and how far they walk to a stop."""

    bus_from_min: float = Field(540, ge=0, lt=DAY_MIN, description="first departure looked at, minutes of the day")
    bus_to_min: float = Field(660, gt=0, le=DAY_MIN, description="end of departures looked at, minutes of the day")
    bus_walk_limit_m: float = Field(1000, gt=0, le=5000, description="longest walk to or from a bus stop, crow metres")
    bus_change_min: float = Field(2, gt=0, le=60, description="shortest change between buses, minutes")
    limit_bus_min: float = Field(45, gt=0, le=240, description="longest journey by bus, wait and walks included")


class RoadSettings(Frozen):
    """Speeds by car and on foot, and how a place is joined to the roads.

    Class speeds are a first sketch for free-flowing rural roads, to be multiplied by `speed_factor`
    once calibrated against times the council trusts.
    """

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


class RuralSettings(LimitSettings, RoadSettings):
    """Limits and the rule for 'hard to reach'."""

    fixed_services: Literal["hubs_and_centres", "hubs"] = Field(
        "hubs_and_centres", description="which fixed services count as help"
    )
    hard_to_reach_rule: Literal["household_minutes", "drive_minutes"] = Field(
        "household_minutes", description="minutes compared with the limit"
    )
    hard_to_reach_min: float = Field(15, gt=0, le=240, description="rural and beyond this = hard to reach, minutes")


class ReachSettings(RuralSettings, BusSettings):
    """How far families have to go by car, on foot and by bus.

    Examples
    --------
    >>> rules = ReachSettings(speed_factor=0.9, limit_drive_min=20)
    >>> round(rules.class_speed_kmh["minor"], 1)  # km/h
    37.8
    """


class SiteSettings(SolverSettings):
    """Where further permanent sites may stand, and for whom they are meant."""

    new_sites: int = Field(3, ge=1, le=10, description="most further permanent sites looked at")
    site_kinds: str = Field("library,gp,school,village", description="kinds of place that could house one")
    site_weight: Literal["need", "children"] = Field("need", description="count children likely to need help, or all")


class AccessSettings(Frozen):
    """How much service each place offers, and the least a ward should have."""

    hub_hours_per_week: float = Field(37, ge=0, le=168, description="session hours of a family hub, hours a week")
    centre_hours_per_week: float = Field(20, ge=0, le=168, description="session hours of a centre, hours a week")
    floor_hours_per_1000: float = Field(4, ge=0, le=1000, description="least hours a week per 1,000 children")
