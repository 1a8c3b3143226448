"""What the page of the next permanent site says: best only with its proof, and true where nothing is gained."""

from types import SimpleNamespace
from typing import Any, cast

import pandas as pd
import pytest

from cfwlib.pages.sites import sites_answer, sites_points, sites_table
from cfwlib.settings import Settings
from cfwlib.sites import QUESTIONS, SitesStudy

NEED = Settings(new_sites=2)


def study(
    cover: tuple[float, ...], *, proven: bool = True, over: float = 0.0, minutes: float = 4.0, people: float = 100
):
    rows: list[dict[str, Any]] = []
    for key, values, sign in (
        ("cover", cover, 1),
        ("median", (10.0, minutes, minutes), -1),
        ("centre", (30, 30, 30), -1),
    ):
        for new, value in enumerate(values):
            rows.append({"question": QUESTIONS[key], "new": new, "sites": f"Site {new}" * bool(new),
                         "value": float(value),
                         "bound": value + sign * over * bool(new), "gap": 0.0, "proven": proven or not new,
                         "gain": sign * (value - values[0])})  # fmt: skip
    return cast(SitesStudy, SimpleNamespace(answers=pd.DataFrame(rows), people=people, candidates=[0] * 7))


def test_no_place_does_better_only_where_that_is_proven() -> None:
    """Within one child it is said so; with a gap the number that none exceeds is given, rounded up."""
    told = sites_answer(study((50, 60.4, 70)), NEED)
    assert told.endswith("at Site 1: 10 more, 60.4% instead of 50.0%. Proven: none of the 7 places considered would "
                         "bring one child more.")  # fmt: skip
    open_ = sites_answer(study((50, 60, 70), proven=False, over=3.2), NEED)
    assert open_.endswith("Not proven best of the 7 places considered: none would bring more than 64 within reach.")
    large = sites_answer(study((5e4, 6e4, 7e4), over=2.5, people=1e5), NEED)
    assert large.endswith("Proven: none of the 7 places considered would bring more than 60,003 within reach.")


def test_where_nothing_is_gained_no_place_is_named() -> None:
    """The first of many places that bring nobody is no recommendation."""
    nothing = study((50, 50, 50), minutes=10.0)
    told = sites_answer(nothing, NEED)
    assert told.startswith("None of the 7 places considered was found to bring more children likely to need help")
    assert "Site" not in told
    points = sites_points(nothing, NEED)
    assert points[0] == "For most within reach: no further site brings anybody."
    assert "Site" not in " ".join(points)
    assert "not all of them were ruled out" in sites_answer(study((50, 50, 50), proven=False), NEED)
    assert sites_answer(study((0, 0, 0), people=0), NEED).startswith("There are no children")


def test_every_answer_that_is_not_proven_is_marked() -> None:
    """Best on average, for the farthest, and of several sites: each carries its mark."""
    told = sites_points(study((50, 51, 70), proven=False), Settings(new_sites=2, site_weight="children"))
    assert told[0] == (
        "For most within reach: Site 1, 1 more child (not proven best); 2 sites together bring 20 more (not proven "
        "best)."
    )
    assert told[1].count("(not proven best)") == 2
    assert "not proven" not in " ".join(sites_points(study((50, 51, 70)), NEED))


def test_with_everybody_in_reach_nobody_is_left_to_a_bus() -> None:
    """And one site is no several sites together."""
    told = sites_points(study((50, 100)), Settings(new_sites=1))
    assert told[-1] == "With 1 more site so chosen nobody would be out of reach."
    assert "together" not in told[0]
    assert "1 child likely to need help would still be out of reach" in sites_points(study((50, 99)), NEED)[-1]


@pytest.mark.parametrize("proven", [True, False])
def test_the_gain_is_the_difference_of_the_values_shown(proven: bool) -> None:
    """8.4 and 10.6 are shown as 8 and 11, so that 3 are gained; 10.0 less 4.0 minutes is 6.0."""
    shown = sites_table(study((8.4, 10.6, 10.6), proven=proven, over=0.1), ["cover"])
    assert shown["gain on today"].tolist() == [0, 3, 3]
    assert shown["bound"].tolist() == [8, 11, 11]
    journeys = sites_table(study((8.4, 10.6, 10.6), minutes=4.04), ["median"])
    assert journeys["gain on today_min"].tolist() == [0.0, 6.0, 6.0]
