"""Further permanent sites for a whole area: the answers hold what they say, and more sites never help less."""

import numpy as np
import pytest

from cfwlib.data import AreaData
from cfwlib.errors import PlanError
from cfwlib.need import assess_need
from cfwlib.reach import AreaReach, fixed_services, minutes_matrix, reach_area
from cfwlib.settings import Settings
from cfwlib.sites import QUESTIONS, SitesStudy, study_sites

SETTINGS = Settings(new_sites=2, site_kinds="library,gp", site_weight="children")


@pytest.fixture(scope="module")
def reach(modelled: AreaData) -> AreaReach:
    return reach_area(modelled, assess_need(modelled.neighbourhoods, SETTINGS), SETTINGS)


@pytest.fixture(scope="module")
def study(modelled: AreaData, reach: AreaReach) -> SitesStudy:
    return study_sites(modelled, reach, SETTINGS)


def test_every_answer_is_proven_and_better_than_today(study: SitesStudy) -> None:
    """Two sites are no worse than one, one no worse than none; every bound is met."""
    assert study.answers["proven"].all()
    assert (study.answers["gap"] <= 1e-4).all()
    for _, rows in study.answers.groupby("question"):
        assert rows["gain"].is_monotonic_increasing
        assert rows["gain"].iloc[0] == 0
    assert set(study.chosen["kind"]) <= {"library", "gp"}


def test_the_best_single_site_is_the_best_of_all_tried_one_by_one(
    modelled: AreaData, reach: AreaReach, study: SitesStudy
) -> None:
    """Opening each candidate in turn finds no better mean, no shorter longest journey, and no more children."""
    fixed = list(fixed_services(modelled.services, SETTINGS)["service"])
    points, origins = reach.points, list(reach.points["point"])
    children, no_car = points["children_0_17"].to_numpy(), points["no_car_share"].to_numpy()
    drive = minutes_matrix(reach.network, origins, fixed, SETTINGS).min(axis=1).to_numpy()
    walk = minutes_matrix(reach.network, origins, fixed, SETTINGS, mode="walk").min(axis=1).to_numpy()
    ids = list(study.candidates["service"])
    by_car = np.fmin(drive[:, None], minutes_matrix(reach.network, origins, ids, SETTINGS).to_numpy())
    on_foot = np.fmin(walk[:, None], minutes_matrix(reach.network, origins, ids, SETTINGS, mode="walk").to_numpy())
    reached = (children * (1 - no_car)) @ (by_car <= 15) + (children * no_car) @ (on_foot <= 30)
    one = study.answers[study.answers["new"] == 1].set_index("question")["value"]
    assert one[QUESTIONS["cover"]] == pytest.approx(reached.max())
    assert one[QUESTIONS["median"]] == pytest.approx((children @ by_car).min() / children.sum())
    assert one[QUESTIONS["centre"]] == pytest.approx(by_car[children > 0].max(axis=0).min())


def test_unknown_kinds_and_too_many_sites_are_refused(modelled: AreaData, reach: AreaReach) -> None:
    """What is not in the data is named, with what is."""
    with pytest.raises(PlanError, match=r"'castle' is not in the data \(known: .*library"):
        study_sites(modelled, reach, Settings(site_kinds="castle"))
    with pytest.raises(PlanError, match="new_sites = 3, but only 1 places"):
        study_sites(modelled, reach, Settings(site_kinds="family_hub"))
