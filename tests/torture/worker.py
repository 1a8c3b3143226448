"""Share a worker's time out among the families of cases."""

import itertools
import time
from collections.abc import Callable, Mapping, Sequence

from torture.tally import Verdict

Family = Callable[[int, Sequence[int]], list[Verdict]]
SHARES = {"file": 0.6, "name": 0.15, "kill": 0.1, "crowd": 0.08, "disk": 0.07}
SHORT = {"file": 69, "name": 20, "kill": 2, "crowd": 1, "disk": 2}  # cases: one damage of every kind of file
AT_ONCE = 24  # damaged files in one fork


def work(
    families: Mapping[str, Family], only: Sequence[str], seed: int, worker: int, workers: int, until: float
) -> list[Verdict]:
    """Return the verdicts of one worker: of every family the cases whose number is its own, until time is up.

    The family that is furthest behind its share of the time has the next case. Which cases there are rests on the seed
    alone; how many of them are tried, on the time.
    """
    used = dict.fromkeys(only, 0.0)
    numbers = {name: itertools.count(worker, workers) for name in only}
    verdicts = []
    while time.monotonic() < until:
        name = min(only, key=lambda one: used[one] / SHARES[one])
        began = time.monotonic()
        at_once = AT_ONCE if name == "file" else 1
        verdicts += families[name](seed, list(itertools.islice(numbers[name], at_once)))
        used[name] += time.monotonic() - began
    return verdicts
