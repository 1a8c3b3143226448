"""Prove OR-Library p-median instances: python benchmarks/p_median.py FOLDER [TIME_LIMIT_S].

FOLDER holds pmed*.txt (Beasley 1985) and, if published optima are to be compared, optima.csv. Printed per instance:
value, published optimum, bound, gap, CPU seconds.
"""

import csv
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path

from cfwlib.sites.choose import choose_median


def read_instance(path: Path) -> tuple[npt.NDArray[np.float64], int]:
    """Return the shortest distances between all vertices and p; of an edge given twice the last counts."""
    vertices, _, p, *numbers = map(int, path.read_text().split())
    edges = {frozenset(ends): length for *ends, length in zip(*[iter(numbers)] * 3, strict=True)}
    tail, head = np.array([sorted(ends) for ends in edges if len(ends) == 2]).T - 1
    length = [length for ends, length in edges.items() if len(ends) == 2]
    graph = csr_array((length, (tail, head)), shape=(vertices, vertices), dtype=float)
    return shortest_path(graph, directed=False), p


def read_optima(folder: Path) -> dict[str, float]:
    """Return the published optimum of each instance; empty without optima.csv."""
    path = folder / "optima.csv"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["instance"]: float(row["p_median_optimum"]) for row in csv.DictReader(file)}


def main(folder: Path, time_limit_s: float) -> int:
    """Print a line for each instance; return 1 if one is unproven or differs from its published optimum."""
    optima, seconds, bad = read_optima(folder), [], 0
    print("instance  vertices    p     value  published      bound       gap  proven   CPU s")
    for path in sorted(folder.glob("pmed*.txt"), key=lambda path: (len(path.stem), path.stem)):
        minutes, p = read_instance(path)
        started = time.process_time()
        choice = choose_median(np.ones(len(minutes)), minutes, p, time_limit_s=time_limit_s)
        seconds.append(time.process_time() - started)
        published = optima.get(path.stem)
        bad += not choice.proven or (published is not None and choice.value != published)
        print(
            f"{path.stem:9} {len(minutes):8} {p:4} {choice.value:9.0f} {published or float('nan'):10.0f} "
            f"{choice.bound:10.2f} {choice.gap:9.1e} {choice.proven!s:>7} {seconds[-1]:7.2f}",
            flush=True,
        )
    if seconds:
        print(f"CPU seconds: median {statistics.median(seconds):.2f}, most {max(seconds):.2f}; {bad} amiss")
    return int(bad > 0 or not seconds)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) == 3 else 600.0))
