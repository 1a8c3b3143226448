"""Do 95% bands hold the truth 92-98% of the time?

PYTHONPATH=tests python benchmarks/coverage.py [HISTORIES] [DRAWS] [FIRST_SEED]

Each history is simulated from known rates, by a plain loop that shares no code with the engine: about 450 people there,
180 starts a year, four kinds, five age bands, birthdays and all. The engine sees its last 6, 12 or 36 months and
forecasts 91, 182 and 365 days on; the history goes on, and tells how often the truth lay inside.

Bands of whole numbers must cover a little more than their level, the more so the smaller the number. So next to
"inside" stands "rank": the share of truths between the 2.5% and the 97.5% point with ties broken at random, which is
95% for any number if the draws are right. "width" is the mean width of the 95% band; "bias" the mean of forecast less
truth.

The verdict is on "inside": all groups together at each length of history, and each group at each length, its three
horizons together. One line of the long table rests on one forecast a history: 200 histories with true 95% bands fall
out of 92-98% about once in 25 lines by chance, so single lines are counted and not judged.

Not tested here: rates that change, or depend on the time already spent; entries in clumps (brothers and sisters); the
sixteen kinds of the page of homes; more than a year ahead; mistakes in the data. The truth obeys the model.
"""

import datetime
import math
import random
import sys
import time

import numpy as np
import pandas as pd
from oracles.ranks import spread_rank

from cfwlib.stockflow import Ages, forecast, observe
from cfwlib.stockflow.forecast import quantiles

KINDS = ("near", "far", "group", "other")
YEARS = (1, 5, 10, 16, 18)  # age at which the bands end
ENTRIES_PER_DAY = 180 / 365.25
BAND_SHARE = (0.16, 0.15, 0.17, 0.32, 0.20)
KIND_SHARE = ((0.60, 0.25, 0.0, 0.15), (0.60, 0.30, 0.0, 0.10), (0.55, 0.35, 0.03, 0.07), (0.40, 0.35, 0.15, 0.10),
              (0.25, 0.20, 0.20, 0.35))  # fmt: skip
LEAVE_PER_YEAR = ((0.70, 0.60, 0.50, 1.00), (0.42, 0.36, 0.40, 0.70), (0.24, 0.20, 0.30, 0.60),
                  (0.22, 0.18, 0.30, 0.60), (0.25, 0.25, 0.35, 0.45))  # fmt: skip
MOVE_PER_YEAR = ((0.0, 0.12, 0.0, 0.08), (0.10, 0.0, 0.01, 0.05), (0.05, 0.08, 0.0, 0.06), (0.20, 0.10, 0.05, 0.0))
OLDER_MOVE_MORE = (1.0, 1.0, 1.0, 1.6, 2.2)
WARM_UP, SEEN, AHEAD = 18 * 366, 1096, (91, 182, 365)
HISTORIES_DAYS = {"6 months": 182, "12 months": 365, "36 months": 1096}
ORIGIN = pd.Timestamp("2025-03-31")
WANTED = 0.92 - 1e-9, 0.98 + 1e-9


def history(seed: int) -> pd.DataFrame:
    """Return the stays of one simulated history, days counted from the origin; all stays that end by the last day."""
    chance = random.Random(seed)
    rows: list[tuple[int, str, int, int, int]] = []
    last = AHEAD[-1]
    for day in range(-WARM_UP - SEEN, last + 1):
        number, product = -1, 1.0
        while product > math.exp(-ENTRIES_PER_DAY):
            number, product = number + 1, product * chance.random()
        for _ in range(number):
            band = chance.choices(range(5), BAND_SHARE)[0]
            youngest, oldest = (int(365.25 * year) for year in (YEARS[band - 1] if band else 0, YEARS[band]))
            age = 0 if band == 0 and chance.random() < 0.3 else chance.randrange(youngest + 1, oldest)
            live(chance, rows, len(rows), day, age, chance.choices(range(4), KIND_SHARE[band])[0])
    return pd.DataFrame(rows, columns=["person", "kind", "start", "end", "born"])


