"""The charts of the notebooks that need more than bars: equity, calibration, and what each further site adds."""

import pandas as pd

from cfwlib.reach import YARDSTICK, Calibration, concentration_curve
from cfwlib.report.curves import curves
from cfwlib.report.figures import Chart, bars
from cfwlib.sites import QUESTIONS, SitesStudy


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


def sites_chart(study: SitesStudy, *, who: str) -> Chart:
    """Return what each further permanent site adds to the people within reach."""
    cover = study.answers[study.answers["question"] == QUESTIONS["cover"]]
    cover = cover.assign(added=cover["value"].round().diff())[cover["new"] > 0].astype({"added": int})
    sites = cover["new"].map(lambda new: f"site {new}")
    return bars(
        cover.assign(sites=sites),
        label="sites",
        values={"added": "added"},
        title=f"What each further site adds: {who}, newly within reach",
        unit="children",
        source="best choices of one site, two sites and so on; the table tells which are proven",
    )
