"""Page 02: who is far from a family hub or centre, by car and without one, and can the minutes be trusted."""

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd

from cfwlib.data import AreaData
from cfwlib.reach import YARDSTICK, AreaReach, Calibration, border_effect, concentration_curve, equity_table
from cfwlib.reach.coverage import SPEED_CHANGE
from cfwlib.reach.equity import Worst
from cfwlib.report.curves import curves
from cfwlib.report.figures import Chart
from cfwlib.settings import Settings
from cfwlib.words import capital, count_words, known, number_words, part_words, share_words

_CHILD = ("child", "children")


_NEAR_EVEN = 0.02  # a concentration index within this of 0 says that nobody is favoured


def reach_answer(
    found: Mapping[str, float], hard: gpd.GeoDataFrame, band: tuple[float, float], settings: Settings
) -> str:
    """Return how many children live within the limit, and how many rural neighbourhoods are hard to reach.

    Parameters
    ----------
    found
        From `reach_figures`.
    hard
        The neighbourhoods that are hard to reach, with `drive_min`.
    band
        Share within the limit if every road were slower, and faster, from `speed_band`.
    settings
        Limits, and what counts as help.
    """
    share, beyond = found["children_0_17_within_limit_share"], found["children_0_17_beyond_limit"]
    if not known(share):
        return "No child lives in the area, by these data: nothing can be said of who is in reach."
    what = "a family hub" if settings.fixed_services == "hubs" else "a centre or hub"
    slower, faster = (share_words(end) for end in band)
    rest = "do" if beyond != 1 else "does"
    beyond_words = f"{number_words(beyond)} {rest} not" if beyond > 0 else "nobody lives beyond"
    return (
        f"{share_words(share, 1)} of children live within {settings.limit_drive_min:g} minutes' drive of {what} "
        f"({slower} to {faster} if every road is {SPEED_CHANGE:.0%} slower or faster); {beyond_words}. "
        f"{_hard_words(hard, settings)}"
    )


def _hard_words(hard: gpd.GeoDataFrame, settings: Settings) -> str:
    by_household = settings.hard_to_reach_rule == "household_minutes"
    counting = "counting families without a car" if by_household else "by car"
    rule = f"(more than {settings.hard_to_reach_min:g} minutes, {counting})"
    if not len(hard):
        return f"No rural neighbourhood is hard to reach {rule}."
    be = "is" if len(hard) == 1 else "are"
    by_car = int((~(hard["drive_min"] <= settings.hard_to_reach_min)).sum())
    also = f", {'none' if not by_car else 'all' if by_car == len(hard) > 1 else by_car} of them by car alone"
    lead = capital(count_words(len(hard), "rural neighbourhood"))
    return f"{lead} {be} hard to reach {rule}{also * by_household}."


def reach_points(
    points: pd.DataFrame, check: Calibration, slower: float, settings: Settings, *, no_car: str
) -> list[str]:
    """Return what follows from the minutes: who is beyond, who is stranded, what the border and the speeds do.

    Parameters
    ----------
    points
        Demand points of `reach_area`.
    check
        From `calibrate`.
    slower
        Share within the limit if every road were slower.
    settings
        The limit.
    no_car
        The limit without a car in words, such as "30 minutes' walk".
    """
    limit, far = f"{settings.limit_drive_min:g} minutes' drive", ~points["served_drive"]
    children = points["children_0_17"]
    beyond, rural = children[far].sum(), children[far & points["is_rural"]].sum()
    stranded = (children * points["no_car_share"])[points["served_drive"] & ~points["served_walk"]].sum()
    told = [f"No child lives beyond {limit}."]
    if beyond > 0:
        live = "lives" if number_words(beyond) in {"1", "under 1"} else "live"
        case = ": the first case for a mobile hub" if number_words(rural) != "0" else ""
        who = f"{count_words(beyond, *_CHILD)}, {_of_them(rural, beyond)} in rural neighbourhoods{case}."
        told = [f"Beyond {limit} {live} {who}"]
    near = f"near {'a family hub' if settings.fixed_services == 'hubs' else 'a centre'} by car"
    if stranded > 0:
        lead = f"About {count_words(stranded, *_CHILD)} {'is' if number_words(stranded) in {'1', 'under 1'} else 'are'}"
        told.append(f"{lead} {near}, but in a household without one and beyond {no_car}: the drive time says nothing.")
    else:
        told.append(f"No child that is {near} lives in a household without one and beyond {no_car}.")
    told.append(_border_words(points, settings))
    told.append(
        f"To match the times of the yardstick every speed would be multiplied by {check.speed_factor:.2f} "
        f"(speed_factor); with every road {SPEED_CHANGE:.0%} slower {share_words(slower, 1)} would be within the "
        "limit. Time some journeys first."
    )
    return told


