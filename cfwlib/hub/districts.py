"""Which district a venue lies in, by the nearest homes, and which neighbourhoods must have a stop."""

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from cfwlib.reach import AreaReach

_CODE = r" \d{3}[A-Z]{1,2}$"  # an LSOA's name is its district of 2011 or 2021 and a code


def nearest_district(places: pd.DataFrame, reach: AreaReach) -> pd.Series:
    """Return the district of each place: that of the nearest demand point, as its neighbourhood's name tells.

    Parameters
    ----------
    places
        `easting`, `northing` (m).
    reach
        Demand points and the names of their neighbourhoods.
    """
    names = reach.neighbourhoods.set_index("lsoa")["lsoa_name"].str.replace(_CODE, "", regex=True)
    homes = reach.points[["easting", "northing"]].to_numpy(float)
    _, nearest = cKDTree(homes).query(places[["easting", "northing"]].to_numpy(float))
    return pd.Series(reach.points["lsoa"].map(names).to_numpy()[nearest], index=places.index, dtype="str")


def deprived_and_far(reach: AreaReach) -> np.ndarray:
    """Return which demand points are in a hard-to-reach neighbourhood of the most deprived fifth, shape (points,)."""
    places = reach.neighbourhoods
    due = set(places.loc[places["hard_to_reach"] & (places["deprivation_fifth"] == 1), "lsoa"])
    return reach.points["lsoa"].isin(due).to_numpy()
