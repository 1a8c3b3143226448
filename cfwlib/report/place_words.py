"""What the pages of data, need and reach say in words: true at none, one and all, and for any area and setting."""

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd

from cfwlib.areas import AGREES, NOT_EXPLAINED, is_of
from cfwlib.data import AreaData
from cfwlib.need import SELDOM, SURE, TOP
from cfwlib.reach import AreaReach, Calibration, border_effect
from cfwlib.reach.coverage import SPEED_CHANGE
from cfwlib.settings import Settings
from cfwlib.words import count_words, known, number_words, part_words, share_words

IOD = {2011: 2019, 2021: 2025}  # edition of the Indices by LSOA vintage
_CHILD = ("child", "children")
_NEAR_EVEN = 0.02  # a concentration index within this of 0 says that nobody is favoured


def plan_says(region: AreaData, notebook: str) -> list[str]:
    """Return what the area's own plan says on a page's question, word for word; nothing where none is given.

    Parameters
    ----------
    region
        The area; a plan of another authority is not quoted.
    notebook
        Name of the page, such as `02_reach`.
    """
    quoted = region.published.get("quotations", {}).get(notebook, "")
    if not quoted or not is_of(region.published, region.code):
        return []
    plan = region.published.get("plan", "")
    return [f"{plan or 'The plan'} ({region.name}): “{quoted}”."]


def reconciliation_words(table: pd.DataFrame, region: AreaData) -> str:
    """Return how many of the published figures come out the same, and what is said of the others.

    Parameters
    ----------
    table
        From `need.reconcile`.
    region
        The area whose figures they are.
    """
    if not is_of(region.published, region.code):
        return (
            f"No published figure of {region.name} is given: those in the area file are of another authority "
            f"({region.published['authority']}, not {region.code}) and are not used."
        )
    if table.empty:
        return f"No published figure of {region.name} is given in the area file: nothing could be held against another."
    why = table["why"]
    agree, not_computed = int((why == AGREES).sum()), int(table["computed"].isna().sum())
    bare = int((why == NOT_EXPLAINED).sum())
    explained = len(table) - agree - not_computed - bare
    told = [f"{_upper(part_words(agree, len(table), 'published figure'))} come{'s' * (agree == 1)} out the same"]
    told += [f"{explained} differ{'s' * (explained == 1)} for the reason given below"] * bool(explained)
    told += [f"{bare} {'differs and is' if bare == 1 else 'differ and are'} not explained"] * bool(bare)
    told += [f"{not_computed} could not be computed"] * bool(not_computed)
    made = " The data are modelled, and made to agree: that says nothing of real data." * region.modelled
    return f"{'; '.join(told)}.{made}"


def data_points(counts: Mapping[str, float | None], region: AreaData) -> list[str]:
    """Return what to quote, and of which edition.

    Parameters
    ----------
    counts
        From `need.headline_counts`.
    region
        The area.
    """
    most = count_words(counts["neighbourhoods_most_deprived_tenth"], "neighbourhood")
    be = "is" if most.startswith("1 ") else "are"
    centres = ("children's centre", "children's centres")
    return [
        f"Quote {count_words(counts['residents'], 'resident')} and "
        f"{count_words(counts['neighbourhoods'], 'neighbourhood')}: the other pages of places rest on them.",
        f"{_upper(most)} {be} in England's most deprived tenth with the {IOD[region.lsoa_vintage]} Indices; another "
        "edition may give another number, so name it.",
        f"On the map: {count_words(counts['childrens_centres'], *centres)} and "
        f"{count_words(counts['family_hubs'], 'family hub')}. A centre missing from the register is missing from every "
        "journey time.",
    ]


def estimated_words(region: AreaData) -> str:
    """Return for how many demand points the residents had to be estimated."""
    points = region.points
    if points["point"].eq(points["lsoa"]).all():
        return "There are no Output Areas in the data: each neighbourhood is one point, with all its residents."
    number = int(points["residents_estimated"].sum())
    if not number:
        return "No Output Area's residents had to be estimated."
    return (
        f"The residents of {part_words(number, len(points), 'Output Area')} are estimated, because their boundaries "
        "have changed since 2011: they are what their neighbourhood's other Output Areas leave."
    )


def need_answer(need: pd.DataFrame) -> str:
    """Return how many neighbourhoods are surely among those of most need, and which comes first.

    Parameters
    ----------
    need
        From `assess_need`.
    """
    first = f"{need['lsoa_name'].iloc[0]} comes first."
    if len(need) <= TOP:
        return f"There are {count_words(len(need), 'neighbourhood')}, too few to single out {TOP}; {first}"
    sure = int((need["certainty"] == "always").sum())
    be = "is" if sure == 1 else "are"
    told = part_words(sure, len(need), "neighbourhood")
    often = f"in at least {SURE:.0%} of the redraws of the weights"
    return f"{_upper(told)} {be} among the {TOP} of most need {often}; {first}"


def certainty_title(need: pd.DataFrame) -> str:
    """Return the title of the chart of ranks: how many of the first stay among them."""
    sure = int((need["certainty"] == "always").sum())
    top = min(TOP, len(need))
    stay = "stays" if sure == 1 else "stay"
    return (
        f"{_upper(count_words(sure, 'neighbourhood'))} {stay} in the first {top} in at least {SURE:.0%} of the redraws"
    )


def need_points(need: pd.DataFrame) -> list[str]:
    """Return what follows from the ranking: what the first hold, who comes and goes, how many live in the country."""
    likely, top = "likely to need help", min(TOP, len(need))
    total, first = need["need_count"].sum(), need["need_count"].head(TOP).sum()
    rural = need.loc[need["is_rural"], "need_count"].sum()
    if not total > 0:
        return [f"No child is counted as {likely}: there is nothing to rank."]
    share = share_words(first / total)
    rest = ": help placed only there misses the rest" if first < total else ""
    told = [f"The {top} neighbourhoods of most need hold {share} of the children {likely}{rest}."]
    if unsure := int(need["certainty"].isin(["usually", "sometimes"]).sum()):
        come = "comes and goes" if unsure == 1 else "come and go"
        told.append(
            f"{_upper(count_words(unsure, 'neighbourhood'))} {come} from the first {top} as the weights move (in "
            f"{SELDOM:.0%} to {SURE:.0%} of the redraws): treat such alike."
        )
    where = part_words(rural, total, *_CHILD)
    live = "lives in a rural neighbourhood" if where.startswith("1 ") else "live in rural neighbourhoods"
    more = "; another weight for distance would move their ranks, not their number" if rural > 0 else ""
    return [*told, f"Of those {likely}, {where} {live}{more}."]


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
    lead = _upper(count_words(len(hard), "rural neighbourhood"))
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


def _upper(text: str) -> str:
    return text[0].upper() + text[1:]
