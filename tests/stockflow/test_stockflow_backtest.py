"""Scores are what they are defined to be, and bands that failed the past are not shown."""

import numpy as np
import pandas as pd
import pytest
from flow_cases import AGES, END, START, random_stays
from numpy.testing import assert_allclose, assert_array_equal
from oracles.ranks import spread_rank
from scipy import stats

from cfwlib.stockflow import BackTest, backtest, forecast, observe
from cfwlib.stockflow.backtest import FEWEST_ORIGINS, crps
from cfwlib.stockflow.forecast import quantiles
from cfwlib.stockflow.trend import entry_trend

STAYS = random_stays(41, 500)
FIRST = END - pd.Timedelta(1500, "D")


def test_crps_is_its_definition() -> None:
    """The sorted formula equals the mean over all pairs; one draw scores its error; scores carry the unit."""
    rng = np.random.default_rng(1)
    drawn, actual = rng.poisson(20, (40, 3)), np.array([18, 20, 35])
    pairs = np.abs(drawn[:, None] - drawn[None]).mean(axis=(0, 1))
    by_definition = np.abs(drawn - actual).mean(axis=0) - pairs / 2
    assert_allclose(crps(drawn, actual), by_definition)
    assert_allclose(crps(7 * drawn, 7 * actual), 7 * by_definition)
    assert crps(np.array([3]), 5) == 2


def test_bands_of_whole_numbers_are_whole_and_cover() -> None:
    """The 95% band of Poisson draws has whole ends, and holds at least 95% of them."""
    drawn = np.random.default_rng(2).poisson(6, 20_001)
    low, high = quantiles(drawn, [0.025, 0.975])
    assert (low, high) == tuple(stats.poisson(6).ppf([0.025, 0.975]))
    assert ((drawn >= low) & (drawn <= high)).mean() >= 0.95


def test_ranks_are_even_when_draws_are_right() -> None:
    """Ties broken at random, the place of the truth among its draws is even even for small counts."""
    rng = np.random.default_rng(3)
    drawn = rng.poisson(1.5, (100, 3000))
    assert stats.kstest(spread_rank(drawn, rng.poisson(1.5, 3000), rng=rng), "uniform").pvalue > 0.01


def test_the_back_test_knows_only_the_past() -> None:
    """What happens after an origin changes the truth, never the forecast from it."""
    options = {"start": FIRST, "end": END, "draws": 40, "most_origins": 3, "horizons": (91,)}
    one = backtest(STAYS, AGES, **options).table
    origin = one["origin"].iloc[0]
    after = STAYS["start"] <= origin
    changed = STAYS[after].assign(end=lambda f: f["end"].where(f["end"] <= origin))
    two = backtest(changed, AGES, **options).table
    mine, other = (table[table["origin"] == origin].set_index("what") for table in (one, two))
    assert_array_equal(mine["median"], other["median"])
    assert_array_equal(mine[["low", "high"]], other[["low", "high"]])
    assert not mine["actual"].equals(other["actual"])


def test_a_right_model_passes_and_is_summed_up() -> None:
    """On a history with steady rates the bands hold; the truth is that night's count; the summary is the table's."""
    test = backtest(STAYS, AGES, start=FIRST, end=END, draws=100, groups={"total": (None, None), "a": (None, ["a"])})
    row = test.table.iloc[0]
    night = row["origin"] + pd.Timedelta(row["horizon_days"], "D")
    there = STAYS[(STAYS["start"] <= night) & ~(STAYS["end"] <= night)]
    young = there["born"] + pd.DateOffset(years=18) > night
    assert row["actual"] == young.sum()
    assert test.table["origin"].nunique() == 12
    assert test.calibrated("a")
    assert "Tested" in test.why("a")
    total = test.summary.query("what == 'a' and horizon_days == 91").iloc[0]
    mine = test.table.query("what == 'a' and horizon_days == 91")
    assert total["n"] == len(mine)
    assert total["coverage_95"] == mine["inside"].mean()
    assert total["mape"] == pytest.approx(((mine["median"] - mine["actual"]).abs() / mine["actual"]).mean())