def live(
    chance: random.Random, rows: list[tuple[int, str, int, int, int]], person: int, day: int, age: int, kind: int
) -> None:
    """Add one person's stays: each day, a chance to move or leave that depends on the kind and the age that day."""
    born, start = day - age, day
    edges = [birthday(born, year) for year in YEARS]
    while True:
        band = sum(day >= edge for edge in edges)
        if band == 5:
            rows.append((person, KINDS[kind], start, day, born))
            return
        moves = [rate * OLDER_MOVE_MORE[band] / 365.25 for rate in MOVE_PER_YEAR[kind]]
        leave = LEAVE_PER_YEAR[band][kind] / 365.25
        wait = 1 + int(math.log(1 - chance.random()) / math.log1p(-leave - sum(moves)))
        if day + wait > edges[band] - (band == 4):
            day = edges[band]
            continue
        day += wait
        to = chance.choices(range(5), [*moves, leave])[0]
        rows.append((person, KINDS[kind], start, day, born))
        if to == 4:
            return
        kind, start = to, day


def birthday(born: int, years: int) -> int:
    """Return the day of a birthday; 1 March for those born on 29 February, in other years."""
    day = ORIGIN.date() + datetime.timedelta(born)
    leap = day.month == 2 and day.day == 29
    then = datetime.date(day.year + years, 3, 1) if leap and years % 4 else day.replace(year=day.year + years)
    return (then - ORIGIN.date()).days


def dated(stays: pd.DataFrame) -> pd.DataFrame:
    """Return stays with dates instead of days, as known at the origin."""
    seen = stays[stays["start"] <= 0]
    days = {name: ORIGIN + pd.to_timedelta(seen[name], unit="D") for name in ("start", "end", "born")}
    days["end"] = days["end"].where(seen["end"] <= 0)
    return seen.assign(**days)


def one(seed: int, draws: int) -> list[tuple[object, ...]]:
    """Return how each forecast of one history fared."""
    stays, ages = history(seed), Ages()
    known, rng = dated(stays), np.random.default_rng(seed)
    there = {day: stays[(stays["start"] <= day) & (stays["end"] > day)]["kind"].value_counts() for day in AHEAD}
    rows: list[tuple[object, ...]] = []
    for name, days in HISTORIES_DAYS.items():
        seen = observe(known, ages, start=ORIGIN - pd.Timedelta(days, "D"), end=ORIGIN, kinds=KINDS)
        dates = [ORIGIN + pd.Timedelta(day, "D") for day in AHEAD]
        made = forecast(known, seen, ages, at=ORIGIN, dates=dates, draws=draws, seed=seed)
        for what in ("total", *KINDS):
            drawn = made.select(kinds=None if what == "total" else [what])
            truth = np.array([there[day].sum() if what == "total" else there[day].get(what, 0) for day in AHEAD])
            low, high = quantiles(drawn, [0.025, 0.975])
            rank = spread_rank(drawn, truth, rng=rng)
            inside = (low <= truth) & (truth <= high)
            fair = (rank > 0.025) & (rank < 0.975)
            for place, day in enumerate(AHEAD):
                bias = drawn[:, place].mean() - truth[place]
                rows.append((name, day, what, truth[place], inside[place], fair[place], high[place] - low[place], bias))
    return rows


def main(histories: int, draws: int, first: int) -> int:
    """Print the coverage by length of history, days ahead and kind, and the verdict; return 1 if a group is out."""
    began = time.process_time()
    rows = [row for seed in range(first, first + histories) for row in one(seed, draws)]
    columns = ["history", "days_ahead", "what", "truth", "inside", "rank", "width", "bias"]
    table = pd.DataFrame(rows, columns=columns)
    shown = table.groupby(columns[:3], sort=False).mean().reset_index()
    as_share = dict.fromkeys(("inside", "rank"), "{:.1%}".format)
    print(shown.to_string(index=False, formatters=as_share, float_format="%.1f"))
    overall = table.assign(what="all").groupby(["history", "what"], sort=False)[["inside", "rank"]].mean()
    judged = pd.concat([overall, table.groupby(["history", "what"], sort=False)[["inside", "rank"]].mean()])
    judged["verdict"] = np.where(judged["inside"].between(*WANTED), "ok", "OUT")
    print(f"\nVerdict, horizons together\n{judged.reset_index().to_string(index=False, formatters=as_share)}")
    lines, out = ~shown["inside"].between(*WANTED), judged["verdict"] == "OUT"
    spent = time.process_time() - began
    print(f"\n{histories} histories, {draws} draws, {spent:.0f} s CPU; {lines.sum()} of {len(lines)} single lines out.")
    print(f"95% bands cover 92-98%: {'yes' if not out.any() else f'NOT in {out.sum()} of {len(out)} groups'}.")
    return int(out.any())


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    raise SystemExit(main(*(given + [200, 300, 1][len(given) :])))
