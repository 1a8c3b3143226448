"""Invented returns have the published counts, known rates, and come back from files as they were."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cfwlib.data.returns import Returns, find_returns, read_returns
from cfwlib.settings import Settings
from tools.sample import returns_texts, synthetic_returns, write_texts
from tools.sample.rates import AGES_YEARS, KINDS, TRUE_RATES, UASC_RATES, Rates, simulate_stays

LAST = pd.Timestamp("2025-03-31")


@pytest.fixture(scope="module")
def invented() -> Returns:
    return synthetic_returns()


def stock(returns: Returns, day: pd.Timestamp) -> pd.DataFrame:
    frame = returns.episodes
    frame = frame[(frame["start"] <= day) & ~(frame["end"] <= day)].merge(returns.children, on="child")
    for side in ("home", "placement"):
        points = returns.postcodes.add_prefix(f"{side}_")
        frame = frame.merge(points, on=f"{side}_postcode", how="left")
    metres = np.hypot(
        frame["home_easting"] - frame["placement_easting"], frame["home_northing"] - frame["placement_northing"]
    )
    return frame.assign(miles=(metres / 1000 / 1.6093).round(1))


def test_the_last_day_has_the_published_counts(invented: Returns) -> None:
    """458 children; placements, providers, places, distances, ages and UASC as published for Cumberland."""
    frame = stock(invented, LAST)
    assert len(frame) == frame["child"].nunique() == 458
    inside, far = frame["placement_authority_y"] == "E06000063", frame["miles"] > 20
    assert (inside.sum(), far.sum(), (far & ~inside).sum(), frame["miles"].isna().sum()) == (269, 230, 158, 19)
    assert frame["provider"].value_counts().reindex(["PR1", "PR2", "PR4", "PR5", "PR0"]).tolist() == [
        211,
        61,
        144,
        17,
        18,
    ]
    assert frame["place"].str.startswith("U").sum() == 336
    assert (frame["place"] == "K2").sum() == 61
    ages = [
        ((frame["born"] <= LAST - pd.DateOffset(years=low)) & (frame["born"] > LAST - pd.DateOffset(years=high))).sum()
        for low, high in pairwise(AGES_YEARS)
    ]
    assert ages == [22, 52, 83, 187, 114]
    assert frame["uasc"].sum() == 15


def test_the_years_before_have_the_published_counts(invented: Returns) -> None:
    """182 started and 207 ended in the last year; a year before 309 were fostered and 69 in children's homes."""
    frame, year = invented.episodes, pd.Timestamp("2024-04-01")
    assert frame[(frame["reason_new"] == "S") & (frame["start"] >= year)]["child"].nunique() == 182
    assert frame[frame["reason_ended"].str.startswith("E") & (frame["end"] >= year)]["child"].nunique() == 207
    before = stock(invented, pd.Timestamp("2024-03-31"))
    assert before["place"].str.startswith("U").sum() == 309
    assert (before["place"] == "K2").sum() == 69


def test_histories_hang_together(invented: Returns) -> None:
    """No gap or overlap within a child, nobody placed unborn or after 18, and adoption for the young only."""
    frame = invented.episodes.merge(invented.children, on="child")
    follows = frame["child"] == frame["child"].shift(-1)
    assert (frame["end"] == frame["start"].shift(-1))[follows].all()
    assert (frame["start"] < frame["end"].fillna(LAST + pd.Timedelta(days=1))).all()
    assert (frame["start"] >= frame["born"]).all()
    eighteen = pd.Series([born + pd.DateOffset(years=18) for born in frame["born"]])
    assert (frame["end"].fillna(LAST) <= eighteen).all()
    assert (eighteen > LAST)[frame["end"].isna()].all()
    assert ((frame["start"] - frame["born"]).dt.days[frame["place"] == "A4"] < 7 * 365).all()
    assert invented.modelled
    assert invented.postcodes["postcode"].str.startswith("QQ").all()
    assert invented.postcodes["postcode"].is_unique


@pytest.mark.parametrize("seed", [1, 2])
def test_a_seed_gives_the_same_returns_and_another_gives_others(invented: Returns, seed: int) -> None:
    """Chance comes from the seed alone, and any seed meets the counts."""
    first, again = synthetic_returns(seed=seed), synthetic_returns(seed=seed)
    pd.testing.assert_frame_equal(first.episodes, again.episodes)
    assert len(stock(first, LAST)) == 458
    assert len(first.episodes) != len(invented.episodes)


