"""What every run has: an area, its data, a seed and limits."""

from datetime import timedelta
from typing import Literal

from pydantic import ConfigDict, Field

from cfwlib.areas import AREA_NAME
from cfwlib.settings.help import DATE, FILE_NAME, Explained

DAY_MIN = 1440.0
WEEK = timedelta(weeks=1)


class Frozen(Explained):
    """Settings that do not change and know no other names."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class AreaSettings(Frozen):
    """Which area, which data, where the outputs go."""

    area: str = Field("cumberland", pattern=AREA_NAME, description="area file in notebooks/areas")
    data: Literal["sample", "store"] = Field("sample", description="modelled sample, or imported data")
    out: str = Field("", description="output folder; empty = show only, write nothing")
    lsoa_vintage: Literal[2011, 2021] = Field(2021, description="2021 = IoD 2025, 2011 = IoD 2019")


class DataSettings(AreaSettings):
    """Which bus timetable is read besides."""

    bus_timetable: str = Field("", pattern=FILE_NAME, description="folder or zip in data/gtfs; empty = no bus")
    bus_date: str = Field("", pattern=DATE, description="day travelled; empty = a Tuesday")


class SeedSettings(Frozen):
    """What makes a run repeatable."""

    seed: int = Field(1, ge=0, le=2**31 - 1, description="seed of every random draw and of the solver")


class SolverSettings(SeedSettings):
    """How long a proof may take."""

    time_limit_s: float = Field(60, gt=0, description="longest search for a proof, seconds")


class LimitSettings(Frozen):
    """How far is too far; the limit itself still counts as reached."""

    limit_drive_min: float = Field(15, gt=0, le=120, description="longest acceptable drive, minutes")
    limit_walk_min: float = Field(30, gt=0, le=120, description="longest acceptable walk, minutes")
