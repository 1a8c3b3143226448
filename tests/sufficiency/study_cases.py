"""Small returns with every kind of placement, for the tests of the study."""

from functools import cache
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
from homes_cases import POINTS, episode, returns

from cfwlib.data.load import AreaData
from cfwlib.data.returns import Returns
from cfwlib.settings import Settings
from cfwlib.sufficiency.homes.study import HomesStudy, study_homes

AT = pd.Timestamp("2023-03-31")
AREA = cast(AreaData, SimpleNamespace(code="E06000063", named={}))
SMALL = Settings(forecast_draws=200, forecast_years=2, target_date="2025-03-31", history_years=2)
HOMES: tuple[dict[str, str], ...] = (
    {"place": "U6", "provider": "PR1"},
    {"place": "U6", "provider": "PR2", "placement_postcode": "XX33CC"},
    {"place": "U4", "provider": "PR4", "placement_postcode": "XX33CC"},
    {"place": "U1", "provider": "PR1"},
    {"place": "K2", "provider": "PR4"},
    {"place": "K2", "provider": "PR4", "placement_postcode": "XX33CC"},
    {"place": "H5", "provider": "PR4"},
    {"place": "P1", "provider": "PR0"},
)
CHANCES = (0.25, 0.15, 0.2, 0.1, 0.08, 0.1, 0.05, 0.07)


def some_returns(*, children: int = 160, seed: int = 3, **every: str) -> Returns:
    """Return four years' returns of children who come and move now and then; `every` = codes that all rows have."""
    rng = np.random.default_rng(seed)
    first = pd.Timestamp("2019-04-01")
    rows: list[dict[str, Any]] = []
    born: dict[int, str] = {}
    for child in range(children):
        day = int(rng.integers(-1460, 1460))
        born[child] = str((first + pd.Timedelta(day - int(rng.integers(100, 12 * 365)), "D")).date())
        while day < 1460:
            end = day + int(rng.integers(60, 900))
            codes = {**HOMES[rng.choice(len(HOMES), p=CHANCES)], **every}
            start, last = (str((first + pd.Timedelta(at, "D")).date()) for at in (day, end))
            rows.append(episode(start, last if end < 1460 else None, child=child, **codes))
            if rng.random() < 0.6:
                break
            day = end
    return returns(
        rows, born=born, uasc=dict.fromkeys(range(0, children, 15)), start=str(first.date()), end=str(AT.date()),
        postcodes=POINTS,
    )  # fmt: skip


@cache
def small_study() -> HomesStudy:
    """Return the study of `some_returns`, made once."""
    return study_homes(AREA, some_returns(), SMALL)
