"""Settings of the homes forecast: which returns, how far ahead, what a bed costs, how small numbers are hidden."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from cfwlib.settings.base import Frozen, SolverSettings
from cfwlib.settings.help import DATE, FILE_NAME


def _in_the_calendar(text: str) -> str:
    """Refuse what looks like a date and is none, such as 2028-02-30."""
    try:
        date.fromisoformat(text or "2000-01-01")
    except ValueError:
        raise PydanticCustomError("no_such_day", "there is no such day in the calendar") from None
    return text


_Day = Annotated[str, AfterValidator(_in_the_calendar)]


class DisclosureSettings(Frozen):
    """How small numbers of children are hidden; 1 to 5 always are."""

    round_to: Literal[0, 5, 10] = Field(0, description="counts of children are rounded to this; 0 = not rounded")
    min_denominator: int = Field(20, ge=1, description="no percentage of fewer children than this")


class ReturnsSettings(Frozen):
    """Which child-level returns are read, and how."""

    returns: str = Field("", pattern=FILE_NAME, description="folder in data/returns; empty = none (sample: invented)")
    returns_dates: Literal["", "dmy", "mdy"] = Field("", description="order of 03/04/2025; empty = told from the files")
    returns_end: _Day = Field("", pattern=DATE, description="last day the returns cover; empty = 31 March")
    returns_authority: str = Field("", max_length=80, description="only rows whose column LA says this; empty = all")
    history_years: float = Field(3, ge=1, le=20, description="years of history the rates rest on")
    short_breaks: bool = Field(False, description="count children in short breaks (V3, V4)")


class ForecastSettings(Frozen):
    """How far ahead, with how many draws, under which scenarios."""

    forecast_years: float = Field(3, gt=0, le=10, description="years looked ahead")
    forecast_draws: int = Field(500, ge=200, le=10_000, description="draws of rates and of chance")
    scenarios: str = Field("", pattern=FILE_NAME, description="TOML file in data/scenarios; empty = the project's own")


class HomesSettings(ReturnsSettings, ForecastSettings, DisclosureSettings, SolverSettings):
    """What the homes forecast needs: evidence, horizon, beds, money, targets and carers."""

    bed_probability: float = Field(0.95, gt=0.5, lt=1, description="chance wanted that there is a bed for every child")
    bed_occupancy: float = Field(0.85, gt=0.3, le=1, description="share of beds in use that homes are planned for")
    beds_per_home: int = Field(3, ge=1, le=4, description="beds of a new children's home")
    cost_residential_gbp_per_week: float = Field(6750, ge=0, description="a week in a children's home, GBP")
    cost_fostering_gbp_per_week: float = Field(920, ge=0, description="a week in foster care, GBP")
    cost_supported_gbp_per_week: float = Field(1500, ge=0, description="a week in supported housing, GBP (assumed)")
    cost_other_gbp_per_week: float = Field(600, ge=0, description="a week elsewhere, GBP (assumed)")
    inflation_per_year: float = Field(0.03, ge=-0.1, le=0.5, description="growth of prices, share a year")
    new_home_capital_gbp: float = Field(1_200_000, ge=0, description="buying and fitting one home, GBP (assumed)")
    new_home_running_gbp_per_week: float = Field(14_000, ge=0, description="running one home, GBP (assumed)")
    target_in_area_share: float = Field(0.7, gt=0, lt=1, description="share of children to live in the area")
    target_date: _Day = Field("2028-03-31", min_length=1, pattern=DATE, description="day by which, YYYY-MM-DD")
    carers: str = Field("", pattern=FILE_NAME, description="file in data/returns; empty = none (sample: invented)")
    carers_leave_per_year: float = Field(
        0.12, ge=0, lt=1, description="share of fostering households that leave (assumed)"
    )
    carers_recruits_per_year: float = Field(12, ge=0, description="households newly approved in a year (assumed)")
    mockingbird_min_families: int = Field(6, ge=1, le=30, description="fewest foster families of a constellation")
    mockingbird_max_families: int = Field(10, ge=1, le=30, description="most foster families of a constellation")
    mockingbird_limit_min: float = Field(30, gt=0, le=120, description="longest drive to the hub home, minutes")
