"""Children placed outside the area who could live in it, if there were a suitable place for them.

Rules, applied in the order of `RULES`, say for whom a place in the area would not be the answer. They are broad and
know nothing of a child's wishes: they show how many plans are worth a second look, not who should move.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cfwlib.data.returns import Returns
from cfwlib.sufficiency.homes.groups import FAR_MILES, NOT_KNOWN, age_bands, completed_years
from cfwlib.sufficiency.homes.placements import CODES
from cfwlib.sufficiency.homes.spells import Spells, stock

COULD = "could live in the area"
RULES = {
    "unaccompanied": "came alone to seek asylum: there may be no home to be near, or a transfer placed them",
    "with family": "lives with parents, relatives or friends (P1, U1 to U3)",
    "adoption": "lives with adopters or carers approved to adopt (A3 to A6, U5), or has a placement order (E1)",
    "justice": "remanded, detained or sentenced (legal status J1 to J3)",
    "specialist": "lives in a place chosen for what it is: secure, hospital, family centre, custody, school",
    "kind not known": "in a placement other than foster, residential or supported",
    "nearly 18": "turns 18 within a few months",
    "settled": "has lived with the same carers for years",
}


@dataclass(frozen=True)
class NearerRules:
    """What the rules take as specialist, nearly 18 and settled.

    Attributes
    ----------
    specialist
        Placement codes that a place in the area would not replace; leave one out if the area could offer it.
    nearly_18_months
        Children this close to 18, in months, or closer are left out.
    settled_years
        Children this many years with the same carers, or more, are left out; None = they count as any other.
    """

    specialist: tuple[str, ...] = ("K1", "R2", "R3", "R5", "S1")
    nearly_18_months: int = 6
    settled_years: float | None = 2


STANDARD = NearerRules()
_NAMES = ["outside", "could", "could_over_20_miles", "could_within_20_miles", "could_miles_not_known", "miles_saved"]


def reasons(spells: Spells, date: pd.Timestamp | str, *, rules: NearerRules = STANDARD) -> pd.DataFrame:
    """Return how many children placed outside each rule leaves out, and how many are left; the rows add up.

    Parameters
    ----------
    spells
        Cleaned spells.
    date
        The night counted.
    rules
        What counts as specialist, nearly 18 and settled.

    Returns
    -------
    account
        `rule`, `why`, `children`: each child in the first rule that applies; the last row is those who could live in
        the area. Unprotected.

    Raises
    ------
    InputError
        The date is not covered by the returns.
    """
    rule = _outside(spells, date, rules)["rule"]
    why = {**RULES, COULD: "no rule says otherwise: a suitable place in the area might be the answer"}
    counts = rule.value_counts()
    rows = [(name, words, int(counts.get(name, 0))) for name, words in why.items()]
    return pd.DataFrame(rows, columns=["rule", "why", "children"])


def could_live_nearer(spells: Spells, date: pd.Timestamp | str, *, rules: NearerRules = STANDARD) -> pd.DataFrame:
    """Return how many children placed outside could live in the area, by age band, need and placement, and in all.

    Parameters
    ----------
    spells, date, rules
        As `reasons`.

    Returns
    -------
    counts
        `by` (all, age, need or placement), `group`, `outside` (children placed outside), `could` (of these, could live
        in the area), `could_over_20_miles`, `could_within_20_miles`, `could_miles_not_known` (these add up to `could`),
        `miles_saved` (by those whose distance is known, together, if each lived at the usual distance of the area's own
        placements of that kind). Each `by` adds up to all. Unprotected, and small: protect before showing.
    """
    children = _outside(spells, date, rules)
    ways = {"age": children["age_band"], "need": children["need_group"], "placement": children["placement"]}
    tables = [_counts(children, pd.Series("all", index=children.index), "all")]
    tables += [_counts(children, groups, by) for by, groups in ways.items()]
    return pd.concat(tables, ignore_index=True)


def worklist(
    spells: Spells, returns: Returns, date: pd.Timestamp | str, *, rules: NearerRules = STANDARD
) -> pd.DataFrame:
    """Return the children placed outside one by one, with their identifiers. PERSONAL DATA: for the caller's eyes only.

    No notebook, report, export or log may show this frame or anything of it: it names children. It is for the team that
    holds the returns and reviews the plans; keep it where the returns are kept.

    Parameters
    ----------
    spells, date, rules
        As `reasons`.
    returns
        The returns the spells were cleaned from; they hold the identifiers.

    Returns
    -------
    children
        `identifier`, `age` (years), `placement`, `place`, `provider`, `need`, `legal_status`, `years_here`, `miles`,
        `miles_saved`, `rule` and `why`: those who could live in the area first, the furthest first.
    """
    children = _outside(spells, date, rules)
    children = children.assign(
        identifier=[returns.identifier(int(child)) for child in children["child"]],
        could=children["rule"] == COULD,
        why=children["rule"].map(RULES).fillna(""),
    ).sort_values(["could", "miles"], ascending=False, kind="stable", ignore_index=True)
    names = ["identifier", "age", "placement", "place", "provider", "need", "legal_status", "years_here", "miles"]
    return children[[*names, "miles_saved", "rule", "why"]]


def _outside(spells: Spells, date: pd.Timestamp | str, rules: NearerRules) -> pd.DataFrame:
    """Return the spells outside the area on a night with `rule`, `age`, `age_band`, `need_group`, `miles_saved`."""
    now, day = stock(spells, date), pd.Timestamp(date)
    outside = now[now["where"] == "outside"]
    years_here = (day - _with_carers_since(spells)[outside.index]).dt.days / 365.25
    turns_18 = outside["born"] + pd.DateOffset(years=18)
    place, status = outside["place"], outside["legal_status"]
    holds = {
        "unaccompanied": outside["uasc"].astype(bool),
        "with family": place.isin(["P1", "U1", "U2", "U3"]),
        "adoption": place.isin(["A3", "A4", "A5", "A6", "U5"]) | (status == "E1"),
        "justice": status.isin(["J1", "J2", "J3"]),
        "specialist": place.isin(list(rules.specialist)),
        "kind not known": outside["placement"] == "other",
        "nearly 18": turns_18 <= day + pd.DateOffset(months=rules.nearly_18_months),
        "settled": years_here >= (np.inf if rules.settled_years is None else rules.settled_years),
    }
    rule = np.select([holds[name] for name in RULES], list(RULES), COULD)
    usual = now[now["where"] == "in area"].groupby("placement")["miles"].median()
    saved = (outside["miles"] - usual.reindex(outside["placement"]).to_numpy(float)).clip(lower=0)
    need = outside["need"].map(CODES["need"]).fillna(NOT_KNOWN)
    age = completed_years(outside["born"], day)
    return outside.assign(
        rule=rule, age=age, age_band=age_bands(outside["born"], day), need_group=need, years_here=years_here,
        miles_saved=saved,
    )  # fmt: skip


def _with_carers_since(spells: Spells) -> pd.Series:
    """Return the day each spell's child came to the carers: a change of placement with the same carers is no move."""
    start, moved = spells.frame["start"], ~spells.frame["same_carer"].astype(bool)
    return start.groupby(moved.cumsum()).transform("min")


def _counts(children: pd.DataFrame, groups: pd.Series, by: str) -> pd.DataFrame:
    could, miles = children["rule"] == COULD, children["miles"]
    columns = [
        pd.Series(True, index=children.index),
        could,
        could & (miles > FAR_MILES),
        could & (miles <= FAR_MILES),
        could & miles.isna(),
        children["miles_saved"].where(could, 0.0).fillna(0.0),
    ]
    table = pd.DataFrame(dict(zip(_NAMES, columns, strict=True))).groupby(groups.rename("group")).sum().reset_index()
    return table.assign(by=by)[["by", "group", *_NAMES]]
