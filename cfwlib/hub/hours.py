"""Hub access: session hours within reach of each child, before and after the mobile hub, and where they fall short."""

import numpy as np
import pandas as pd

from cfwlib.data import AreaData
from cfwlib.hub import HubStudy
from cfwlib.reach import AreaReach, fixed_hours, fixed_services, hours_in_reach, minutes_matrix
from cfwlib.settings import Settings

BANDS = ("none", "under 1", "1 to under 5", "5 to under 20", "20 or more")  # hours a week


def hub_access(region: AreaData, reach: AreaReach, study: HubStudy, settings: Settings) -> pd.DataFrame:
    """Return each demand point's share of weekly session hours, before and after the mobile hub.

    A building open all week and a bus that stops for two hours a fortnight share one measure: session hours a week.
    They are shared out among all children in reach by the two-step floating catchment, car households within the
    drive limit and no-car households within the walk limit.

    Returns
    -------
    points
        The study's points with `hours_before`, `hours_after`: session hours a week per 1,000 children; `car_before`,
        `car_after`, `foot_before`, `foot_after`: session hours a week of all places within the drive limit, and the
        walk limit; `stop_visits`: visits a cycle of the most visited stop within the drive limit, 0 = none.

    Examples
    --------
    >>> access = hub_access(region, reach, study_hub(region, reach, settings), settings)
    >>> access[["hours_before", "hours_after"]].mean().round(2).tolist()  # hours a week per 1,000 children
    [7.94, 8.22]
    """
    points = study.points
    fixed = fixed_services(region.services, settings)
    places = [*fixed["service"], *study.stops["venue"]]
    after = np.concatenate([fixed_hours(fixed, settings), mobile_hours_per_week(study)])
    before = np.where(np.arange(len(places)) < len(fixed), after, 0.0)
    origins, by_car, on_foot = list(points["point"]), settings.limit_drive_min, settings.limit_walk_min
    drive = minutes_matrix(reach.network, origins, places, settings, limit_min=by_car).to_numpy() <= by_car
    walk = minutes_matrix(reach.network, origins, places, settings, mode="walk", limit_min=on_foot).to_numpy()
    walk = walk <= on_foot
    stops = study.plan.visits["venue"].value_counts().reindex(study.stops["venue"]).to_numpy(float)
    return points.assign(
        hours_before=hours_in_reach(points, reach.network, places, before, settings),
        hours_after=hours_in_reach(points, reach.network, places, after, settings),
        car_before=drive @ before, car_after=drive @ after, foot_before=walk @ before, foot_after=walk @ after,
        stop_visits=(drive[:, len(fixed) :] * stops).max(axis=1, initial=0.0),
    )  # fmt: skip


def hours_bands(access: pd.DataFrame) -> pd.DataFrame:
    """Return children by the session hours a week in their reach, before and after the mobile hub.

    The hours of all places in reach are added up, not shared: by car where the household has one, else on foot. A
    centre open all week counts its hours, a stop of two hours a fortnight one.

    Parameters
    ----------
    access
        From `hub_access`.

    Returns
    -------
    bands
        `hours_in_reach` (a week, as in `BANDS`), `before`, `after` (children, whole numbers), `change`.
    """
    children, no_car = access["children_0_17"].to_numpy(float), access["no_car_share"].to_numpy(float)
    people = np.concatenate([children * (1 - no_car), children * no_car])
    table = pd.DataFrame({"hours_in_reach": list(BANDS)})
    for when in ("before", "after"):
        hours = np.concatenate([access[f"car_{when}"], access[f"foot_{when}"]]).round(6)
        band = np.select([hours >= 20, hours >= 5, hours >= 1, hours > 0], [4, 3, 2, 1], 0)
        upwards = np.bincount(band, weights=people, minlength=len(BANDS)).cumsum().round()
        table[when] = np.diff(upwards, prepend=0).astype(int)  # so that both columns add up to the same whole
    return table.assign(change=table["after"] - table["before"])


