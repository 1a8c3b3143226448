"""The groups that children in care are counted in, as the Department for Education counts, and the forecast's."""

import numpy as np
import pandas as pd

from cfwlib.stockflow.ages import Ages

FAR_MILES = 20.0  # "more than 20 miles": 20.0 itself is not
NOT_KNOWN = "not known"
AGES = Ages()
LOCATIONS = ("in area", "outside", NOT_KNOWN)
DISTANCES = ("20 miles or less", "more than 20 miles", NOT_KNOWN)
PLACEMENTS = ("fostering", "residential", "supported", "other")
PROVIDERS = ("own", "other authority", "private", "voluntary", "parents", "other", NOT_KNOWN)


def age_bands(born: pd.Series, date: pd.Timestamp | str) -> pd.Series:
    """Return the age band of each date of birth on a day, as the forecast counts it; "not known" where it is missing.

    A child not yet born counts in the youngest band; who is past the oldest band is "not known".
    """
    years = completed_years(born, date).clip(lower=AGES.edges_years[0])
    bands = pd.cut(years, list(AGES.edges_years), right=False, labels=list(AGES.names))
    return bands.astype(object).where(bands.notna(), NOT_KNOWN).astype(str)


def completed_years(born: pd.Series, date: pd.Timestamp | str) -> pd.Series:
    """Return each age on a day, in completed years; NaN where the date of birth is missing."""
    day = pd.Timestamp(date)
    before_birthday = (born.dt.month * 100 + born.dt.day) > day.month * 100 + day.day
    return (day.year - born.dt.year - before_birthday).astype(float)


def distances(miles: pd.Series) -> pd.Series:
    """Return whether each distance in miles is over 20 miles, not, or not known."""
    known = pd.Series(np.where(miles > FAR_MILES, DISTANCES[1], DISTANCES[0]), index=miles.index)
    return known.where(miles.notna(), NOT_KNOWN)
