"""Drawn futures have the exact mean and covariance, and no one goes missing."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from flow_cases import AGES, END, ONE_BAND, START, random_stays, stays_of
from numpy.testing import assert_allclose, assert_array_equal
from oracles.exact import daily_moves, exact
from oracles.model import project

from cfwlib.errors import InputError
from cfwlib.stockflow import Ages, Evidence, forecast, observe
from cfwlib.stockflow.ages import day_of
from cfwlib.stockflow.draws import Stock, simulate
from cfwlib.stockflow.forecast import stock_on
from cfwlib.stockflow.rates import Rates, mean_rates, posterior, unchanged
from cfwlib.stockflow.stays import read_stays

DAYS = np.array([28, 91, 365])
DATES = pd.DatetimeIndex(END + pd.to_timedelta(DAYS, unit="D"))


def fixed_draws(stays: pd.DataFrame, seen: Evidence, draws: int, phi: float = 1.0) -> np.ndarray:
    """Return drawn counts (draws, dates, cells) at the posterior mean rates, so that only chance is left."""
    mean = mean_rates(posterior(seen, phi=phi))
    rates = Rates(*(np.repeat(part, draws, axis=0) for part in mean))
    stock = stock_on(read_stays(stays, seen.ages, kinds=seen.kinds), day_of(END))
    schedule = unchanged(365, *seen.exposure.shape)
    made = simulate(stock, rates, entry_ages=seen.entry_ages, days=DAYS, phi=phi, schedule=schedule, seed=7)
    return made.counts.reshape(draws, len(DAYS), -1)


@pytest.mark.parametrize("phi", [1.0, 2.5])
def test_draws_have_the_exact_mean_and_covariance(phi: float) -> None:
    """Over 4,000 futures at fixed rates, every mean and covariance is the exact one within its sampling error."""
    stays = random_stays(11, 250)
    seen = observe(stays, AGES, start=START, end=END)
    drawn = fixed_draws(stays, seen, 4000, phi).astype(float)
    moments = exact(stays, seen, AGES, at=END, dates=DATES, rates=mean_rates(posterior(seen, phi=phi)), phi=phi)
    for date in range(len(DAYS)):
        mean = moments.mean[date].ravel()
        cov = moments.cov[date].reshape(mean.size, mean.size)
        error = np.sqrt(np.diag(cov) / 4000)
        assert np.all(np.abs(drawn[:, date].mean(axis=0) - mean) <= 4.5 * error + 1e-9)
        off = drawn[:, date] - mean
        products = off[:, :, None] * off[:, None, :]
        assert np.all(np.abs(products.mean(axis=0) - cov) <= 5 * products.std(axis=0) / 4000**0.5 + 0.01)
        total, variance = drawn[:, date].sum(axis=1), cov.sum()
        assert total.mean() == pytest.approx(mean.sum(), abs=4 * (variance / 4000) ** 0.5)
        assert total.var() == pytest.approx(variance, rel=4 * (2 / 4000) ** 0.5)


def test_with_one_age_band_the_exact_moments_are_the_projection() -> None:
    """Without birthdays in the way, the engine's exact moments are those of the state model, clumps included."""
    stays = random_stays(12, 150).assign(born=pd.Timestamp("2000-01-01"))
    seen = observe(stays, ONE_BAND, start=START, end=END)
    rates = mean_rates(posterior(seen, phi=1.8))
    moments = exact(stays, seen, ONE_BAND, at=END, dates=DATES, rates=rates, phi=1.8)
    now = stays[stays["end"].isna()]["kind"].value_counts().reindex(list(seen.kinds), fill_value=0)
    for place, days in enumerate(DAYS):
        found = project(daily_moves(rates)[0], now, rates.entries[0, 0], steps=int(days), phi=1.8)
        assert_allclose(moments.mean[place, 0], found.mean, rtol=1e-9)
        assert_allclose(moments.cov[place, 0, :, 0], found.cov, rtol=1e-9, atol=1e-12)


def test_birthdays_split_the_projection() -> None:
    """Ten people of one birthday, 40 days off: 40 steps of the young matrix, then 51 of the old, two states each."""
    ages = Ages((0, 10, 90), ("young", "old"))
    known = random_stays(13, 120, kinds="ab")
    seen = observe(known, ages, start=START, end=END)
    born = (END + pd.Timedelta(40, "D")) - pd.DateOffset(years=10)
    stays = pd.DataFrame({"person": range(10), "kind": ["a"] * 10, "start": START, "end": pd.NaT, "born": born})
    rates = mean_rates(posterior(seen))._replace(entries=np.zeros((1, 2, 2)))
    moments = exact(stays, seen, ages, at=END, dates=DATES[:2], rates=rates)
    young, old = daily_moves(rates)
    first = project(young, [10, 0], [0, 0], steps=40)
    then = project(old, first.mean, [0, 0], steps=51, cov0=first.cov)
    assert_allclose(moments.mean[1], [[0, 0], then.mean])
    assert_allclose(moments.cov[1, 1, :, 1], then.cov, atol=1e-12)
    early = project(young, [10, 0], [0, 0], steps=28)
    assert_allclose(moments.mean[0], [early.mean, [0, 0]])


