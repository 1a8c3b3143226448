"""Hold every list of neighbourhoods against every other: which codes are the area's, and which file lacks some."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from cfwlib.data.catalogue import Dataset
from cfwlib.data.schemas import LSOA_CODE

# neighbourhoods there are: England, Wales, both
_COUNTS = {"lsoa11": (32_844, 1_909, 34_753), "lsoa21": (33_755, 1_917, 35_672)}
_MORE_THAN_A_REGION = 6_000
_CODE = re.compile(LSOA_CODE)
SHOWN = {"lsoa11": "2011 codes", "lsoa21": "2021 codes"}


@dataclass(frozen=True)
class CodeList:
    """The neighbourhood codes that one file has, of one vintage, whichever area they are of.

    `authority`: pairs of code and authority, where the file says it. `names`: by code. `own`: all are of the area
    (as the store holds them). `whole`: the file must have every neighbourhood of the area.
    """

    file: str
    dataset: str
    vintage: str
    codes: frozenset[str]
    authority: frozenset[tuple[str, str]] = frozenset()
    names: Mapping[str, str] = field(default_factory=dict)
    pairs: frozenset[tuple[str, str]] = frozenset()  # lsoa11, lsoa21: of a lookup
    whole: bool = True
    own: bool = False


def code_lists(frame: pd.DataFrame, dataset: Dataset, file: str, *, own: bool = False) -> list[CodeList]:
    """Return the neighbourhood codes of a frame as read, one list per vintage.

    Parameters
    ----------
    frame
        All rows of the file; with `own`, the rows of the area that the store holds.
    dataset
        Says of which vintage the column `lsoa` is.
    file
        Its name, for messages.
    own
        Whether every row is of the area.
    """
    vintage = "lsoa21" if dataset.id == "lsoa_wards" else dataset.area
    columns = {name: name for name in SHOWN if name in frame}
    if "lsoa" in frame and vintage in SHOWN:
        columns["lsoa"] = vintage
    pairs = frozenset(zip(frame["lsoa11"], frame["lsoa21"], strict=True)) if dataset.area == "lookup" else frozenset()
    lists, file = [], f"{file} (in the store)" if own else file
    for column, of in columns.items():
        authority = zip(frame[column], frame["authority"], strict=True) if "authority" in frame else []
        names = dict(zip(frame[column], frame["lsoa_name"], strict=True)) if "lsoa_name" in frame else {}
        codes = frozenset(code for code in frame[column] if _CODE.match(code))  # others are told by row
        known = frozenset((code, of) for code, of in authority if of and code in codes)
        names = {code: name for code, name in names.items() if code in codes}
        lists.append(CodeList(file, dataset.id, of, codes, known, names, pairs, dataset.whole_area, own))
    return lists


def gaps(lists: Iterable[CodeList], authorities: Collection[str]) -> list[str]:
    """Return what is wrong between the lists: neighbourhoods of the area that one has and another lacks.

    The area's neighbourhoods are the union of what all lists say: by the authority beside a code, by the other side of
    the lookup, and by the name (Carlisle 012A) where no file gives a code an authority at all.

    Parameters
    ----------
    lists
        Of every file read, and of what the store holds already.
    authorities
        Codes of the area: its own, its districts', and their former ones.
    """
    lists, problems = list(lists), []
    inside21, _ = _inside(lists, "lsoa21", authorities, {})
    paired = {old: one.file for one in lists if one.vintage == "lsoa11" for old, new in one.pairs if new in inside21}
    inside11, _ = _inside(lists, "lsoa11", authorities, paired)
    for vintage, inside in (("lsoa21", inside21), ("lsoa11", inside11)):
        for one in (one for one in lists if one.vintage == vintage and one.whole):
            if missing := sorted(set(inside) - one.codes):
                others = sorted({inside[code] for code in missing} - {one.file})
                problems.append(
                    f"{one.file}: {len(missing)} of the area's {len(inside)} neighbourhoods ({SHOWN[vintage]}) are not "
                    f"in it, '{missing[0]}' first{f' (it is in {others[0]})' if others else ''}. Download the whole "
                    "file for England again; is it of the right vintage?"
                )
    return problems + _disagreements(lists, authorities)


def _inside(
    lists: list[CodeList], vintage: str, authorities: Collection[str], also: Mapping[str, str]
) -> tuple[dict[str, str], set[str]]:
    """The area's codes of a vintage, each with a file that says so, and the codes that lie in another authority."""
    lists = [one for one in lists if one.vintage == vintage]
    inside, outside, named = dict(also), set[str](), dict[str, tuple[str, str]]()
    for one in lists:
        for code, authority in one.authority:
            if authority in authorities:
                inside.setdefault(code, one.file)
            else:
                outside.add(code)
        if one.own:
            inside |= {code: inside.get(code, one.file) for code in one.codes}
        # without its number: Carlisle 012A lies in Carlisle, as the district once was
        named |= {code: (name.rpartition(" ")[0], one.file) for code, name in one.names.items() if code not in named}
    outside -= set(inside)
    elsewhere = {named[code][0] for code in outside if code in named}
    districts = {named[code][0] for code in inside if code in named} - elsewhere - {""}
    for code, (district, file) in named.items():
        if district in districts and code not in outside:
            inside.setdefault(code, file)
    return inside, outside


