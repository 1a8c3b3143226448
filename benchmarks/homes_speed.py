"""How fast and how lean the forecast is: python benchmarks/homes_speed.py [STAYS].

100,000 invented stays over five years in 12 kinds: evidence, exact covariance and 500 draws over 365 days in 28-day
steps. Printed: CPU seconds of each part, and the peak memory of the whole process, libraries included.
"""

import resource
import sys
import time

import numpy as np
import pandas as pd

from cfwlib.sufficiency.stockflow import Ages, exact, forecast, observe

KINDS = [f"{kind}, {where}" for kind in ("family", "home", "alone", "other") for where in ("near", "far", "unknown")]
END = pd.Timestamp("2025-03-31")
YEARS = 5


def stays(count: int, *, seed: int = 1) -> pd.DataFrame:
    """Return stays of people with two in a row on average; most of those in the window have ended by its last night."""
    rng = np.random.default_rng(seed)
    person = np.sort(rng.integers(0, count // 2, count))
    length = np.ceil(rng.exponential(300, count)).astype(int)
    first = rng.integers(-YEARS * 365, 0, count // 2)
    order = pd.Series(length).groupby(person).cumsum().to_numpy()
    start = first[person] + order - length
    born = first - rng.integers(0, 17 * 365, count // 2)
    frame = pd.DataFrame({"person": person, "kind": rng.choice(KINDS, count)})
    for name, days in (("start", start), ("end", start + length), ("born", born[person])):
        frame[name] = END + pd.to_timedelta(days, unit="D")
    return frame.assign(end=frame["end"].where(frame["end"] <= END))[frame["start"] <= END]


def main(count: int) -> None:
    """Print the CPU seconds of each part and the peak memory."""
    data, ages = stays(count), Ages()
    dates = pd.date_range(END, periods=14, freq="28D")[1:].append(pd.DatetimeIndex([END + pd.Timedelta(365, "D")]))
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    marks = [time.process_time()]
    evidence = observe(data, ages, start=END - pd.Timedelta(1096, "D"), end=END)
    marks.append(time.process_time())
    moments = exact(data, evidence, ages, at=END, dates=dates)
    marks.append(time.process_time())
    made = forecast(data, evidence, ages, at=END, dates=dates, draws=500, seed=1)
    marks.append(time.process_time())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    mean, variance = moments.total()
    total = made.select()
    there = int(((data["start"] <= END) & data["end"].isna()).sum())
    print(f"{len(data):,} stays, {there:,} people there on {END:%d %B %Y}, {len(made.kinds)} kinds")
    for name, spent in zip(("evidence", "exact covariance", "500 draws"), np.diff(marks), strict=True):
        print(f"{name:18}{spent:6.2f} s CPU")
    print(f"{'together':18}{marks[-1] - marks[0]:6.2f} s CPU; peak memory {peak:,.0f} MB, {held:,.0f} MB before")
    print(f"365 days on: exact {mean[-1]:,.0f} (sd {variance[-1] ** 0.5:.0f} at known rates), "
          f"drawn {total[:, -1].mean():,.0f} (sd {total[:, -1].std():.0f})")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
