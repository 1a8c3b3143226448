"""Changes that bring children's placements into the area, as scenarios of the forecast, and the share they lead to.

Two levers: of the new placements that would be outside a share is made in the area instead; and children placed outside
move back. The forecast keeps its seed, so that two strengths of a lever differ by the change and not by luck.
"""

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd

from cfwlib.errors import InputError
from cfwlib.stockflow import Ages, Change, Evidence, Forecast, Scenario, forecast
from cfwlib.sufficiency.homes.target import share_of

IN_AREA, OUTSIDE = ", in area", ", outside"
WORDS = {
    "share": "{:.0%} of the new placements outside made in the area instead",
    "back_per_month": "{:.1f} children a month moving back",
}
SUPPLY = ("fostering", "residential", "supported")  # what an area can offer more of


def kinds_where(kinds: Sequence[str], where: str) -> list[str]:
    """Return the forecast's kinds that are in a place, such as every "..., in area"."""
    return [kind for kind in kinds if kind.endswith(where)]


def towards_area(
    made: Forecast, starts: pd.Timestamp, *, share: float = 0.0, back_per_month: float = 0.0,
    placements: Collection[str] = SUPPLY, phase_in_days: int = 0,
) -> Scenario:  # fmt: skip
    """Return the scenario in which more children are placed in the area.

    Parameters
    ----------
    made
        The base forecast: its kinds, and how the children outside on its first date divide among placements.
    starts
        First day of the change.
    share
        Share of the new placements outside that are made in the area instead, 0 to 1: children who come into care
        begin there, and those who would move from the area to outside stay.
    back_per_month
        Children who move back a month while there are as many outside as on the night the forecast starts; as they
        become fewer, so do those who move.
    placements
        Placements changed, where the forecast has them both in the area and outside.
    phase_in_days
        Days over which the change grows to its full size.

    Raises
    ------
    InputError
        No placement is both in the area and outside, or nobody is outside to move back.
    """
    pairs = _pairs(made, placements)
    away = [float(made.select(kinds=[outside])[:, 0].mean()) for outside, _ in pairs]
    if not pairs or (back_per_month and not sum(away)):
        raise InputError(f"towards_area: nobody is placed outside in {', '.join(placements)}; nothing can be changed.")
    here = tuple(kinds_where(made.kinds, IN_AREA))
    change = partial(Change, from_date=starts.date(), phase_in_days=phase_in_days)
    changes: list[Change] = []
    for (outside, inside), number in zip(pairs, away, strict=True):
        if share:
            changes.append(change("redirect", (outside,), (inside,), share=share))
            changes.append(change("move", here, (outside,), factor=1 - share))
        if back_per_month and number:
            changes.append(change("move", (outside,), (inside,), add_per_month=back_per_month * number / sum(away)))
    return Scenario(f"towards the area from {starts.date()}", tuple(changes))


def _pairs(made: Forecast, placements: Collection[str]) -> list[tuple[str, str]]:
    """Return the kinds outside and in the area of each placement that is in both."""
    pairs = [(placement + OUTSIDE, placement + IN_AREA) for placement in placements]
    return [pair for pair in pairs if {*pair} <= {*made.kinds}]


def in_area_share(made: Forecast) -> np.ndarray:
    """Return draws of the share of all children who live in the area, (draws, dates), those not known in the whole."""
    return share_of(made.select(kinds=kinds_where(made.kinds, IN_AREA)), made.select())


def share_function(
    stays: pd.DataFrame, evidence: Evidence, ages: Ages, *, at: pd.Timestamp, target_date: pd.Timestamp, draws: int,
    seed: int, lever: Literal["share", "back_per_month"] = "share", phase_in_days: int = 0,
) -> Callable[[float, pd.Timestamp], np.ndarray]:  # fmt: skip
    """Return the function `change_needed` asks for: draws of the share on the target date, by strength and start.

    Parameters
    ----------
    stays, evidence, ages, at, draws, seed
        As the engine's `forecast`; 200 draws find a strength well enough.
    target_date
        The night the share is wanted on, after `at`.
    lever
        "share" or "back_per_month", as `towards_area`.
    phase_in_days
        As `towards_area`.

    Returns
    -------
    share_at
        Where no placement is both in the area and outside there is nothing to change: the same share at any strength.
        It raises as `towards_area` where nobody is outside to move back.
    """

    def run(scenario: Scenario | None) -> Forecast:
        dates = [at, target_date]
        return forecast(stays, evidence, ages, at=at, dates=dates, draws=draws, seed=seed, scenario=scenario)

    base = run(None)

    def share_at(strength: float, starts: pd.Timestamp) -> np.ndarray:
        if not strength or not _pairs(base, SUPPLY):
            return in_area_share(base)[:, -1]
        share, back = (strength, 0.0) if lever == "share" else (0.0, strength)
        scenario = towards_area(base, starts, share=share, back_per_month=back, phase_in_days=phase_in_days)
        return in_area_share(run(scenario))[:, -1]

    return share_at
