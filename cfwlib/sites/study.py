"""Where one more permanent site would help most, for a whole area in one call: three questions, each with its proof."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from cfwlib.data.load import AreaData
from cfwlib.errors import PlanError, refuse
from cfwlib.reach import AreaReach, fixed_services, minutes_matrix
from cfwlib.settings import Settings
from cfwlib.showing import Shown
from cfwlib.sites.choose import SiteChoice, choose_centre, choose_cover, choose_median

Floats = npt.NDArray[np.float64]
QUESTIONS = {
    "cover": "Most within reach",
    "median": "Shortest journeys on average",
    "centre": "Shortest longest journey",
}


@dataclass(frozen=True, repr=False)
class SitesStudy(Shown):
    """Answers for one area.

    Attributes
    ----------
    answers
        One row per question and number of new sites, the present (0) first: `question`, `new`, `sites` (names), `value`
        and `bound` (cover: people within reach; median: mean minutes by car; centre: longest minutes by car), `gap`,
        `proven`, `gain` (what the value improves on the present by).
    chosen
        The sites of the largest number, as points: `question`, `name`, `kind`.
    candidates
        The places considered, as points.
    people
        Children counted in all.
    lost
        Points that no site of any kind reaches by car, and that therefore no answer counts.
    """

    answers: pd.DataFrame
    chosen: gpd.GeoDataFrame
    candidates: gpd.GeoDataFrame
    people: float
    lost: int

    def _says(self) -> tuple[str, ...]:
        new, asked = self.answers["new"].max(), self.answers["new"] > 0
        about = f"up to {new} more sites of {len(self.candidates)} candidates, for {self.people:,.0f} children"
        return about, f"answers: {self.answers.loc[asked, 'proven'].sum()} of {asked.sum()} proven; chosen; candidates"


def study_sites(region: AreaData, reach: AreaReach, settings: Settings) -> SitesStudy:
    """Choose up to `new_sites` further permanent sites among the places there are, beside the fixed services.

    Covering counts households with a car within the drive limit and those without within the walk limit; the two other
    questions count everybody by car.

    Parameters
    ----------
    region
        Services of the area: fixed ones count wherever they stand, candidates only inside it.
    reach
        From `reach_area`.
    settings
        Kinds of place, number of sites, whom to count, limits in minutes, time for each proof in seconds.

    Raises
    ------
    PlanError
        When a kind of place is not in the data, or there are fewer candidates than sites.

    Examples
    --------
    >>> answers = study_sites(region, reach, Settings(new_sites=1)).answers
    >>> answers.loc[answers["new"] == 1, ["sites", "gain", "proven"]].round(1)  # children, then minutes
                                 sites   gain  proven
    1  Silloth Modelled Primary School  116.3    True
    3                  Silloth Library    0.2    True
    5                Bowness-on-Solway    2.7    True
    """
    candidates = _candidates(region, reach, settings)
    fixed = fixed_services(region.services, settings)
    fixed = fixed[~fixed["service"].isin(reach.network.off_network.index)]
    case = _case(reach, [*fixed["service"], *candidates["service"]], list(range(len(fixed))), settings)
    rows, chosen = [], []
    for question in QUESTIONS:
        rows.append(_row(question, 0, [], before := case.today(question), before, before, proven=True))
        for new in range(1, settings.new_sites + 1):
            choice = case.ask(question, new)
            picked = candidates.iloc[[site - len(fixed) for site in choice.sites]]
            scale = case.counted if question == "median" else 1.0
            value, bound = choice.value / scale, choice.bound / scale
            rows.append(_row(question, new, list(picked["name"]), value, bound, before, proven=choice.proven))
        chosen.append(picked.assign(question=QUESTIONS[question]))
    lost = int(np.isnan(case.drive).all(axis=1).sum())
    sites = gpd.GeoDataFrame(pd.concat(chosen, ignore_index=True))
    return SitesStudy(pd.DataFrame(rows), sites, candidates, float(case.people.sum()), lost)


@dataclass(frozen=True, eq=False)
class _Case:
    people: Floats  # (points,)
    households: Floats  # (2 x points,): those with a car, then those without
    drive: Floats  # (points, fixed and candidates)
    within: npt.NDArray[np.bool_]  # (households, fixed and candidates)
    fixed: list[int]
    settings: Settings

    @property
    def counted(self) -> float:
        return float(self.people[~np.isnan(self.drive).all(axis=1)].sum())

    def today(self, question: str) -> float:
        minutes = np.fmin.reduce(self.drive[:, self.fixed], axis=1)
        if question == "cover":
            return float(self.households[self.within[:, self.fixed].any(axis=1)].sum())
        if question == "median":
            return float(np.nansum(self.people * minutes) / self.counted)
        return float(np.nanmax(minutes[self.people > 0]))

    def ask(self, question: str, new: int) -> SiteChoice:
        fixed, limit, seed = self.fixed, self.settings.time_limit_s, self.settings.seed
        if question == "cover":
            return choose_cover(self.households, self.within, new, fixed=fixed, time_limit_s=limit, seed=seed)
        if question == "median":
            return choose_median(self.people, self.drive, new, fixed=fixed, time_limit_s=limit, seed=seed)
        return choose_centre(self.drive, new, weight=self.people, fixed=fixed, time_limit_s=limit, seed=seed)


def _case(reach: AreaReach, places: list[str], fixed: list[int], settings: Settings) -> _Case:
    points = reach.points
    people = points["need_count" if settings.site_weight == "need" else "children_0_17"].to_numpy(float)
    origins, no_car = list(points["point"]), points["no_car_share"].to_numpy(float)
    drive = minutes_matrix(reach.network, origins, places, settings).to_numpy()
    walk = minutes_matrix(reach.network, origins, places, settings, mode="walk", limit_min=settings.limit_walk_min)
    within = np.vstack([drive <= settings.limit_drive_min, walk.notna()])
    return _Case(people, np.concatenate([people * (1 - no_car), people * no_car]), drive, within, fixed, settings)


def _row(
    question: str, new: int, sites: list[str], value: float, bound: float, before: float, *, proven: bool
) -> dict[str, object]:
    gap = abs(value - bound) / value if value else 0.0
    gain = value - before if question == "cover" else before - value
    names = "; ".join(sorted(sites))
    return {"question": QUESTIONS[question], "new": new, "sites": names, "value": value, "bound": bound, "gap": gap,
            "proven": proven, "gain": gain}  # fmt: skip


def _candidates(region: AreaData, reach: AreaReach, settings: Settings) -> gpd.GeoDataFrame:
    kinds = [kind.strip() for kind in settings.site_kinds.split(",") if kind.strip()]
    inside = region.services[region.services["in_area"]]
    problems = [
        f"site kind '{kind}' is not in the data (known: {', '.join(sorted(set(inside['kind'])))})."
        for kind in kinds
        if kind not in set(inside["kind"])
    ]
    found = inside[inside["kind"].isin(kinds) & ~inside["service"].isin(reach.network.off_network.index)]
    if not problems and len(found) < settings.new_sites:
        problems.append(f"new_sites = {settings.new_sites}, but only {len(found)} places are of the kinds {kinds}.")
    refuse(problems, PlanError)
    return found.reset_index(drop=True)
