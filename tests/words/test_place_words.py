"""The sentences of the pages of data, need and reach are true at none, one, all and not known, for any area."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from cfwlib.data import AreaData
from cfwlib.need import headline_counts
from cfwlib.pages.data import data_points, estimated_words
from cfwlib.pages.need import certainty_title, need_answer, need_points
from cfwlib.pages.reach import equity_words, no_car_limit, reach_answer, reach_points
from cfwlib.reach import Calibration, limits_with
from cfwlib.reach.calibration import YARDSTICK
from cfwlib.settings import Settings

CHECK = Calibration(YARDSTICK, YARDSTICK, 0.88, 1.0, pd.DataFrame())
FOUND = {"children_0_17_within_limit_share": 0.92, "children_0_17_beyond_limit": 40}


def ranked(number: int, *, sure: int = 0, unsure: int = 0, need: float = 10.0, rural: bool = True) -> pd.DataFrame:
    certainty = ["always"] * sure + ["usually"] * unsure + ["rarely"] * (number - sure - unsure)
    return pd.DataFrame(
        {"lsoa_name": [f"N{i}" for i in range(number)], "certainty": certainty, "need_count": need, "is_rural": rural}
    )


def points(*, near: bool = True, walk: bool = True, rural: bool = True, children: float = 100.0) -> pd.DataFrame:
    return pd.DataFrame(
        {"children_0_17": [children], "served_drive": near, "served_walk": walk, "is_rural": rural,
         "no_car_share": 0.5, "drive_min": 5.0 if near else 40.0, "drive_inside_min": 5.0 if near else 40.0}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sure", "told"),
    [(0, "None of the 30 neighbourhoods are among"), (1, "1 of the 30 neighbourhoods is among"),
     (20, "20 of the 30 neighbourhoods are among")],
)  # fmt: skip
def test_how_many_neighbourhoods_are_surely_first(sure: int, told: str) -> None:
    """None, one and twenty each have their sentence, and the chart its title."""
    need = ranked(30, sure=sure)
    assert need_answer(need).startswith(told)
    start = {0: "No neighbourhoods stay", 1: "1 neighbourhood stays", 20: "20 neighbourhoods stay"}[sure]
    assert certainty_title(need).startswith(start)


def test_a_small_area_singles_nobody_out() -> None:
    """Of nine neighbourhoods all are among the first twenty: that is no finding, and nothing else is missed."""
    need = ranked(9, sure=9)
    assert need_answer(need) == "There are 9 neighbourhoods, too few to single out 20; N0 comes first."
    assert need_points(need)[0] == "The 9 neighbourhoods of most need hold 100% of the children likely to need help."
    assert "first 9" in certainty_title(need)


def test_help_elsewhere_is_missed_only_where_there_is_need_elsewhere() -> None:
    """And who comes and goes is told only where somebody does."""
    told = need_points(ranked(30, unsure=1))
    assert told[0].endswith("67% of the children likely to need help: help placed only there misses the rest.")
    assert told[1].startswith("1 neighbourhood comes and goes from the first 20")
    assert len(need_points(ranked(30))) == 2
    assert need_points(ranked(30, need=0.0)) == [
        "No child is counted as likely to need help: there is nothing to rank."
    ]


def test_an_area_without_rural_neighbourhoods_has_no_rural_children() -> None:
    """None is said of none, and a claim about their ranks is not made of nobody."""
    assert need_points(ranked(30, rural=False))[-1] == (
        "Of those likely to need help, none of the 300 children live in rural neighbourhoods."
    )
    assert "all 300 children live in rural neighbourhoods; another weight" in need_points(ranked(30))[-1]


def test_what_is_near_is_named_by_the_settings() -> None:
    """Limit, kind of service, rule and band of speeds come from settings and data, never from a typed number."""
    own = Settings(limit_drive_min=12, fixed_services="hubs", hard_to_reach_rule="drive_minutes", hard_to_reach_min=9)
    hard = gpd.GeoDataFrame({"drive_min": [20.0]})
    told = reach_answer(FOUND, hard, (0.9, 1.0), own)
    assert "92.0% of children live within 12 minutes' drive of a family hub (90% to 100%" in told
    assert told.endswith("40 do not. 1 rural neighbourhood is hard to reach (more than 9 minutes, by car).")
    assert limits_with(12) == (10, 12, 15, 20, 30)
    assert limits_with(15) == (10, 15, 20, 30)


@pytest.mark.parametrize(
    ("drives", "told"),
    [([], "No rural neighbourhood is hard to reach (more than 15 minutes, counting families without a car)."),
     ([9.0], "1 rural neighbourhood is hard to reach (more than 15 minutes, counting families without a car), none of "
      "them by car alone."),
     ([20.0, np.nan], "2 rural neighbourhoods are hard to reach (more than 15 minutes, counting families without a "
      "car), all of them by car alone.")],
)  # fmt: skip
def test_how_many_are_hard_to_reach(drives: list[float], told: str) -> None:
    """None, one, all; who has no way by road is hard to reach by car."""
    assert reach_answer(FOUND, gpd.GeoDataFrame({"drive_min": drives}), (0.9, 0.95), Settings()).endswith(told)


def test_all_within_reach_leaves_nobody_beyond_and_nearly_all_does() -> None:
    """Four children of ten thousand beyond are no 100%, and one child does not do."""
    none = gpd.GeoDataFrame({"drive_min": []})
    everybody = {"children_0_17_within_limit_share": 1.0, "children_0_17_beyond_limit": 0}
    assert "100.0% of children" in (told := reach_answer(everybody, none, (0.9, 1.0), Settings()))
    assert "; nobody lives beyond." in told
    nearly = {"children_0_17_within_limit_share": 0.9996, "children_0_17_beyond_limit": 1}
    assert "over 99.9% of children" in (told := reach_answer(nearly, none, (0.9, 0.9999), Settings()))
    assert "(90% to over 99% if every road" in told
    assert "; 1 does not." in told
    unknown = {"children_0_17_within_limit_share": float("nan"), "children_0_17_beyond_limit": 0}
    assert reach_answer(unknown, none, (np.nan, np.nan), Settings()).startswith("No child lives in the area")


@pytest.mark.parametrize(
    ("frame", "first", "second"),
    [(points(), "No child lives beyond 15 minutes' drive.", "No child that is near a centre by car lives in"),
     (points(near=False), "Beyond 15 minutes' drive live 100 children, all of them in rural neighbourhoods: the first",
      "No child that is near"),
     (points(near=False, rural=False), "Beyond 15 minutes' drive live 100 children, none of them in rural "
      "neighbourhoods.", "No child that is near"),
     (points(near=False, children=1), "Beyond 15 minutes' drive lives 1 child, all of them", "No child that is near"),
     (points(walk=False, children=2), "No child lives beyond", "About 1 child is near a centre by car")],
)  # fmt: skip
def test_who_is_beyond_and_who_is_stranded(frame: pd.DataFrame, first: str, second: str) -> None:
    """At nobody, at one child, in towns only."""
    told = reach_points(frame, CHECK, 0.9, Settings(), no_car="30 minutes' walk")
    assert told[0].startswith(first)
    assert told[1].startswith(second)
    assert "bring nobody else within it" in told[2]


def test_the_border_adds_what_is_seen_to_be_added() -> None:
    """A child in ten thousand from across the border does not make 50.0% of 50.0%."""
    frame = pd.concat([points(children=5000), points(near=False, children=5000)], ignore_index=True)
    frame.loc[2] = points(children=1).loc[0].to_dict() | {"drive_inside_min": 40.0}
    assert "too few to change that share" in reach_points(frame, CHECK, 0.5, Settings(), no_car="a walk")[2]
    frame.loc[2, "children_0_17"] = 2000
    assert reach_points(frame, CHECK, 0.5, Settings(), no_car="a walk")[2].endswith("border make it 58.3%.")


def test_a_bus_is_named_only_where_a_timetable_is_given() -> None:
    """The limits are those of the settings."""
    assert no_car_limit(Settings(limit_walk_min=20)) == "20 minutes' walk"
    bus = Settings(bus_timetable="feed", limit_bus_min=50)
    assert no_car_limit(bus) == "30 minutes' walk or 50 minutes by bus"


def test_hours_that_are_not_there_favour_nobody() -> None:
    """The sign of the index tells who has more; without hours there is no index."""
    assert "neither more nor less" in equity_words(0.01)
    assert "have less of the hours" in equity_words(0.1)
    assert "have more of the hours" in equity_words(-0.1)
    assert equity_words(float("nan")).startswith("There are no hours")


def test_an_area_without_hub_school_or_published_figure_has_its_sentences(modelled: AreaData) -> None:
    """Nothing is claimed of what is not there: no hub, no centre, no school, no deprived neighbourhood."""
    kept = modelled.services[~modelled.services["kind"].isin(["family_hub", "childrens_centre", "school"])]
    bare = replace(modelled, name="Elsewhere", services=kept, published={}, lsoa_vintage=2011)
    counts = headline_counts(bare) | {"neighbourhoods_most_deprived_tenth": 0}
    assert counts["schools"] is counts["schools_primary"] is None
    told = data_points(counts, bare)
    assert told[1].startswith("No neighbourhoods are in England's most deprived tenth with the 2019 Indices")
    assert told[2].startswith("On the map: no children's centres and no family hubs.")
    assert "Cumberland" not in " ".join(told)
    assert estimated_words(bare) == "No Output Area's residents had to be estimated."
    coarse = replace(bare, points=bare.points.assign(point=bare.points["lsoa"]))
    assert estimated_words(coarse).startswith("There are no Output Areas in the data")
    some = replace(bare, points=bare.points.assign(residents_estimated=[True] + [False] * (len(bare.points) - 1)))
    assert estimated_words(some).startswith(f"The residents of 1 of the {len(bare.points)} Output Areas are estimated")