def test_who_moves_on_a_birthday_is_older_too() -> None:
    """People who change kind every day are, on the night of their birthday, in the other kind and the next band."""
    ages = Ages((0, 10, 90), ("young", "old"))
    stock = Stock(np.zeros(8, dtype=np.int64), np.zeros(8, dtype=np.int64), np.tile([3, 9999], (8, 1)))
    swap = np.zeros((2, 2, 2, 3))
    swap[:, :, 0, 1] = swap[:, :, 1, 0] = 1.0
    made = simulate(
        stock, Rates(np.ones((2, 2, 2)), swap, np.zeros((2, 2, 2))), entry_ages=(np.array([[5, 9999]]),) * 4,
        days=np.array([2, 3, 4]), phi=1.0, schedule=unchanged(4, len(ages.names), 2), seed=1,
    )  # fmt: skip
    assert_array_equal(made.counts[0], [[[8, 0], [0, 0]], [[0, 0], [0, 8]], [[0, 0], [8, 0]]])


def test_everyone_leaves_on_the_last_birthday() -> None:
    """Known people who turn 18 are there the night before and not on the night of the day, in every draw."""
    birthday = END + pd.Timedelta(100, "D")
    born = str(birthday - pd.DateOffset(years=18))
    twins = stays_of([(1000 + person, "b", "2025-01-01", None, born) for person in range(20)])
    stays = pd.concat([random_stays(14, 200, kinds="a"), twins])
    seen = observe(stays, AGES, start=START, end=END)
    none_come = replace(seen, entries=np.zeros_like(seen.entries), entry_days=10**9)
    dates = [birthday - pd.Timedelta(1, "D"), birthday]
    made = forecast(twins, none_come, AGES, at=END, dates=dates, draws=200, seed=1)
    eve, day = made.select().T
    assert eve.mean() > 10
    assert day.max() == 0
    assert_array_equal(made.select(of="aged_out")[:, 1], eve)


def test_the_books_balance_in_every_draw() -> None:
    """The change from one date to the next is who entered less who left and who grew out, draw by draw."""
    stays = random_stays(15)
    seen = observe(stays, AGES, start=START, end=END)
    made = forecast(stays, seen, AGES, at=END, dates=[END, *DATES], draws=100, seed=3)
    there = int(((stays["start"] <= END) & stays["end"].isna()).sum())
    assert made.select()[:, 0].max() <= there
    change = made.select(of="entered") - made.select(of="left") - made.select(of="aged_out")
    assert_array_equal(np.diff(made.select(), axis=1), change[:, 1:])
    assert made.counts.min() >= 0
    by_kind = sum(made.select(kinds=[kind]) for kind in made.kinds)
    assert_array_equal(by_kind, made.select())


def test_dates_between_do_not_change_the_numbers() -> None:
    """Asking for more dates, in other words smaller steps, leaves the drawn numbers on the others as they are."""
    stays = random_stays(16, 120)
    seen = observe(stays, AGES, start=START, end=END)
    few = forecast(stays, seen, AGES, at=END, dates=DATES, draws=50, seed=3)
    many = forecast(stays, seen, AGES, at=END, dates=pd.date_range(END, DATES[-1]), draws=50, seed=3)
    assert_array_equal(many.counts[:, DAYS], few.counts)


def test_order_names_and_batches_do_not_change_the_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shuffled rows and other batch sizes give the same draws; another seed gives others."""
    stays = random_stays(17, 120)
    seen = observe(stays, AGES, start=START, end=END)
    made = forecast(stays, seen, AGES, at=END, dates=DATES, draws=60, seed=3)
    monkeypatch.setattr("cfwlib.stockflow.draws._BATCH", 500)
    again = forecast(stays.sample(frac=1, random_state=2), seen, AGES, at=END, dates=DATES, draws=60, seed=3)
    assert_array_equal(made.counts, again.counts)
    other = forecast(stays, seen, AGES, at=END, dates=DATES, draws=60, seed=4)
    assert not np.array_equal(made.counts, other.counts)


def test_the_spread_holds_what_is_not_known_about_rates() -> None:
    """A year of evidence gives wider draws than the exact spread at known rates, by what the rates may be off."""
    stays = random_stays(18, 400)
    seen = observe(stays, AGES, start=END - pd.Timedelta(365, "D"), end=END)
    made = forecast(stays, seen, AGES, at=END, dates=DATES, draws=500, seed=1).select()[:, -1]
    mean, variance = exact(stays, seen, AGES, at=END, dates=DATES).total()
    assert made.mean() == pytest.approx(mean[-1], rel=0.03)
    assert 1.1 < made.std() / variance[-1] ** 0.5 < 2


def test_what_cannot_be_forecast_is_refused() -> None:
    """Dates out of order, a start after the evidence, other ages and unknown names are said, not guessed."""
    stays = random_stays(19, 40)
    seen = observe(stays, AGES, start=START, end=END)
    with pytest.raises(InputError) as raised:
        forecast(stays, seen, ONE_BAND, at=END + pd.Timedelta(1, "D"), dates=[END])
    assert len(raised.value.problems) == 3
    made = forecast(stays, seen, AGES, at=END, dates=DATES, draws=5)
    with pytest.raises(InputError, match="no kind 'z'"):
        made.select(kinds=["z"])


def test_nobody_there_is_a_forecast_too() -> None:
    """When everyone has left, the forecast starts from nobody."""
    stays = random_stays(20, 60)
    stays["end"] = stays["end"].fillna(END)
    seen = observe(stays, AGES, start=START, end=END)
    made = forecast(stays, seen, AGES, at=END, dates=[END, *DATES], draws=50)
    assert made.select()[:, 0].max() == 0
    assert made.select()[:, -1].mean() > 0
