"""Person-days, moves and entries are counted to the day, birthdays included."""

import itertools
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from flow_cases import AGES, END, ONE_BAND, START, random_stays, stays_of
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from cfwlib.errors import InputError, SettingsError
from cfwlib.stockflow import Ages, observe
from cfwlib.stockflow.rates import draw_rates, mean_rates, posterior


def age(born: pd.Timestamp, night: pd.Timestamp) -> int:
    return night.year - born.year - ((night.month, night.day) < (born.month, born.day))


def by_day(
    stays: pd.DataFrame, ages: Ages, first: pd.Timestamp, last: pd.Timestamp
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Count person-days, moves and entries by looking at every person on every night."""
    kinds = sorted(stays["kind"].unique())
    nights = pd.date_range(first, last)
    shape = len(ages.names), len(kinds)
    exposure, moves, entries = np.zeros(shape), np.zeros((*shape, shape[1] + 1)), np.zeros(shape)
    for _, rows in stays.groupby("person"):
        states: list[tuple[int, int] | None] = []
        known = list(zip(rows["kind"], rows["start"], rows["end"], strict=True))
        born = rows["born"].iloc[0]
        for night in nights:
            here = [kinds.index(kind) for kind, start, end in known if start <= night and not end <= night]
            band = sum(age(born, night) >= edge for edge in ages.edges_years[1:])
            states.append((band, here[0]) if here and band < len(ages.names) else None)
        for number, (before, after) in enumerate(itertools.pairwise(states)):
            years = age(born, nights[number + 1])
            eve = age(born, nights[number + 1] + pd.Timedelta(1, "D")) >= ages.edges_years[-1]
            if before is not None:
                exposure[before] += 1
                if after is None and years < ages.edges_years[-1] and not eve:
                    moves[before][shape[1]] += 1
                if after is not None and after[1] != before[1]:
                    moves[before][after[1]] += 1
            elif after is not None:
                entries[after] += 1
    return exposure, moves, entries


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_counts_are_those_of_looking_every_night(seed: int) -> None:
    """Person-days split on birthdays, moves, leavers and entries equal a count by person and night."""
    stays = random_stays(seed, 12)
    first, last = END - pd.Timedelta(500, "D"), END - pd.Timedelta(20, "D")
    found = observe(stays, AGES, start=first, end=last)
    exposure, moves, entries = by_day(stays, AGES, first, last)
    assert_array_equal(found.exposure, exposure)
    assert_array_equal(found.moves, moves)
    assert_array_equal(found.entries, entries)


def test_birthdays_cut_the_days() -> None:
    """Born on 10 June 2020, there all of June 2021: 9 nights under one, 21 nights after."""
    stays = stays_of([(1, "a", "2021-06-01", "2021-07-01", "2020-06-10")])
    found = observe(stays, AGES, start="2021-01-01", end="2021-12-31")
    assert_array_equal(found.exposure[:2, 0], [9, 21])
    assert found.moves[1, 0, 1] == 1
    assert found.entries[0, 0] == 1


def test_a_move_on_a_birthday_is_one_of_the_younger() -> None:
    """Who moves on their tenth birthday was nine on the last night in the old kind."""
    stays = stays_of([(1, "a", "2023-01-01", "2024-05-05", "2014-05-05"), (1, "b", "2024-05-05", None, "2014-05-05")])
    found = observe(stays, AGES, start=START, end=END)
    assert found.moves[AGES.names.index("5 to 9"), 0, 1] == 1


def test_another_person_is_no_move() -> None:
    """One person leaving on the day another comes into the same kind are two stays."""
    stays = stays_of([(1, "a", "2023-01-01", "2024-05-05", "2012-05-05"), (2, "a", "2024-05-05", None, "2012-05-05")])
    found = observe(stays, AGES, start=START, end=END)
    assert (found.moves[..., -1].sum(), found.entries.sum()) == (1, 2)


def test_leap_day_children_come_of_age_on_the_first_of_march() -> None:
    """Born on 29 February 2004: 18 on 1 March 2022; on 29 February 2024 a person of 2020 is four."""
    edges = Ages((0, 4, 18), ("young", "old")).upper_edges(np.array([12477, 18321]))  # 29 Feb 2004, 29 Feb 2020
    dates = edges.astype("datetime64[D]").astype(str)
    assert_array_equal(dates, [["2008-02-29", "2022-03-01"], ["2024-02-29", "2038-03-01"]])


def test_nobody_is_counted_past_the_last_birthday() -> None:
    """A stay left open past 18, or ended on the birthday or its eve, adds days up to it and no move."""
    for end in (None, "2023-05-05", "2023-05-04", "2024-01-01"):
        stays = stays_of([(1, "a", "2022-12-01", end, "2005-05-05"), (2, "a", "2024-05-06", None, "2005-05-05")])
        found = observe(stays, AGES, start="2022-06-01", end="2024-12-31")
        assert found.exposure.sum() == (154 if end == "2023-05-04" else 155)
        assert found.moves.sum() == 0
        assert found.entries.sum() == 1


def test_stays_of_one_kind_that_touch_are_one() -> None:
    """Two stays of a kind without a night between are no move and no entry; a night between makes a new entry."""
    joined = stays_of([(1, "a", "2023-01-01", "2023-02-01", "2010-01-01"), (1, "a", "2023-02-01", None, "2010-01-01")])
    apart = joined.assign(start=[joined["start"][0], pd.Timestamp("2023-02-02")])
    assert observe(joined, AGES, start=START, end=END).moves.sum() == 0
    found = observe(apart, AGES, start=START, end=END)
    assert (found.moves.sum(), found.entries.sum()) == (1, 2)


def test_only_the_window_counts() -> None:
    """What began before counts from its start; a move on the first night or after the last does not count."""
    stays = stays_of(
        [
            (1, "a", "2020-01-01", "2022-03-31", "2012-01-01"),
            (1, "b", "2022-03-31", "2025-04-01", "2012-01-01"),
            (2, "b", "2022-03-31", "2025-04-02", "2012-01-01"),
            (3, "b", "2025-04-01", None, "2012-01-01"),
        ]
    )
    found = observe(stays, ONE_BAND, start=START, end=END)
    assert_array_equal(found.exposure, [[0, 2 * 1096]])
    assert found.moves.sum() == 0
    assert found.entries.sum() == 0


def test_the_order_of_rows_and_the_names_of_people_do_not_matter() -> None:
    """Shuffled rows with other names of people give the same evidence."""
    stays = random_stays(3, 60)
    other = stays.sample(frac=1, random_state=1).assign(person=lambda f: "p" + f["person"].astype(str))
    one, two = observe(stays, AGES, start=START, end=END), observe(other, AGES, start=START, end=END)
    assert_array_equal(one.exposure, two.exposure)
    assert_array_equal(one.moves, two.moves)


def test_one_state_has_the_plain_posteriors() -> None:
    """With one band and kind, leaving is Gamma(k + 1/2, E) and entries are Gamma(K + 1/2, days)."""
    stays = random_stays(4, 80, kinds="a").assign(born=pd.Timestamp("1990-01-01"))
    seen = observe(stays, ONE_BAND, start=START, end=END)
    found = posterior(seen, phi=1)
    leaving = stats.gamma(seen.moves.sum() + 0.5, scale=1 / seen.exposure.sum())
    coming = stats.gamma(seen.entries.sum() + 0.5, scale=1 / 1096)
    rates = draw_rates(found, draws=4000, rng=np.random.default_rng(1))
    assert stats.kstest(rates.out.ravel(), leaving.cdf).pvalue > 0.01
    assert stats.kstest(rates.entries.ravel(), coming.cdf).pvalue > 0.01


def test_priors_do_not_add_up_over_cells() -> None:
    """In 5 bands and 4 kinds the means expect the entries seen, and the moves seen and half of one a band and kind."""
    seen = observe(random_stays(5, 200, kinds="abcd"), AGES, start=START, end=END)
    rates = mean_rates(posterior(seen, phi=1))
    assert -2.5 < (rates.out[0] * seen.exposure).sum() - seen.moves.sum() < 0.5 * 20
    assert rates.entries.sum() * 1096 == pytest.approx(seen.entries.sum(), abs=0.6)
    assert_allclose(rates.split.sum(axis=-1), 1)
    assert all(rates.split[0, band, kind, kind] == 0 for band in range(5) for kind in range(4))


def test_as_many_are_expected_to_stay_as_do() -> None:
    """Rates learnt from half a year by 20 bands and kinds: those left a year on come right, over 400 half-years."""
    rng, rate, people = np.random.default_rng(8), 0.5, 22  # leave a year; people in each band and kind
    seen = observe(random_stays(5, 50, kinds="abcd"), AGES, start=START, end=END)
    exposure = np.full((5, 4), people * 182.625)
    stay = []
    for _ in range(400):
        moves = np.zeros((5, 4, 5), dtype=np.int64)
        moves[..., -1] = rng.poisson(rate * people / 2, (5, 4))
        found = posterior(replace(seen, exposure=exposure, moves=moves), phi=1)
        stay.append((1 + 365.25 / found.days) ** -found.shape)  # mean of exp(-rate) over the gamma
    assert np.mean(stay) == pytest.approx(np.exp(-rate), rel=0.012)


def test_an_unseen_band_borrows_from_the_others() -> None:
    """A band and kind in which nobody was seen moves at about the rate of the kind, and says how unsure that is."""
    seen = observe(random_stays(6, 200, kinds="ab", youngest_years=2), AGES, start=START, end=END)
    assert seen.exposure[0].sum() == 0
    found = posterior(seen)
    pooled = seen.moves[:, 0].sum() / seen.exposure[:, 0].sum()
    assert found.shape[0, 0] / found.days[0, 0] == pytest.approx(pooled, rel=0.05)
    assert found.shape[0, 0] == 0.5


def test_stays_that_do_not_hold_together_are_refused_without_a_name() -> None:
    """Overlaps, ends before starts and missing dates are counted; no person is named."""
    stays = stays_of(
        [
            ("SECRET", "a", "2023-01-01", "2023-02-01", "2010-01-01"),
            ("SECRET", "a", "2023-01-15", "2023-03-01", "2010-01-01"),
            ("OTHER", "a", "2023-03-01", "2023-02-01", "2010-01-01"),
            ("THIRD", "a", "2023-03-01", "2023-04-01", "2010-01-01"),
        ]
    )
    stays.loc[3, "born"] = pd.NaT
    with pytest.raises(InputError) as raised:
        observe(stays, AGES, start=START, end=END)
    assert len(raised.value.problems) == 3
    assert "SECRET" not in str(raised.value)
    with pytest.raises(InputError, match="no column born"):
        observe(stays.drop(columns="born"), AGES, start=START, end=END)


def test_an_empty_window_is_refused() -> None:
    """Without a single night seen there is nothing to learn from, and that is said."""
    with pytest.raises(InputError, match="nobody was there"):
        observe(stays_of([]), AGES, start=START, end=END)
    with pytest.raises(InputError, match="no days"):
        observe(random_stays(1, 5), AGES, start=END, end=END)
    with pytest.raises(SettingsError, match="rise"):
        Ages((0, 5, 5), ("a", "b"))


def test_evidence_shows_no_count() -> None:
    """Three lines at a prompt: the window and the kinds, and nothing of who was counted."""
    stays = random_stays(1, 40)
    shown = repr(observe(stays, AGES, start=START, end=END))
    assert len(shown.splitlines()) == 3
    assert not re.search(r"\d", re.sub(r"\d{4}-\d\d-\d\d", "", shown))
