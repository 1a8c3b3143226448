"""The charts, tables and map of what the hub's plan is worth, on a small county."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from cfwlib.data import AreaData
from cfwlib.hub import HubMinutes, HubPlan, HubSettings, HubStudy, plan_hub
from cfwlib.hub.baseline import greedy_frontier
from cfwlib.hub.frontier import frontier
from cfwlib.hub.robust import robustness
from cfwlib.hub.worth import WORTH_FIGURES, study_worth, worth_figures
from cfwlib.pages.hub_worth import (
    frontier_chart,
    frontier_table,
    frontier_words,
    more_table,
    robustness_map,
    robustness_table,
    robustness_words,
    simple_rule_table,
    stops_table,
)
from cfwlib.report.offline import map_html
from cfwlib.report.tables import table_html

NAMES = ["<b>Alston</b>", "Ravenglass", "Silloth"]


@pytest.fixture(scope="module")
def plan() -> HubPlan:
    """Three places on a road at 10, 20 and -15 minutes, with 5, 9 and 8 children; one day a week."""
    at = np.array([0.0, 10.0, 20.0, -15.0])
    far = np.abs(at[:, None] - at[None, :])
    ids = ["a", "b", "c"]
    venues = pd.DataFrame({"venue": ids, "name": NAMES, "kind": "hall", "easting": 335_000.0, "northing": 520_000.0})
    points = pd.DataFrame({"point": ids, "lsoa": ids, "easting": 335_000.0, "northing": 520_000.0})
    points["need_count"], points["no_car_share"] = [5.0, 9.0, 8.0], 0.0
    points["served_drive"] = points["served_walk"] = False
    near = np.where(np.eye(3) > 0, 1.0, 99.0)
    rules = HubSettings(
        reserve_share=0,
        round_to_min=0,
        working_weekdays="1",
        duty_min=250,
        dwell_min=60,
        break_min=0,
        value_fortnightly=0.4,
    )
    return plan_hub(points, venues, HubMinutes(far, far, near, near), rules)


def problem(plan: HubPlan) -> tuple[pd.DataFrame, pd.DataFrame, HubMinutes, HubSettings]:
    return plan.instance.points, plan.instance.venues, plan.instance.minutes, plan.instance.settings


def test_the_frontier_chart_tells_its_numbers_in_words(plan: HubPlan) -> None:
    """Its title holds the best and the hand-drawn value; the table and the sentence say the same."""
    table, simple = frontier(*problem(plan), days=range(1, 4)), greedy_frontier(plan, days=range(1, 4))
    chart = frontier_chart(table, simple)
    best = f"3 vehicle-days a fortnight reach {table['value'].iloc[-1]:,.0f} children"
    assert chart.title.startswith(best)
    assert chart.title.endswith(f"by a simple rule, 3 vehicle-days reach {simple['value'].iloc[-1]:,.0f}")
    assert "each proven" in chart.source
    shown = frontier_table(table)
    assert shown["verdict"].unique().tolist() == ["proven best"]
    assert shown["children reached, weighted"].tolist() == table["value"].round().tolist()
    assert f"reach {table['value'].iloc[0]:,.0f} children" in frontier_words(table)
    assert "Each further day brings less" in frontier_words(table.assign(on_envelope=True))
    assert "Awkward numbers of days: 1, 2" in frontier_words(table.head(2).assign(on_envelope=False))


def test_what_is_not_proven_or_not_possible_is_said(plan: HubPlan) -> None:
    """A row without proof brings the line of the bound; one without a plan is left out and explained."""
    table = frontier(*problem(plan), days=range(1, 4))
    table.loc[2, ["bound", "proven"]] = table["value"][2] + 5, False
    table.loc[0, "problem"] = "Must-serve places need a second day."
    chart = frontier_chart(table)
    assert "no plan reaches more" in chart.alt
    assert "what no plan can exceed" in chart.source
    assert frontier_table(table)["verdict"].tolist() == [
        "Must-serve places need a second day.", "proven best", "not proven best",
    ]  # fmt: skip


def test_tables_read_aloud(plan: HubPlan) -> None:
    """Every table becomes HTML with names escaped, and compares what it should."""
    worth = study_worth(plan, days=[1, 2], draws=5)
    compared = simple_rule_table(plan, worth.simple)
    assert compared["difference"].iloc[0] == pytest.approx(plan.value - worth.simple.value)
    tables = [compared, more_table(worth.more), stops_table(worth.stops), robustness_table(worth.robust)]
    pages = "".join(table_html(table, caption="A table") for table in tables)
    assert "&lt;b&gt;Alston" in pages
    assert "<b>Alston" not in pages
    assert "today's rounds still fit" in robustness_words(worth.robust)
    figures = worth_figures(plan, worth)
    assert set(figures) == set(WORTH_FIGURES)
    assert figures["plan_gain_on_by_hand_share"] == pytest.approx(plan.value / worth.simple.value - 1)
    assert figures["plan_one_more_vehicle_gain"] >= figures["plan_one_more_day_gain"] > 0


def test_without_a_plan_of_the_simple_rule_the_rest_is_told(plan: HubPlan) -> None:
    """Where the simple rule cannot keep what is asked, their numbers are blank, not wrong."""
    worth = replace(study_worth(plan, days=[1], draws=2), simple=None)
    assert simple_rule_table(plan, None)["a simple rule"].isna().all()
    figures = worth_figures(plan, worth)
    assert figures["plan_gain_on_by_hand_share"] is None
    assert figures["plan_one_more_day_gain"] is not None


def test_the_map_tells_roles_by_letter_and_shape(plan: HubPlan, modelled: AreaData) -> None:
    """Core, swing and never are each a layer with its meaning in the legend; names are escaped."""
    candidates = gpd.GeoDataFrame(
        plan.instance.venues[["venue", "name"]],
        geometry=gpd.points_from_xy([300_000, 310_000, 320_000], [520_000, 530_000, 540_000]),
        crs=27700,
    )
    study = HubStudy(plan, candidates, candidates, plan.instance.points, gpd.GeoSeries())
    page = map_html(robustness_map(modelled, study, robustness(plan, draws=5)))
    for words in ("Core: in at least 80%", "Swing: in 5% to 80%", "Never: in under 5%"):
        assert words in page
    assert "<b>Alston" not in page
