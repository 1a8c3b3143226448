"""The mobile hub for a whole area in one call: candidates, minutes, plan, check, and what it changes for families."""

import difflib
import json
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from cfwlib.data.load import AreaData
from cfwlib.data.named_files import named_text
from cfwlib.errors import InputError, PlanError
from cfwlib.hub.check import check_plan
from cfwlib.hub.decision_costs import plan_decided
from cfwlib.hub.decisions import area_decisions, decided
from cfwlib.hub.districts import deprived_and_far, nearest_district
from cfwlib.hub.instance import VENUE_COLUMNS, HubMinutes, instance_to_dict, read_instance
from cfwlib.hub.plan import HubPlan
from cfwlib.hub.stability import read_last_plan, with_last_plan
from cfwlib.hub.venues import choose_candidates, fit_places
from cfwlib.reach import AreaReach, minutes_matrix, vehicle_legs
from cfwlib.reading import parse_json
from cfwlib.settings import HubSettings, Settings
from cfwlib.showing import Shown

_SHAKEN = 1.25  # journeys somewhat beyond the limit are kept: with other minutes they may lie within it
_USE = ["district", "weekdays", "open_min", "close_min", "dwell_min", "hire_gbp"]  # of a venue, for the planner


@dataclass(frozen=True, repr=False)
class HubStudy(Shown):
    """The plan of an area with its candidates and stops.

    `candidates`: every place considered, `kept` or not, with the reason, the hours planned with (`weekdays`, `open_min`
    and `close_min`, minutes after midnight) and the opening hours they leave out (`hours_lost`). `stops`: the visited
    venues as points (EPSG:27700). `points`: the demand points with `mobile_drive_min`, `mobile_walk_min` (to the
    nearest stop) and `reached_drive`, `reached_walk` (fixed or mobile within the limits). `depot`: the service the
    vehicle starts from.
    """

    plan: HubPlan
    candidates: gpd.GeoDataFrame
    stops: gpd.GeoDataFrame
    points: pd.DataFrame
    depot: gpd.GeoSeries

    def _says(self) -> tuple[str, ...]:
        about = f"{len(self.stops)} stops of {len(self.candidates)} candidates, from {self.depot['name']}"
        return about, *repr(self.plan).splitlines()[:1], "also points: who is reached, before and after"


def study_hub(region: AreaData, reach: AreaReach, settings: Settings, *, known: str | None = None) -> HubStudy:
    """Plan the mobile hub for an area and have the plan checked.

    Parameters
    ----------
    region
        Services of the area: the depot and the candidate venues, your own and others, are among them.
    reach
        From `reach_area`: network and demand points with need and access.
    settings
        The hub's rules; candidate kinds and spacing; limits in minutes.
    known
        A plan.json made earlier, as text: taken over when it solves this same problem, so that two notebooks of a run
        speak of one plan.

    Raises
    ------
    PlanError
        When the depot or a named venue is not found, nothing can be planned, or the checker refuses the plan.

    Examples
    --------
    >>> study = study_hub(region, reach, settings)
    >>> study.plan.stops, study.plan.status
    (9, 'optimal')
    >>> study.stops["name"].head(2).tolist()
    ['Maryport Library', 'Silloth Library']
    """
    decisions = area_decisions(region, settings)
    settings = decided(settings, decisions)
    points = _wanted(reach, settings)
    depot = _depot(region.services, settings)
    if points.empty:
        raise PlanError("no family the hub is for is out of reach of a fixed service: there is nothing to plan.")
    candidates, near = _candidates(region, reach, points, settings)
    kept = candidates[candidates["kept"]]
    venues = kept[[*VENUE_COLUMNS, *_USE]].reset_index(drop=True)
    venues["district"] = venues["district"].replace("", None).fillna(nearest_district(venues, reach))
    if text := named_text(region.named, settings, "last_plan"):
        venues = with_last_plan(venues, read_last_plan(text, settings.last_plan))
    if settings.keep:
        reviewed = venues["venue"].map(decisions.last_visits(settings))
        venues["last_visits"] = reviewed.fillna(venues["last_visits"] if text else 0)
    rows, columns = reach.points.index.get_indexer(points.index)[:, None], kept.index.to_numpy()
    vehicle_min, vehicle_km = vehicle_legs(reach.network, [str(depot["service"]), *venues["venue"]], settings)
    matrices = (
        vehicle_min.to_numpy() / settings.vehicle_speed_factor,
        vehicle_km.to_numpy(),
        near["drive"][rows, columns],
        near["walk"][rows, columns],
    )
    minutes = HubMinutes(*(matrix.round(4) for matrix in matrices))  # what plan.json tells is what was planned with
    rules = _rules(settings, candidates)
    plan = _reuse(known, points, venues, minutes, rules) or plan_decided(points, venues, minutes, rules)
    if not plan.stops:
        raise PlanError(f"no plan was found in {settings.time_limit_s:g} s that reaches anybody. Raise time_limit_s.")
    if refused := check_plan(plan.to_dict()):
        raise PlanError([f"the independent check refuses the plan: {problem}" for problem in refused])
    return _study(plan, candidates, reach, depot, near, settings)


