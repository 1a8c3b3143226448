from typing import Any, cast

import pandas as pd
import pytest
from answers_cases import END, spells
from hypothesis import given, settings
from hypothesis import strategies as st

from cfwlib.data.returns import Returns
from cfwlib.sufficiency.homes.nearer import COULD, RULES, NearerRules, could_live_nearer, reasons, worklist
from cfwlib.sufficiency.homes.placements import CODES

AWAY: dict[str, Any] = {"where": "outside", "miles": 60.0}


def counts(*rows: dict[str, Any], rules: NearerRules | None = None) -> dict[str, int]:
    table = reasons(spells(*rows), END, rules=rules or NearerRules()).set_index("rule")["children"]
    return {str(rule): int(number) for rule, number in table.items() if number}


@pytest.mark.parametrize(
    ("child", "rule"),
    [
        ({}, COULD),
        ({"place": "K2", "placement": "residential"}, COULD),
        ({"uasc": True}, "unaccompanied"),
        ({"place": "P1", "placement": "other"}, "with family"),
        ({"place": "U1"}, "with family"),
        ({"place": "A6", "placement": "other"}, "adoption"),
        ({"place": "U5"}, "adoption"),
        ({"legal_status": "E1"}, "adoption"),
        ({"legal_status": "J1"}, "justice"),
        ({"place": "K1", "placement": "other"}, "specialist"),
        ({"place": "S1", "placement": "residential"}, "specialist"),
        ({"place": "Z1", "placement": "other"}, "kind not known"),
        ({"born": "2007-09-30"}, "nearly 18"),
        ({"born": "2007-10-01"}, COULD),
        ({"born": None}, COULD),
        ({"start": "2022-05-01"}, "settled"),
        ({"start": "2023-05-01"}, COULD),
    ],
)
def test_each_rule_as_it_is_written(child: dict[str, Any], rule: str) -> None:
    """One child outside the area, and the rule that speaks for or against a place in it."""
    assert counts({**AWAY, **child}) == {rule: 1}


def test_only_children_outside_the_area_are_asked_about() -> None:
    """Neither those in it nor those of whom it is not known."""
    assert counts({}, {"where": "not known"}, {"where": "not known", "miles": 90.0}, AWAY) == {COULD: 1}


def test_the_rules_can_be_set() -> None:
    """An area with a secure home, a longer view of 18, and settled children counted as any other."""
    own = NearerRules(specialist=("S1",), nearly_18_months=24, settled_years=None)
    assert counts({**AWAY, "place": "K1"}, {**AWAY, "start": "2022-05-01"}, rules=own) == {COULD: 2}
    assert counts({**AWAY, "born": "2008-01-01"}, rules=own) == {"nearly 18": 1}


def test_settled_is_with_the_same_carers() -> None:
    """A change of placement with the same carers does not start the years again; another move does."""
    first = {**AWAY, "child": 1, "start": "2022-05-01", "end": "2024-12-01"}
    then = {**AWAY, "child": 1, "start": "2024-12-01", "began_care": False}
    assert counts(first, {**then, "same_carer": True}) == {"settled": 1}
    assert counts(first, then) == {COULD: 1}


children = st.fixed_dictionaries(
    {
        "where": st.sampled_from(["in area", "outside", "outside", "not known"]),
        "miles": st.one_of(st.none(), st.floats(0, 300)),
        "place": st.sampled_from(["U6", "U1", "K2", "K1", "H5", "P1", "A6"]),
        "placement": st.sampled_from(["fostering", "residential", "supported", "other"]),
        "need": st.sampled_from([*CODES["need"], "", "N99"]),
        "legal_status": st.sampled_from(["C2", "E1", "J1"]),
        "born": st.one_of(st.none(), st.just("2007-08-01"), st.just("2015-01-01")),
        "start": st.sampled_from(["2022-06-01", "2025-01-01"]),
        "uasc": st.booleans(),
    }
)


@settings(max_examples=15, deadline=None)
@given(st.lists(children, min_size=1, max_size=15))
def test_everything_adds_up(rows: list[dict[str, Any]]) -> None:
    """The account holds every child outside once; each way of counting adds up to all, distances to who could."""
    outside = sum(row["where"] == "outside" for row in rows)
    account = reasons(spells(*rows), END)
    assert account["children"].sum() == outside
    assert account["rule"].tolist() == [*RULES, COULD]
    table = could_live_nearer(spells(*rows), END)
    for _, part in table.groupby("by"):
        assert part["outside"].sum() == outside
        assert part["could"].sum() == account["children"].iloc[-1]
    near = table["could_over_20_miles"] + table["could_within_20_miles"] + table["could_miles_not_known"]
    assert (near == table["could"]).all()


def test_miles_saved_are_against_the_area_s_own_placements() -> None:
    """Two foster children 60 miles away, where local ones live 4 to 10 from home, save 53 each; one at 5 miles none."""
    home = {"place": "K2", "placement": "residential", "miles": 30.0}
    away = [AWAY, AWAY, {**AWAY, "miles": 5.0}, {**AWAY, "miles": None}]
    cases = spells({"miles": 4.0}, {"miles": 7.0}, {"miles": 10.0}, home, *away)
    row = could_live_nearer(cases, END).set_index("by").loc["all"]
    parts = ["could_over_20_miles", "could_within_20_miles", "could_miles_not_known"]
    assert row["could"] == 4
    assert row[parts].tolist() == [2, 1, 1]
    assert row["miles_saved"] == 106


def test_the_worklist_is_for_the_caller_alone() -> None:
    """Children by identifier, those who could live nearer first, the furthest first; the counts hold no identifier."""

    class Named:
        def identifier(self, child: int) -> str:
            return f"ID-{child}"

    cases = spells(AWAY, {**AWAY, "uasc": True, "miles": 300.0}, {}, {**AWAY, "miles": 80.0})
    found = worklist(cases, cast(Returns, Named()), END)
    assert found["identifier"].tolist() == ["ID-3", "ID-0", "ID-1"]
    assert found["rule"].tolist() == [COULD, COULD, "unaccompanied"]
    shown = pd.concat([could_live_nearer(cases, END), reasons(cases, END)]).to_csv()
    assert "ID-" not in shown
    assert "child" not in could_live_nearer(cases, END).columns
    assert "PERSONAL DATA" in (worklist.__doc__ or "")
