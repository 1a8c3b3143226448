"""What everybody knows of an authority's children in care on one day, since it was published: counts by group."""

from collections.abc import Mapping

import pandas as pd

from cfwlib.data.social_care import CHILDREN, SocialCare
from cfwlib.sufficiency.homes.groups import AGES, DISTANCES, LOCATIONS, NOT_KNOWN, PLACEMENTS, PROVIDERS
from cfwlib.sufficiency.homes.published import BOTH, DISTANCE, LOCALITY

CARED_FOR = "Children looked after on 31 March each year"
ALONE = "unaccompanied"
_IN, _OUT, _ = LOCATIONS
_NEAR, _FAR, _ = DISTANCES
_AGES = ("Under 1 year", "1 to 4 years", "5 to 9 years", "10 to 15 years", "16 years and over")
_PROVIDERS = (
    "Own provision (by the LA)", "Other LA provision", "Private provision", "Voluntary/third sector provision",
    "Parents or other person with parental responsibility", "Other public provision (e.g. by a PCT etc)",
    "Placement provider not reported",
)  # fmt: skip
_SUPPORTED = "Independent and semi-independent living arrangements/supported accommodation"
_BOTH = {
    "1. Placed inside the LA boundary, 20 miles or less from home": (_IN, _NEAR),
    "2. Placed outside the LA boundary, 20 miles or less from home": (_OUT, _NEAR),
    "3. Placed inside the LA boundary, more than 20 miles from home": (_IN, _FAR),
    "4. Placed outside the LA boundary, more than 20 miles from home": (_OUT, _FAR),
    "5. Placed inside the LA boundary, distance not known or not recorded": (_IN, NOT_KNOWN),
    "6. Placed outside the LA boundary, distance not known or not recorded": (_OUT, NOT_KNOWN),
}
CELLS: Mapping[tuple[str, str], Mapping[str, str]] = {
    (CHILDREN, CARED_FOR): {},
    (LOCALITY, "Placed inside the local authority boundary"): {"location": _IN},
    (LOCALITY, "Placed outside the local authority boundary"): {"location": _OUT},
    (DISTANCE, "Placed 20 miles or less from home"): {"distance": _NEAR},
    (DISTANCE, "Placed more than 20 miles from home"): {"distance": _FAR},
    (DISTANCE, "Distance not known or not recorded"): {"distance": NOT_KNOWN},
    **{(BOTH, item): {"location": where, "distance": far} for item, (where, far) in _BOTH.items()},
    **{("Age group", item): {"age": name} for item, name in zip(_AGES, AGES.names, strict=True)},
    **{("Place providers", item): {"provider": name} for item, name in zip(_PROVIDERS, PROVIDERS, strict=True)},
    ("Placement", "Foster placements"): {"placement": PLACEMENTS[0]},
    ("Placement", _SUPPORTED): {"placement": PLACEMENTS[2]},
    ("Unaccompanied asylum-seeking children", "UASC"): {"rule": ALONE},
}
"""Topic and item of a published table to the group of the page of homes that holds the same children, by their codes:
children's homes are not among them, since secure homes are counted elsewhere here."""


def published_cells(care: SocialCare, day: pd.Timestamp) -> list[tuple[dict[str, str], int]]:
    """Return the groups whose children others have published for a day, with their number; none that is hidden.

    Parameters
    ----------
    care
        The published tables.
    day
        The day; the tables are of 31 March.
    """
    if (day.month, day.day) != (3, 31):
        return []
    figures = care.figures
    own = figures[(figures["authority"] == care.code) & (figures["year"].astype(str) == f"{day.year}")]
    own = own[own["number"].notna() & own["number_status"].eq("") & own["level"].eq("authority")]
    found = {
        (str(topic), str(item)): int(number)
        for topic, item, number in own[["topic", "item", "number"]].itertuples(index=False)
    }
    if (LOCALITY, "Total") in found:
        found.setdefault((CHILDREN, CARED_FOR), found[LOCALITY, "Total"])
    return [(dict(group), found[name]) for name, group in CELLS.items() if name in found]


def published_totals(care: SocialCare) -> dict[pd.Timestamp, int]:
    """Return the children in care on each 31 March, as published; none where that is hidden."""
    figures = care.figures
    own = figures[(figures["authority"] == care.code) & (figures["topic"] == CHILDREN) & (figures["item"] == CARED_FOR)]
    own = own[own["number"].notna()]
    return {pd.Timestamp(f"{year}-03-31"): int(count) for year, count in zip(own["year"], own["number"], strict=True)}
