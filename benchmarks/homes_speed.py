"""How fast and how lean the homes forecast is: PYTHONPATH=.:tests python benchmarks/homes_speed.py [EPISODES].

About 100,000 episodes of invented returns over five years, in memory: cleaned; evidence of three years; exact
covariance and 500 draws over 365 days in 28-day steps. Printed: CPU seconds of each part, and the most memory the
process held, libraries and returns included.
"""

import resource
import sys
import time

import numpy as np
import pandas as pd
from oracles.exact import exact

from cfwlib.settings import Settings
from cfwlib.stockflow import Ages, forecast, observe
from cfwlib.sufficiency.homes.spells import clean, stays
from tools.sample import synthetic_returns

END = pd.Timestamp("2025-03-31")


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(episodes: int) -> None:
    """Print the CPU seconds of each part and the peak memory."""
    one = len(synthetic_returns(published=False).episodes)
    returns = synthetic_returns(published=False, times=episodes / one)
    ages, held = Ages(), peak_mb()
    dates = pd.date_range(END, periods=14, freq="28D")[1:].append(pd.DatetimeIndex([END + pd.Timedelta(365, "D")]))
    marks = [time.process_time()]
    known = stays(clean(returns, Settings(), authorities=["E06000063"]))
    marks.append(time.process_time())
    evidence = observe(known, ages, start=END - pd.Timedelta(1096, "D"), end=END)
    marks.append(time.process_time())
    moments = exact(known, evidence, ages, at=END, dates=dates)
    marks.append(time.process_time())
    made = forecast(known, evidence, ages, at=END, dates=dates, draws=500, seed=1)
    marks.append(time.process_time())
    mean, variance = moments.total()
    total = made.select()
    there = int(((known["start"] <= END) & known["end"].isna()).sum())
    kinds = len(made.kinds)
    print(f"{len(returns.episodes):,} episodes, {len(known):,} stays, {kinds} kinds, {there:,} there at the end")
    for name, spent in zip(("clean", "evidence", "exact covariance", "500 draws"), np.diff(marks), strict=True):
        print(f"{name:18}{spent:6.2f} s CPU")
    print(f"{'together':18}{marks[-1] - marks[0]:6.2f} s CPU; peak memory {peak_mb():,.0f} MB, {held:,.0f} MB before")
    spread = f"sd {variance[-1] ** 0.5:.0f} at known rates"
    drawn = f"drawn {total[:, -1].mean():,.0f} (sd {total[:, -1].std():.0f})"
    print(f"365 days on: exact {mean[-1]:,.0f} ({spread}), {drawn}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
