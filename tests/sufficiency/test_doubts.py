"""Returns that are another authority's, or far from what is published of the day, are cautioned about in one place."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from homes_cases import episode, returns

from cfwlib.data.returns import Returns
from cfwlib.data.social_care import CHILDREN, SocialCare
from cfwlib.settings import Settings
from cfwlib.sufficiency.homes.doubts import doubts_of, is_far, published_totals
from cfwlib.sufficiency.homes.spells import clean

TODAY = pd.Timestamp("2026-11-28")


def published(
    total: float = 100, *, topic: str = CHILDREN, table: str = "care_rates", year: str = "2023"
) -> SocialCare:
    item = "Total" if table == "care_groups" else "Children looked after on 31 March each year"
    figures = pd.DataFrame(
        [("E06000063", year, topic, item, total, table)],
        columns=["authority", "year", "topic", "item", "number", "table"],
    )
    none = pd.DataFrame()
    return SocialCare("E06000063", "942", "Cumberland", "North West", False, figures, none, none, none, [], (), {})


def given(children: int = 100, **options: Any) -> Returns:
    place = {"placement_location": "", "placement_authority": "", "home_postcode": ""}
    place |= {name: options.pop(name) for name in list(options) if name in place}
    rows = [episode("2021-05-01", None, child=child, year=2023, **place) for child in range(children)]
    return returns(rows, **{"modelled": False} | options)


def said(care: SocialCare, *rows: Any, **options: Any) -> str:
    of = given(*rows, **options)
    return " ".join(doubts_of(of, clean(of, Settings(), authorities={"E06000063"}), care, today=TODAY))


@pytest.mark.parametrize(
    ("children", "total", "far"),
    [(100, 100, False), (110, 100, False), (119, 100, False), (120, 100, True), (80, 100, True), (458, 510, True),
     (458, 416, True), (458, 450, False), (40, 10, True)],
)  # fmt: skip
def test_far_is_a_tenth_and_more_than_chance(children: int, total: int, far: bool) -> None:
    """Of 100 published, 81 to 119 may be chance; of 500, only a tenth more or less is no longer a correction."""
    assert is_far(children, total) == far


@pytest.mark.parametrize(("children", "words"), [(60, "far fewer"), (140, "far more"), (100, ""), (95, "")])
def test_a_total_far_from_the_published_one_is_cautioned_about(children: int, words: str) -> None:
    """Too many or too few on a published 31 March is said, with the published figure and never that of the returns."""
    text = said(published(100), children)
    assert (words in text) if words else not text
    assert str(children) not in text or not words
    assert not text or "100 on 2023-03-31" in text


def test_totals_come_from_either_table_and_only_of_nights_that_are_covered() -> None:
    """The table of groups will do; with no published year inside the returns that is said; a hidden figure is none."""
    groups = published(200, topic="Placement", table="care_groups")
    assert published_totals(groups) == {2023: 200}
    assert "far fewer" in said(groups, 100)
    assert "could not be held against one" in said(published(200, year="2025"), 100)
    assert not said(published(np.nan), 100)


@pytest.mark.parametrize(("la", "words"), [
    (["CUMBERLAND"], ""), (["E06000063"], ""), (["942"], ""), ([], ""), (["LEEDS"], "another authority"),
    (["E08000035"], "another authority"), (["CUMBERLAND", "LEEDS"], "several authorities"),
])  # fmt: skip
def test_another_authority_in_the_column_la_is_cautioned_about(la: list[str], words: str) -> None:
    """By name, code or the department's number; which other one it is, is a value of the return and not told."""
    text = said(published(), la=la)
    assert (words in text) if words else not text
    assert "LEEDS" not in text.upper().replace("CUMBERLAND", "")


def test_places_of_another_authority_are_cautioned_about() -> None:
    """Placements "in the area" under another's code, or homes whose postcodes lie elsewhere, are not this area's."""
    assert "placements said to be in the area" in said(
        published(), placement_location="in", placement_authority="E08000035"
    )
    assert not said(published(), placement_location="in", placement_authority="E06000063")
    assert not said(published(), placement_location="out", placement_authority="E08000035")
    assert "homes of the children" in said(published(), home_postcode="XX33CC")
    assert not said(published(), home_postcode="XX11AA")


def test_returns_that_reach_beyond_today_are_cautioned_about() -> None:
    """A year that is not over is taken to end on 31 March to come: then everybody is still in care."""
    assert "after today (2026-11-28" in said(published(), end="2027-03-31")
    assert not said(published(), end="2026-11-28")


def test_doubts_of_reading_are_passed_on_and_invented_returns_have_none() -> None:
    """What the reader found stands beside the rest; the sample's invented children are not held against anything."""
    assert said(published(), doubts=["A year is missing."]) == "A year is missing."
    assert not said(published(1000), doubts=["A year is missing."], modelled=True, la=["LEEDS"])
