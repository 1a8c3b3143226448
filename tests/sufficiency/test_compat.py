"""Compatibility mode gives what cs-demand-model-regional gives."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from homes_cases import episode, returns
from oracles.compat import Compat, compat_forecast

from cfwlib.data.returns import read_returns
from cfwlib.errors import InputError


@pytest.fixture(scope="module")
def benchmark(open_data: Path) -> Path:
    folder = open_data.parent / "benchmarks" / "placements" / "regional"
    if not folder.is_dir():
        pytest.skip(f"BENCHMARK NOT FOUND at {folder}: compatibility was not held against the other model")
    return folder


@pytest.fixture(scope="module")
def sample(open_data: Path, benchmark: Path) -> Compat:
    return compat_forecast(read_returns(open_data / "placements-903" / "stacked"))


@pytest.mark.real
def test_the_rates_are_the_other_model_s(sample: Compat, benchmark: Path) -> None:
    """The same transitions, no more and no fewer, each rate to 1e-9."""
    theirs = pd.read_csv(benchmark / "raw_transition_rates.csv")
    assert sample.rates[["from", "to"]].to_numpy().tolist() == theirs[["from", "to"]].to_numpy().tolist()
    np.testing.assert_allclose(sample.rates["rate"], theirs["rate"], atol=1e-12)


@pytest.mark.real
def test_the_entries_are_the_other_model_s(sample: Compat, benchmark: Path) -> None:
    """The same states, each number of children a day to 1e-9."""
    theirs = pd.read_csv(benchmark / "daily_entrants.csv")
    pd.testing.assert_frame_equal(sample.entries, theirs, check_exact=False, rtol=0, atol=1e-12)


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("stock_at_end", "stock"),
        ("predict_30_90_365_states", "forecast"),
        ("predict_variance_30_90_365_states", "variance"),
    ],
)
def test_stock_forecast_and_variance_are_the_other_model_s(
    sample: Compat, benchmark: Path, name: str, ours: str
) -> None:
    """State by state and date by date, to 1e-6."""
    theirs = pd.read_csv(benchmark / f"{name}.csv", index_col=0, parse_dates=[0])
    frame = getattr(sample, ours)
    assert frame.columns.tolist() == theirs.columns.tolist()
    assert frame.index.tolist() == theirs.index.tolist()
    np.testing.assert_allclose(frame, theirs, rtol=0, atol=1e-9)


@pytest.mark.real
def test_the_totals_are_the_published_ones(sample: Compat) -> None:
    """From 86 children: 90.3, 98.6 and 132.6 after 30, 90 and 365 days."""
    assert sample.stock.sum(axis=1).tolist() == [86]
    assert sample.in_care.round(1).tolist() == [90.3, 98.6, 132.6]


@pytest.mark.real
def test_the_episodes_are_the_other_model_s(sample: Compat, benchmark: Path) -> None:
    """Every cleaned and split episode, its ages, bins and neighbours."""
    theirs = pd.read_csv(benchmark / "enriched_view.csv", na_values=["None"])
    theirs = theirs.astype(dict.fromkeys(["DECOM", "DEC"], "datetime64[s]"))
    names = {"start": "DECOM", "end": "DEC", "place": "PLACE", "uasc": "UASC"}
    shared = ["age", "end_age", "age_bin", "end_age_bin"]
    shared += ["placement_type", "placement_type_before", "placement_type_after"]
    names |= {name: name for name in shared}
    order = ["age", "end_age", "start", "place"]
    mine, other = (
        frame[list(columns)].set_axis(list(names), axis=1).sort_values(order, ignore_index=True)
        for frame, columns in ((sample.episodes, names), (theirs, names.values()))
    )
    pd.testing.assert_frame_equal(mine, other, check_dtype=False, atol=1e-9, rtol=0)


@pytest.mark.real
def test_both_layouts_of_the_sample_have_the_same_children_in_care(open_data: Path) -> None:
    """Yearly folders and stacked files hold one history (their dates of birth differ, so the bins do too)."""
    yearly = compat_forecast(read_returns(open_data / "placements-903" / "yearly"))
    assert yearly.stock.sum(axis=1).tolist() == [86]
    assert (yearly.start, yearly.end) == (pd.Timestamp("2016-04-01"), pd.Timestamp("2022-03-31"))


def by_hand() -> Compat:
    """One child of ten fostered from day 0 to 10 and again; another that moves once and stays."""
    rows = [
        episode("2021-04-01", "2021-04-11", year=2022, reason_ended="E4A"),
        episode("2021-04-21", "2021-05-01", year=2022, reason_ended="E4A"),
        episode("2021-04-05", "2021-04-09", year=2022, child=1, place="K2"),
        episode("2021-04-09", None, year=2022, child=1, place="H5", reason_new="P"),
    ]
    return compat_forecast(returns(rows, born={0: "2010-06-01", 1: "2010-06-01"}), horizons=(1, 2))


def test_a_rate_is_the_mean_of_daily_shares() -> None:
    """Two ends in twenty days with one child there: 0.1 a day; one move in four days: 0.25."""
    rates = by_hand().rates.set_index(["from", "to"])["rate"]
    assert rates["10 to 16 - Fostering", "10 to 16 - Not in care"] == pytest.approx(2 / 20)
    assert rates["10 to 16 - Residential", "10 to 16 - Supported"] == pytest.approx(1 / 4)
    assert rates["10 to 16 - Supported", "10 to 16 - Not in care"] == 0


def test_entries_are_starts_per_day_of_the_whole_period() -> None:
    """Three starts from outside care over 365 days and one, both ends included."""
    compat = by_hand()
    assert (compat.start, compat.end) == (pd.Timestamp("2021-04-01"), pd.Timestamp("2022-03-31"))
    entries = compat.entries.set_index("to")["daily_entry_probability"]
    assert entries["10 to 16 - Fostering"] == pytest.approx(2 / 365)
    assert entries["10 to 16 - Residential"] == pytest.approx(1 / 365)
    assert entries["10 to 16 - Supported"] == 0


def test_the_forecast_steps_by_days() -> None:
    """Two steps by hand: the one child stays, entries add up and leave at their rates; so does the variance."""
    compat = by_hand()
    new = 2 / 365
    fostering = compat.forecast["10 to 16 - Fostering"]
    assert fostering.tolist() == pytest.approx([new, new * (1 - 0.1) + new])
    variance = compat.variance["10 to 16 - Fostering"]
    assert variance.tolist() == pytest.approx([new, 2 * new + 0.1 * 0.9 * new])
    assert compat.forecast["10 to 16 - Supported"].tolist() == pytest.approx([1, 1 + 0.25 / 365])
    assert compat.forecast.sum(axis=1).tolist() == pytest.approx([1 + 3 / 365, 1 + 6 / 365])
    assert compat.in_care.iloc[1] == pytest.approx(1 + 6 / 365 - 0.1 * new)


def test_a_stay_is_split_at_the_age_limits() -> None:
    """From birth to 16 one stay is five, each moved into the next bin on the birthday."""
    compat = compat_forecast(returns([episode("2005-01-01", None)], born={0: "2004-12-01"}))
    assert compat.episodes["age_bin"].tolist() == ["Birth to 1", "1 to 5", "5 to 10", "10 to 16", "16 to 18+"]
    assert compat.episodes["placement_type_before"].tolist() == ["Not in care", *["Fostering"] * 4]
    assert compat.episodes["placement_type_after"].fillna("open").tolist() == [*["Fostering"] * 4, "open"]
    assert compat.stock["16 to 18+ - Fostering"].tolist() == [1]


def test_a_day_with_nobody_there_before_counts_for_nothing() -> None:
    """A stay that begins and ends on one day has no share to give, and no rate is infinite."""
    compat = compat_forecast(returns([episode("2021-05-01", "2021-05-01"), episode("2021-04-01", None, child=1)]))
    assert np.isfinite(compat.rates["rate"]).all()
    assert (compat.forecast.to_numpy() >= 0).all()


def test_a_move_within_a_state_has_a_rate_and_changes_nothing() -> None:
    """From one foster home to another the child stays fostered."""
    rows = [episode("2021-04-01", "2021-05-01"), episode("2021-05-01", None, reason_new="P")]
    compat = compat_forecast(returns(rows, start="2021-04-01", born={0: "2013-01-01"}), horizons=(1,))
    rates = compat.rates.set_index("to")["rate"]
    assert rates["5 to 10 - Fostering"] == pytest.approx(1 / 364)
    assert compat.forecast["5 to 10 - Fostering"].iloc[0] == pytest.approx(1 + 1 / 365)


def test_what_ended_before_the_data_has_no_rate() -> None:
    """A stay over before 1 April of the year before the first return is no evidence."""
    rows = [episode("2019-01-01", "2019-06-01", year=2022), episode("2021-04-01", None, child=1, year=2022)]
    assert not compat_forecast(returns(rows, born={0: "2013-06-01", 1: "2013-06-01"})).rates["rate"].any()


def test_of_two_open_rows_the_first_counts() -> None:
    """The other model takes two missing ends for one end; the first row stays open."""
    rows = [episode("2021-04-01", None), episode("2021-06-01", None, place="K2", reason_new="P")]
    episodes = compat_forecast(returns(rows, born={0: "2013-06-01"})).episodes
    assert episodes["place"].tolist() == ["U4"]
    assert episodes["end"].isna().all()


def test_same_carer_rows_keep_the_first_placement() -> None:
    """The other model merges RNE L, T and U whatever changes, and lets the first placement stand."""
    rows = [episode("2021-04-01", "2021-06-01"), episode("2021-06-01", "2021-08-01", place="K2", reason_new="T")]
    episodes = compat_forecast(returns(rows)).episodes
    assert episodes[["place", "end"]].to_numpy().tolist() == [["U4", pd.Timestamp("2021-08-01")]]


@pytest.mark.parametrize("codes", [{"place": "K2"}, {"place": "??"}, {"reason_new": ""}])
def test_one_child_in_one_place_is_enough(codes: dict[str, str]) -> None:
    """Without UASC, years or any other state there is still a forecast, and it keeps the child."""
    compat = compat_forecast(returns([episode("2021-04-01", None, **codes)]))
    assert compat.in_care.gt(1).all()
    assert not compat.episodes["uasc"].any()


def test_children_without_a_date_of_birth_are_left_out() -> None:
    """The other model cannot place them in a bin; without any other child it says so."""
    rows = [episode("2021-04-01", None), episode("2021-04-01", None, child=1)]
    assert compat_forecast(returns(rows, born={1: None})).stock.sum(axis=1).tolist() == [1]
    with pytest.raises(InputError, match="date of birth"):
        compat_forecast(returns(rows, born={0: None, 1: None}))
    with pytest.raises(InputError, match="date of birth"):
        compat_forecast(returns([]))


def test_children_of_no_header_row_are_left_out() -> None:
    """The other model takes dates of birth from the header table only, not from that of unaccompanied children."""
    given = returns([episode("2021-04-01", None), episode("2021-04-01", None, child=1)])
    given.children["has_header"] = [True, False]
    assert compat_forecast(given).stock.sum(axis=1).tolist() == [1]


def test_a_horizon_is_at_least_a_day() -> None:
    """Nothing, or no day ahead, cannot be forecast."""
    for horizons in ((), (0, 30)):
        with pytest.raises(InputError, match="horizons"):
            compat_forecast(returns([episode("2021-04-01", None)]), horizons=horizons)
