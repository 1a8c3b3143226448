import numpy as np
import pandas as pd
import pytest
from study_cases import SMALL, small_study

from cfwlib.data.carers import Carers
from cfwlib.settings import Settings
from cfwlib.sufficiency.homes.fostering import OTHERS, OWN, RELATED, fostered_by, study_fostering
from cfwlib.sufficiency.homes.study import HomesStudy, draws_of


@pytest.fixture
def study() -> HomesStudy:
    return small_study()


def households(many: int = 20, agencies: int = 5) -> Carers:
    """Return households approved for two children each, some of them agencies'."""
    provider = ["own"] * many + ["agency"] * agencies
    return Carers(pd.DataFrame({"provider": provider, "approved_places": 2}), pd.DataFrame(), modelled=True)


def test_own_carers_are_those_of_the_service() -> None:
    """Relatives are relatives whoever pays; agencies, other authorities and whoever is not known are others."""
    now = pd.DataFrame(
        [
            ("fostering", "U6", "own", OWN),
            ("fostering", "U1", "own", RELATED),
            ("fostering", "U2", "private", RELATED),
            ("fostering", "U4", "private", OTHERS),
            ("fostering", "U4", "voluntary", OTHERS),
            ("fostering", "U6", "other authority", OTHERS),
            ("fostering", "U6", "not known", OTHERS),
            ("residential", "K2", "own", None),
        ],
        columns=["placement", "place", "provider", "who"],
    )
    assert fostered_by(now).tolist() == now["who"].dropna().tolist()


def test_the_first_night_is_as_it_is(study: HomesStudy) -> None:
    """Today every fostered child has the place it has: with own carers, with others', or with relatives."""
    by = fostered_by(study.now).value_counts()
    assert by.min() > 0
    found = study_fostering(study, households(many=30), SMALL)
    first = found.balance.iloc[0]
    assert (first["with_own"], first["with_agency"], first["without_place"]) == (by[OWN], by[OTHERS], 0)
    assert found.scenario.usable_share == pytest.approx(by[OWN] / 60)
    assert found.scenario.households == 30
    related = by[RELATED] / by.sum()
    expected = draws_of(study.made, "fostering").mean(axis=0) * (1 - related)
    assert found.balance["demand"].to_numpy() == pytest.approx(expected, abs=0.5)


def test_the_more_carers_leave_the_more_must_be_recruited(study: HomesStudy) -> None:
    """More leave, more households to recruit; with none recruited and a fifth leaving, about 0.64 are left in two."""
    few, many = (
        study_fostering(study, households(), Settings(**{**SMALL.model_dump(), "carers_leave_per_year": share}))
        for share in (0.1, 0.3)
    )
    assert few.needed.recruits_per_year < many.needed.recruits_per_year
    none = Settings(**{**SMALL.model_dump(), "carers_recruits_per_year": 0, "carers_leave_per_year": 0.2})
    own = study_fostering(study, households(), none).balance["own_places"]
    assert own.iloc[8] / own.iloc[0] == pytest.approx(0.64, abs=0.1)


def test_a_service_without_carers_leaves_children_without_a_place(study: HomesStudy) -> None:
    """With no household of its own, those above the others' places have none."""
    none = Settings(**{**SMALL.model_dump(), "carers_recruits_per_year": 0})
    found = study_fostering(study, households(many=0), none)
    assert (found.balance["with_own"] == 0).all()
    assert found.balance["without_place"].iloc[0] == (fostered_by(study.now) == OWN).sum()


def test_how_many_to_recruit_is_withheld_where_past_forecasts_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A share of draws is not stated of a group whose past forecasts were wrong too often."""
    small = small_study()
    monkeypatch.setattr(type(small.test), "failed", lambda _, what: what == "fostering")
    needed = study_fostering(small, households(), SMALL).needed
    assert needed.recruits_per_year is None
    assert np.isnan(needed.chance)
    assert needed.why.endswith("not shown: past forecasts of foster care were wrong too often.")
    monkeypatch.setattr(type(small.test), "failed", lambda *_: False)
    assert "of the futures drawn" in study_fostering(small, households(), SMALL).needed.why
