"""Before anything of children in care is shown: does it stand beside what earlier runs have shown of them?"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from cfwlib.areas import read_area
from cfwlib.data.authorities import successor
from cfwlib.data.returns import Returns
from cfwlib.data.social_care import SocialCare
from cfwlib.disclosure import Protected
from cfwlib.disclosure.release import (
    APART_DAYS,
    Claim,
    check_claim,
    check_tables,
    checksum,
    hidden_checksum,
    read_claims,
    secret,
    told_nights,
)
from cfwlib.errors import InputError
from cfwlib.locks import hold
from cfwlib.pages.homes.tables import counted_nights
from cfwlib.report.recorder import Report
from cfwlib.settings import Settings
from cfwlib.sufficiency.homes import Spells, clean
from cfwlib.sufficiency.published_cells import published_totals
from cfwlib.sufficiency.study import HomesStudy

_LOCK, _WAIT_S = ".released.lock", 60


def check_returns(returns: Returns, settings: Settings, outputs: Path) -> None:
    """Check, before a run begins, that returns may be counted beside what the runs of an outputs folder have shown.

    Parameters
    ----------
    returns
        What was read.
    settings
        The area, and how the children are counted.
    outputs
        Folder of all outputs.

    Raises
    ------
    InputError
        If another run has shown other children, or the same counted otherwise, on about the same day.
    """
    if earlier := read_claims(outputs):
        code = str(read_area(settings.area)["area"]["code"])
        spells = clean(returns, settings, authorities={code})
        check_claim(claim_of(code, returns, spells, spells.end, secret(outputs)), earlier)


def claim_homes(
    report: Report, study: HomesStudy, returns: Returns, now: Mapping[str, Protected], care: SocialCare, code: str
) -> dict[pd.Timestamp, int]:
    """Claim the day of a study for this run, and return the nights of which others have been told, with their children.

    Call it before anything of the children is shown.

    Parameters
    ----------
    report
        The report of this run; without an outputs folder nothing is claimed.
    study, returns, now
        The study, what it rests on, and today's children as they will be shown.
    care
        The published tables.
    code
        Code of the authority.

    Raises
    ------
    InputError
        As `check_returns`; if another run about the day hides other counts; or if the day is close to a published one.
    """
    published = published_totals(care)
    if report.out is None:
        return published
    _refuse_next_to(published, study.at)
    outputs = report.out.parent.parent
    outputs.mkdir(parents=True, exist_ok=True)
    with hold(
        outputs / _LOCK, "run that shows children in care", wait_s=_WAIT_S
    ):  # two at once would not see each other
        earlier = read_claims(outputs, but=report.out)
        mine = claim_of(code, returns, study.spells, study.at, secret(outputs, make=True))
        known = {**told_nights(mine, earlier), **published}
        nights = {**counted_nights(study, known), study.at: len(study.now)}
        shown = {f"{night:%Y-%m-%d}": count for night, count in nights.items()}
        mine = Claim(mine.authority, mine.modelled, mine.day, mine.children, hidden_checksum(now), shown)
        check_claim(mine, earlier)
        check_tables(now, outputs, mine, but=report.out)
        mine.write(report.out / "exports" / report.notebook)
    return known


def _refuse_next_to(published: Iterable[pd.Timestamp], day: pd.Timestamp) -> None:
    """Refuse to count a day close to one of which others have published counts: few come and go between the two."""
    for night in published:
        if night != day and abs((night - day).days) < APART_DAYS:
            raise InputError(
                f"The children in care on {night:%Y-%m-%d} have been published, and {day:%Y-%m-%d} is less than "
                f"{APART_DAYS} days from it: who reads both could tell single children. Nothing of them was shown. "
                f"Count that day itself (-p returns_end={night:%Y-%m-%d}), or one at least {APART_DAYS} days away."
            )


def claim_of(code: str, returns: Returns, spells: Spells, day: pd.Timestamp, key: str) -> Claim:
    """Return what the counts of returns rest on; the key is the outputs folder's `secret`."""
    period = f"{spells.start:%Y-%m-%d} {spells.end:%Y-%m-%d}"
    rests_on = checksum(key, spells.frame, spells.account, returns.account, period)
    return Claim(successor(code) or code, returns.modelled, f"{day:%Y-%m-%d}", rests_on)
