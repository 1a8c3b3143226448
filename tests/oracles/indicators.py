"""Indicators of the children in care on one night, or on several, counted as the Department for Education counts."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from cfwlib.errors import InputError
from cfwlib.sufficiency.homes.groups import (
    AGES,
    DISTANCES,
    LOCATIONS,
    NOT_KNOWN,
    PLACEMENTS,
    PROVIDERS,
    age_bands,
    distances,
)
from cfwlib.sufficiency.homes.spells import Spells, stock

ASYLUM = ("unaccompanied", "other children")
PUBLISHED_PLACEMENTS: Mapping[str, tuple[str, ...]] = {
    "foster placements": ("U1", "U2", "U3", "U4", "U5", "U6"),
    "secure and children's homes": ("K1", "K2"),
    "independent or supported living": ("H5", "P2", "K3"),
    "residential schools": ("S1",),
    "other residential settings": ("R1", "R2", "R3", "R5"),
    "placed for adoption": ("A3", "A4", "A5", "A6"),
    "with parents": ("P1",),
    "other placements": (),
}
COLUMNS = ["group", "name", "label", "unit", "value", "numerator", "denominator"]
_SHARE, _RATE = "share", "per 10,000 aged 0 to 17"


def indicators(
    spells: Spells, date: pd.Timestamp | str, *, children_0_17: float, foster_places: int | None = None,
    foster_filled: int | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Return the indicators of one night, in the Department for Education's conventions.

    Every share is of all children in care that night: those whose place or distance is not known stay in the
    denominator and have a row of their own, so the shares of a group sum to 1. Started and ceased count a child once
    in the year that ends on the date. Three or more placements counts all placements open at any time in that year,
    of children in care on its last night; a change of status with the same carers is no new placement.

    Parameters
    ----------
    spells
        Cleaned spells.
    date
        The night counted; within the days the returns cover.
    children_0_17
        Residents aged 0 to 17, for the rates.
    foster_places
        Approved places of the authority's own foster carers; None = no occupancy is given.
    foster_filled
        Of these, filled; None = the children who live in the authority's own foster care that night.

    Returns
    -------
    indicators
        `group`, `name` (unique), `label`, `unit` (children, share or per 10,000 aged 0 to 17), `value` (a share is 0 to
        1), `numerator`, `denominator` (children, places or residents; NaN where a count stands alone). The value is
        NaN where the denominator is 0 and, for what counts a year, where the returns cover less than that year.

    Raises
    ------
    InputError
        The date is not covered by the returns, or there are no residents.
    """
    if not children_0_17 > 0:
        raise InputError(f"children_0_17 = {children_0_17}: residents aged 0 to 17 must be more than 0.")
    now, day = stock(spells, date), pd.Timestamp(date)
    rows = [
        ("all", "total", "Children in care", "children", float(len(now)), len(now), np.nan),
        _ratio("all", "rate", "Children in care", _RATE, len(now), children_0_17),
    ]
    for group, (values, order) in _groups(now, day).items():
        counts = values.value_counts()
        kinds = [*order, *sorted(set(counts.index) - set(order))]  # a code nobody foresaw still has its row
        for kind in kinds:
            name = re.sub(r"\W+", "_", f"{group} {kind}")
            rows.append(_ratio(group, name, kind.capitalize(), _SHARE, int(counts.get(kind, 0)), len(now)))
    rows += _of_the_year(spells, now, day, children_0_17)
    if foster_places is not None:
        own = int(((now["placement"] == "fostering") & (now["provider"] == "own")).sum())
        filled = own if foster_filled is None else foster_filled
        label = "Approved foster places filled"
        rows.append(_ratio("foster places", "foster_occupancy", label, _SHARE, filled, foster_places))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"numerator": float, "denominator": float})


def over_time(
    spells: Spells, dates: Sequence[pd.Timestamp | str], *, children_0_17: float | Sequence[float]
) -> pd.DataFrame:
    """Return the indicators of several nights, one below the other, with their `date` first.

    Parameters
    ----------
    spells, dates
        As `indicators`, any number of nights.
    children_0_17
        Residents aged 0 to 17: one number, or one for each date.
    """
    residents = np.broadcast_to(np.asarray(children_0_17, float), len(dates))
    tables = [
        indicators(spells, day, children_0_17=float(people)).assign(date=pd.Timestamp(day))
        for day, people in zip(dates, residents, strict=True)
    ]
    tables = tables or [pd.DataFrame(columns=["date", *COLUMNS])]
    return pd.concat(tables, ignore_index=True)[["date", *COLUMNS]]


def placements_in_year(spells: Spells, date: pd.Timestamp | str) -> pd.Series:
    """Return the placements each child had in the year that ends on a date; index: child.

    A placement open on any night of the year counts once; one that follows another with the same carers does not.
    """
    first, last = _year(pd.Timestamp(date))
    frame = spells.frame
    in_year = (frame["start"] <= last) & ~(frame["end"] <= first)
    counted = in_year & ~(frame["same_carer"] & (frame["start"] > first))
    return counted.groupby(frame["child"]).sum()


def _groups(now: pd.DataFrame, day: pd.Timestamp) -> dict[str, tuple[pd.Series, Sequence[str]]]:
    """Return each way the children are divided, with its parts in the order shown."""
    miles = distances(now["miles"])
    kinds = {code: name for name, codes in PUBLISHED_PLACEMENTS.items() for code in codes}
    places = [f"{where}, {far}" for where in LOCATIONS for far in DISTANCES]
    return {
        "location": (now["where"], LOCATIONS),
        "distance": (miles, DISTANCES),
        "location and distance": (now["where"] + ", " + miles, places),
        "placement": (now["placement"], PLACEMENTS),
        "published placement": (now["place"].map(kinds).fillna("other placements"), tuple(PUBLISHED_PLACEMENTS)),
        "provider": (now["provider"], PROVIDERS),
        "age": (age_bands(now["born"], day), (*AGES.names, NOT_KNOWN)),
        "asylum": (now["uasc"].map({True: ASYLUM[0], False: ASYLUM[1]}), ASYLUM),
    }


def _of_the_year(spells: Spells, now: pd.DataFrame, day: pd.Timestamp, residents: float) -> list[tuple[object, ...]]:
    """Return what counts the year ending on a day; NaN where the returns cover less than that year."""
    first, _ = _year(day)
    frame, whole = spells.frame, first >= spells.start
    started = frame.loc[frame["began_care"] & frame["start"].between(first, day), "child"].nunique()
    ceased = frame.loc[frame["left_care"] & frame["end"].between(first, day), "child"].nunique()
    moved = int((placements_in_year(spells, day).reindex(now["child"]) >= 3).sum())
    rows: list[tuple[object, ...]] = []
    counted = (("started", "Came into care in the year", started), ("ceased", "Left care in the year", ceased))
    for name, label, count in counted:
        value = float(count) if whole else np.nan
        rows.append(("year", name, label, "children", value, value, np.nan))
        rows.append(_ratio("year", f"{name}_rate", label, _RATE, value, residents))
    three = "Three or more placements in the year"
    return [*rows, _ratio("stability", "three_placements", three, _SHARE, moved if whole else np.nan, len(now))]


def _year(day: pd.Timestamp) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first and the last day of the year that ends on a day: to 31 March, from 1 April."""
    return (day + pd.Timedelta(days=1)) - pd.DateOffset(years=1), day


def _ratio(group: str, name: str, label: str, unit: str, part: float, whole: float) -> tuple[object, ...]:
    per = 10_000 if unit == _RATE else 1
    return group, name, label, unit, per * part / whole if whole else np.nan, part, whole
