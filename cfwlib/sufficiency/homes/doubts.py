"""What makes a council's returns doubtful as a whole: another authority's, too many or too few children, odd years."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from cfwlib.data.returns import Returns
from cfwlib.data.social_care import CHILDREN, SocialCare, plain_name
from cfwlib.sufficiency.homes.placements import SHORT_BREAKS
from cfwlib.sufficiency.homes.published import CARED_FOR
from cfwlib.sufficiency.homes.spells import Spells, stock

FAR_SHARE = 0.1
"""Further than this from the published total is far; corrections after the return move it by a few children."""
NOISE = 1.96
"""And further than the chance of the day: standard deviations of a Poisson count of the published size."""
FEWEST = 20
"""Rows of which the authority is known, before anything is said of it."""


def doubts_of(
    returns: Returns,
    spells: Spells,
    care: SocialCare,
    *,
    today: pd.Timestamp | None = None,
    authorities: Collection[str] = (),
) -> list[str]:
    """Return sentences for the top of the page; none of them has a number of the returns, or a value.

    Parameters
    ----------
    returns, spells
        The returns as read, and cleaned; of invented ones nothing is said.
    care
        Published tables of the area: its code, name, number and totals.
    today
        None = by the machine's clock.
    authorities
        Codes that count as in the area beside its own.
    """
    if returns.modelled:
        return []
    said, today = list(returns.doubts), today or pd.Timestamp.now().normalize()
    if returns.end > today:
        said.append(
            f"The returns are taken to cover all days to {returns.end:%Y-%m-%d}, which is after today "
            f"({today:%Y-%m-%d} by this machine's clock): whoever is still in care counts until then. Set returns_end "
            "to the day of the extract."
        )
    return [*said, *_of_others(returns, care, {care.code, *authorities}), *_far_from_published(spells, care)]


def published_totals(care: SocialCare) -> dict[int, float]:
    """Return the published children in care on 31 March, by year, where they are shown."""
    own = care.figures[(care.figures["authority"] == care.code) & care.figures["number"].notna()]
    totals = own[(own["topic"] == CHILDREN) & (own["item"] == CARED_FOR)]
    groups = own[(own["table"] == "care_groups") & (own["item"] == "Total")]
    found = {int(year): float(n) for year, n in zip(groups["year"], groups["number"], strict=True)}
    return found | {int(year): float(n) for year, n in zip(totals["year"], totals["number"], strict=True)}


def is_far(children: float, published: float) -> bool:
    """Say whether a count is far from the published one: by over a tenth of it, and over what chance would give."""
    return abs(children - published) > max(FAR_SHARE * published, NOISE * np.sqrt(published))


def _far_from_published(spells: Spells, care: SocialCare) -> list[str]:
    """Hold every 31 March that the returns cover against the published total of the day."""
    far: dict[str, list[str]] = {"more": [], "fewer": []}
    totals = {pd.Timestamp(year, 3, 31): total for year, total in sorted(published_totals(care).items())}
    nights = [night for night in totals if spells.start <= night <= spells.end]
    if totals and not nights:
        return [
            f"No published total of {care.name} is of a day that these returns cover ({spells.start:%Y-%m-%d} to "
            f"{spells.end:%Y-%m-%d}), so that they could not be held against one. Are they this authority's, and new?"
        ]
    for night in nights:
        there, published = stock(spells, night), totals[night]
        children = int((~there["legal_status"].isin(SHORT_BREAKS)).sum())
        if is_far(children, published):
            far["more" if children > published else "fewer"].append(f"{published:,.0f} on {night:%Y-%m-%d}")
    return [
        f"These returns have far {than} children than the Department for Education published for {care.name}: "
        f"{'; '.join(days)}. Far is a tenth and more than chance. Are they this authority's, whole, of these years? "
        "Until that is clear, rely on nothing below that rests on them."
        for than, days in far.items()
        if days
    ]


def _of_others(returns: Returns, care: SocialCare, codes: set[str]) -> list[str]:
    """Look for another authority: in the column LA, the authority of placements in the area, and homes' postcodes."""
    said = []
    names = {*codes, care.name, care.la, plain_name(care.name), plain_name(care.name).title()}
    if returns.authorities() > 1:
        said.append(
            "The column LA names several authorities, and the children of all are counted. Set returns_authority to "
            f"the one that is {care.name}."
        )
    elif returns.authorities() and not returns.of_authority(names):
        said.append(f"The column LA names another authority than {care.name}. Are these the returns of {care.name}?")
    rows = returns.episodes
    inside = rows.loc[rows["placement_location"] == "in", "placement_authority"]
    homes = rows["home_postcode"].map(returns.postcodes.set_index("postcode")["authority"]).fillna("")
    for what, given in (("placements said to be in the area lie", inside), ("homes of the children lie", homes)):
        given = given[given != ""]
        if len(given) >= FEWEST and given.isin(codes).mean() < 0.5:
            said.append(
                f"Most {what} under another authority than {care.name}, by their codes or postcodes. Are these the "
                f"returns of {care.name}?"
            )
    return said
