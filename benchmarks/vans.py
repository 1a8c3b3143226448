"""Plan four real mobile libraries: python benchmarks/vans.py [TIME_LIMIT_S].

The stops, session lengths, days and weeks of four vans as published (mobile-libraries/stops_all.csv beside the project,
or under CFW_OPEN_DATA), on minutes of 1.87 + 1.413 a km as the crow flies (the fit to 4,073 lorry legs). The depot is
the stop nearest to all others, and a duty day is as long as the longest day that the van really drives on these
minutes. Every stop is one child's worth, whatever the frequency. Printed per van: what the library runs (stops, days of
a cycle); our plan in as many days, its bound and gap, seconds and peak MB; in how few days we still reach every stop;
and, where it is installed, in how few PyVRP does on the same minutes.
"""

import json
import multiprocessing
import os
import resource
import sys
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from cfwlib.hub import HubMinutes, HubPlan, HubSettings, check_plan, plan_hub
from cfwlib.hub.construct import Clock
from cfwlib.hub.day import day_of
from cfwlib.hub.instance import read_instance

OPEN_DATA = Path(os.environ.get("CFW_OPEN_DATA", Path(__file__).resolve().parents[2] / "shared" / "open-data"))
VANS = {  # authority and van -> weeks of a cycle
    ("perth_and_kinross", "Mobile 1"): 2,
    ("york", "Mobile"): 2,
    ("west_berkshire", "Mobile"): 3,
    ("shropshire", "Brookes"): 2,
}
EARTH_KM = 6371.0
Case = tuple[pd.DataFrame, pd.DataFrame, HubMinutes, HubSettings]


def read_van(authority: str, van: str, weeks: int) -> tuple[Case, list[list[int]]]:
    """Return the van as a planning problem, and the days it really drives, as stop numbers (1..n) in order."""
    frame = pd.read_csv(OPEN_DATA / "mobile-libraries" / "stops_all.csv")
    frame = frame[(frame["la"] == authority) & (frame["mobile"] == van)].reset_index(drop=True)
    frame["at"] = pd.to_timedelta(frame["arrival"] + ":00").dt.total_seconds() / 60
    frame["key"] = frame["stop"] + frame["geox"].round(4).astype(str) + frame["geoy"].round(4).astype(str)
    stops = frame.drop_duplicates("key").reset_index(drop=True)
    number = {key: at for at, key in enumerate(stops["key"], start=1)}
    drives = frame.sort_values("at").groupby(["route", "day"])["key"]
    days = [list(dict.fromkeys(number[key] for key in keys)) for _, keys in drives]
    lat, lon = np.radians(stops["geoy"].to_numpy(float)), np.radians(stops["geox"].to_numpy(float))
    half = np.sin((lat[:, None] - lat) / 2) ** 2
    half += np.cos(lat)[:, None] * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    km = 2 * EARTH_KM * np.arcsin(np.sqrt(half))
    places = np.r_[km.sum(axis=0).argmin(), np.arange(len(stops))]
    km = km[np.ix_(places, places)]
    minutes = np.where(km > 0, 1.87 + 1.413 * km, 0.0)
    ids = [f"v{at}" for at in range(len(stops))]
    venues = pd.DataFrame({"venue": ids, "name": stops["stop"] + " " + pd.Series(ids), "kind": "stop"})
    venues = venues.assign(easting=0.0, northing=0.0, dwell_min=stops["dwell"].clip(lower=5.0))
    points = pd.DataFrame({"point": ids, "lsoa": ids, "easting": 0.0, "northing": 0.0, "need_count": 1.0})
    points = points.assign(no_car_share=0.0, served_drive=False, served_walk=False)
    near = np.where(np.eye(len(ids), dtype=bool), 0.0, 99.0)
    rules = {
        "cycle_weeks": weeks, "value_fortnightly": 1, "value_three_weekly": 1, "value_four_weekly": 1, "setup_min": 0,
        "pack_up_min": 0, "round_to_min": 0, "duty_start_min": 480, "duty_min": 900, "range_km": 500,
        "max_vehicle_days": len(days),
    }  # fmt: skip
    case = points, venues, HubMinutes(minutes, km, near, near), HubSettings(**rules)
    clock = Clock(day_of(read_instance(*case)))
    longest = max(clock.back(day)[0] for day in days) - 480
    return (*case[:3], HubSettings(**rules | {"duty_min": float(np.ceil(longest))})), days


