"""What makes the minutes of a run unfit to be used, or coarser than they look."""

from cfwlib.data.load import AreaData
from cfwlib.reach.access import fixed_services
from cfwlib.reach.area import AreaReach
from cfwlib.settings import ReachSettings
from cfwlib.words import share_words

_FEW_MINOR = 0.3  # of all road km; in whole road data minor roads make up three quarters
_FEW_ON_MAIN = 0.99
_MANY_LOST = 0.01


def cautions(region: AreaData, reach: AreaReach, settings: ReachSettings) -> list[str]:
    """Return what a reader of minutes and shares must know before using them, in sentences; mostly nothing.

    Parameters
    ----------
    region, reach, settings
        As for `reach_area`.
    """
    found, points = reach.network.report, reach.points
    told = []
    minor = (found["road_km_minor"] + found["road_km_narrow"]) / found["road_km"]
    if minor < _FEW_MINOR:
        told.append(
            f"The road data hold hardly any minor roads ({share_words(minor)} of the km). Most families live on them: "
            "the minutes and shares on this page must not be used."
        )
    lost = points.loc[points["drive_min"].isna(), "residents"].sum() / points["residents"].sum()
    if lost > _MANY_LOST:
        told.append(
            f"{share_words(lost)} of residents cannot be routed to any service: roads or places are incomplete."
        )
    on_main = found["residents_on_main_share"]
    if on_main < _FEW_ON_MAIN:
        told.append(
            f"Only {share_words(on_main)} of residents live on the main part of the road network: link ends may not "
            "meet (junction_tolerance_m), or roads are missing."
        )
    beyond = fixed_services(region.services, settings).query("not in_area")
    cut_off = beyond.loc[~reach.network.on_main[beyond["service"]].to_numpy(), "name"]
    if len(cut_off):
        told.append(
            f"Across the border these services cannot be reached by road: {', '.join(sorted(cut_off))}. The road "
            "data may end at the border; families near it may be nearer to help than this page says."
        )
    if points["point"].eq(points["lsoa"]).all():
        told.append(
            "There are no Output Area points in the data: each neighbourhood is one point somewhere inside it, too "
            "coarse to plan with."
        )
    return [*told, *(region.timetable.notes if region.timetable else ())]
