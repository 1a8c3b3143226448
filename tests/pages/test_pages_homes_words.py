"""What the page of homes says: a setting is called one, a share of draws is no chance, and not known is not none."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cfwlib.disclosure import Number
from cfwlib.pages.homes import words
from cfwlib.pages.homes.now import OUTSIDE
from cfwlib.settings import Settings
from cfwlib.sufficiency.homes.fostering import CarerScenario, recruits_needed
from cfwlib.sufficiency.homes.nearer import COULD
from cfwlib.sufficiency.homes.target import change_needed

SETTINGS = Settings()
DAY = pd.Timestamp("2028-03-31")


class Told:
    """A table that has been released, with the numbers given by group."""

    def __init__(self, **numbers: float | None) -> None:
        self.numbers = numbers

    def number(self, column: str, **_: str) -> Number:
        return Number(self.numbers.get(column))


class Rules(Told):
    """How many are placed outside, and could live nearer."""

    def number(self, column: str, **at: str) -> Number:
        assert at["location"] == OUTSIDE
        return Number(self.numbers["could" if at.get("rule") == COULD else "outside"])


def study(*, known: int = 10, unknown: int = 0, **more: Any) -> Any:
    where = ["in area"] * known + ["not known"] * unknown
    return SimpleNamespace(now=pd.DataFrame({"where": where}), at=pd.Timestamp("2025-03-31"), target_by=DAY, **more)


def home(**row: float) -> Any:
    usual = {"months_median": 76.0, "break_even_in_use": 0.69, "in_use": 0.85, "chance_never": 0.0}
    return study(home=SimpleNamespace(table=pd.DataFrame([usual | row])))


def paid(**row: float) -> str:
    return words.payback_words(home(**row), {"placement": Told(children=61)}, SETTINGS)  # type: ignore[dict-item]


def test_how_full_a_home_is_is_called_a_setting_where_it_is_one() -> None:
    """85% in use is what bed_occupancy says, not what the forecast found; below it, it is what the children fill."""
    told = paid()
    assert "that 85% are in use is a setting (bed_occupancy), no finding" in told
    assert "forecast fills" not in told
    less = paid(in_use=0.6)
    assert "the children of the futures drawn would use 60% on average, and 85% at most is a setting" in less
    assert "no finding" not in less


@pytest.mark.parametrize(
    ("never", "told"),
    [(0.0, "in none of the futures drawn; prices"), (0.004, "in under 1% of the futures drawn; prices"),
     (1.0, "in all of the futures drawn; prices"), (float("nan"), "not shown: past forecasts were wrong too often")],
)  # fmt: skip
def test_never_paid_back_is_a_share_of_draws_that_know_no_price(never: float, told: str) -> None:
    """The model has no risk of price or staff: its share is not told as the chance that it happens."""
    said = paid(chance_never=never)
    assert f"Not paid back within 20 years: {told}" in said
    assert "nan" not in said
    assert "chance" not in said


def test_a_home_that_cannot_pay_is_not_said_to() -> None:
    """Never within the years looked at in most draws; break-even above all of its beds."""
    said = paid(months_median=float("inf"), break_even_in_use=1.2, chance_never=1.0)
    assert "would not have paid for itself within 20 years in most of the futures drawn" in said
    assert "with 120% of its beds in use, more than it has" in said
    assert paid(months_median=float("nan")).startswith("When a new home would have paid for itself is not shown")


@pytest.mark.parametrize(
    ("outside", "could", "told"),
    [(0, 0, "No child is known to be placed outside the area."),
     (12, 0, "Of 12 children placed outside, the rules leave none who could live in the area."),
     (12, 12, "Of 12 children placed outside, all could live in the area by the rules listed, if there were a place to "
      "suit them."),
     (12, 7, "Of 12 children placed outside, 7 could live in the area by the rules listed, if there were a place to "
      "suit them."),
     (12, None, "How many of the children placed outside could live in the area is not shown.")],
)  # fmt: skip
def test_who_could_live_nearer_is_none_some_or_all(outside: int, could: int | None, told: str) -> None:
    """Nobody outside is not nobody who could come home."""
    now = {"rules": Rules(outside=outside, could=could)}
    assert words.nearer_words(study(), now) == told  # type: ignore[arg-type]


def test_where_nothing_is_known_nobody_is_said_to_be_nowhere() -> None:
    """Returns without postcodes tell neither that none is outside, nor that none could live nearer."""
    now: Any = {"rules": Rules(outside=0, could=0)}
    told = words.nearer_words(study(known=0, unknown=9), now)
    assert told.startswith("It is not known of any child whether it is placed outside the area")
    assert "0" not in told
    some = words.nearer_words(study(unknown=3), now)
    assert some.endswith("Of some children it is not known where they live: they are not among these.")


def target(chance: float | None, strength: float | None, share: float = 0.58) -> str:
    found = study(path=pd.DataFrame({"date": [DAY]}), changes=pd.DataFrame({"starts": [pd.Timestamp("2025-03-31")]}))
    path, changes = Told(mean=share, chance=chance), Told(strength_share=strength)
    return words.target_words(found, path, changes, SETTINGS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("chance", "told"),
    [(0.0, "70% of them or more do so in none of the futures drawn"), (0.001, "in under 1% of the futures drawn"),
     (0.999, "in over 99% of the futures drawn"), (1.0, "in all of the futures drawn"),
     (None, "in a share of the futures drawn that is not shown")],
)  # fmt: skip
def test_a_target_is_met_in_a_share_of_the_futures_drawn(chance: float | None, told: str) -> None:
    """And the mean is told as a mean."""
    said = target(chance, 0.4)
    assert told in said
    assert "58% of the children will live in the area on 31 March 2028, on average" in said
    assert "chance" not in said


def test_what_would_reach_the_target_begins_on_a_day_and_is_of_what_the_area_can_offer() -> None:
    """Not from now on, but from the day the returns end; of foster, residential and supported placements only."""
    said = target(0.1, 0.996)
    assert "over 99% of the new foster, residential and supported placements that would be outside" in said
    assert said.endswith("must be made in the area instead, from 31 March 2025 on.")
    assert target(0.0, None).endswith(
        "Even if from 31 March 2025 on all new foster, residential and supported placements were made in the area, 70% "
        "would not be reached on average."
    )
    assert target(0.6, 0.0, 0.7).endswith("Nothing has to change for it, on average.")


def test_changes_are_told_in_shares_of_draws() -> None:
    """The sentence of a change: on average, and in how many of the futures drawn."""
    why = change_needed(lambda strength, _: np.array([0.5, 0.5 + strength]), DAY, target=0.7, most=0.2).why
    assert "60.0% on average, not 50.0%: 70% or more in 50% of the futures drawn" in why
    assert "100.0% live in the area on average" in change_needed(lambda *_: np.ones(3), DAY, target=0.7, most=1).why


@pytest.mark.parametrize(
    ("demand", "households", "told"),
    [(1, 50, "Without any new household every child has a place on 31 March 2028 in all of the futures drawn."),
     (10_000, 50, "Even 30 new households a year would be enough on 31 March 2028 only in none of the futures drawn.")],
)  # fmt: skip
def test_recruits_that_are_not_needed_or_not_enough(demand: int, households: int, told: str) -> None:
    """None is needed where carers are plenty; all that are looked at are too few."""
    scenario = CarerScenario(households=households, leave_per_year=0.1, recruits_per_year=5)
    found = recruits_needed(
        scenario, np.full(100, demand), by=DAY, at=pd.Timestamp("2025-03-31"), probability=0.95, most=30, seed=1
    )
    assert found.why == told


def hubs(families: int, bound: float, ceiling: float, constellations: int = 1) -> str:
    row = {"at_most": 2, "constellations": constellations, "families": families, "bound": bound}
    found: Any = SimpleNamespace(frontier=pd.DataFrame([row]), ceiling=ceiling)
    return str(words.mockingbird_words(found, Settings(mockingbird_min_families=3)).value)


def test_constellations_are_the_most_only_where_that_is_proven() -> None:
    """None that is found, none there can be, proven for so many, proven for any number, and not proven."""
    limits = "of 3 to 10 families each, within 30 minutes' drive"
    assert hubs(0, 0.0, 0.0, 0) == f"No constellation {limits} was found, and there is none."
    assert hubs(0, 4.0, 4.0, 0) == f"No constellation {limits} was found."
    assert hubs(8, 8.2, 8.2) == (
        f"1 constellation {limits}, would support 8 foster families (no number of constellations supports more)."
    )
    assert hubs(8, 8.0, 12.0).endswith(
        "(no choice of 2 constellations supports more). Nor does any number of them support more than 12."
    )
    assert "(not proven the most: no choice of 2 constellations supports more than 9)" in hubs(8, 9.5, 12.0)


def published(cared_for: list[float], own: list[float], *, england: float = 55.0, ranks: int = 11) -> Any:
    table = pd.DataFrame({"is_area": [True] * len(own) + [False], "is_england": [False] * len(own) + [True],
                          "value": [*own, england], "year": "2025", "rank": [1.0] * len(own) + [np.nan]})  # fmt: skip
    more = pd.DataFrame({"is_area": False, "is_england": False, "value": 1.0, "year": "2025", "rank": range(ranks - 1)})
    years = pd.DataFrame({"year": ["2024", "2025"][: len(cared_for)], "cared_for": cared_for})
    both = pd.concat([table, more], ignore_index=True)
    return SimpleNamespace(name="Elsewhere", year="2025", trend=years, comparison=lambda _: both)


def test_published_figures_are_told_as_far_as_they_go() -> None:
    """Not imported, hidden, of another year, without England or neighbours: each has its own sentence."""
    told = str(words.published_answer(published([450, 458], [58.7])).value)
    assert "In March 2025, Elsewhere cared for 458 children, and 58.7% of them lived in the area" in told
    assert "(England 55.0%; of it and its statistical neighbours rank 1 of 11)" in told
    assert "were not imported" in str(words.published_answer(published([], [])).value)
    assert "hold no number of children" in str(words.published_answer(published([np.nan], [])).value)
    assert "is not published" in str(words.published_answer(published([450], [np.nan])).value)
    assert "In March 2024, Elsewhere cared for 1 child, and 58.7% of those of March 2025 lived" in str(
        words.published_answer(published([1, np.nan], [58.7])).value
    )
    alone = str(words.published_answer(published([450], [58.7], england=np.nan, ranks=1)).value)
    assert "nan" not in alone
    assert "rank" not in alone
    assert "(England 55.0%)" in str(words.published_answer(published([450], [58.7], ranks=1)).value)


@pytest.mark.parametrize(("phi", "told"), [(1.0, "no more than by chance alone"), (1.9, "Their variance is 1.9 times")])
def test_scatter_is_of_the_variance(phi: float, told: str) -> None:
    """Twice the variance is not twice as wide."""
    evidence = SimpleNamespace(phi=phi, trend=SimpleNamespace(sentence="Starts show no clear trend."))
    assert told in str(words.trend_words(SimpleNamespace(evidence=evidence)).value)  # type: ignore[arg-type]
