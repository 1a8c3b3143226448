"""Before anything of children in care is shown: does it stand beside what earlier runs have shown of them?"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from cfwlib.areas import read_area
from cfwlib.data.authorities import successor
from cfwlib.data.returns import Returns
from cfwlib.data.social_care import SocialCare
from cfwlib.disclosure import Protected
from cfwlib.disclosure.between_runs import (
    APART_DAYS,
    Claim,
    check_claim,
    check_tables,
    checksum,
    hidden_checksum,
    near,
    read_claims,
    secret,
    told_nights,
)
from cfwlib.errors import InputError
from cfwlib.locks import hold
from cfwlib.pages.homes.tables import counted_nights
from cfwlib.report.recorder import Report
from cfwlib.settings import Settings
from cfwlib.sufficiency.homes.published import published_totals
from cfwlib.sufficiency.homes.spells import Spells, clean
from cfwlib.sufficiency.homes.study import HomesStudy, history_start

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
        check_claim(claim_of(code, returns, spells, history_start(spells, settings), secret(outputs)), earlier)


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
    _refuse_next_to(published, study.at, "have been published")
    outputs = report.out.parent.parent
    outputs.mkdir(parents=True, exist_ok=True)
    with hold(
        outputs / _LOCK, "run that shows children in care", wait_s=_WAIT_S
    ):  # two at once would not see each other
        earlier = read_claims(outputs, but=report.out)
        mine = claim_of(code, returns, study.spells, study.evidence.start, secret(outputs, make=True))
        told = told_nights(mine, earlier)
        _refuse_next_to(told, study.at, "have been told of by an earlier run")
        known = {**published, **told}
        nights = {**counted_nights(study, known), study.at: len(study.now)}
        shown = {f"{night:%Y-%m-%d}": count for night, count in nights.items()}
        mine = Claim(mine.authority, mine.modelled, mine.day, mine.children, hidden_checksum(now), shown)
        check_claim(mine, earlier)
        check_tables(now, outputs, mine, but=report.out)
        mine.write(report.out / "exports" / report.notebook)
    return known


def _refuse_next_to(nights: Iterable[pd.Timestamp], day: pd.Timestamp, how: str) -> None:
    """Refuse to count a day close to one of which all children are known: few come and go between the two."""
    for night in nights:
        if night != day and near(night, day):
            raise InputError(
                f"The children in care on {night:%Y-%m-%d} {how}, and {day:%Y-%m-%d} is less than "
                f"{APART_DAYS} days from it: who reads both could tell single children. Nothing of them was shown. "
                f"Count that day itself (-p returns_end={night:%Y-%m-%d}), or one at least {APART_DAYS} days away."
            )


def claim_of(code: str, returns: Returns, spells: Spells, since: pd.Timestamp, key: str) -> Claim:
    """Return what the counts of returns and the forecast's rates rest on; the key is the outputs folder's `secret`.

    Rates of two histories, a day longer one than the other, would tell of what happened on that day.
    """
    day, period = spells.end, f"{spells.start:%Y-%m-%d} {since:%Y-%m-%d} {spells.end:%Y-%m-%d}"
    rests_on = checksum(key, spells.frame, spells.account, returns.account, period)
    return Claim(successor(code) or code, returns.modelled, f"{day:%Y-%m-%d}", rests_on)
