"""Spells in placement, from child-level returns: cleaned by stated rules, every row accounted for."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cfwlib.data.returns import Returns
from cfwlib.errors import InputError
from cfwlib.settings import ReturnsSettings
from cfwlib.sufficiency.homes.cleaning import (
    OPEN,
    SAME_CARER,
    UNKNOWN,
    Account,
    Flags,
    dates,
    follows_on,
    in_childhood,
    last_of_run,
    main_placement,
    merged,
    one_at_a_time,
)
from cfwlib.sufficiency.homes.placements import placements

ALONE = "unaccompanied "
_ONE_DAY = pd.Timedelta(days=1)
_OLDEST_DAYS = 6391
"""Seventeen and a half years: the most a child of unknown age is taken to be on the last night seen."""
_UNKNOWN_AGE_DAYS = 3652
"""Ten years: the age at first start where no child's is known."""


@dataclass(frozen=True, eq=False, repr=False)
class Spells:
    """Children's spells in placement, and what became of each row of the returns.

    Attributes
    ----------
    frame
        One row per spell, by child and start, never two at once for a child: `child`, `start`, `end` (not there on the
        night of `end`; NaT = still there at the end of the data), `born` (NaT = not known), `place`, `placement`,
        `provider`, `where`, `miles`, `uasc` (unaccompanied and seeking asylum at the start), `uasc_until` (NaT = no end
        known), `need`, `legal_status` (the latest of the spell), `began_care`, `left_care` (at `end`), `same_carer`
        (a change of placement with the carer), `reason_change`, `reason_ended`. A move is a spell that starts the day
        the child's last one ends.
    account
        `fate`, `rule`, `rows`: used, merged and dropped rows add up to the rows of the returns; altered and noted rows
        are among those.
    start, end
        First and last day the returns cover.
    """

    frame: pd.DataFrame
    account: pd.DataFrame
    start: pd.Timestamp
    end: pd.Timestamp

    def __repr__(self) -> str:
        return f"Spells({len(self.frame)} spells, {self.start:%Y-%m-%d} to {self.end:%Y-%m-%d})"


def clean(returns: Returns, settings: ReturnsSettings, *, authorities: Collection[str]) -> Spells:
    """Return the spells in placement that the returns hold, and what became of every row.

    In this order. Rows without a start, without a night, of short breaks (V3, V4; `short_breaks` keeps them) or from
    after the period covered are dropped. Of a child's rows with one start the last is kept, of those with one end the
    first; an end that is missing or later than the next start becomes the next start; a row open in an older return of
    a child that no later one has ends with that return. Nights before birth and from the
    18th birthday on do not count. A temporary placement (T0 to T4) takes on the placement around it. A row by which
    legal status or placement changes but not the carer (RNE L, T, U) goes into the row it follows on from, unless the
    kind of placement, its provider, in or out of the area, or the side of 20 miles changes: then it is a spell of its
    own, marked `same_carer`. Nights that no row covers are nights out of care.

    A spell that starts before the returns do has `began_care` only if its first row says so (RNE S): the move that
    began it is not in the returns.

    Parameters
    ----------
    returns
        From `cfwlib.data.returns`.
    settings
        `short_breaks`.
    authorities
        ONS codes of the area's own authority (E06000063).

    Returns
    -------
    spells
        A child without a believable date of birth stays in, `born` missing.
    """
    account = Account()
    kinds = placements(returns, authorities=authorities)
    rows = in_childhood(one_at_a_time(returns, settings, account), returns, account)
    main = main_placement(rows, returns)
    into = merged(rows, main, returns, kinds, account)
    account.count("used", "a placement of its own", ~into)
    frame = _spells(rows, main, ~into, returns, kinds)
    _note(frame, rows, returns, account)
    return Spells(frame, account.table(), returns.start, returns.end)


