"""What a stop may be: a venue with one of the session lengths it is offered at, and what such a session is worth."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cfwlib.hub.instance import Floats, Instance, Ints
from cfwlib.settings import HubSettings


@dataclass(frozen=True, eq=False)
class Offers:
    """Stops a planner may choose from, at most one of each venue.

    The first V offers are the venues in order, each at its standard length; further lengths follow.

    Attributes
    ----------
    venue
        Index (0-based) of the venue, (N,).
    dwell
        Session length in minutes, (N,).
    worth
        Share of a need that such a session meets, (N,).
    """

    venue: Ints
    dwell: Floats
    worth: Floats


def offers_of(instance: Instance) -> Offers:
    """Return every venue at every session length it is offered at."""
    venues = instance.venues
    pairs = list(enumerate(venues["dwell_min"].astype(float)))
    for at, (standard, text) in enumerate(zip(venues["dwell_min"], venues["further_dwell_min"], strict=True)):
        further = {float(length) for length in text.split(",") if length.strip()}
        pairs += [(at, length) for length in sorted(further - {float(standard)})]
    venue, dwell = (np.array(column) for column in zip(*pairs, strict=True))
    return Offers(venue, dwell, session_worth(venues, instance.settings, dwell))


def session_worth(venues: pd.DataFrame, settings: HubSettings, dwell: Floats) -> Floats:
    """Return what sessions are worth: 1 where no venue has a choice of lengths, else by `settings.dwell_values`.

    Longer sessions help more, but each further minute less: someone is always first in the queue. The default curve
    (60 minutes 0.7, 90 minutes 0.9, 120 minutes 1) says so; it is an assumption to be set, not a measurement.

    Parameters
    ----------
    venues
        The problem's venues, with `further_dwell_min`.
    settings
        For the curve: linear between its points and from (0, 0), flat after the last.
    dwell
        Session lengths in minutes, any shape.
    """
    if not (venues["further_dwell_min"] != "").any():
        return np.ones_like(dwell, dtype=float)
    minutes, worth = zip((0.0, 0.0), *settings.dwell_values, strict=True)
    return np.interp(dwell, minutes, worth)
