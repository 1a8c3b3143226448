"""The plan as a timetable people can read."""

import pandas as pd

from cfwlib.hub.day import clock
from cfwlib.hub.plan import HubPlan

WEEKDAYS = {1: "Monday", 2: "Tuesday", 3: "Wednesday", 4: "Thursday", 5: "Friday"}
COLUMNS = ["Weeks", "Weekday", "Vehicle", "Leave", "Stops", "Back", "Frequency"]


def timetable(plan: HubPlan) -> pd.DataFrame:
    """Return one row per round, in the order of the week: when it runs, where it stops, at what times.

    Parameters
    ----------
    plan
        A planned hub.

    Returns
    -------
    table
        Text columns `Weeks`, `Weekday`, `Vehicle`, `Leave`, `Stops` (name and session, "Alston 10:15–12:15"), `Back`,
        `Frequency`.

    Examples
    --------
    >>> timetable(plan)[["Weekday", "Leave", "Back"]].head(2)
      Weekday  Leave   Back
    0  Monday  08:30  15:03
    1  Monday  08:30  15:06
    """
    names = plan.instance.venues.set_index("venue")["name"]
    once = plan.visits.drop_duplicates(["round", "sequence"]).sort_values(["round", "sequence"])
    sessions = zip(once["session_start_min"], once["session_end_min"], strict=True)
    told = names[once["venue"]].to_numpy(dtype=object) + [f" {clock(start)}–{clock(end)}" for start, end in sessions]
    stops = pd.Series(told, index=once["round"], dtype="str").groupby(level=0).agg(" · ".join)
    rounds = plan.rounds
    table = {
        "Weeks": rounds["weeks"].where(rounds["frequency"] != "weekly", "every").str.replace(",", " and "),
        "Weekday": rounds["weekday"].map(WEEKDAYS),
        "Vehicle": rounds["vehicle"].astype(str),
        "Leave": rounds["leave_min"].map(clock),
        "Stops": rounds["round"].map(stops),
        "Back": rounds["return_min"].map(clock),
        "Frequency": rounds["frequency"],
    }
    return pd.DataFrame(table, columns=COLUMNS)