def check_places_named(region: AreaData, settings: Settings) -> None:
    """Check that the depot, the kinds of venue and the venues that settings name are there, before anything is planned.

    Parameters
    ----------
    region
        The area's data.
    settings
        What names them: `depot`, `venue_kinds`, `venues_must`, `venues_banned`, `must`, `keep`, `ban`.

    Raises
    ------
    PlanError
        All that are not.
    """
    problems = []
    try:
        _depot(region.services, settings)
    except PlanError as error:
        problems += error.problems
    try:
        places = _places(region.services, _kinds(region.services, settings))
        named = (settings.venues_must, settings.venues_banned, *settings.must, *settings.keep, *settings.ban)
        _ids(";".join(named), places)
    except PlanError as error:
        problems += error.problems
    if problems:
        raise PlanError(problems)


def _wanted(reach: AreaReach, settings: Settings) -> pd.DataFrame:
    """Points with unmet need that the mobile hub is for: of rural neighbourhoods only, unless it is for everyone."""
    points = reach.points
    unmet = points["need_count"] * (1 - points["served_share"]) > 0
    wanted = unmet & (points["is_rural"] | (settings.hub_serves == "everyone"))
    floor = deprived_and_far(reach) & settings.floor_deprived
    far = ~(points["drive_min"] <= settings.remote_min)  # without any way to help, too
    remote = points["children_0_17"].where(far & (points["is_rural"] | (settings.hub_serves == "everyone")), 0.0)
    return points.assign(floor=floor, remote_children=remote)[wanted | (remote > 0)]


def _depot(services: gpd.GeoDataFrame, settings: Settings) -> pd.Series:
    inside = services[services["in_area"]]
    for column in ("kind", "name"):
        found = inside[inside[column].str.casefold() == settings.depot.casefold()]
        if len(found):
            return found.iloc[0]
    kinds = ", ".join(sorted(set(inside["kind"])))
    raise PlanError(
        f"depot '{settings.depot}': no service in the area has that kind or name. Set depot to the name of a service, "
        f"or to one of the kinds {kinds}."
    )


def _candidates(
    region: AreaData, reach: AreaReach, points: pd.DataFrame, settings: Settings
) -> tuple[gpd.GeoDataFrame, dict[str, np.ndarray]]:
    kinds = _kinds(region.services, settings)
    places = fit_places(_places(region.services, kinds), settings)
    origins, ids = list(reach.points["point"]), list(places["venue"])
    drive = minutes_matrix(reach.network, origins, ids, settings, limit_min=_SHAKEN * settings.limit_drive_min)
    walk = minutes_matrix(
        reach.network, origins, ids, settings, mode="walk", limit_min=_SHAKEN * settings.limit_walk_min
    )
    rows = reach.points.index.get_indexer(points.index)
    candidates = choose_candidates(
        places,
        points,
        drive_min=drive.to_numpy()[rows],
        walk_min=walk.to_numpy()[rows],
        limit_drive_min=settings.limit_drive_min,
        limit_walk_min=settings.limit_walk_min,
        kinds_in_order=kinds,
        dedupe_m=settings.venue_spacing_m,
        max_venues=settings.max_venues,
    )
    off_road = candidates["venue"].isin(reach.network.off_network.index)
    candidates["reason"] = candidates["reason"].mask(
        off_road, f"more than {settings.snap_limit_m:,.0f} m from any road"
    )
    return _with_named(candidates, off_road, settings), {"drive": drive.to_numpy(), "walk": walk.to_numpy()}