def made_up(inside: list[bool]) -> BackTest:
    table = pd.DataFrame({"origin": range(len(inside)), "what": "total", "inside": inside})
    return BackTest(table, pd.DataFrame())


def test_bands_that_failed_are_not_shown() -> None:
    """Under 85% of at least eight origins: no bands, and the reason; fewer origins: bands, said to be untested."""
    seen = observe(STAYS, AGES, start=START, end=END)
    made = forecast(STAYS, seen, AGES, at=END, dates=[END + pd.Timedelta(91, "D")], draws=100)
    failed = made_up([True] * 6 + [False] * 2)
    table = made.band(made.select(), backtest=failed)
    assert table.filter(regex="low_|high_").isna().all(axis=None)
    assert table[["median", "mean"]].notna().all(axis=None)
    assert not table["shown"].any()
    assert "not shown" in table["why"].iloc[0]
    few = made_up([False] * (FEWEST_ORIGINS - 1))
    assert made.band(made.select(), backtest=few)["shown"].all()
    assert not few.calibrated("total")
    assert "Not tested" in few.why("total")
    assert "Not tested" in failed.why("something else")
    passed = made.band(made.select() * 1.5, backtest=made_up([True] * 7 + [False]))
    assert passed.notna().all(axis=None)
    assert (passed["low_95"] <= passed["low_80"]).all()


def test_too_short_a_history_is_not_tested() -> None:
    """With less than half a year and a horizon there is no origin, and that is no crash."""
    test = backtest(STAYS, AGES, start=END - pd.Timedelta(200, "D"), end=END)
    assert test.table.empty
    assert test.summary.empty
    assert test.why("total") == "Not tested on the past."


def test_a_trend_is_found_where_there_is_one() -> None:
    """Of doubling counts 95% of intervals hold the doubling; of steady ones 5% seem to move; clumps show in phi."""
    rng = np.random.default_rng(4)
    bins = np.arange(39)
    doubling = [entry_trend(rng.poisson(10 * 2 ** (bins * 28 / 365.25))) for _ in range(400)]
    assert np.mean([found.low < 1.0 < found.high for found in doubling]) == pytest.approx(0.95, abs=0.03)
    assert max(found.p_value for found in doubling) < 0.001
    few = [entry_trend(rng.poisson(30, 12)).phi for _ in range(400)]
    assert np.mean(few) == pytest.approx(1, abs=0.06)
    assert doubling[0].sentence.startswith("Starts are rising")
    p_values = [entry_trend(rng.poisson(14, 39)).p_value for _ in range(400)]
    assert np.mean(np.array(p_values) < 0.05) == pytest.approx(0.05, abs=0.03)
    clumped = entry_trend(rng.negative_binomial(5, 0.25, 400))
    assert clumped.phi == pytest.approx(4, rel=0.3)


def test_no_trend_is_told_from_too_little() -> None:
    """Three bins, or none who came, give no trend and no over-dispersion; all in the last bin does not break it."""
    assert np.isnan(entry_trend([3, 4, 5]).p_value)
    assert np.isnan(entry_trend([0] * 10).phi)
    assert "No trend" in entry_trend([1]).sentence
    assert entry_trend([0] * 9 + [40]).per_year > 1


def test_a_followed_trend_goes_on_and_slows() -> None:
    """Following a rise brings more entrants than holding the level, but fewer than the rise undamped."""
    seen = observe(STAYS, AGES, start=START, end=END)
    rise = entry_trend(np.round(10 * 1.5 ** (np.arange(39) * 28 / 365.25)))
    dates = [END + pd.Timedelta(365, "D")]
    held, followed = (
        forecast(STAYS, seen, AGES, at=END, dates=dates, draws=300, follow=follow).select(of="entered").mean()
        for follow in (None, rise)
    )
    assert 1.5**1.5 < followed / held < 1.5**2.1
