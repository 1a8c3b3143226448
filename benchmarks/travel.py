"""How fast travel times are found, against scipy, igraph and networkx on the same graph in one run.

    pip install -e ".[bench]"
    python benchmarks/travel.py            # 5,000, 30,000 and 250,000 nodes
    python benchmarks/travel.py 3000000    # nearest service only: minutes instead of hours

Each contender works in a process of its own, so that its peak memory is its own (the graph included). Figures are CPU
seconds. A contender that would take minutes is timed on some of the searches and scaled up: then a ~ stands before.
"""

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from cfwlib.reach.graph import curve_order, graph_of, nearest_k, nearest_times, times

ORIGINS, SERVICES, LIMIT_MIN = 1000, 300, 30.0
SPEED_KMH = {"a_road": 58, "b_road": 52, "minor": 42, "narrow": 32}


class County(NamedTuple):
    """A made-up county: junctions some 200 m apart, a few main roads, lanes with gaps, one arc in forty one-way."""

    places: np.ndarray
    from_node: np.ndarray
    to_node: np.ndarray
    minutes: np.ndarray

    @property
    def graph(self) -> csr_array:
        size = len(self.places)
        return csr_array((self.minutes, (self.from_node, self.to_node)), shape=(size, size))


def county(nodes: int, seed: int = 1) -> County:
    draw = np.random.default_rng(seed)
    side = int(np.sqrt(nodes))
    row, column = np.divmod(np.arange(side * side), side)
    places = (np.column_stack([column, row]) + draw.uniform(-0.35, 0.35, (side * side, 2))) * 200.0
    node = np.arange(side * side).reshape(side, side)
    one = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel()])
    two = np.concatenate([node[:, 1:].ravel(), node[1:].ravel()])
    line = np.concatenate([row.reshape(side, side)[:, :-1].ravel(), column.reshape(side, side)[:-1].ravel()])
    kind = np.select([line % 24 == 0, line % 8 == 0, line % 2 == 0], [0, 1, 2], 3)
    built = draw.random(len(one)) < np.array([0.995, 0.95, 0.7, 0.55])[kind]
    one, two, kind = one[built], two[built], kind[built]
    winding = draw.uniform(1.05, 1.4, len(one))
    metres = np.hypot(*(places[one] - places[two]).T) * winding
    minutes = metres * 0.06 / np.array(list(SPEED_KMH.values()))[kind]
    back = draw.random(len(one)) > 0.05
    shuffled = draw.permutation(side * side)  # published data are in no spatial order
    at = np.empty_like(places)
    at[shuffled] = places
    return County(
        at,
        shuffled[np.concatenate([one, two[back]])],
        shuffled[np.concatenate([two, one[back]])],
        np.concatenate([minutes, minutes[back]]),
    )


def timed(work: Callable[[], object], share: float = 1.0) -> tuple[float, float]:
    """CPU seconds (scaled up where only a share of the work was done) and peak MB, in a process of its own."""

    def child(send) -> None:  # type: ignore[no-untyped-def]
        start = time.process_time()
        work()
        took = time.process_time() - start
        send.send((took / share, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))

    receive, send = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=child, args=(send,))
    process.start()
    send.close()
    result: tuple[float, float] = receive.recv()
    process.join()
    return result


def show(what: str, results: dict[str, tuple[float, float]], scaled: set[str]) -> None:
    ours = results["cfwlib"][0]
    print(f"\n{what}")
    for name, (seconds, peak_mb) in results.items():
        sign = "~" if name in scaled else " "
        print(f"  {name:34s} {sign}{seconds:9.3f} s   {seconds / ours:9.1f} x cfwlib   peak {peak_mb:7,.0f} MB")


def prepared(made: County) -> tuple[csr_array, np.ndarray]:
    order = curve_order(made.places)
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(len(order))
    graph, _ = graph_of(number[made.from_node], number[made.to_node], made.minutes, len(order))
    return graph, number