def _of_them(part: float, whole: float) -> str:
    some, every = number_words(part), number_words(whole)
    return "none of them" if some == "0" else "all of them" if some == every else f"{some} of them"


def _border_words(points: pd.DataFrame, settings: Settings) -> str:
    """Say what the services of neighbouring authorities do to the share within the limit, as it is shown."""
    shares = border_effect(points, limits_min=[settings.limit_drive_min]).iloc[:, 1]
    across, own = (share_words(share, 1) for share in shares)
    if shares[0] <= shares[1]:
        border = "bring nobody else within it"
    else:
        border = f"make it {across}" if across != own else "bring a few more within it, too few to change that share"
    return (
        f"With only the authority's own services {own} of children are within the limit by car; those across the "
        f"border {border}."
    )


def equity_words(index: float) -> str:
    """Return who has more of the hours in reach, by the sign of the concentration index."""
    if not known(index):
        return "There are no hours in reach to be shared out: nothing can be said of who has more."
    who = "neither more nor less" if abs(index) < _NEAR_EVEN else "less" if index > 0 else "more"
    return f"The more deprived have {who} of the hours in reach than others (concentration index {index:+.2f})."


def routed_words(lost: pd.DataFrame, reach: AreaReach) -> str:
    """Return how many demand points no road leads from to a service."""
    told = part_words(len(lost), len(reach.points), "demand point")
    return f"Without a way by road to any service: {told}."


def no_car_limit(settings: Settings) -> str:
    """Return the limit without a car in words, the bus named only where a timetable is given."""
    bus = f" or {settings.limit_bus_min:g} minutes by bus" if settings.bus_timetable else ""
    return f"{settings.limit_walk_min:g} minutes' walk{bus}"


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
        ("of these given a length too short for their ends (drawn length used)", f"{found['links_too_short']:,}"),
        ("of these one-way", f"{found['links_one_way']:,}"),
        ("Kilometres of road", f"{found['road_km']:,.0f} ({classes})"),
        ("Junctions", f"{found['junctions']:,}"),
        ("Separate parts of the network", f"{found['components']:,}"),
        ("Junctions on the main part", f"{share_words(found['junctions_on_main_component'], 1)}"),
        ("Residents on the main part", f"{share_words(found['residents_on_main_share'], 1)}"),
        ("Dead ends within 500 m of the area's edge", f"{found['dead_ends_near_edge']:,} of {found['dead_ends']:,}"),
        ("Places too far from any road, across the border", f"{len(lost) - len(own):,}"),
        ("and inside the area", f"{len(own):,}" + f": {named}" * bool(own)),
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


def equity_chart(points: pd.DataFrame) -> Chart:
    """Return the concentration curve of the hours of help in reach, from the most to the least deprived children."""
    curve = concentration_curve(points["hours_2sfca"], points["children_0_17"], points["imd_rank"])
    equal = curve.assign(amount_share=curve["people_share"])
    return curves(
        {"hours of help in reach": curve, "everybody the same": equal},
        reference="everybody the same",
        x="people_share",
        y="amount_share",
        x_unit="share",
        y_unit="share",
        x_label="Children, most deprived first",
        y_label="Hours of help in reach",
        title="How the hours in reach are spread, from the most to the least deprived",
        source="residents, deprivation and minutes of this run; opening hours are its settings",
    )


def calibration_chart(journeys: pd.DataFrame, found: Calibration, *, terminal_min: float) -> Chart:
    """Return our journeys by car against the yardstick's minutes, terminal minutes taken off ours."""
    distances = found.table["crow_km"]
    lines = {
        "these roads": pd.DataFrame({"crow_km": distances, "minutes": found.table["ours_min"]}),
        "mobile library lorries": pd.DataFrame({"crow_km": distances, "minutes": found.table["yardstick_min"]}),
    }
    return curves(
        lines,
        x="crow_km",
        y="minutes",
        x_unit="km",
        y_unit="min",
        points=journeys.assign(minutes=journeys["minutes"] - terminal_min),
        points_name="journeys here",
        x_label="Distance as the crow flies",
        y_label="Time on the road",
        title="Journeys on these roads against independently modelled times",
        source=f"{YARDSTICK.pairs} legs of mobile libraries in six hilly authorities, 2018 to 2024",
    )
