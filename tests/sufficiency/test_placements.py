"""Codes and postcodes become kinds of placement, providers, places and miles."""

import numpy as np
import pytest
from homes_cases import empty_postcodes, episode, returns

from cfwlib.sufficiency.homes.placements import placements

AREA = {"E06000063"}


def one(**codes: object) -> dict[str, object]:
    rows = returns([episode("2021-01-01", None, **codes)])
    return dict(placements(rows, authorities=AREA).iloc[0])


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        ("U1 U2 U3 U4 U5 U6", "fostering"),
        ("K2 R1 P3 S1", "residential"),
        ("H5 P2 K3", "supported"),
        ("P1 A3 A6 K1 R2 R5 Z1 T0 ?? U7", "other"),
    ],
)
def test_each_code_has_its_kind(codes: str, kind: str) -> None:
    """Codes that are not listed, unknown ones among them, are other placements."""
    assert {one(place=code)["placement"] for code in codes.split()} == {kind}


def test_providers_are_told_apart_and_a_blank_is_not_known() -> None:
    """Own, other authorities', private and voluntary placements are told apart."""
    names = {code: one(provider=code)["provider"] for code in ("PR0", "PR1", "PR2", "PR3", "PR4", "PR5", "", "PR9")}
    assert names == {
        "PR0": "parents", "PR1": "own", "PR2": "other authority", "PR3": "other", "PR4": "private",
        "PR5": "voluntary", "": "not known", "PR9": "not known",
    }  # fmt: skip


def test_miles_are_straight_lines_over_1609_3_metres() -> None:
    """A triangle of 3, 4 and 5 km is 3.1 miles; the return's own figure comes first."""
    assert one()["miles"] == round(5000 / 1609.3, 1) == 3.1
    assert one(placement_miles=7.4)["miles"] == 7.4
    assert one(placement_miles=np.nan)["miles"] == 3.1
    assert np.isnan(one(placement_postcode="ZZ99ZZ")["miles"])  # type: ignore[call-overload]
    assert np.isnan(one(home_postcode="")["miles"])  # type: ignore[call-overload]


def test_where_is_what_the_return_says_then_its_authority_then_the_postcode() -> None:
    """The first that is given decides; with none of them it is not known."""
    assert one()["where"] == "in area"
    assert one(placement_postcode="XX33CC")["where"] == "outside"
    assert one(placement_authority="X99000001")["where"] == "outside"
    assert one(placement_authority="e06000063 ", placement_postcode="XX33CC")["where"] == "in area"
    assert one(placement_location="out", placement_authority="E06000063")["where"] == "outside"
    assert one(placement_location="in", placement_postcode="XX33CC")["where"] == "in area"
    assert one(placement_location="", placement_authority="", placement_postcode="")["where"] == "not known"


def test_without_postcodes_nothing_is_guessed() -> None:
    """With no postcode file, distance and area are not known."""
    out = placements(returns([episode("2021-01-01", None)], postcodes=empty_postcodes()), authorities=AREA)
    assert out["where"].tolist() == ["not known"]
    assert out["miles"].isna().all()


def test_a_postcode_given_twice_counts_once() -> None:
    """The first of two points of one postcode is used, and rows stay aligned with the episodes."""
    rows = returns([episode("2021-01-01", None), episode("2021-01-01", None, child=1, placement_postcode="XX33CC")])
    twice = rows.postcodes.iloc[[0, 0, 1, 2]].reset_index(drop=True)
    again = returns(rows.episodes.to_dict("records"), postcodes=twice)
    assert placements(again, authorities=AREA)["where"].tolist() == ["in area", "outside"]
    assert placements(again, authorities=AREA)["miles"].tolist() == [3.1, 37.3]
