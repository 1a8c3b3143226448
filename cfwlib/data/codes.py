"""Bring texts and codes to one spelling: capital letters, no padding, nothing that cannot be seen."""

import difflib
from collections.abc import Iterable

import pandas as pd

from cfwlib.data.vintages import AGE_GROUPS

CODES = ("lsoa", "lsoa11", "lsoa21", "point", "ward", "authority", "upper_tier", "rural_code", "change")
RURAL_2011 = ("A1", "B1", "C1", "C2", "D1", "D2", "E1", "E2", "F1", "F2")
RURAL_2021 = ("UN1", "UF1", "RLN1", "RLF1", "RSN1", "RSF1")
_WORDS = {  # columns whose values come from a short list, whatever their case
    "age_group": tuple(AGE_GROUPS),
    "place_kind": ("City", "Town", "Village", "Hamlet", "Suburban Area", "Other Settlement"),
    "group": ("Local authority maintained schools", "Academies", "Free Schools", "Special schools"),
    "level": ("Local authority", "Regional", "National"),
}
_UNSEEN = r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
_SPACES = r"[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\t]"


def tidy(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame as read, its texts without padding or unseen characters, its codes in capitals.

    Values of a short list, such as kinds of places, get the publisher's spelling whatever their case.

    Parameters
    ----------
    frame
        Columns under our names; texts as the file has them.
    """
    frame = frame.copy()
    for column in frame.columns:
        if not isinstance(frame[column].dtype, pd.StringDtype):
            continue
        text = frame[column]
        if text.str.contains(r"[^ -~]|^ | $", regex=True).any():
            text = text.str.replace(_UNSEEN, "", regex=True).str.replace(_SPACES, " ", regex=True).str.strip()
        if column in CODES:
            text = text.str.upper()
        frame[column] = spell(text, _WORDS[column]) if column in _WORDS else text
    return frame


def spell(text: "pd.Series[str]", words: tuple[str, ...] | list[str]) -> "pd.Series[str]":
    """Return texts with those of a list in the list's spelling, whatever their case, apostrophes and spaces."""
    known = {_plain(word): word for word in words}
    other = {one: known[_plain(one)] for one in text.unique() if _plain(one) in known and known[_plain(one)] != one}
    return text.replace(other) if other else text


def misspelt(given: Iterable[str], missing: Iterable[str]) -> list[str]:
    """Return which of the headings that are missing somebody has tried to write.

    Parameters
    ----------
    given
        All headings of a file, whatever their case.
    missing
        Those it might have and has not.
    """
    plain = [str(name).strip().casefold() for name in given]
    return [name for name in missing if difflib.get_close_matches(name.casefold(), plain, n=1, cutoff=0.8)]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the known name that is nearest to one that is not, as a question; empty where none is near."""
    near = difflib.get_close_matches(name, list(known), 1)
    return f"Did you mean '{near[0]}'? " if near else ""


def _plain(text: object) -> str:
    return " ".join("".join(sign for sign in str(text) if sign not in "'’‘`´").casefold().split())