def newly_by_visits(access: pd.DataFrame) -> dict[int, int]:
    """Return children newly within the drive limit of help by the visits a cycle of their most visited stop.

    Parameters
    ----------
    access
        From `hub_access`.

    Returns
    -------
    children
        Visits a cycle to children, the most visits first; they add up to the difference of the numbers shown.
    """
    people = access["children_0_17"]
    at = people[access["served_drive"]].sum()
    newly = access["reached_drive"] & ~access["served_drive"]
    visits = people[newly].groupby(access["stop_visits"].clip(lower=1)[newly]).sum().sort_index(ascending=False)
    ends = [at, *(at + visits.cumsum())]
    return {int(v): round(end) - round(start) for v, start, end in zip(visits.index, ends, ends[1:], strict=False)}


def mobile_hours_per_week(study: HubStudy) -> np.ndarray:
    """Return each stop's session hours a week, in the order of `study.stops`."""
    visits = study.plan.visits
    hours = (visits["session_end_min"] - visits["session_start_min"]).groupby(visits["venue"]).sum() / 60
    weeks = study.plan.instance.settings.cycle_weeks
    return (study.stops["venue"].map(hours) / weeks).to_numpy(float)


def shortfall_by(access: pd.DataFrame, by: str, settings: Settings) -> pd.DataFrame:
    """Return session hours and the shortfall against the floor by group, the worst off first.

    Parameters
    ----------
    access
        From `hub_access`.
    by
        Group column, such as `ward_name`.
    settings
        `floor_hours_per_1000`: the least session hours a week per 1,000 children a group should have.

    Returns
    -------
    groups
        `children_0_17`, `hours_before`, `hours_after` (a week per 1,000 children), `children_per_hour_after` (NaN where
        there is none), `shortfall_before`, `shortfall_after` (session hours a week missing to the floor).
    """
    people = access["children_0_17"]
    totals = (
        pd.DataFrame(
            {
                "children_0_17": people,
                "hours_before": people * access["hours_before"],
                "hours_after": people * access["hours_after"],
            }
        )
        .groupby(access[by])
        .sum()
    )
    children = totals["children_0_17"].where(totals["children_0_17"] > 0)
    out = totals.assign(hours_before=totals["hours_before"] / children, hours_after=totals["hours_after"] / children)
    out["children_per_hour_after"] = (1000 / out["hours_after"]).where(out["hours_after"] > 0)
    for when in ("before", "after"):
        missing = (settings.floor_hours_per_1000 - out[f"hours_{when}"]).clip(lower=0)
        out[f"shortfall_{when}"] = missing * out["children_0_17"] / 1000
    return out.sort_values(["hours_before", "children_0_17"], ascending=[True, False]).reset_index()


def reached_by(access: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return children within the drive limit of help before and after the mobile hub, by group and in all.

    Parameters
    ----------
    access
        From `hub_access`.
    by
        Group column, such as `rural_class`.

    Returns
    -------
    groups
        `children_0_17`, `within_before`, `within_after`, `gained` (children), `before_share`, `after_share` (0 to 1).
    """
    people = access["children_0_17"]
    counts = pd.DataFrame(
        {
            "children_0_17": people,
            "within_before": people.where(access["served_drive"], 0),
            "within_after": people.where(access["reached_drive"], 0),
        }
    )
    groups = counts.groupby(access[by]).sum()
    groups.index = groups.index.astype(str)
    out = pd.concat([groups, counts.sum().to_frame("All").T]).rename_axis(by).reset_index()
    rounded = out.round({"children_0_17": 0, "within_before": 0, "within_after": 0})
    rounded["gained"] = rounded["within_after"] - rounded["within_before"]
    for when in ("before", "after"):
        rounded[f"{when}_share"] = out[f"within_{when}"] / out["children_0_17"]
    return rounded


def household_shares(access: pd.DataFrame) -> tuple[float, float]:
    """Return the share of children within reach before and after the hub, by car or, without one, on foot (0 to 1)."""
    children, no_car = access["children_0_17"], access["no_car_share"]
    before, after = (
        (children * ((1 - no_car) * access[f"{when}_drive"] + no_car * access[f"{when}_walk"])).sum() / children.sum()
        for when in ("served", "reached")
    )
    return float(before), float(after)
