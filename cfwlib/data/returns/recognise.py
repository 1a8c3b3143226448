"""Tell which table of the return a file holds, by its columns, and which year it is of, by its name."""

import re
from collections.abc import Collection

from cfwlib.reading import own_toml

EPISODES, HEADER, UASC, POSTCODES, OTHER = "episodes", "header", "UASC", "postcodes", "other"
KINDS = (EPISODES, HEADER, UASC)
GUIDE = own_toml("data/returns/guide.toml")
NEEDED, OPTIONAL, EXTRA, DATES = (
    {kind: tuple(GUIDE[kind][which]) for kind in KINDS} for which in ("needed", "optional", "extra", "dates")
)
_EPISODE = {"CHILD", "DECOM", "DEC", "RNE", "LS", "CIN", "PLACE", "PLACE_PROVIDER", "REC", "REASON_PLACE_CHANGE"}
_HEADER = {"SEX", "ETHNIC", "UPN", "MOTHER", "MC_DOB"}
POSTCODE = ("POSTCODE", "PCDS", "PCD", "PC")
EASTING = ("EASTING", "EASTINGS", "OSEAST1M", "EA")
NORTHING = ("NORTHING", "NORTHINGS", "OSNRTH1M", "NO")
_PAIR = re.compile(r"(?<!\d)(20\d\d)[-_/ ]?(?:20)?(\d\d)(?!\d)")
_SINGLE = re.compile(r"(?<!\d)(20\d\d)(?!\d)")


def kind_of(columns: Collection[str]) -> str:
    """Return which table the columns are of: episodes, header, UASC, postcodes or other."""
    names = set(columns)
    if {"CHILD", "DECOM"} <= names or len(names & _EPISODE) >= 4:
        return EPISODES
    if "DUC" in names:
        return UASC
    if ("DOB" in names and names & _HEADER) or ({"CHILD"} < names and len(names & _HEADER) >= 3):
        return HEADER
    if all(first_of(names, known) for known in (POSTCODE, EASTING, NORTHING)):
        return POSTCODES
    return OTHER


def recognised(columns: Collection[str]) -> str:
    """Return which table of the return the columns are of, "" where it is none of them."""
    kind = kind_of(columns)
    return "" if kind == OTHER else kind


def first_of(names: Collection[str], known: Collection[str]) -> str:
    """Return the first of some known headings that a table has, or ""."""
    return next((name for name in known if name in names), "")


def year_of(text: str) -> int:
    """Return the year that a text names (2025 for 2024-25 or 2024/2025), 0 where it names none."""
    for first, second in _PAIR.findall(text):
        if int(second) == (int(first) + 1) % 100:
            return int(first) + 1
    found = _SINGLE.findall(text)
    return int(found[-1]) if found else 0


def named_after(path: str, kind: str) -> bool:
    """Return whether the name of a file or sheet speaks of another table than the one it holds."""
    stem = path.rsplit("/", 1)[-1].lower()
    said = [word for word in ("episode", "header", "uasc") if word in stem]
    return bool(said) and not kind.lower().startswith(said[0])
