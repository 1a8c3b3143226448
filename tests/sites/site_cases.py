"""Small random choices of sites, and their answers by trying everything; shares no code with the search."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Case:
    weight: Floats
    minutes: Floats  # NaN or inf = no way
    new: int
    fixed: tuple[int, ...]

    def best(self, question: str, limit: float = 8.0) -> float:
        """Return the best value over all choices; inf where no choice serves everybody."""
        free = [j for j in range(self.minutes.shape[1]) if j not in self.fixed]
        values = [self.value(question, sites, limit) for sites in combinations(free, self.new)]
        return max(values) if question == "cover" else min(values)

    def value(self, question: str, sites: tuple[int, ...], limit: float = 8.0) -> float:
        """Return the value of one choice, client by client."""
        total = longest = covered = 0.0
        for weight, row in zip(self.weight, self.minutes, strict=True):
            if weight > 0 and np.isfinite(row).any():
                ways = [row[j] for j in (*self.fixed, *sites) if np.isfinite(row[j])]
                nearest = min(ways, default=np.inf)
                total, longest = total + weight * nearest, max(longest, nearest)
                covered += weight if nearest <= limit else 0.0
        return {"median": total, "centre": longest, "cover": covered}[question]


def small_case(seed: int) -> Case:
    """Return a random case with ties, twins, zero weights, fixed sites and missing ways."""
    r = np.random.default_rng(seed)
    clients, candidates = int(r.integers(0, 14)), int(r.integers(1, 11))
    fixed = int(r.integers(0, min(3, candidates)))
    new = int(r.integers(1, min(4, candidates - fixed) + 1))
    most = int(r.choice([6, 20, 100]))
    minutes = r.integers(0, most, (clients, candidates)).astype(float)
    if r.random() < 0.4:
        minutes += r.random((clients, candidates))
    if r.random() < 0.5:
        minutes[r.random((clients, candidates)) < 0.7 * r.random()] = r.choice([np.nan, np.inf])
    if clients > 1 and r.random() < 0.3:
        minutes[0] = minutes[-1]
    if r.random() < 0.3:
        minutes[:, 0] = minutes[:, -1]
    weight = r.integers(0, 4, clients).astype(float) if r.random() < 0.5 else r.random(clients)
    return Case(weight, minutes, new, tuple(r.choice(candidates, fixed, replace=False).tolist()))


def county(seed: int, *, clients: int, candidates: int) -> tuple[Floats, Floats]:
    """Return weights and minutes of people and places in villages scattered over a county."""
    r = np.random.default_rng(seed)
    villages = r.random((25, 2)) * 60
    people, places = (villages[r.integers(0, 25, size)] + r.normal(0, 4, (size, 2)) for size in (clients, candidates))
    return r.gamma(2, 30, clients), 2 + 1.3 * np.hypot(*(people[:, None] - places).transpose(2, 0, 1))
