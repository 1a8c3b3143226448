"""Small made-up populations for the tests of the engine."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cfwlib.stockflow import Ages

AGES = Ages()
ONE_BAND = Ages((0, 100), ("all",))
START, END = pd.Timestamp("2022-03-31"), pd.Timestamp("2025-03-31")


def stays_of(rows: Sequence[tuple[object, str, str, str | None, str]]) -> pd.DataFrame:
    """Return stays from rows person, kind, start, end, born."""
    frame = pd.DataFrame(rows, columns=["person", "kind", "start", "end", "born"])
    dates = {name: pd.to_datetime(frame[name]) for name in ("start", "end", "born")}
    return frame.assign(**dates)


def random_stays(seed: int, people: int = 300, *, kinds: str = "abc", youngest_years: int = 0) -> pd.DataFrame:
    """Return stays of people who move on at each end with even chance, known up to END."""
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(people):
        day = int(rng.integers(-1500, 0))
        born = day - int(rng.integers(youngest_years * 366, 18 * 365))
        while day <= 0:
            end = day + int(np.ceil(rng.exponential(250)))
            rows.append((person, str(rng.choice(list(kinds))), day, end, born))
            if rng.random() < 0.5:
                break
            day = end + (0 if rng.random() < 0.8 else int(rng.integers(1, 60)))
    frame = pd.DataFrame(rows, columns=["person", "kind", "start", "end", "born"])
    dates = {name: END + pd.to_timedelta(frame[name], unit="D") for name in ("start", "end", "born")}
    return frame.assign(**{**dates, "end": dates["end"].where(frame["end"] <= 0)})
