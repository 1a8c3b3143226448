"""The trend of entries against its closed forms, its damping, and bands that end on whole children."""

import numpy as np
import pandas as pd
import pytest
from flow_cases import AGES, END, START, random_stays
from scipy import stats

from cfwlib.stockflow import forecast, observe
from cfwlib.stockflow.forecast import _growth, quantiles, summarise
from cfwlib.stockflow.trend import BIN_DAYS, Trend, entry_trend

COUNTS = np.array([9, 14, 8, 17, 12, 20, 13, 25, 16, 19])


def test_the_trend_test_is_the_quasi_poisson_regression_of_the_text_books() -> None:
    """Slope, scatter and p-value are those of iteratively reweighted least squares, worked out step by step."""
    time = np.column_stack([np.ones(len(COUNTS)), (np.arange(len(COUNTS)) - 4.5) * BIN_DAYS])
    beta = np.array([np.log(COUNTS.mean()), 0.0])
    for _ in range(50):
        mean = np.exp(time @ beta)
        beta = beta + np.linalg.solve(time.T @ (mean[:, None] * time), time.T @ (COUNTS - mean))
    mean = np.exp(time @ beta)
    phi = ((COUNTS - mean) ** 2 / mean).sum() / (len(COUNTS) - 2)
    error = np.sqrt(phi * np.linalg.inv(time.T @ (mean[:, None] * time))[1, 1])
    found = entry_trend(COUNTS)
    assert phi > 1, "the scatter must matter in this case"
    assert found.slope == pytest.approx(beta[1], rel=1e-9)
    assert found.phi == pytest.approx(phi, rel=1e-9)
    assert found.slope_se == pytest.approx(error, rel=1e-9)
    assert found.p_value == pytest.approx(2 * stats.t.sf(abs(beta[1]) / error, len(COUNTS) - 2), rel=1e-9)
    reach = stats.t.ppf(0.975, len(COUNTS) - 2) * error
    assert [found.low, found.high] == pytest.approx(np.expm1(365.25 * (beta[1] + np.array([-reach, reach]))).tolist())


def test_a_scatter_below_chance_does_not_sharpen_the_test() -> None:
    """Counts that scatter less than Poisson (phi under 1) keep the Poisson error."""
    even = entry_trend([100, 101, 102, 103, 104, 105])
    mean = np.linspace(100, 105, 6)
    time = (np.arange(6) - 2.5) * BIN_DAYS
    middle = (mean * time).sum() / mean.sum()
    assert even.phi < 1
    assert even.slope_se == pytest.approx(1 / np.sqrt((mean * (time - middle) ** 2).sum()), rel=1e-3)


def test_a_clear_trend_is_one_that_chance_seldom_makes() -> None:
    """The words follow p = 0.05: a p-value of exactly that, or more, is no clear trend."""
    for p_value, words in [(0.049, "Starts are rising"), (0.05, "no clear trend"), (0.3, "no clear trend")]:
        assert words in Trend(12, 0.2, -0.1, 0.5, p_value, 1.0, 0.0005, 0.0003).sentence
    assert "Starts are falling" in Trend(12, -0.2, -0.3, -0.1, 0.01, 1.0, -0.0005, 0.0003).sentence


def test_a_followed_trend_loses_63_per_cent_of_its_pace_in_a_year() -> None:
    """Ahead of the middle of the evidence growth is exp(slope × (half the evidence + a year × (1 − e^(−t/year))))."""
    seen = observe(random_stays(5), AGES, start=START, end=END)
    sure = Trend(39, 0.2, 0.1, 0.3, 0.01, 1.0, np.log(1.2) / 365.25, 0.0)
    factors = _growth(sure, seen, 5 * 365, 3, np.random.default_rng(0))
    ahead = np.arange(0, 5 * 365, BIN_DAYS) + BIN_DAYS / 2
    pace = np.diff(np.log(factors[0])) / BIN_DAYS
    assert np.log(factors[0, 0]) == pytest.approx(sure.slope * (seen.entry_days / 2 + 14), rel=0.01)
    assert pace[0] == pytest.approx(sure.slope, rel=0.1)
    assert pace == pytest.approx(sure.slope * np.exp(-ahead[:-1] / 365.25 - BIN_DAYS / 2 / 365.25), rel=0.01)
    assert np.log(factors[0, -1]) < sure.slope * (seen.entry_days / 2 + 365.25), "it never gains more than a year"


def test_bands_of_children_end_on_whole_children() -> None:
    """Of an even number of draws too, and for every level, each end is a number of children that was drawn."""
    drawn = np.array([[3, 10], [4, 11], [6, 20], [9, 40]])
    table = summarise(drawn)
    ends = table.drop(columns="mean").to_numpy()
    assert (ends == np.round(ends)).all()
    assert table["median"].tolist() == [4, 11]
    assert quantiles(drawn, [0.25, 0.26]).tolist() == [[3, 10], [4, 11]]
    assert quantiles(drawn.astype(float), [0.5])[0].tolist() == [5, 15.5]


def test_the_bands_of_a_forecast_end_on_whole_children() -> None:
    """From the draws to the table that is shown: no half child."""
    stays = random_stays(6, 80)
    seen = observe(stays, AGES, start=START, end=END)
    made = forecast(stays, seen, AGES, at=END, dates=[END + pd.Timedelta(91, "D")], draws=100)
    ends = made.band(made.select()).filter(regex="low_|high_|median").astype(float)
    assert (ends == ends.round()).all(axis=None)