def _spells(
    rows: pd.DataFrame, main: NDArray[np.intp], heads: Flags, returns: Returns, kinds: pd.DataFrame
) -> pd.DataFrame:
    """Return one row per run of rows: it starts as the first does, ends as the last, and is what the last is."""
    first, last = rows[heads], rows.iloc[last_of_run(heads)]
    place = rows["at"].to_numpy()[main[last_of_run(heads)]]
    on = follows_on(rows)[heads]
    episodes = returns.episodes
    frame = pd.DataFrame({"child": first["child"].to_numpy()})
    frame["start"] = dates(first["start"].to_numpy(), missing=UNKNOWN)
    frame["end"] = dates(last["end"].to_numpy(), missing=OPEN)
    frame["born"] = dates(first["born"].to_numpy(), missing=UNKNOWN)
    frame["place"] = episodes["place"].array.take(place)
    for name in ("placement", "provider", "where", "miles"):
        frame[name] = kinds[name].array.take(place)
    frame["uasc"], frame["uasc_until"] = _uasc(frame, returns)
    for name in ("need", "legal_status"):
        frame[name] = episodes[name].array.take(last["at"])
    reason = pd.Series(episodes["reason_new"].array.take(first["at"]))
    frame["began_care"] = ~on & ((frame["start"] >= returns.start) | (reason == "S"))
    frame["left_care"] = frame["end"].notna() & ~np.append(on[1:], False)[: len(frame)]
    frame["same_carer"] = on & reason.isin(SAME_CARER)
    for name in ("reason_change", "reason_ended"):
        frame[name] = episodes[name].array.take(last["at"])
    return frame


def _uasc(frame: pd.DataFrame, returns: Returns) -> tuple[pd.Series, pd.Series]:
    """Return whether the child is seeking asylum unaccompanied when the spell starts, and the day that ends."""
    seeking = returns.children[returns.children["uasc"]].set_index("child")["uasc_ceased"]
    until = seeking.reindex(frame["child"]).set_axis(frame.index)
    return frame["child"].isin(seeking.index) & ~(until <= frame["start"]), until


def _note(frame: pd.DataFrame, rows: pd.DataFrame, returns: Returns, account: Account) -> None:
    """Count what a reader should know of the rows that were kept."""
    account.count("noted", "no believable date of birth: age not known", rows["born"] == UNKNOWN)
    unsaid = frame["left_care"] & (frame["reason_ended"] == "X1")
    account.count("noted", "a next row was promised (REC X1) and none follows: taken as leaving care", unsaid)


def stock(spells: Spells, date: pd.Timestamp | str) -> pd.DataFrame:
    """Return the spells of the children in care on the night of a date, `uasc` as it is that night.

    Raises
    ------
    InputError
        If the returns do not cover the date.
    """
    night = pd.Timestamp(date).normalize()
    if not spells.start - _ONE_DAY <= night <= spells.end:  # whoever left on the first day is in the returns
        raise InputError(
            f"{night:%Y-%m-%d} is outside the returns ({spells.start:%Y-%m-%d} to {spells.end:%Y-%m-%d}): "
            "choose a date they cover, or add the return of that year."
        )
    frame = spells.frame
    there = frame[(frame["start"] <= night) & ~(frame["end"] <= night)]
    return there.assign(uasc=there["uasc"] & ~(there["uasc_until"] <= night))


def stays(spells: Spells) -> pd.DataFrame:
    """Return the spells as stays for the forecast: consecutive spells of one kind joined, everyone with an age.

    Who has no date of birth is given one, so that the forecast starts from all the children: the median age at first
    start, but born on or before that start, and under 17 and a half on the last night seen.

    Returns
    -------
    stays
        `person`, `kind` (placement and where: "fostering, in area"; of unaccompanied children, whose coming and leaving
        is another story, "unaccompanied fostering, in area"), `start`, `end` (NaT = still there), `born`.
    """
    frame = spells.frame
    kind = frame["uasc"].map({True: ALONE, False: ""}) + frame["placement"] + ", " + frame["where"]
    before = frame["end"].shift()
    joined = (frame["child"] == frame["child"].shift()) & (frame["start"] == before) & (kind == kind.shift())
    heads = ~joined.to_numpy(bool)
    out = pd.DataFrame({"person": frame["child"], "kind": kind, "start": frame["start"]})[heads].reset_index(drop=True)
    out["end"] = frame["end"].array.take(last_of_run(heads))
    out["born"] = _born(spells)[heads].array
    return out


def _born(spells: Spells) -> pd.Series:
    """Return dates of birth, the missing ones filled in as `stays` says."""
    frame = spells.frame
    if frame["born"].notna().all():
        return frame["born"]
    first = frame.groupby("child")["start"].transform("min")
    days_old = (first - frame["born"]).dt.days[~frame["child"].duplicated()].median()
    age = pd.Timedelta(days=_UNKNOWN_AGE_DAYS if pd.isna(days_old) else int(days_old))
    latest = frame["end"].fillna(spells.end + _ONE_DAY).groupby(frame["child"]).transform("max") - _ONE_DAY
    youngest = latest - pd.Timedelta(days=_OLDEST_DAYS)
    return frame["born"].fillna((first - age).clip(lower=youngest).clip(upper=first))
