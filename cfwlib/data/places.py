"""Which places are the area's own, and what an area lacks before it can be run."""

import geopandas as gpd
import numpy as np
import pandas as pd

from cfwlib.data.catalogue import datasets
from cfwlib.data.store import Store
from cfwlib.errors import InputError

STATE_SCHOOLS = ("Local authority maintained schools", "Academies", "Free Schools", "Special schools")
HARBOUR_M = 250  # simplified outlines cut harbours off
_SETTLEMENTS = ("village", "hamlet", "town")
_CLOSED = {  # words in a place's name -> why no family can come
    r"\b(?:hmp|hmyoi|yoi|prison|young offenders?|remand|detention|immigration removal)\b": "a prison",
    r"\bsecure (?:children|unit|centre|training|hospital)": "a secure unit",
    r"\bclosed\b": "closed",
    r"\b(?:proposed|planned)\b": "planned",
}
_OWN = {"childrens_centres": "hub or centre", "schools": "state school", "places": "town, village or hamlet"}


def within(frame: pd.DataFrame, shapes: gpd.GeoDataFrame) -> "pd.Series[bool]":
    """Tell which places of a frame lie in the area, or within 250 m of it.

    Parameters
    ----------
    frame
        `easting` and `northing` (metres; a place without is in no area), or shapes of its own.
    shapes
        The area's neighbourhoods.
    """
    if isinstance(frame, gpd.GeoDataFrame):
        places = frame.geometry
    else:
        places = gpd.GeoSeries(gpd.points_from_xy(frame["easting"], frame["northing"]), index=frame.index)
        places = places.mask(frame[["easting", "northing"]].isna().any(axis=1))  # in no area; GEOS takes no NaN
    hits = shapes.sindex.query(places.values, predicate="dwithin", distance=HARBOUR_M)[0]
    return pd.Series(np.isin(np.arange(len(frame)), hits), index=frame.index)


def closed_to_families(places: pd.DataFrame) -> "pd.Series[str]":
    """Return why no family can come to a place; empty where nothing speaks against it.

    Registers of schools and surgeries, and of libraries above all, list those inside prisons, which are in use and open
    to nobody. Closed and planned sites are left out where a register is read; here it is what their names tell, or a
    `status` that is given.

    Parameters
    ----------
    places
        `name`, `kind`, and optionally `status` (open, planned or closed; blank = open). The council's own list (`own`)
        is taken at its word, and a village is no prison, whatever it is called.
    """
    told = pd.Series("", index=places.index, dtype="str")
    for words, reason in _CLOSED.items():
        told = told.mask(places["name"].str.contains(words, case=False) & (told == ""), reason)
    told = told.where(~places["kind"].isin([*_SETTLEMENTS, "own"]), "")
    if "status" in places:
        status = places["status"].fillna("").str.strip().str.casefold()
        told = told.mask(status.isin(["planned", "closed"]), status)
    return told


def none_of_its_own(store: Store, lsoa_vintage: int) -> dict[str, str]:
    """Return the needed lists of places that have none in the area itself, with a sentence on each.

    A place in the surroundings does not make up for it. Lists that the user accepted (`--replace`) are not returned.
    """
    shapes = store.frames.get(f"lsoa_boundaries_{lsoa_vintage}")
    found: dict[str, str] = {}
    for key, words in _OWN.items():
        entry = store.datasets.get(key)
        if shapes is None or key not in store.frames or (entry and entry.accepted):
            continue
        frame = store.frames[key]
        if key == "schools":
            frame = frame[frame["group"].isin(STATE_SCHOOLS)]
        inside = int(within(frame, gpd.GeoDataFrame(shapes)).sum())
        if not inside:
            found[key] = f"no {words} of its own: {len(frame):,} in the surroundings"
    return found


def missing_datasets(store: Store, lsoa_vintage: int) -> list[str]:
    """Return the ids of the data sets a run on this LSOA vintage needs and the store lacks, or has none of the area."""
    held = set(store.frames) | {datasets()[key].instead_of for key in store.frames if key in datasets()}
    lacking = (set(datasets()) - held) | set(none_of_its_own(store, lsoa_vintage))
    return [key for key, entry in datasets().items() if lsoa_vintage in entry.needed and key in lacking]


def require(store: Store, lsoa_vintage: int) -> None:
    """Raise InputError naming every data set that a run on this LSOA vintage needs and the store lacks."""
    problems, none = [], none_of_its_own(store, lsoa_vintage)
    for key in missing_datasets(store, lsoa_vintage):
        title, page = datasets()[key].title, datasets()[key].landing_page
        if key in none:
            problems.append(
                f"'{key}' ({title}) has {none[key]}. Import the list of the whole country, from {page}; "
                f"if the area has none, import it with --replace {key}."
            )
        else:
            problems.append(
                f"the store lacks '{key}' ({title}), needed for lsoa_vintage = {lsoa_vintage}. "
                f"Download it from {page} and run `cfw data import FOLDER --area AREA`."
            )
    if problems:
        raise InputError(problems)
