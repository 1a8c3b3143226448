"""The day of a birthday, from the returns to the forecast: the eve is the last night of the younger age."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from homes_cases import episode, returns

from cfwlib.settings import Settings
from cfwlib.stockflow import Ages, forecast, observe
from cfwlib.sufficiency.homes.groups import age_bands
from cfwlib.sufficiency.homes.spells import Spells, clean, stays, stock

BIRTHDAY = pd.Timestamp("2023-03-31")
EVE = BIRTHDAY - pd.Timedelta(1, "D")


def one_child(born: str, *, end: str = "2023-03-31") -> Spells:
    """Return the spells of one child in care since 2021."""
    given = returns([episode("2021-01-01", None)], born={0: born}, end=end)
    return clean(given, Settings(), authorities={"E06000063"})


@pytest.mark.parametrize(("born", "there"), [("2005-03-31", [1, 0]), ("2005-04-01", [1, 1]), ("2005-03-30", [0, 0])])
def test_on_the_night_of_the_18th_birthday_nobody_is_a_child_in_care(born: str, there: list[int]) -> None:
    """A birthday on 31 March counts the child on 30 March and not in the count of the 31st; a day later it does."""
    spells = one_child(born)
    assert [len(stock(spells, night)) for night in (EVE, BIRTHDAY)] == there
    assert spells.frame["left_care"].tolist() == [there[1] == 0]
    runs_past = spells.account[spells.account["rule"].str.contains("runs past the 18th")]["rows"].sum()
    assert runs_past == (there[1] == 0)


@pytest.mark.parametrize(
    ("years", "eve", "day"),
    [(1, "under 1", "1 to 4"), (5, "1 to 4", "5 to 9"), (10, "5 to 9", "10 to 15"), (16, "10 to 15", "16 to 17")],
)
def test_an_age_band_begins_on_the_birthday(years: int, eve: str, day: str) -> None:
    """On the eve of the 1st, 5th, 10th and 16th birthday a child is of the younger band, on the day of the older."""
    born = pd.Series([BIRTHDAY - pd.DateOffset(years=years)])
    assert list(age_bands(born, EVE)) == [eve]
    assert list(age_bands(born, BIRTHDAY)) == [day]


def test_the_forecast_lets_a_child_go_on_the_same_day() -> None:
    """With nobody leaving by chance, the child is there on the eve in every draw, and on no later night."""
    spells = one_child("2005-06-30")
    known = stays(spells)
    seen = observe(known, Ages(), start="2021-04-01", end=BIRTHDAY)
    quiet = replace(seen, entries=np.zeros_like(seen.entries), entry_days=10**9, exposure=seen.exposure * 0 + 10**9)
    nights = pd.to_datetime(["2023-06-29", "2023-06-30"])
    made = forecast(known, quiet, Ages(), at=BIRTHDAY, dates=list(nights), draws=50)
    assert made.select().mean(axis=0).tolist() == [1, 0]