def matrices(made: County) -> None:
    size = len(made.places)
    draw = np.random.default_rng(2)
    origins, services = (
        draw.choice(size, min(ORIGINS, size // 4), replace=False),
        draw.choice(size, SERVICES, replace=False),
    )
    plain, (ours, number) = made.graph, prepared(made)
    part = max(10, min(len(origins), 10_000_000 // size))
    few = max(2, part // 10)
    import igraph
    import networkx as nx

    edges = igraph.Graph(n=size, edges=np.column_stack([made.from_node, made.to_node]), directed=True)
    weights = made.minutes.tolist()
    slow = nx.DiGraph()
    if size <= 50_000:
        slow.add_weighted_edges_from(zip(made.from_node.tolist(), made.to_node.tolist(), weights, strict=True))
    known = dijkstra(plain, indices=origins[:20])[:, services]
    agree = np.allclose(times(ours, number[origins], number[services])[:20], known, rtol=1e-9, atol=1e-9)
    print(f"{size:,} nodes, {plain.nnz:,} arcs; agrees with scipy: {agree}")
    print(f"  curve order and graph made in {timed(lambda: prepared(made))[0]:.2f} s, once")
    reverse = plain.T.tocsr()
    results = {
        "cfwlib": timed(lambda: times(ours, number[origins], number[services])),
        "scipy from each origin": timed(lambda: dijkstra(plain, indices=origins[:part]), part / len(origins)),
        "scipy on the reversed graph": timed(
            lambda: dijkstra(reverse, indices=services[:part]), min(part, SERVICES) / SERVICES
        ),
        "igraph from each origin": timed(
            lambda: edges.distances(origins[:few].tolist(), services.tolist(), weights=weights), few / len(origins)
        ),
        "igraph from each service, reversed": timed(
            lambda: edges.distances(services[:few].tolist(), origins.tolist(), weights=weights, mode="in"),
            few / SERVICES,
        ),
    }
    if size <= 50_000:
        results["networkx from each origin"] = timed(
            lambda: [nx.single_source_dijkstra_path_length(slow, int(o)) for o in origins[:3]], 3 / len(origins)
        )
    scaled = {
        name
        for name in results
        if (name != "cfwlib" and part < len(origins)) or name.startswith(("igraph", "networkx"))
    }
    show(f"minutes from {len(origins):,} origins to {SERVICES} services", results, scaled)
    forward = results["scipy from each origin"]
    limited = {
        "cfwlib": timed(lambda: times(ours, number[origins], number[services], limit_min=LIMIT_MIN)),
        "scipy from each origin, no limit": forward,
        "scipy from each origin, same limit": timed(
            lambda: dijkstra(plain, indices=origins[:part], limit=LIMIT_MIN), part / len(origins)
        ),
        "scipy reversed, same limit": timed(lambda: dijkstra(reverse, indices=services, limit=LIMIT_MIN)),
    }
    show(f"the same within {LIMIT_MIN:g} minutes", limited, scaled)
    nearest(ours, number[services], {"scipy full matrix from each origin": forward}, scaled)
    show(
        "five nearest services of each origin",
        {"cfwlib": timed(lambda: nearest_k(ours, number[origins], number[services], 5))}, set(),
    )  # fmt: skip


def nearest(graph: csr_array, services: np.ndarray, others: dict[str, tuple[float, float]], scaled: set[str]) -> None:
    results = {"cfwlib": timed(lambda: nearest_times(graph, services)), **others}
    show(f"nearest of {len(services):,} services for all {graph.shape[0]:,} nodes", results, scaled | set(others))


def main(sizes: list[int]) -> None:
    for size in sizes or [5_000, 30_000, 250_000]:
        made = county(size)
        if size <= 1_000_000:
            matrices(made)
        else:
            services = np.random.default_rng(2).choice(len(made.places), 3000, replace=False)
            print(f"{len(made.places):,} nodes, {len(made.minutes):,} arcs")
            graph, number = prepared(made)
            del made
            nearest(graph, number[services], {}, set())
        print()


if __name__ == "__main__":
    main([int(text) for text in sys.argv[1:]])
