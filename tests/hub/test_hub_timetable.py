import pandas as pd
import pytest
from hub_cases import PLAIN

from cfwlib.hub import HubMinutes, HubSettings, clock, plan_hub, timetable


@pytest.mark.parametrize(("minutes", "text"), [(0, "00:00"), (545.4, "09:05"), (599.6, "10:00"), (1439.8, "00:00")])
def test_clock_shows_the_nearest_minute(minutes: float, text: str) -> None:
    """Minutes after midnight become hh:mm, rounded once for the hour and the minute together."""
    assert clock(minutes) == text


def test_the_timetable_reads_like_a_notice() -> None:
    """A round is one line: when, which vehicle, when it leaves, each stop with its session, how often."""
    far = [[0.0, 30, 50], [30, 0, 20], [50, 20, 0]]
    venues = pd.DataFrame({"venue": ["a", "b"], "name": ["Alston", "Brampton"], "kind": "hall", "weekdays": ["2", "2"]})
    points = pd.DataFrame({"point": ["p", "q"], "lsoa": "L", "easting": 0.0, "northing": 0.0, "need_count": 5.0})
    points = points.assign(no_car_share=0.0, served_drive=False, served_walk=False)
    minutes = HubMinutes(far, far, [[5, 99], [99, 5]], [[99, 99], [99, 99]])  # type: ignore[arg-type]
    rules = HubSettings(**PLAIN, dwell_min=90, break_min=20)
    table = timetable(plan_hub(points, venues.assign(easting=0.0, northing=0.0), minutes, rules))
    assert table.to_dict("records") == [
        {
            "Weeks": "every",
            "Weekday": "Tuesday",
            "Vehicle": "1",
            "Leave": "08:30",
            "Stops": "Alston 09:15–10:45 · Brampton 11:55–13:25",
            "Back": "14:30",
            "Frequency": "weekly",
        }
    ]
