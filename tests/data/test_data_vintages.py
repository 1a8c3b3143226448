import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfwlib.data.vintages import scale_to_bands, transfer


def lookup(*pairs: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(pairs, columns=["lsoa11", "lsoa21"])


def test_unchanged_split_and_merged_neighbourhoods_by_hand() -> None:
    """U is copied, S is shared by residents (30 : 10), M is summed."""
    pairs = lookup(("u", "u"), ("s", "s1"), ("s", "s2"), ("m1", "m"), ("m2", "m"))
    counts = pd.DataFrame({"people": [7.0, 100.0, 3.0, 4.0]}, index=["u", "s", "m1", "m2"])
    residents = pd.Series({"u": 9, "s1": 30, "s2": 10, "m": 8})
    moved = transfer(counts, pairs, residents, source="lsoa11", target="lsoa21")["people"]
    assert moved.to_dict() == {"u": 7, "s1": 75, "s2": 25, "m": 7}


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("wxyz")), min_size=1, max_size=10, unique=True),
    st.lists(st.integers(0, 1000), min_size=8, max_size=8),
)
def test_nobody_is_lost_either_way(pairs: list[tuple[str, str]], numbers: list[int]) -> None:
    """Totals are preserved for any lookup, even where every target has no residents."""
    table = lookup(*pairs)
    old, new = sorted(set(table["lsoa11"])), sorted(set(table["lsoa21"]))
    counts = pd.DataFrame({"people": numbers[: len(old)]}, index=old).astype(float)
    weights = pd.Series(numbers[4 : 4 + len(new)], index=new)
    moved = transfer(counts, table, weights, source="lsoa11", target="lsoa21")
    assert moved["people"].sum() == pytest.approx(counts["people"].sum())
    back = transfer(moved, table, counts["people"], source="lsoa21", target="lsoa11")
    assert back["people"].sum() == pytest.approx(counts["people"].sum())


def test_single_years_meet_the_band_totals() -> None:
    """Scaled single years add up to the Census bands, and an empty profile takes the area's."""
    ages = pd.DataFrame(0.0, index=["a", "b"], columns=[f"age_{age}" for age in range(91)])
    ages.loc["a", ["age_3", "age_9"]] = [1, 3]
    bands = pd.DataFrame({0: [40.0, 8.0], 16: [0.0, 5.0]}, index=["a", "b"])
    scaled = scale_to_bands(ages, bands)
    assert scaled.loc["a", ["age_3", "age_9"]].tolist() == [10, 30]
    assert scaled.loc["b", ["age_3", "age_9"]].tolist() == [2, 6]  # nobody known: the area's profile
    assert scaled.loc["b", [f"age_{age}" for age in range(16, 91)]].sum() == pytest.approx(5)
