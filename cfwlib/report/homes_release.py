"""Before anything of children in care is shown: does it stand beside what earlier runs have shown of them?"""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from cfwlib.areas import read_area
from cfwlib.data.returns import Returns
from cfwlib.data.social_care import SocialCare
from cfwlib.disclosure import Protected
from cfwlib.disclosure.release import (
    Claim,
    check_claim,
    check_tables,
    checksum,
    hidden_checksum,
    read_claims,
    told_nights,
)
from cfwlib.report.homes import counted_nights
from cfwlib.report.recorder import Report
from cfwlib.settings import Settings
from cfwlib.sufficiency.homes import Spells, clean
from cfwlib.sufficiency.published_cells import published_totals
from cfwlib.sufficiency.study import HomesStudy


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
        check_claim(claim_of(code, returns, spells, spells.end), earlier)


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
        As `check_returns`; or if another run about the day hides other counts.
    """
    published = published_totals(care)
    if report.out is None:
        return published
    outputs = report.out.parent.parent
    earlier = read_claims(outputs, but=report.out)
    mine = claim_of(code, returns, study.spells, study.at)
    known = {**told_nights(mine, earlier), **published}
    nights = {**counted_nights(study, known), study.at: len(study.now)}
    shown = {f"{night:%Y-%m-%d}": count for night, count in nights.items()}
    mine = Claim(mine.authority, mine.modelled, mine.day, mine.children, hidden_checksum(now), shown)
    check_claim(mine, earlier)
    check_tables(now, outputs, mine, but=report.out, modelled=report.modelled)
    mine.write(report.out / "exports" / report.notebook)
    return known


def claim_of(code: str, returns: Returns, spells: Spells, day: pd.Timestamp) -> Claim:
    """Return what the counts of returns rest on."""
    period = f"{spells.start:%Y-%m-%d} {spells.end:%Y-%m-%d}"
    rests_on = checksum(spells.frame, spells.account, returns.account, period)
    return Claim(code, returns.modelled, f"{day:%Y-%m-%d}", rests_on)