def planned(case: Case, seconds: float, days: int) -> HubPlan:
    """Return the plan in so many days of the cycle; end the run if it does not pass."""
    rules = HubSettings.model_validate(case[3].model_dump() | {"time_limit_s": seconds, "max_vehicle_days": days})
    plan = plan_hub(*case[:3], rules)
    if problems := check_plan(json.loads(json.dumps(plan.to_dict()))):
        raise SystemExit("\n".join(problems))
    return plan


def fewest_by_pyvrp(case: Case, seconds: float) -> str:
    """Return in how few days PyVRP visits every stop on the same minutes (its clock counts seconds)."""
    try:
        from pyvrp import Model
        from pyvrp.stop import MaxRuntime
    except ImportError:
        return "not installed"
    minutes: npt.NDArray[np.float64] = case[2].vehicle_min * (1 + case[3].reserve_share)
    rules, model = case[3], Model()
    places = [model.add_location(0, 0) for _ in range(len(minutes))]
    depot = model.add_depot(places[0])
    for place, length in zip(places[1:], case[1]["dwell_min"], strict=True):
        model.add_client(place, service_duration=round(60 * length))
    shift = round(60 * (rules.duty_min - rules.break_min))  # every day has its one break
    model.add_vehicle_type(len(places), start_depot=depot, end_depot=depot, shift_duration=shift, fixed_cost=10**6)
    for a, b in np.ndindex(minutes.shape):
        model.add_edge(places[a], places[b], distance=round(60 * minutes[a, b]), duration=round(60 * minutes[a, b]))
    result = model.solve(MaxRuntime(seconds), seed=1, display=False)
    return str(result.best.num_routes()) if result.is_feasible() else "no plan"


def run_van(authority: str, van: str, weeks: int, seconds: float) -> None:
    """Print the lines of one van."""
    case, days = read_van(authority, van, weeks)
    started = time.perf_counter()
    plan = planned(case, seconds, len(days))
    took, peak = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    fewest = "-"
    for number in range(len(days), 0, -1):
        shorter = planned(case, seconds, number)
        if shorter.value < len(case[1]):
            fewest += f" (in {number}: {shorter.value:.0f}, bound {shorter.bound:.2f}, gap {shorter.gap:.2%})"
            break
        fewest = str(number)
    longest = max(len(day) for day in days)
    print(
        f"{authority} {van}: {len(case[1])} stops in {weeks} weeks, duty {case[3].duty_min:.0f} min\n"
        f"  as run: {len(days)} days, {longest} stops on the longest\n"
        f"  planned: {plan.value:.0f} stops, bound {plan.bound:.2f}, gap {plan.gap:.2%}, {plan.status}, "
        f"{took:.1f} s, {peak:.0f} MB, {plan.tours:,} tours\n"
        f"  fewest days with every stop: {fewest}; PyVRP: {fewest_by_pyvrp(case, min(seconds, 20))}",
        flush=True,
    )


def main(seconds: float) -> int:
    """Run each van in a process of its own, so that its peak of memory is its own."""
    if not OPEN_DATA.is_dir():
        print(f"PUBLISHED DATA NOT FOUND at {OPEN_DATA}: set CFW_OPEN_DATA. Nothing was measured.", file=sys.stderr)
        return 1
    failed = 0
    for (authority, van), weeks in VANS.items():
        process = multiprocessing.get_context("spawn").Process(target=run_van, args=(authority, van, weeks, seconds))
        process.start()
        process.join()
        failed += process.exitcode != 0
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0))