@pytest.mark.parametrize(("layout", "dates"), [("yearly", "dmy"), ("stacked", "iso"), ("stacked", "named")])
def test_written_and_read_again_they_are_the_same(invented: Returns, tmp_path: Path, layout: str, dates: str) -> None:
    """Header, episodes, UASC and postcodes in files give the frames they came from."""
    write_texts(returns_texts(invented, layout=layout, dates=dates), tmp_path)
    read = read_returns(tmp_path)
    told = [column for column in read.episodes if column not in ("file", "row")]
    pd.testing.assert_frame_equal(read.episodes[told], invented.episodes[told])
    pd.testing.assert_frame_equal(read.children, invented.children)
    pd.testing.assert_frame_equal(read.postcodes, invented.postcodes)
    assert (read.start, read.end) == (invented.start, invented.end)
    assert read.identifier(7) == invented.identifier(7)


def test_a_sample_run_reads_the_committed_files(invented: Returns, home: Path) -> None:
    """Without returns of one's own the reader reads data/sample, and says that nobody is in them."""
    read = find_returns(Settings())
    assert read is not None
    assert read.modelled
    assert read.doubts == ()
    pd.testing.assert_frame_equal(read.children, invented.children)
    assert find_returns(Settings(data="store")) is None


def test_many_rows_are_all_accounted_for(tmp_path: Path) -> None:
    """An authority of 4,600 children in stacked files: about 50,000 rows, none lost."""
    many = synthetic_returns(published=False, times=10)
    write_texts(returns_texts(many, layout="stacked", dates="iso"), tmp_path)
    read = read_returns(tmp_path)
    assert len(read.episodes) == len(many.episodes)
    account = read.account.set_index("step")["rows"].groupby(level=0).sum()
    in_files = read.files.groupby("table")["rows"].sum()
    assert account[["episodes", "header", "UASC"]].tolist() == in_files[["episodes", "header", "UASC"]].tolist()
    assert in_files["episodes"] > 40_000


def exposure_days(stays: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> pd.Series:
    """Days in each kind in a window."""
    until = stays["end"].fillna(end).clip(upper=end)
    return (until - stays["start"].clip(lower=start)).dt.days.groupby(stays["kind"]).sum()


def test_simulated_rates_are_the_true_rates() -> None:
    """Counted over exposure, leaving and moving of one age band come out within four standard errors of the truth."""
    start, end = pd.Timestamp("2015-04-01"), pd.Timestamp("2025-03-31")
    band = 3  # ages 10 to 15, where most children are
    rates = TRUE_RATES.times(20)
    stays = simulate_stays(rates, start, end, np.random.default_rng(3))
    ten, sixteen = (stays["born"] + pd.to_timedelta(round(365.2425 * years), unit="D") for years in (10, 16))
    inside = stays.assign(
        start=stays["start"].where(stays["start"] > ten, ten),
        end=stays["end"].fillna(end).where(stays["end"].fillna(end) < sixteen, sixteen),
    )
    inside = inside[(inside["start"] < inside["end"]) & (inside["end"] > start)]
    days = exposure_days(inside, start, end).reindex(KINDS)
    ended = inside[(inside["end"] == stays["end"][inside.index]) & (inside["end"] > start)]
    for number, kind in enumerate(KINDS):
        if not days[kind] > 0:
            continue
        left = ended[(ended["kind"] == kind) & stays["left"][ended.index]]
        moved = len(ended[ended["kind"] == kind]) - len(left)
        for seen, rate in ((len(left), rates.leave[band, number]), (moved, rates.moves[band, number].sum())):
            expected = rate * days[kind]
            assert abs(seen - expected) < 4 * np.sqrt(expected) + 3, (kind, seen, expected)


def test_entries_come_in_families() -> None:
    """Daily entries have the stated mean, and vary more than a Poisson count by the stated factor."""
    start, end = "2000-04-01", "2025-03-31"
    stays = simulate_stays(TRUE_RATES.times(5), start, end, np.random.default_rng(4), burn_in=0)
    days = pd.date_range(start, end)
    daily = stays[stays["began"]].groupby("start").size().reindex(days, fill_value=0)
    expected = 5 * TRUE_RATES.entries.sum()
    assert abs(daily.mean() - expected) < 4 * np.sqrt(expected * TRUE_RATES.dispersion / len(days))
    assert daily.var() / daily.mean() == pytest.approx(TRUE_RATES.dispersion, rel=0.1)
    assert UASC_RATES.dispersion == 1


def test_everyone_leaves_at_eighteen() -> None:
    """Without leaving or moving, a stay ends on the 18th birthday and on no other day."""
    still = Rates(TRUE_RATES.entries, TRUE_RATES.leave * 0, TRUE_RATES.moves * 0)
    stays = simulate_stays(still, "2020-04-01", "2025-03-31", np.random.default_rng(5))
    ended = stays[stays["end"].notna()]
    birthdays = [
        born + pd.DateOffset(years=18) + pd.Timedelta(days=int((born.month, born.day) == (2, 29)))
        for born in ended["born"]
    ]
    assert ended["end"].tolist() == birthdays
    assert ended["left"].all()
