"""What a placement is: its kind, whose it is, whether it lies in the area, and how far from home."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cfwlib.data.returns import Returns

METRES_PER_MILE = 1609.3
"""As the Department for Education divides: 1 mile = 1.6093 km."""
FAR_MILES = 20

PLACEMENTS = {
    **dict.fromkeys(("U1", "U2", "U3", "U4", "U5", "U6"), "fostering"),
    **dict.fromkeys(("K2", "R1", "P3", "S1"), "residential"),
    **dict.fromkeys(("H5", "P2", "K3"), "supported"),
}
PROVIDERS = {
    "PR0": "parents",
    "PR1": "own",
    "PR2": "other authority",
    "PR3": "other",
    "PR4": "private",
    "PR5": "voluntary",
}
TEMPORARY = ("T0", "T1", "T2", "T3", "T4")
SHORT_BREAKS = ("V3", "V4")
_WHERE = {"IN": "in area", "OUT": "outside"}


def placements(returns: Returns, *, authorities: Collection[str]) -> pd.DataFrame:
    """Return what each episode's placement is, from its codes and postcodes.

    Parameters
    ----------
    returns
        What was read; where the postcodes are not known the distance is not either.
    authorities
        ONS codes of the area's own authority (E06000063); a placement there is in the area.

    Returns
    -------
    placements
        One row per row of `returns.episodes`, same index: `placement` (fostering, residential, supported, other),
        `provider`, `where` (in area, outside, not known), `miles` (straight line from home to placement, one decimal;
        NaN = not known).
    """
    episodes = returns.episodes
    home, placed = (_points(episodes[f"{end}_postcode"], returns.postcodes) for end in ("home", "placement"))
    return pd.DataFrame(
        {
            "placement": coded(episodes["place"], PLACEMENTS, default="other"),
            "provider": coded(episodes["provider"], PROVIDERS, default="not known"),
            "where": _where(episodes, returns.postcodes, placed, authorities),
            "miles": _miles(episodes, returns.postcodes, home, placed),
        },
        index=episodes.index,
    )


def coded(values: pd.Series, names: Mapping[str, str], *, default: str) -> pd.api.extensions.ExtensionArray:
    """Return the name of each code; `default` for a code that has none, and for a blank."""
    codes, found = pd.factorize(values)
    labels = [names.get(str(code), default) for code in found]
    return pd.array([*labels, default], dtype="str").take(codes)  # a blank's code is -1: the last label


def _points(postcodes: pd.Series, known: pd.DataFrame) -> NDArray[np.intp]:
    """Return the position of each postcode in `known`; -1 = not there."""
    codes, found = pd.factorize(postcodes)
    first = known["postcode"].drop_duplicates()
    at = pd.Index(first).get_indexer(pd.Index(found))
    rows = np.append(np.flatnonzero(~known["postcode"].duplicated().to_numpy()), -1)
    return np.append(rows[at], -1)[codes]


def _where(
    episodes: pd.DataFrame, known: pd.DataFrame, placed: NDArray[np.intp], authorities: Collection[str]
) -> pd.Series:
    """Return in area, outside or not known: what the return says, else by the authority the placement lies in."""
    names = [*known["authority"].fillna("").astype(str), ""]
    authority = pd.Series(pd.array(names, dtype="str").take(placed), index=episodes.index)
    if "placement_authority" in episodes:
        given = episodes["placement_authority"].fillna("")
        authority = given.where(given != "", authority)
    own = {code.strip().upper() for code in authorities}
    here = {name: "in area" if name.strip().upper() in own else "outside" for name in authority.unique() if name}
    where = pd.Series(coded(authority, here, default="not known"), index=episodes.index)
    if "placement_location" in episodes:
        said = pd.Series(coded(episodes["placement_location"].str.upper(), _WHERE, default=""), index=episodes.index)
        where = said.where(said != "", where)
    return where


def _miles(
    episodes: pd.DataFrame, known: pd.DataFrame, home: NDArray[np.intp], placed: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return straight-line miles to one decimal: the return's own figure, else from the two postcodes."""
    metres = np.append(known[["easting", "northing"]].to_numpy(float), [[np.nan, np.nan]], axis=0)
    east, north = (metres[placed] - metres[home]).T
    miles = np.round(np.hypot(east, north) / METRES_PER_MILE, 1)
    if "placement_miles" in episodes:
        given = episodes["placement_miles"].to_numpy(float)
        miles = np.where(np.isnan(given), miles, given)
    return miles
