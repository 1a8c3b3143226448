"""What a placement is: its kind, whose it is, whether it lies in the area, and how far from home."""

import importlib.resources
import tomllib
from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cfwlib.data.returns import Returns

METRES_PER_MILE = 1609.3
"""As the Department for Education divides: 1 mile = 1.6093 km."""
FAR_MILES = 20

CODES = tomllib.loads((importlib.resources.files("cfwlib.sufficiency.homes") / "codes.toml").read_text("utf-8"))
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
    known = returns.postcodes.drop_duplicates("postcode").set_index("postcode")
    home, placed = (known.reindex(episodes[f"{end}_postcode"]) for end in ("home", "placement"))
    return pd.DataFrame(
        {
            "placement": coded(episodes["place"], CODES["placement"], default="other"),
            "provider": coded(episodes["provider"], CODES["provider"], default="not known"),
            "where": _where(episodes, placed["authority"], authorities),
            "miles": _miles(episodes["placement_miles"], home, placed),
        },
        index=episodes.index,
    )


def coded(values: pd.Series, names: Mapping[str, str], *, default: str) -> pd.api.extensions.ExtensionArray:
    """Return the name of each code; `default` for a code that has none, and for a blank."""
    codes, found = pd.factorize(values)
    labels = [names.get(str(code), default) for code in found]
    return pd.array([*labels, default], dtype="str").take(codes)  # a blank's code is -1: the last label


def _where(episodes: pd.DataFrame, lies_in: pd.Series, authorities: Collection[str]) -> pd.Series:
    """Return in area, outside or not known: what the return says, else by the authority the placement lies in."""
    given = episodes["placement_authority"].fillna("")
    authority = given.where(given != "", lies_in.fillna("").astype("str").array)
    own = {code.strip().upper() for code in authorities}
    here = {name: "in area" if name.strip().upper() in own else "outside" for name in authority.unique() if name}
    where = pd.Series(coded(authority, here, default="not known"), index=episodes.index)
    said = pd.Series(coded(episodes["placement_location"].str.upper(), _WHERE, default=""), index=episodes.index)
    return said.where(said != "", where)


def _miles(given: pd.Series, home: pd.DataFrame, placed: pd.DataFrame) -> NDArray[np.float64]:
    """Return straight-line miles to one decimal: the return's own figure, else from the two postcodes."""
    here, there = (ends[["easting", "northing"]].to_numpy(float) for ends in (home, placed))
    miles = np.round(np.hypot(*(there - here).T) / METRES_PER_MILE, 1)
    return np.where(given.isna(), miles, given.to_numpy(float))
