"""Invent the households that foster: nobody is in the list."""

import numpy as np

from tools.sample.layouts import csv_text, over_points
from tools.sample.people import County

HEAD = "household,easting,northing,can_host,approved_places,filled_places,provider,years_approved"


def carers(
    county: County, *, seed: int = 1, households: int = 110, places: int = 275, filled: int = 160
) -> dict[str, str]:
    """Return the list of households, who live where people live, and some of whom can host.

    Parameters
    ----------
    county
        Whose Output Areas they live at, each as likely as it has residents.
    seed
        The same seed gives the same households.
    households, places, filled
        How many; places and those filled add up exactly, with 1 to 4 places each. Three in ten can host: those who
        have been approved the longest.

    Returns
    -------
    texts
        The file's text, by its name.
    """
    rng = np.random.default_rng([seed, 110])
    spots = [spot for near in county.homes for spot in near]
    over = zip(county.people, county.homes, strict=True)
    residents = np.array([many for group, near in over for many in over_points(group.residents, len(near))], float)
    home = rng.choice(len(spots), households, p=residents / residents.sum())
    further = rng.choice(np.repeat(np.arange(households), 3), places - households, replace=False)
    approved = 1 + np.bincount(further, minlength=households)
    taken = rng.choice(np.repeat(np.arange(households), approved), filled, replace=False)
    used = np.bincount(taken, minlength=households)
    years = np.round(rng.gamma(1.5, 5, households), 1)
    longest = set(np.argsort(-years, kind="stable")[: round(0.3 * households)].tolist())
    numbers = zip(home.tolist(), approved.tolist(), used.tolist(), years.tolist(), strict=True)
    rows: list[list[object]] = [
        [f"INVENTED-{k:03d}", *spots[at], "yes" if k in longest else "no", given, taken_up, "own", long]
        for k, (at, given, taken_up, long) in enumerate(numbers)
    ]
    return {"returns/invented_carers.csv": csv_text(HEAD, rows)}
