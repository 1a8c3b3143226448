"""Sites with a least and a most number of clients: the best there are, every rule kept, and sure of it."""

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from site_cases import county

from cfwlib.errors import InputError, PlanError
from cfwlib.sites import choose_capacitated
from cfwlib.sites.check import check_capacitated
from cfwlib.sites.choose import choose_median

LINE = np.abs(np.arange(8)[:, None] - np.array([1.0, 6.0]))  # eight clients on a line, sites at 1 and at 6


@dataclass
class Asked:
    minutes: Any
    new: int
    rules: dict[str, Any]


def small(seed: int) -> Asked:
    """A random case: ties, no way, limits, fixed sites, sites that are clients themselves."""
    r = np.random.default_rng(seed)
    clients, sites = int(r.integers(1, 8)), int(r.integers(1, 5))
    minutes = r.integers(0, 9, (clients, sites)) + (r.random((clients, sites)) if r.random() < 0.5 else 0.0)
    minutes[r.random((clients, sites)) < r.choice([0, 0.3])] = r.choice([np.nan, np.inf])
    least = int(r.integers(0, 4))
    fixed = tuple(r.choice(sites, int(r.integers(0, 2)), replace=False).tolist()) if sites > 1 else ()
    rules = {
        "least": least,
        "most": least + int(r.integers(0, 3)),
        "fixed": fixed,
        "limit_min": float(r.choice([5, 9])),
    }
    rules["weight"] = None if r.random() < 0.5 else r.integers(0, 4, clients).astype(float)
    if r.random() < 0.6 and clients >= sites:
        own = r.permutation(clients)[:sites]
        own[r.random(sites) < 0.3] = -1
        rules["own"] = own
    return Asked(minutes, int(r.integers(1, sites - len(fixed) + 1)), rules)


def best_of(case: Asked, everyone: bool) -> tuple[float, float] | None:
    """Return the best (value, minutes) over all sets of sites and all ways to share clients out; None = there is none.

    Client by client, the loads so far are all that matters: the best way to each set of loads is kept.
    """
    clients, sites = case.minutes.shape
    rules, found = case.rules, []
    weight = np.ones(clients) if rules["weight"] is None else rules["weight"]
    own = list(rules.get("own", [-1] * sites))
    free = [site for site in range(sites) if site not in rules["fixed"]]
    for count in range(case.new + 1):
        for extra in combinations(free, count):
            chosen = (*rules["fixed"], *extra)
            ways = {tuple(0 for _ in chosen): (0.0, 0.0)}
            for client in range(clients):
                itself = any(own[site] == client for site in chosen)
                after: dict[tuple[int, ...], tuple[float, float]] = {}
                for loads, (cost, far) in ways.items():
                    options = [] if everyone and not itself else [(loads, cost, far)]
                    for at, site in enumerate(chosen):
                        way = case.minutes[client, site]
                        if not itself and way <= rules["limit_min"] and loads[at] < rules["most"]:
                            more = (*loads[:at], loads[at] + 1, *loads[at + 1 :])
                            step = way * weight[client] if everyone else -weight[client]
                            options.append((more, cost + step, far + (0 if everyone else way)))
                    for key, *worth in options:
                        after[key] = min(after.get(key, (np.inf, np.inf)), (worth[0], worth[1]))
                ways = after
            found += [worth for loads, worth in ways.items() if all(load >= rules["least"] for load in loads)]
    if not found:
        return None
    # sums of fractions: what differs by rounding only is the same value
    value = min(cost for cost, _ in found)
    return value, min(far for cost, far in found if cost <= value + 1e-9)


@pytest.mark.parametrize("everyone", [False, True])
@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_no_choice_is_better(everyone: bool, seed: int) -> None:
    """Trying every set of sites and every way to share clients out finds none better; each choice keeps every rule."""
    case = small(seed)
    best = best_of(case, everyone)
    if best is None:
        with pytest.raises(PlanError, match="keeps them all"):
            choose_capacitated(case.minutes, case.new, everyone=everyone, **case.rules)
        return
    choice = choose_capacitated(case.minutes, case.new, everyone=everyone, **case.rules)
    assert check_capacitated(choice, case.minutes, case.new, everyone=everyone, **case.rules) == []
    assert choice.value == pytest.approx(best[0] if everyone else -best[0], abs=1e-6)
    assert choice.minutes == pytest.approx(best[0] if everyone else best[1], abs=1e-5)
    assert choice.proven
    assert choice.shortest


def test_a_site_serves_no_more_than_it_may() -> None:
    """Two sites of three places each serve the three nearest to them, and two of eight are left out."""
    choice = choose_capacitated(LINE, 2, least=2, most=3)
    assert choice.sites == (0, 1)
    assert choice.assigned.tolist() == [0, 0, 0, -1, -1, 1, 1, 1]
    assert (choice.value, choice.minutes) == (6, 4)