def _kinds(services: gpd.GeoDataFrame, settings: Settings) -> list[str]:
    """Candidate kinds, preferred first; the council's own venues are always among them."""
    kinds = [kind.strip() for kind in settings.venue_kinds.split(",") if kind.strip()]
    known = set(services["kind"])
    if unknown := [kind for kind in kinds if kind not in known | {"own"}]:
        raise PlanError(
            [f"venue kind '{kind}' is not in the data (known: {', '.join(sorted(known))})." for kind in unknown]
        )
    return kinds if "own" in kinds else ["own", *kinds]


def _places(services: gpd.GeoDataFrame, kinds: list[str]) -> gpd.GeoDataFrame:
    """The area's places of the kinds wanted, and the council's own even across the border, as venues."""
    wanted = services["kind"].isin(kinds) & (services["in_area"] | (services["kind"] == "own"))
    return services[wanted].rename(columns={"service": "venue"}).reset_index(drop=True)


def _with_named(candidates: gpd.GeoDataFrame, off_road: pd.Series, settings: Settings) -> gpd.GeoDataFrame:
    """Keep the venues that a decision names, whatever else speaks against them but roads and hours."""
    must = candidates["venue"].isin([*_ids(settings.venues_must, candidates), *settings.keep])
    named = must | candidates["venue"].isin(_ids(settings.venues_banned, candidates))
    impossible = off_road | (candidates["weekdays"] == "")
    if (stuck := candidates[must & impossible]).size:
        raise PlanError([f"{row.name} must be served, but cannot be: {row.reason}." for row in stuck.itertuples()])
    against = candidates["reason"].where(candidates["unfit"] != "", "")
    named &= ~impossible
    kept = candidates["kept"] | named
    reason = candidates["reason"].mask(
        named, "named in a decision" + against.map(lambda why: f" ({why})" if why else "")
    )
    kind = candidates["kind"].mask(candidates["kind"] == "own", candidates["venue_kind"])
    return candidates.assign(kept=kept, reason=reason, kind=kind)


def _ids(names: str, places: pd.DataFrame) -> list[str]:
    """Venue ids of names (or ids) separated by semicolons; a name that two places share must be given as an id."""
    problems, found = [], []
    for name in (name.strip() for name in names.split(";") if name.strip()):
        fitting = places[(places["venue"] == name) | (places["name"].str.casefold() == name.casefold())]
        if len(fitting) == 1:
            found.append(str(fitting["venue"].iloc[0]))
        elif fitting.empty:
            close = difflib.get_close_matches(name, places["name"], n=3)
            hint = (
                f"Did you mean {' or '.join(close)}?"
                if close
                else "Is it inside the area, and of a kind in venue_kinds?"
            )
            problems.append(f"venue '{name}' is not among the places considered. {hint}")
        else:
            problems.append(
                f"venue '{name}' is the name of {len(fitting)} places: give one of {', '.join(fitting['venue'])}."
            )
    if problems:
        raise PlanError(problems)
    return found


def _rules(settings: Settings, candidates: pd.DataFrame) -> HubSettings:
    own = {name: getattr(settings, name) for name in HubSettings.model_fields}
    kept = set(candidates.loc[candidates["kept"], "venue"])  # the others are out anyway
    own |= {
        "must": tuple(_ids(settings.venues_must, candidates)),
        "ban": tuple(v for v in _ids(settings.venues_banned, candidates) if v in kept),
    }
    return HubSettings(**own)


