import numpy as np
import pandas as pd
import pytest

from cfwlib.data import AreaData
from cfwlib.errors import InputError, SettingsError
from cfwlib.need import assess_need, headline_counts, need_index, need_rate, normal_scores, rank_certainty, reconcile
from cfwlib.settings import Settings


def places(**columns: object) -> pd.DataFrame:
    base = {
        "lsoa": ["A", "B"],
        "children_0_15": [100.0, 50.0],
        "children_0_17": [120.0, 60.0],
        "income_score": [0.1, 0.2],
    }
    return pd.DataFrame({**base, **columns})


def test_the_published_rate_comes_first_and_blank_is_not_zero() -> None:
    """A suppressed IDACI count is stood for by the Income score, never by nought."""
    rates = need_rate(places(idaci_count=[30.0, np.nan]))
    assert rates["need_rate"].tolist() == [0.3, 0.2]
    assert rates["need_count"].tolist() == pytest.approx([36, 12])
    assert "Income score" in rates["need_rate_source"][1]
    assert need_rate(places(idaci_rate=[0.5, 0.6], idaci_count=[1.0, 1.0]))["need_rate"].tolist() == [0.5, 0.6]


def test_a_neighbourhood_without_any_rate_is_refused() -> None:
    """No rate is not a rate of zero."""
    with pytest.raises(InputError, match="1 neighbourhoods have no income-deprivation rate"):
        need_rate(places(income_score=[0.1, np.nan]))


def test_normal_scores_are_the_textbook_ones() -> None:
    """Rank 1 of 100 is the 99.5th percentile of the normal distribution; the middle rank is zero."""
    ranks = [1.0, 50.5]
    frame = pd.DataFrame(
        {"income_rank": ranks, "children_young_people_rank": ranks, "geographical_barriers_rank": ranks,
         "areas_ranked": 100, "no_car_share": [0.8976, 0.1881]}
    )  # fmt: skip
    scores = normal_scores(frame)
    assert scores["income"].tolist() == pytest.approx([2.5758293, 0])
    assert scores["no_car"][1] == pytest.approx(0, abs=1e-9)  # England's median share
    assert scores["no_car"][0] == pytest.approx(2.5758293)


@pytest.mark.parametrize(
    "weights",
    [{"income": -0.1, "no_car": 1.1}, {"income": float("nan"), "no_car": 1}, {"income": 0.5}, {"wealth": 1.0}],
)
def test_weights_that_make_no_sense_are_refused(weights: dict[str, float]) -> None:
    """Negative, NaN, unknown and not summing to 1 are errors, not silent renormalisation."""
    with pytest.raises(SettingsError):
        need_index(pd.DataFrame({"income": [1.0], "no_car": [2.0]}), weights)


def test_rank_certainty_tells_sure_from_unsure() -> None:
    """A place that leads on every indicator is always first; places that differ by indicator move with the weights."""
    random = np.random.default_rng(3)
    scores = pd.DataFrame(
        random.normal(size=(60, 4)), columns=["income", "children_young_people", "geographical_barriers", "no_car"]
    )
    scores.loc[0] = 9.0
    found = rank_certainty(scores, Settings())
    assert found.loc[0, ["rank", "rank_low", "rank_high"]].tolist() == [1, 1, 1]
    assert found.loc[0, "certainty"] == "always"
    assert (found["rank_low"] <= found["rank_high"]).all()
    assert found["top_share"].sum() == pytest.approx(20)  # in every draw exactly twenty are in
    assert set(found["certainty"]) >= {"always", "sometimes", "rarely"}
    pd.testing.assert_frame_equal(found, rank_certainty(scores, Settings()))  # seeded


def test_assessment_of_the_modelled_area(modelled: AreaData) -> None:
    """The most needy neighbourhoods come first, and rate and count stay two things."""
    need = assess_need(modelled.neighbourhoods, Settings())
    assert need["rank"].tolist() == list(range(1, 178))
    assert need["need_index"].is_monotonic_decreasing
    assert need["need_count"].equals(need["need_rate"] * need["children_0_17"])
    assert need["deprivation_fifth"].between(1, 5).all()


def test_the_modelled_area_reproduces_the_plan(modelled: AreaData) -> None:
    """Every figure the plan prints comes out of the modelled data."""
    table = reconcile(headline_counts(modelled), modelled.published)
    assert len(table) == 15
    assert (table["why"] == "agrees").all(), table


def test_a_figure_that_was_not_computed_stays_in_the_table() -> None:
    """Nothing published is silently dropped from the reconciliation."""
    published = {"authority": "E06000063", "residents": {"value": 90, "note": "later", "expected": 10}}
    published |= {"ehc_plans": {"value": 5, "note": ""}, "rural_share": {"value": 53, "note": ""}}
    table = reconcile({"residents": 100, "ehc_plans": None}, published, code="E06000063")
    assert table["difference"].tolist()[0] == 10
    assert table["why"].tolist()[0] == "later"
    assert table["why"].str.startswith("not computed").tolist() == [False, True, True]
    assert reconcile({"residents": 101}, published, code="E06000063")["why"].tolist()[0] == "not explained"


def test_nine_draws_of_ten_lie_in_the_rank_interval() -> None:
    """The interval printed as 90% holds nine tenths of the redrawn ranks, no less and not much more."""
    random = np.random.default_rng(5)
    columns = ["income", "children_young_people", "geographical_barriers", "no_car"]
    scores = pd.DataFrame(random.normal(size=(80, 4)), columns=columns)
    settings = Settings(weight_draws=2000)
    found = rank_certainty(scores, settings)
    weights = np.random.default_rng(9).dirichlet(np.array([0.4, 0.2, 0.2, 0.2]) * 50, 2000)
    ranks = (-(scores.to_numpy() @ weights.T)).argsort(axis=0).argsort(axis=0) + 1
    low, high = found["rank_low"].to_numpy()[:, None], found["rank_high"].to_numpy()[:, None]
    inside = ((ranks >= low) & (ranks <= high)).mean()
    assert 0.88 <= inside <= 0.97
