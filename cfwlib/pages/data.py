"""Page 00: which data an area has, what was left out of them, and do they give the published figures."""

from collections.abc import Mapping

import pandas as pd

from cfwlib.areas import AGREES, NOT_EXPLAINED, is_of
from cfwlib.data import AreaData
from cfwlib.data.vintages import IOD
from cfwlib.words import capital, count_words, part_words, shown_difference

_CHILD = ("child", "children")


def reconciliation_words(table: pd.DataFrame, region: AreaData) -> str:
    """Return how many of the published figures come out the same, and what is said of the others.

    Parameters
    ----------
    table
        From `need.reconcile`.
    region
        The area whose figures they are.
    """
    if not is_of(region.published, region.code):
        return (
            f"No published figure of {region.name} is given: those in the area file are of another authority "
            f"({region.published['authority']}, not {region.code}) and are not used."
        )
    if table.empty:
        return f"No published figure of {region.name} is given in the area file: nothing could be held against another."
    why = table["why"]
    agree, not_computed = int((why == AGREES).sum()), int(table["computed"].isna().sum())
    bare = int((why == NOT_EXPLAINED).sum())
    explained = len(table) - agree - not_computed - bare
    told = [f"{capital(part_words(agree, len(table), 'published figure'))} come{'s' * (agree == 1)} out the same"]
    told += [f"{explained} differ{'s' * (explained == 1)} for the reason given below"] * bool(explained)
    told += [f"{bare} {'differs and is' if bare == 1 else 'differ and are'} not explained"] * bool(bare)
    told += [f"{not_computed} could not be computed"] * bool(not_computed)
    made = " The data are modelled, and made to agree: that says nothing of real data." * region.modelled
    return f"{'; '.join(told)}.{made}"


def data_points(counts: Mapping[str, float | None], region: AreaData) -> list[str]:
    """Return what to quote, and of which edition.

    Parameters
    ----------
    counts
        From `need.headline_counts`.
    region
        The area.
    """
    most = count_words(counts["neighbourhoods_most_deprived_tenth"], "neighbourhood")
    be = "is" if most.startswith("1 ") else "are"
    centres = ("children's centre", "children's centres")
    return [
        f"Quote {count_words(counts['residents'], 'resident')} and "
        f"{count_words(counts['neighbourhoods'], 'neighbourhood')}: the other pages of places rest on them.",
        f"{capital(most)} {be} in England's most deprived tenth with the {IOD[region.lsoa_vintage]} Indices; another "
        "edition may give another number, so name it.",
        f"On the map: {count_words(counts['childrens_centres'], *centres)} and "
        f"{count_words(counts['family_hubs'], 'family hub')}. A centre missing from the register is missing from every "
        "journey time.",
    ]


def estimated_words(region: AreaData) -> str:
    """Return for how many demand points the residents had to be estimated."""
    points = region.points
    if points["point"].eq(points["lsoa"]).all():
        return "There are no Output Areas in the data: each neighbourhood is one point, with all its residents."
    number = int(points["residents_estimated"].sum())
    if not number:
        return "No Output Area's residents had to be estimated."
    return (
        f"The residents of {part_words(number, len(points), 'Output Area')} are estimated, because their boundaries "
        "have changed since 2011: they are what their neighbourhood's other Output Areas leave."
    )


KINDS = {
    "family_hub": "Family hub", "childrens_centre": "Children's centre", "school": "State school", "library": "Library",
    "gp": "General practice", "own": "Your own venue", "town": "Town", "village": "Village", "hamlet": "Hamlet",
}  # fmt: skip


def services_table(region: AreaData) -> pd.DataFrame:
    """Return the number of places of each kind, inside the area and just outside."""
    counts = region.services.groupby(["kind", "in_area"]).size().unstack(fill_value=0)
    kinds = [*(kind for kind in KINDS if kind in counts.index), *(kind for kind in counts.index if kind not in KINDS)]
    counts = counts.reindex(index=kinds, columns=[True, False], fill_value=0)
    return counts.set_axis(["inside", "within_20_km"], axis=1).rename(index=KINDS).rename_axis("kind").reset_index()


def accounts_table(region: AreaData) -> pd.DataFrame:
    """Return, for each file read, rows kept and left out with the reason (they add up to the file's), and notes."""
    rows = [
        {
            "data set": source["title"],
            "vintage": source["vintage"],
            "rows_kept": source["rows"],
            "rows_in_file": source["rows_in_file"],
            "left out": "; ".join(f"{count:,} {why}" for why, count in source["left_out"].items()),
            "notes": "; ".join(source.get("notes", ())),
        }
        for source in region.sources
    ]
    return pd.DataFrame(rows)


def reconciliation_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the reconciliation as it is read aloud: few decimals, and the difference of the numbers shown."""

    def text(value: float, unit: str, sign: str = "") -> str:
        if value != value:
            return "–"
        return "0" if sign and not value else f"{value:{sign},.{_digits(unit)}f}"

    shown, units = table[["figure", "unit", "published", "computed", "difference", "why"]].astype(object), table["unit"]
    for column in ("published", "computed"):
        shown[column] = [text(value, unit) for value, unit in zip(table[column], units, strict=True)]
    apart = zip(table["computed"], table["published"], units, strict=True)
    shown["difference"] = [text(shown_difference(new, old, _digits(unit)), unit, "+") for new, old, unit in apart]
    return shown


def _digits(unit: str) -> int:
    return 1 if unit in ("%", "sq km") else 0
