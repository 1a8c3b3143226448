"""The tables of the notebooks that need more than choosing columns."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from cfwlib.data import AreaData
from cfwlib.hub import HubPlan, HubStudy, check_plan, clock
from cfwlib.reach import AreaReach, Calibration, equity_table
from cfwlib.reach.equity import Worst
from cfwlib.sites import QUESTIONS, SitesStudy
from cfwlib.words import at_most, part_words, share_words, shown_difference

KINDS = {
    "family_hub": "Family hub", "childrens_centre": "Children's centre", "school": "State school", "library": "Library",
    "gp": "General practice", "own": "Your own venue", "town": "Town", "village": "Village", "hamlet": "Hamlet",
}  # fmt: skip


def services_table(region: AreaData) -> pd.DataFrame:
    """Return the number of places of each kind, inside the area and just outside."""
    counts = region.services.groupby(["kind", "in_area"]).size().unstack(fill_value=0)
    counts = counts.reindex(index=[kind for kind in KINDS if kind in counts.index], columns=[True, False], fill_value=0)
    return counts.set_axis(["inside", "within_20_km"], axis=1).rename(index=KINDS).rename_axis("kind").reset_index()


def accounts_table(region: AreaData) -> pd.DataFrame:
    """Return, for each file read, rows kept and left out with the reason (they add up to the file's), and notes."""
    rows = [
        {
            "data set": source["title"],
            "vintage": source["vintage"],
            "rows_kept": source["rows"],
            "rows_in_file": source["rows_in_file"],
            "left out": "; ".join(f"{count:,} {why}" for why, count in source["left_out"].items()),
            "notes": "; ".join(source.get("notes", ())),
        }
        for source in region.sources
    ]
    return pd.DataFrame(rows)


def need_table(need: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the neighbourhoods by rank of need, with the interval of the rank."""
    columns = ["lsoa_name", "lsoa", "ward_name", "rank", "rank_low", "rank_high", "certainty", "imd_decile"]
    return need[columns].assign(
        imd_decile=need["imd_decile"].astype(int),
        children_0_17=need["children_0_17"].round(),
        rate_share=need["need_rate"],
        need_count=need["need_count"].round(1),
    )


def hard_table(hard: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the hard-to-reach neighbourhoods, farthest first, with minutes and the reason."""
    columns = ["lsoa_name", "lsoa", "ward_name", "household_min", "drive_min", "no_car_min", "no_car_share"]
    out = hard[[*columns, "reason"]].assign(
        children_0_17=hard["children_0_17"].round(), children_beyond=hard["children_beyond"].round()
    )
    return out.sort_values("household_min", ascending=False, na_position="first", ignore_index=True)


def equity_listing(points: pd.DataFrame) -> pd.DataFrame:
    """Return the measures of equity for minutes and hours, as they are read aloud."""
    names = {
        "drive_min": "Minutes by car",
        "household_min": "Minutes, household average",
        "hours_2sfca": "Hours in reach (2SFCA)",
        "hours_e2sfca": "Hours in reach, nearer counts more (E2SFCA)",
        "hours_bfca": "Level of service, nobody counted twice (BFCA)",
    }
    ends: dict[str, Worst] = {name: "most" if name.endswith("_min") else "least" for name in names}
    table = equity_table(points, ends)
    return table.assign(measure=table["measure"].map(names)).drop(columns="people").round(3)


def journeys_table(calibration: Calibration) -> pd.DataFrame:
    """Return our minutes and the yardstick's at a few distances, and the factor between them."""
    return calibration.table.rename(columns={"ratio": "ours_over_yardstick"}).round(2)


def sites_table(study: SitesStudy, questions: Sequence[str]) -> pd.DataFrame:
    """Return the answers to some questions (keys of `QUESTIONS`) in their unit, with bound and verdict.

    The gain is the difference of the values shown; a bound is rounded to the side on which it holds, but where it is
    proven to be the value.
    """
    found = study.answers[study.answers["question"].isin([QUESTIONS[question] for question in questions])]
    verdict = found["proven"].map({True: "proven best", False: "not proven in the time allowed"})
    decimals = 0 if list(questions) == ["cover"] else 1
    bound = found["bound"] * 10**decimals
    up = np.where(found["question"] == QUESTIONS["cover"], np.ceil(bound - 1e-6), np.floor(bound + 1e-6))
    numbers = found[["value"]].round(decimals).assign(bound=up / 10**decimals)
    numbers["bound"] = numbers["bound"].mask(found["proven"], numbers["value"])
    today = found["question"].map(found[found["new"] == 0].set_index("question")["value"])
    apart = shown_difference(found["value"], today, decimals)
    gain = apart.where(found["question"] == QUESTIONS["cover"], -apart) + 0.0
    numbers = numbers.assign(gain=gain).astype(float if decimals else int)
    out = found[["question", "new", "sites"]].assign(sites=found["sites"].mask(found["new"] == 0, "today"), **numbers)
    out = out.assign(verdict=verdict.mask(found["new"] == 0, ""), gap=found["gap"])
    unit = "" if list(questions) == ["cover"] else "_min"
    names = {"new": "further sites", "sites": "where", "value": f"value{unit}", "bound": f"bound{unit}"}
    return out.rename(columns={**names, "gain": f"gain on today{unit}"})


def reconciliation_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the reconciliation as it is read aloud: few decimals, and the difference of the numbers shown."""

    def text(value: float, unit: str, sign: str = "") -> str:
        if value != value:
            return "–"
        return "0" if sign and not value else f"{value:{sign},.{_digits(unit)}f}"

    shown, units = table[["figure", "unit", "published", "computed", "difference", "why"]].astype(object), table["unit"]
    for column in ("published", "computed"):
        shown[column] = [text(value, unit) for value, unit in zip(table[column], units, strict=True)]
    apart = zip(table["computed"], table["published"], units, strict=True)
    shown["difference"] = [text(shown_difference(new, old, _digits(unit)), unit, "+") for new, old, unit in apart]
    return shown


def _digits(unit: str) -> int:
    return 1 if unit in ("%", "sq km") else 0


def network_table(region: AreaData, reach: AreaReach) -> pd.DataFrame:
    """Return what the road network is made of, and what could not be joined to it."""
    found, names = reach.network.report, region.services.set_index("service")["name"]
    lost = reach.network.off_network.index
    inside = set(region.services.loc[region.services["in_area"], "service"]) | set(region.points["point"])
    own = [str(names.get(site, site)) for site in lost if site in inside]
    named = ", ".join(own[:8]) + " and others" * (len(own) > 8)
    by_class = {name: km for name, km in found.items() if name.startswith("road_km_") and km}
    classes = ", ".join(f"{name.removeprefix('road_km_').replace('_', ' ')} {km:,.0f}" for name, km in by_class.items())
    rows = [
        ("Road links read", f"{found['links']:,}"),
        ("of these not for cars (tracks, footpaths, ferries, not yet built)", f"{found['links_not_for_cars']:,}"),
        ("of these of no length, or a negative one", f"{found['links_without_length']:,}"),
        (
            "of these given a length too short for their ends (drawn length used)",
            f"{found['links_too_short']:,}",
        ),
        ("of these one-way", f"{found['links_one_way']:,}"),
        ("Kilometres of road", f"{found['road_km']:,.0f} ({classes})"),
        ("Junctions", f"{found['junctions']:,}"),
        ("Separate parts of the network", f"{found['components']:,}"),
        ("Junctions on the main part", f"{share_words(found['junctions_on_main_component'], 1)}"),
        ("Residents on the main part", f"{share_words(found['residents_on_main_share'], 1)}"),
        ("Dead ends within 500 m of the area's edge", f"{found['dead_ends_near_edge']:,} of {found['dead_ends']:,}"),
        ("Places too far from any road, across the border", f"{len(lost) - len(own):,}"),
        (
            "and inside the area",
            f"{len(own):,}" + f": {named}" * bool(own),
        ),
    ]
    return pd.DataFrame(rows, columns=["what", "value"])


def bus_table(region: AreaData, reach: AreaReach) -> pd.DataFrame:
    """Return which buses counted, and for how many children they made a difference."""
    timetable, points = region.timetable, reach.points
    if timetable is None:
        return pd.DataFrame([("Bus timetable", "none given: families without a car walk")], columns=["what", "value"])
    without = points["children_0_17"] * points["no_car_share"]
    sooner = without[points["bus_min"] < points["walk_min"].fillna(float("inf"))].sum()
    rows = [
        ("Day of the timetable", timetable.date),
        ("Buses that run in or near the area", f"{timetable.connections['trip'].nunique():,}"),
        ("Share of the timetable's buses in or near the area that run that day", f"{timetable.share:.0%}"),
        ("Stops they serve", f"{len(timetable.stops):,}"),
        *((f"Left out: {why}", f"{count:,}") for why, count in timetable.left_out.items()),
        ("Output Areas with a journey by bus at most times", f"{points['bus_min'].notna().sum():,} of {len(points):,}"),
        ("Children without a car who are there sooner by bus than on foot", f"{sooner:,.0f}"),
    ]
    return pd.DataFrame(rows, columns=["what", "value"])


def visits_table(plan: HubPlan) -> pd.DataFrame:
    """Return one row per visit of the cycle, with the venue's name and times of day: for calendars and spreadsheets."""
    visits = plan.visits.join(plan.instance.venues.set_index("venue")["name"], on="venue")
    for column in ("arrive_min", "session_start_min", "session_end_min", "depart_min"):
        visits[column.removesuffix("_min")] = visits[column].map(clock)
    columns = [
        "week",
        "weekday",
        "vehicle",
        "sequence",
        "name",
        "arrive",
        "session_start",
        "session_end",
        "depart",
        "venue",
    ]
    return visits[columns]


def proof_table(plan: HubPlan) -> pd.DataFrame:
    """Return what was proven, by how much, and from how many choices."""
    verdict = "proven best" if plan.status == "optimal" else "not proven in the time allowed"
    refused = check_plan(plan.to_dict())
    points = plan.instance.points
    has_stop = (plan.clients["car_visits"] > 0).groupby(points["lsoa"].where(points["floor"])).any()
    less = " (less change_penalty for each stop dropped or made rarer)" * bool(plan.instance.settings.change_penalty)
    rows = [
        ("Children reached, weighted by frequency", f"{plan.value:,.1f}"),
        (
            "No plan of whole rounds from these candidates reaches more than" + less,
            f"{plan.bound:,.1f}" if plan.status == "optimal" else at_most(plan.bound, 1),
        ),
        ("Gap", share_words(plan.gap, 2)),
        ("Verdict", verdict),
        ("Independent check of every minute, rule and the value", "refused: " + refused[0] if refused else "passed"),
        (
            "Of those that should have a stop within the drive limit (deprived and hard to reach)",
            part_words(has_stop.sum(), len(has_stop), "neighbourhood") + " have one" * bool(len(has_stop)),
        ),
        (
            "Cost of a cycle, as far as prices are given",
            f"£{plan.cost_gbp:,.0f}" if plan.cost_gbp else "no price is given",
        ),
        ("Day tours to choose from", f"{plan.tours:,}"),
        ("Candidate venues", f"{len(plan.venues):,}"),
    ]
    return pd.DataFrame(rows, columns=["what", "value"])


def venues_table(study: HubStudy) -> pd.DataFrame:
    """Return the candidate venues and what became of each: the chosen first, then by need in reach."""
    venues = study.plan.venues
    out = pd.concat([venues[["name", "kind", "status", "frequency"]], best_for(study.plan)], axis=1).assign(
        need_in_reach=venues["venue"].map(study.candidates.set_index("venue")["need_in_reach"]),
        reason=venues["reason"],
        need_reached=venues["need_reached"],
    )
    order = ["need_reached", "need_in_reach", "name"]
    out = out.sort_values(order, ascending=[False, False, True], ignore_index=True).drop(columns="need_reached")
    return out.round({"by_car": 0, "on_foot": 0, "need_in_reach": 0})


def best_for(plan: HubPlan) -> pd.DataFrame:
    """Return, for each venue of a plan, the children whose best stop it is, `by_car` and `on_foot`; not rounded."""
    clients, ids = plan.clients, plan.venues["venue"]
    by = {
        name: clients.groupby(f"{who}_venue")[f"need_{who}"].sum()
        for name, who in (("by_car", "car"), ("on_foot", "foot"))
    }
    return pd.DataFrame({name: ids.map(need).fillna(0.0) for name, need in by.items()}, index=plan.venues.index)


def left_out_table(study: HubStudy) -> pd.DataFrame:
    """Return the places that did not become candidates, with the need in their reach and the reason."""
    left_out = study.candidates.loc[~study.candidates["kept"], ["name", "kind", "need_in_reach", "reason"]]
    ordered = left_out.sort_values(["need_in_reach", "name"], ascending=[False, True], ignore_index=True)
    return ordered.round({"need_in_reach": 0})
