"""Counts that others publish of the same children and day are known to everybody."""

from types import SimpleNamespace

import pandas as pd
import pytest
from cases import OF, listing
from populations import council, publish, settings

from cfwlib.disclosure import TooFewError, protect
from cfwlib.errors import InputError
from cfwlib.pages.homes.now import KEYS, NOT_BESIDE, TOO_FEW, beside_published, homes_now, why_nothing
from cfwlib.pages.homes.tables import counted_nights
from cfwlib.sufficiency.homes.published import published_cells, published_totals

NAN = float("nan")


def test_a_published_count_cannot_protect_another() -> None:
    """Hiding 9 beside 3 is no use where everybody knows the 9: a further one is hidden, and the 9 stays."""
    table = listing({"a": 3, "b": 9, "c": 12, "d": 41})
    alone = protect(table, of=OF, keys=["group"], counts=["children"])
    beside = protect(table, of=OF, keys=["group"], counts=["children"], published=[NAN, 9, NAN, NAN, 65])
    assert alone.status["children"] == ["c", "c", "", "", ""]
    assert beside.status["children"] == ["c", "", "c", "", ""]
    assert (beside.audit["width"] > 3).all()


def test_what_published_counts_give_away_cannot_be_protected() -> None:
    """Where all but a small count is known, no table of it can be made; a count that differs is refused."""
    table = listing({"a": 3, "b": 9, "d": 41})
    with pytest.raises(TooFewError) as error:
        protect(table, of=OF, keys=["group"], counts=["children"], published=[NAN, 9, 41, 53])
    assert error.value.cell[2] == (("group", "a"),)
    with pytest.raises(InputError, match="another count"):
        protect(table, of=OF, keys=["group"], counts=["children"], published=[NAN, 8, NAN, NAN])


def test_only_what_is_shown_of_the_same_day_is_known() -> None:
    """Of another day, another authority, or hidden by its publisher, nothing is."""
    study = council(0)
    care = publish(study)
    told = published_cells(care, study.at)
    assert ({}, len(study.now)) in told
    assert not any(1 <= count <= 5 for _, count in told)
    assert published_cells(care, study.at - pd.Timedelta(days=1)) == []
    assert published_cells(SimpleNamespace(figures=care.figures, code="E1"), study.at) == []
    assert published_totals(care) == {study.at: len(study.now)}


def cells(**counts: int) -> pd.DataFrame:
    """Return cells by age, with their total."""
    rows = [{**dict.fromkeys(KEYS, "Total"), "age": age, "children": count} for age, count in counts.items()]
    return pd.DataFrame([*rows, {**dict.fromkeys(KEYS, "Total"), "children": sum(counts.values())}])


@pytest.mark.parametrize(
    ("published", "clash", "known"),
    [
        ([({}, 90), ({"age": "old"}, 50)], set(), 2),
        ([({}, 90), ({"age": "old"}, 52)], {"age"}, 1),
        ([({}, 90), ({"age": "old"}, 58)], set(), 1),
        ([({}, 89), ({"age": "old"}, 50)], {"placement", "age"}, 1),
        ([({}, 97), ({"age": "old"}, 50)], set(), 1),
        ([({}, 98), ({"age": "old"}, 56)], {"age"}, 0),  # the young, who follow: 42 and 40
        ([({}, 120), ({"age": "old"}, 52)], set(), 0),
        ([({}, 120), ({"age": "old"}, 50)], set(), 1),
        ([({"age": "nobody"}, 3)], set(), 0),
    ],
)
def test_what_differs_by_few_is_not_shown_beside(published: list, clash: set[str], known: int) -> None:
    """By 1 to 5 in a table, or in what is left over: not that table; in all: none; what is equal is known."""
    beside = beside_published(cells(young=40, old=50), published)
    assert beside.clash == clash
    assert len(beside.known) == known


def test_the_page_says_why_nothing_of_the_returns_is_shown() -> None:
    """It names the published tables and the remedy, not by how many they differ."""
    care = publish(council(0))
    assert why_nothing(council(0, without=0), care) == NOT_BESIDE
    assert why_nothing(council(0), care) == TOO_FEW
    assert not any(sign.isdigit() for sign in NOT_BESIDE)


def test_a_table_that_cannot_be_shown_has_no_row_and_its_numbers_are_hidden() -> None:
    """Under ones by place cannot be protected beside their published total: the rest of the page stands."""
    study = council(0)
    now = homes_now(study, settings(), publish(study))
    assert now["age"].frame.empty
    assert now["age"].number("children", age="under 1").status == "c"
    assert len(now["placement"].frame)


def test_a_night_is_told_as_it_was_published() -> None:
    """483 counted where 482 are published would tell of one child: the chart shows 482; 20 more are 20 more."""
    study = council(1)
    nights = counted_nights(study)
    night, count = next(reversed(nights.items()))
    assert counted_nights(study, {night: count - 1})[night] == count - 1
    assert counted_nights(study, {night: count + 20})[night] == count