def test_too_few_near_open_no_site() -> None:
    """Where no site has as many clients near as it must serve, none is opened, and nothing is proven to be the best."""
    choice = choose_capacitated(LINE, 2, least=4, most=6, limit_min=1)
    assert choice.sites == ()
    assert (choice.value, choice.bound, choice.proven, choice.shortest) == (0, 0, True, True)
    with pytest.raises(PlanError, match="fixed sites with as many clients near"):
        choose_capacitated(LINE, 1, least=4, most=6, limit_min=1, fixed=[0])


def test_a_site_is_not_a_client_of_another() -> None:
    """A client that becomes a site is served by none: with places for eight, all but the two are served."""
    choice = choose_capacitated(LINE, 2, most=4, own=[1, 6])
    assert choice.value == 6
    assert choice.assigned[[1, 6]].tolist() == [-1, -1]


def test_without_loads_it_is_the_p_median() -> None:
    """With room for everyone at every site, serving everyone costs what the p-median costs."""
    weight, minutes = county(3, clients=60, candidates=15)
    choice = choose_capacitated(minutes, 3, most=60, weight=weight, everyone=True)
    assert choice.value == pytest.approx(choose_median(weight, minutes, 3).value)
    assert choice.proven


@pytest.mark.parametrize("new", [4, 9])
def test_a_county_is_solved_to_proof(new: int) -> None:
    """110 families, 30 hosts, 6 to 10 each: proven, also that the drives are the shortest."""
    r = np.random.default_rng(5)
    places = (r.random((18, 2)) * 60)[r.integers(0, 18, 110)] + r.normal(0, 3, (110, 2))
    minutes = 2 + 1.3 * np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    hosts = np.sort(r.choice(110, 30, replace=False))
    rules = {"least": 6, "most": 10, "limit_min": 30.0, "own": hosts}
    choice = choose_capacitated(minutes[:, hosts], new, **rules)
    assert check_capacitated(choice, minutes[:, hosts], new, **rules) == []
    assert choice.value == new * 10
    assert choice.proven
    assert choice.shortest


def test_out_of_time_is_said() -> None:
    """Without time the choice keeps every rule, has a bound, and is not called proven."""
    r = np.random.default_rng(2)
    minutes = r.random((120, 40)) * 60
    choice = choose_capacitated(minutes, 9, least=6, most=10, limit_min=20, time_limit_s=0)
    assert check_capacitated(choice, minutes, 9, least=6, most=10, limit_min=20) == []
    assert choice.bound <= 120
    assert not choice.proven
    with pytest.raises(PlanError, match="allow longer"):
        choose_capacitated(minutes, 20, least=3, most=8, everyone=True, time_limit_s=0)


def test_everything_wrong_is_said_at_once() -> None:
    """Loads, limits and owners that cannot be are refused together."""
    with pytest.raises(InputError) as refused:
        choose_capacitated(LINE, 1, least=[1, 2, 3], most=2.5, limit_min=-1, own=[0, 99])
    told = " ".join(refused.value.problems)
    for words in ("least: shape", "most: give whole", "limit_min: -1", "own: clients are numbered 0 to 7"):
        assert words in told
    with pytest.raises(InputError, match="least no higher than most"):
        choose_capacitated(LINE, 1, least=7, most=6)
    with pytest.raises(InputError, match="two candidates"):
        choose_capacitated(LINE, 1, most=6, own=[3, 3])


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        ({"assigned": np.array([0, 0, 0, 0, -1, 1, 1, 1])}, "serves 4, more than 3"),
        ({"assigned": np.array([0, -1, -1, -1, -1, 1, 1, 1])}, "serves 1, fewer than 2"),
        ({"assigned": np.array([0, 0, -1, -1, 1, 1, 1, 0])}, "farther than 2"),
        ({"assigned": np.array([7, 0, 0, -1, -1, 1, 1, 1])}, "which is not open"),
        ({"sites": (1, 0)}, "out of order"),
        ({"value": 7.0}, "value is given as 7"),
        ({"minutes": 3.0}, "minutes is given as 3"),
        ({"bound": 5.0}, "wrong side"),
        ({"bound": 8.0}, "gap is given as 0"),
        ({"proven": False}, "proven does not follow"),
        ({"minutes_bound": 1.0}, "shortest does not follow"),
    ],
)
def test_the_check_finds_what_is_wrong(spoilt: dict[str, Any], words: str) -> None:
    """A choice spoilt in one place is refused in words."""
    choice = choose_capacitated(LINE, 2, least=2, most=3, limit_min=2)
    assert check_capacitated(choice, LINE, 2, least=2, most=3, limit_min=2) == []
    problems = check_capacitated(replace(choice, **spoilt), LINE, 2, least=2, most=3, limit_min=2)
    assert words in " ".join(problems)
