"""Hold the published tables of children in care against each other, and against figures printed elsewhere."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from cfwlib.areas import printed_figures, why_different
from cfwlib.data.social_care import CHILDREN, NET_GAIN, POPULATION, RATE
from cfwlib.sufficiency.homes.published import PublishedHomes

LOCALITY, DISTANCE = "Locality of placement", "Distance between home and placement"
BOTH, HOMES = f"{DISTANCE} and locality of placement", "Secure homes and children's homes"

_AGES = ("Under 1 year", "1 to 4 years", "5 to 9 years", "10 to 15 years", "16 years and over")
_CARED_FOR = "Children looked after on 31 March each year"
_OUTSIDE = "2. Children who are the responsibility of this LA placed outside the LA boundary"


class Headline(NamedTuple):
    """A figure by name: where it stands in the tables; `column` is `number` or `share` (per cent)."""

    label: str
    topic: str
    item: str
    column: str = "number"
    years_before: int = 0


HEADLINES = {
    "cared_for": Headline("Children in care", CHILDREN, _CARED_FOR),
    "rate": Headline("Children in care per 10,000", RATE, _CARED_FOR),
    "started": Headline("Started in the year", CHILDREN, "Children starting to be looked after each year"),
    "ceased": Headline("Ceased in the year", CHILDREN, "Children ceasing to be looked after each year"),
    "in_area": Headline("Placed in the area", LOCALITY, "Placed inside the local authority boundary"),
    "in_area_share": Headline("Placed in the area, %", LOCALITY, "Placed inside the local authority boundary", "share"),
    "over_20_miles": Headline("Over 20 miles from home", DISTANCE, "Placed more than 20 miles from home"),
    "outside_over_20_miles": Headline(
        "Outside, over 20 miles from home", BOTH, "4. Placed outside the LA boundary, more than 20 miles from home"
    ),
    "private": Headline("With private providers", "Place providers", "Private provision"),
    "own": Headline("With the council's own provision", "Place providers", "Own provision (by the LA)"),
    "fostering": Headline("In foster care", "Placement", "Foster placements"),
    "fostering_before": Headline("In foster care a year before", "Placement", "Foster placements", "number", 1),
    "homes": Headline("In children's homes", "Placement", HOMES),
    "homes_before": Headline("In children's homes a year before", "Placement", HOMES, "number", 1),
    "uasc": Headline("Unaccompanied asylum-seeking", "Unaccompanied asylum-seeking children", "UASC"),
    **{f"age_{number}": Headline(f"Aged {age.lower()}", "Age group", age) for number, age in enumerate(_AGES, start=1)},
}


def reconcile(homes: PublishedHomes, expected: Mapping[str, Any]) -> pd.DataFrame:
    """Return figures printed elsewhere beside those of the tables, with the difference and the reason for it.

    Parameters
    ----------
    homes
        From `published`.
    expected
        The area file's `[published_homes]`: the `authority` it is of (another's figures are left out), and for each
        name of `HEADLINES` its `value`, the `precision` to which it is printed, if not 1, and perhaps a `note` with
        the difference `expected`, as in `[published]`.

    Returns
    -------
    table
        `figure`, `published`, `computed` (NaN = hidden or not imported), `status`, `difference`, `why`.
    """
    rows = []
    for name, entry in printed_figures(expected, homes.code).items():
        value, status = _find(homes, HEADLINES[name]) if name in HEADLINES else (float("nan"), "x")
        difference = value - entry["value"]
        if name not in HEADLINES:
            why = "no figure of this name is read"
        elif pd.isna(value):
            why = "hidden in the tables" if status == "c" else "not in the tables imported"
        else:
            why = why_different(entry, difference)
        label = HEADLINES[name].label if name in HEADLINES else name
        rows.append([label, float(entry["value"]), value, status, difference, why])
    return pd.DataFrame(rows, columns=["figure", "published", "computed", "status", "difference", "why"])


def cross_checks(homes: PublishedHomes) -> pd.DataFrame:
    """Return what the tables say of the area twice, and whether they agree, for the latest year.

    Where parts are hidden only this is checked: those shown are together no more than the total. What is left for the
    hidden ones is not worked out.

    Returns
    -------
    table
        `check`, `one` and `other` (the two figures; NaN where a part is hidden), `agrees`, `why`.
    """
    total, _ = _find(homes, HEADLINES["cared_for"])
    rows: list[list[object]] = []
    own = homes.figures[(homes.figures["authority"] == homes.code) & (homes.figures["table"] == "care_groups")]
    own = own[(own["year"] == homes.year) & (own["topic"] != "LA of placement")]  # that one counts others' children too
    for topic, group in own.groupby("topic", sort=True):
        whole = group["item"] == "Total"
        rows.append(_check(f"Total of '{topic}' and of the table of rates", group.loc[whole, "number"].sum(), total))
        parts = group.loc[~whole]
        hidden = int((parts["number_status"] != "").sum())
        if not hidden:
            rows.append(_check(f"Parts of '{topic}' and their total", parts["number"].sum(), total))
        else:
            fits = bool(parts["number"].sum() <= total)
            why = f"{hidden} parts are hidden: those shown are {'no more' if fits else 'MORE'} than the total"
            rows.append([f"Parts of '{topic}' and their total", float("nan"), float("nan"), fits, why])
    rows += _of_population(homes, total)
    outside = Headline("", LOCALITY, "Placed outside the local authority boundary")
    year, gain = _latest(homes, NET_GAIN)
    if year:
        here = _at(homes, outside, year)
        rows.append(_check(f"Placed outside, and so in the table of net gain ({year})", here, _value(gain, _OUTSIDE),
                           "the publisher's two tables differ"))  # fmt: skip
    return pd.DataFrame(rows, columns=["check", "one", "other", "agrees", "why"])


def _of_population(homes: PublishedHomes, total: float) -> list[list[object]]:
    """The printed rate against the children over the residents aged 0 to 17 of the year before, rounded alike."""
    year, residents = _latest(homes, POPULATION)
    if not year or pd.isna(total) or int(year) != int(homes.year) - 1:
        return []
    rate, _ = _find(homes, HEADLINES["rate"])
    worked = float(round(1e4 * total / residents["number"].iloc[0]))
    why = f"residents of mid-{year}"
    return [_check("Rate per 10,000, and children over residents aged 0 to 17", rate, worked, why)]


def _check(what: str, one: float, other: float, why: str = "") -> list[object]:
    agrees = bool(one == other)
    return [what, one, other, agrees, "agrees" if agrees else why or "the tables differ"]


def _find(homes: PublishedHomes, headline: Headline) -> tuple[float, str]:
    """A figure of the area and its status, in the latest year or some years before."""
    if not homes.year:
        return float("nan"), "x"
    row = _rows(homes, headline, str(int(homes.year) - headline.years_before))
    if row.empty:
        return float("nan"), "x"
    return float(row[headline.column].iloc[0]), str(row[f"{headline.column}_status"].iloc[0])


def _at(homes: PublishedHomes, headline: Headline, year: str) -> float:
    row = _rows(homes, headline, year)
    return float("nan") if row.empty else float(row["number"].iloc[0])


def _rows(homes: PublishedHomes, headline: Headline, year: str) -> pd.DataFrame:
    frame = homes.figures
    wanted = (frame["authority"] == homes.code) & (frame["topic"] == headline.topic) & (frame["item"] == headline.item)
    return frame[wanted & (frame["year"] == year)]


def _latest(homes: PublishedHomes, topic: str) -> tuple[str, pd.DataFrame]:
    frame = homes.figures
    rows = frame[(frame["authority"] == homes.code) & (frame["topic"] == topic) & frame["number"].notna()]
    year = "" if rows.empty else str(rows["year"].max())
    return year, rows[rows["year"] == year]


def _value(rows: pd.DataFrame, item: str) -> float:
    found = rows.loc[rows["item"] == item, "number"]
    return float("nan") if found.empty else float(found.iloc[0])