def _disagreements(lists: list[CodeList], authorities: Collection[str]) -> list[str]:
    """Neighbourhoods (2021) that one file gives to the area and another to somebody else."""
    told, problems = dict[str, tuple[str, str]](), []
    lists = [one for one in lists if one.vintage == "lsoa21"]
    for one in lists:
        told |= {code: (of, one.file) for code, of in one.authority if of in authorities and code not in told}
    for one in lists:
        other = sorted((code, of) for code, of in one.authority if code in told and of not in authorities)
        if other:
            code, of = other[0]
            problems.append(
                f"{one.file}: gives {len(other)} of the area's neighbourhoods to another authority ('{code}' to {of}), "
                f"and {told[code][1]} gives it to {told[code][0]}. Download both again; one of them is wrong."
            )
    return problems


def shape_problems(frame: pd.DataFrame, lsoa21: Collection[str]) -> list[tuple[object, str, str]]:
    """Return rows of the area in the lookup of 2011 to 2021 codes that do not fit their change code.

    Parameters
    ----------
    frame
        `lsoa11`, `lsoa21`, `change` of all rows of the file.
    lsoa21
        Codes of the area.
    """
    parts = frame.groupby("lsoa11")["lsoa21"].transform("nunique")
    merged = frame.groupby("lsoa21")["lsoa11"].transform("nunique")
    inside = frame["lsoa21"].isin(lsoa21)
    rules = (
        ("S", parts < 2, "is split (S), but only one part of it is there"),
        ("M", merged < 2, "is merged (M) into one of which no other part is there"),
        ("U", (parts > 1) | (merged > 1), "is unchanged (U), but is there with more than one other code"),
    )
    found: list[tuple[object, str, str]] = []
    for change, wrong, what in rules:
        rows = frame[inside & (frame["change"] == change) & wrong]
        found += [(row, "lsoa11", f"{what} ({code})") for row, code in rows["lsoa11"].items()]
    return found


def cut_short(lists: Iterable[CodeList]) -> str:
    """Return a caution where a file of more than a region's neighbourhoods has not as many as the country."""
    for one in lists:
        whole = _COUNTS[one.vintage]
        if len(one.codes) > _MORE_THAN_A_REGION and len(one.codes) not in whole and not one.own:
            return (
                f"caution: {len(one.codes):,} neighbourhoods, where England has {whole[0]:,}, and with Wales "
                f"{whole[2]:,} ({SHOWN[one.vintage]}): it may be cut short"
            )
    return ""