def _reuse(
    known: str | None, points: pd.DataFrame, venues: pd.DataFrame, minutes: HubMinutes, rules: HubSettings
) -> HubPlan | None:
    """Take over an earlier plan if its problem is this one to the last minute."""
    try:
        earlier = parse_json(known or "{}", "the earlier plan")
    except InputError:  # damaged: it is made anew
        return None
    problem = instance_to_dict(read_instance(points, venues, minutes, rules))
    same = isinstance(earlier, dict) and earlier.get("instance") == json.loads(json.dumps(problem))
    return HubPlan.from_dict(earlier) if same else None


def _study(
    plan: HubPlan, candidates: gpd.GeoDataFrame, reach: AreaReach, depot: pd.Series,
    near: dict[str, np.ndarray], settings: Settings,
) -> HubStudy:  # fmt: skip
    chosen = plan.venues.loc[plan.venues["frequency"] != "", ["venue", "frequency", "need_reached"]]
    stops = candidates.merge(chosen, on="venue")
    columns = candidates.index[candidates["venue"].isin(stops["venue"])].to_numpy()
    points = reach.points.copy()
    for mode, limit in (("drive", settings.limit_drive_min), ("walk", settings.limit_walk_min)):
        minutes = near[mode][:, columns]
        nearest = np.where(
            np.isnan(minutes).all(axis=1), np.nan, np.nanmin(np.where(np.isnan(minutes), np.inf, minutes), axis=1)
        )
        points[f"mobile_{mode}_min"] = nearest
        points[f"reached_{mode}"] = points[f"served_{mode}"] | (points[f"mobile_{mode}_min"] <= limit)
    return HubStudy(plan, candidates, stops, points, depot)


PLAN_FIGURES = {  # name in figures.json -> what it is, and its unit
    "plan_value": ("likely to need help and reached, weighted by frequency", "children"),
    "plan_bound": ("so weighted, that no plan of the same aim from these candidates can exceed", "children"),
    "plan_gap": (
        "gap between this plan and the number that no plan of the same aim from these candidates exceeds",
        "share",
    ),
    "plan_children_reached": ("likely to need help, newly within reach of a stop", "children"),
    "plan_children_reached_by_car": ("likely to need help, newly reached by car", "children"),
    "plan_children_reached_on_foot": ("and on foot, in households without a car", "children"),
    "plan_residual_need": (
        "likely to need help, for whom the hub is meant and no fixed service is in reach",
        "children",
    ),
    "plan_stops": ("places visited", "stops"),
    "plan_visits_per_cycle": ("in a cycle of the timetable", "visits"),
    "plan_minutes_driven": ("driven in a cycle", "min"),
    "plan_km_driven": ("driven in a cycle", "km"),
}


def plan_figures(plan: HubPlan) -> dict[str, float]:
    """Return the plan's headline numbers, named as in `figures.json` and described in `PLAN_FIGURES`.

    Examples
    --------
    >>> figures = plan_figures(plan)
    >>> figures["plan_stops"], figures["plan_visits_per_cycle"], round(figures["plan_km_driven"])
    (9, 14, 892)
    """
    by_car, on_foot = (
        float(plan.clients.loc[plan.clients[f"{who}_visits"] > 0, f"need_{who}"].sum()) for who in ("car", "foot")
    )
    return {
        "plan_value": plan.value,
        "plan_bound": plan.bound,
        "plan_gap": plan.gap,
        "plan_children_reached": by_car + on_foot,
        "plan_children_reached_by_car": by_car,
        "plan_children_reached_on_foot": on_foot,
        "plan_residual_need": plan.residual_need,
        "plan_stops": plan.stops,
        "plan_visits_per_cycle": plan.visits_per_cycle,
        "plan_minutes_driven": plan.minutes_driven,
        "plan_km_driven": plan.km_driven,
    }


def plan_json(plan: HubPlan) -> str:
    """Return the plan with its whole instance as JSON text, so that anyone can check it or solve it again."""
    return json.dumps(plan.to_dict(), allow_nan=False, separators=(",", ":"))
