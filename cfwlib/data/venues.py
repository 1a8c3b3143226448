"""A council's own list of venues: where each is, when it is open and what it offers, every bad row named."""

import pandas as pd

from cfwlib.data import read, schemas
from cfwlib.data.opening_hours import ATTRIBUTES, opening_hours
from cfwlib.errors import InputError

_COLUMNS = ["name", "kind", "postcode", "easting", "northing", *ATTRIBUTES]
_TEXTS = ["name", "kind", "postcode", "opening_hours", "parking", "step_free", "district"]
_ANSWERS = {"yes": "yes", "y": "yes", "true": "yes", "1": "yes", "no": "no", "n": "no", "false": "no", "0": "no"}


def complete(source: pd.DataFrame, postcodes: pd.DataFrame | None) -> tuple[pd.DataFrame, list[schemas.Problem]]:
    """Return venues with every column, coordinates found by postcode, and what is wrong with which row.

    Parameters
    ----------
    source
        Rows as read, text; the columns that the file lacks are taken as blank, which means not known.
    postcodes
        `postcode`, `easting`, `northing` (m) in and around the area; None when none were imported.

    Returns
    -------
    venues
        `name`, `kind`, `postcode`, `easting`, `northing` (m), `opening_hours`, `parking` and `step_free` (yes, no or
        blank), `hire_gbp` (a session), `district`, `dwell_min` (minutes).
    problems
        As (row, column, what is wrong).
    """
    frame, found = read.to_numbers(source.reindex(columns=_COLUMNS, fill_value=""))
    for column in _TEXTS:
        frame[column] = frame[column].str.strip()
    names = frame["name"][~frame.duplicated()]  # a line given twice word for word is left out later
    again = names[names.str.casefold().duplicated() & (names != "")]
    found += [(row, "name", f"is given twice ({name})") for row, name in again.items()]
    found += [(row, "name", "is blank") for row in names.index[names == ""]]
    found += [(row, "opening_hours", wrong) for row, text in frame["opening_hours"].items() if (wrong := _wrong(text))]
    for column in ("parking", "step_free"):
        answer = frame[column].str.lower().map(lambda text: _ANSWERS.get(text, ""))
        odd = frame[column][(answer == "") & (frame[column] != "")]
        found += [(row, column, f"is neither yes nor no ({text[:20]})") for row, text in odd.items()]
        frame[column] = answer
    for column in ("easting", "northing"):
        degrees = frame[column][frame[column].abs() < 1000]
        found += [(row, column, f"is not in metres of the National Grid ({n:g})") for row, n in degrees.items()]
    told = {row for row, column, _ in found if column in ("easting", "northing")}
    placed, lost = _place(frame, postcodes)
    return placed, found + [one for one in lost if one[0] not in told]


def _wrong(hours: str) -> str:
    """What is wrong with a text of opening hours; empty = nothing."""
    try:
        opening_hours(hours)
    except InputError as error:
        return error.problems[0]
    return ""


def _place(frame: pd.DataFrame, postcodes: pd.DataFrame | None) -> tuple[pd.DataFrame, list[schemas.Problem]]:
    """Give the venues without coordinates those of their postcode."""
    code = frame["postcode"].map(_plain)
    known = pd.DataFrame(columns=["postcode", "easting", "northing"]) if postcodes is None else postcodes
    known = known.assign(code=known["postcode"].map(_plain)).drop_duplicates("code").set_index("code")
    half = frame["easting"].isna() != frame["northing"].isna()
    bare = frame["easting"].isna() & frame["northing"].isna()
    problems: list[schemas.Problem] = [
        (row, column, "is blank, while the other coordinate is not")
        for column in ("easting", "northing")
        for row in frame.index[half & frame[column].isna()]
    ]
    for row, text in frame["postcode"][bare & ~code.isin(known.index)].items():
        what = f"is not one in or near the area ({text}). Correct it, or give easting and northing"
        if not text:
            what = "is blank, and so are easting and northing. Give one or the other"
        elif postcodes is None:
            what = "cannot be placed without Code-Point Open. Add that file, or give easting and northing"
        problems.append((row, "postcode", what))
    for column in ("easting", "northing"):
        frame[column] = frame[column].mask(bare, code.map(known[column].astype(float)))
    return frame, problems


def _plain(postcode: object) -> str:
    return "".join(str(postcode).split()).upper()
