"""Mockingbird constellations: hub homes that each support six to ten foster families near them, sited to proof.

The frames hold adults' households as numbers. Whose they are, and where they live, is in none of them but roughly.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from cfwlib.data.carers import Carers
from cfwlib.data.load import AreaData
from cfwlib.errors import PlanError, SettingsError, refuse
from cfwlib.reach import build_network, minutes_matrix
from cfwlib.settings import Settings
from cfwlib.sites import CapacitatedChoice, check_capacitated, choose_capacitated

SQUARE_M = 5_000  # a hub home is shown no nearer than this: a carer's address is personal
HUB, SUPPORTED, NO_ROOM = "is a hub home", "supported", "near a home that can host, but no room"
NOWHERE, NO_HOST, TOO_FEW, AGENCY = (
    "home not known, or not near a road of the data",
    "no home that can host within the limit",
    "too few families near every home that can host within the limit",
    "with an agency",
)


@dataclass(frozen=True, eq=False)
class Mockingbird:
    """Constellations for each number of them, the fewest first.

    Attributes
    ----------
    frontier
        `at_most` (constellations asked for), `constellations`, `families` and `places` supported (hub homes not
        counted), `value`, `bound`, `gap` and `proven` of what was maximised (families or approved places),
        `mean_min`, `longest_min` (drive to the hub home, whole minutes) and `shortest` (no less driving would do).
    constellations
        `at_most`, `hub_home` (carer number), `families`, `places`, `mean_min`, `longest_min`, `near` (nearest town) and
        `easting_5km`, `northing_5km` (m, middle of the 5 km square).
    families
        `at_most`, `carer`, `hub_home` (-1 = none), `minutes`, `why`: one row per household, for the service's own use
        only.
    reasons
        `at_most`, `why`, `families`, `places`: what becomes of every household, for a report.
    ceiling
        Most families (or places) that any number of constellations could support, as proven.
    """

    frontier: pd.DataFrame
    constellations: pd.DataFrame
    families: pd.DataFrame
    reasons: pd.DataFrame
    ceiling: float


def carer_minutes(carers: Carers, region: AreaData, settings: Settings) -> pd.DataFrame:
    """Return minutes by car from every household to every one that can host.

    Parameters
    ----------
    carers
        Households with their coordinates.
    region
        Roads of the area.
    settings
        Speeds, terminal minutes, how far from a road is too far.

    Returns
    -------
    minutes
        Index = carer number, columns = carer numbers of those that can host; NaN = no way, or not placed.
    """
    frame = carers.frame.set_index("carer")
    placed = frame.dropna(subset=["easting", "northing"])
    hosts = frame.index[frame["can_host"]]
    network = build_network(region.roads, placed[["easting", "northing"]].rename(index=str), settings)
    names, ends = placed.index.astype(str), placed.index.intersection(hosts).astype(str)
    minutes = minutes_matrix(network, list(names), list(ends), settings)
    return minutes.rename(index=int, columns=int).reindex(index=frame.index, columns=hosts)


def study_mockingbird(
    carers: Carers,
    minutes: pd.DataFrame,
    region: AreaData,
    settings: Settings,
    *,
    most: int = 10,
    maximise: Literal["families", "places"] = "families",
    agency: bool = False,
    shortest: bool = True,
) -> Mockingbird:
    """Choose hub homes and their families for 1, 2, ... constellations, until more would support nobody else.

    For each number the most families are supported, and of such choices the one with the least driving is taken. A
    household is in one constellation at most, and while it is a hub home it is supported by no other.

    Parameters
    ----------
    carers, minutes
        Households, and minutes from each to those that can host, from `carer_minutes`.
    region
        Towns, to say roughly where a hub home is.
    settings
        Fewest and most families, limit in minutes, time for each proof in seconds, seed.
    most
        Most constellations looked at, 1 or more.
    maximise
        Families supported, or their approved places.
    agency
        True counts households of agencies too.
    shortest
        False leaves the drives as they come, which is several times quicker.

    Raises
    ------
    SettingsError
        When the fewest families are more than the most.
    PlanError
        When `most` is below 1, or a choice breaks a rule, which would be a fault of the program.
    """
    if settings.mockingbird_min_families > settings.mockingbird_max_families:
        raise SettingsError(
            f"mockingbird_min_families = {settings.mockingbird_min_families} is more than mockingbird_max_families = "
            f"{settings.mockingbird_max_families}. Swap them, or give both again."
        )
    if most < 1:
        raise PlanError(f"most = {most}: ask for 1 constellation or more.")
    case = _Case(carers.frame.set_index("carer"), minutes, settings, maximise, agency)
    ceiling = case.ask(len(case.hosts), shortest=False).bound
    choices: list[CapacitatedChoice] = []
    while len(choices) < most and not (choices and choices[-1].proven and choices[-1].value >= ceiling):
        choices.append(case.ask(len(choices) + 1, shortest=shortest))
    families = pd.concat([case.families(one).assign(at_most=at) for at, one in enumerate(choices, 1)])
    families = families[["at_most", "carer", "hub_home", "minutes", "why", "approved_places"]]
    grouped = families.groupby(["at_most", "why"])["approved_places"]
    reasons = grouped.agg(families="size", places="sum").reset_index()
    constellations = _constellations(families, case.frame, region.towns)
    frontier = pd.DataFrame([case.row(one, at, families) for at, one in enumerate(choices, 1)])
    return Mockingbird(frontier, constellations, families.reset_index(drop=True), reasons, ceiling)


class _Case:
    def __init__(
        self, frame: pd.DataFrame, minutes: pd.DataFrame, settings: Settings, maximise: str, agency: bool
    ) -> None:
        self.frame, self.settings = frame, settings
        self.eligible = ((frame["provider"] != "agency") | agency).to_numpy()
        self.hosts = frame.index[frame["can_host"] & self.eligible]
        far = minutes.reindex(index=frame.index, columns=self.hosts).to_numpy(float, copy=True)
        far[~self.eligible] = np.nan
        self.far = far
        places = frame["approved_places"].to_numpy(float)
        self.own = frame.index.get_indexer(self.hosts)
        self.rules: dict[str, Any] = {
            "least": settings.mockingbird_min_families,
            "most": settings.mockingbird_max_families,
            "limit_min": settings.mockingbird_limit_min,
            "weight": places if maximise == "places" else np.ones(len(frame)),
            "own": self.own,
        }

    def ask(self, new: int, *, shortest: bool) -> CapacitatedChoice:
        """Choose up to so many hub homes, and check the choice."""
        if not len(self.hosts):
            nobody = np.full(len(self.frame), -1)
            return CapacitatedChoice((), nobody, 0.0, 0.0, 0.0, True, 0.0, 0.0, True)
        new = min(new, len(self.hosts))
        limit, seed = self.settings.time_limit_s, self.settings.seed
        choice = choose_capacitated(self.far, new, **self.rules, shortest=shortest, time_limit_s=limit, seed=seed)
        problems = check_capacitated(choice, self.far, new, **self.rules)
        refuse([f"mockingbird: {problem}" for problem in problems], PlanError)
        return choice

    def families(self, choice: CapacitatedChoice) -> pd.DataFrame:
        """Say of every household which constellation it is in, or why it is in none."""
        served, open_sites = choice.assigned >= 0, self.hosts[list(choice.sites)]
        site = choice.assigned[served]
        hub, drive = np.full(len(self.frame), -1), np.full(len(self.frame), np.nan)
        hub[served], drive[served] = self.hosts[site], self.far[served, site]
        why = pd.Series(np.where(served, SUPPORTED, self._why_not()), index=self.frame.index, dtype="str")
        why[open_sites] = HUB
        return pd.DataFrame(
            {"carer": self.frame.index, "hub_home": hub, "minutes": drive, "why": why,
             "approved_places": self.frame["approved_places"]}
        )  # fmt: skip

    def _why_not(self) -> npt.NDArray[np.object_]:
        """Return why each household would be in no constellation, whichever hub homes are chosen."""
        near = self.far <= self.settings.mockingbird_limit_min
        near[self.own, np.arange(len(self.hosts))] = False
        enough = near.sum(axis=0) >= self.settings.mockingbird_min_families
        # whoever can be a host is off the map if no way leads from there to anybody, itself included
        nowhere = self.frame["easting"].isna().to_numpy() | ~np.isfinite(self.far).any(axis=1)
        cases = [~self.eligible, nowhere & bool(len(self.hosts)), ~near.any(axis=1), ~near[:, enough].any(axis=1)]
        return np.select(cases, [AGENCY, NOWHERE, NO_HOST, TOO_FEW], NO_ROOM).astype(object)

    def row(self, choice: CapacitatedChoice, at_most: int, families: pd.DataFrame) -> dict[str, object]:
        """Return a row of the frontier."""
        served = families[(families["at_most"] == at_most) & (families["why"] == SUPPORTED)]
        return {
            "at_most": at_most,
            "constellations": len(choice.sites),
            "families": len(served),
            "places": int(served["approved_places"].sum()),
            "value": choice.value,
            "bound": choice.bound,
            "gap": choice.gap,
            "proven": choice.proven,
            "mean_min": round(served["minutes"].mean()) if len(served) else np.nan,
            "longest_min": round(served["minutes"].max()) if len(served) else np.nan,
            "shortest": choice.shortest,
        }


def _constellations(families: pd.DataFrame, frame: pd.DataFrame, towns: pd.DataFrame) -> pd.DataFrame:
    """Sum up each constellation, its hub home placed only roughly."""
    served = families[families["why"] == SUPPORTED]
    grouped = served.groupby(["at_most", "hub_home"])
    out = grouped.agg(families=("carer", "size"), places=("approved_places", "sum"), mean_min=("minutes", "mean"),
                      longest_min=("minutes", "max")).reset_index()  # fmt: skip
    out[["mean_min", "longest_min"]] = out[["mean_min", "longest_min"]].round()
    home = frame.loc[out["hub_home"], ["easting", "northing"]].to_numpy(float)
    squares = np.floor(home / SQUARE_M) * SQUARE_M + SQUARE_M / 2
    out["near"] = pd.array([_town(xy, towns) for xy in squares], dtype="str")
    return out.assign(easting_5km=squares[:, 0], northing_5km=squares[:, 1])


def _town(xy: npt.NDArray[np.float64], towns: pd.DataFrame) -> str:
    if not len(towns):
        return ""
    far = np.hypot(towns.geometry.x - xy[0], towns.geometry.y - xy[1])
    return str(towns["name"].iloc[int(far.to_numpy().argmin())])
