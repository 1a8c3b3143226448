"""From the calls of buses to rides between neighbouring stops: times filled in, headways written out, doubles found."""

import numpy as np
import pandas as pd


def fill(times: pd.DataFrame) -> pd.DataFrame:
    """Give calls without a time one evenly between the timed calls around them."""
    arr, dep = times["arr"].to_numpy(), times["dep"].to_numpy()
    timed, call = np.flatnonzero(~np.isnan(arr)), np.arange(len(times))
    before = timed[np.searchsorted(timed, call, side="right") - 1]
    after = timed[np.searchsorted(timed, call)]
    between = dep[before] + (arr[after] - dep[before]) * (call - before) / np.maximum(after - before, 1)
    return times.assign(arr=np.where(np.isnan(arr), between, arr), dep=np.where(np.isnan(dep), between, dep))


def first_of_doubles(times: pd.DataFrame, headways: pd.DataFrame) -> "pd.Index[str]":
    """Return the trips that do not repeat another one: the same stops at the same times, with no headway."""
    key = pd.util.hash_pandas_object(times[["stop_id", "arr", "dep", "pickup_type", "drop_off_type"]], index=False)
    place = times.groupby("run").cumcount().to_numpy(np.uint64) + np.uint64(1)
    mixed = pd.util.hash_array(key.to_numpy() ^ pd.util.hash_array(place))
    of_trip = pd.Series(mixed, index=times.index).groupby(times["trip_id"], sort=False).sum()
    calls = times.groupby("trip_id", sort=False).size()
    again = pd.DataFrame({"key": of_trip, "calls": calls}).duplicated() & ~of_trip.index.isin(headways["trip_id"])
    return pd.Index(of_trip.index[~again])


def repeat(times: pd.DataFrame, headways: pd.DataFrame) -> pd.DataFrame:
    """Replace each trip that has a headway by its runs."""
    repeated = times["trip_id"].isin(headways["trip_id"])
    patterns = {str(trip): calls for trip, calls in times[repeated].groupby("trip_id")}
    out, run = [times[~repeated]], len(times)
    columns = ("trip_id", "start", "end", "headway")
    for trip, first, last, headway in zip(*(headways[column].tolist() for column in columns), strict=True):
        pattern = patterns.get(trip, times[:0])  # empty: it does not run on the day
        for start in np.arange(first, last, headway) if len(pattern) else ():
            shift, run = start - pattern["dep"].iloc[0], run + 1
            out.append(pattern.assign(arr=pattern["arr"] + shift, dep=pattern["dep"] + shift, run=run))
    return pd.concat(out)


def connect(times: pd.DataFrame, stops: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The stops that buses serve, and the rides between neighbouring calls of a run."""
    runs = times["run"].to_numpy()
    start = np.flatnonzero(runs[:-1] == runs[1:])
    begin, finish = times.iloc[start], times.iloc[start + 1]
    served = stops[stops["stop_id"].isin(pd.concat([begin["stop_id"], finish["stop_id"]]).unique())]
    position = pd.Series(np.arange(len(served)), index=served["stop_id"])
    connections = pd.DataFrame(
        {
            "dep_stop": position.reindex(begin["stop_id"]).to_numpy(),
            "arr_stop": position.reindex(finish["stop_id"]).to_numpy(),
            "dep_min": begin["dep"].to_numpy(),
            "arr_min": finish["arr"].to_numpy(),
            "trip": begin["run"].to_numpy(),
            "board": begin["pickup_type"].to_numpy() != "1",
            "alight": finish["drop_off_type"].to_numpy() != "1",
            "trip_id": begin["trip_id"].to_numpy(),
        }
    ).sort_values(["dep_min", "trip"], kind="stable", ignore_index=True)
    served = served.rename(columns={"stop_id": "stop", "stop_name": "name"}).reset_index(drop=True)
    return served[["stop", "name", "easting", "northing"]], connections
