"""Choices of sites are the best there are, and say how sure they are."""

import importlib.util
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from project import ROOT
from site_cases import Case, county, small_case

from cfwlib.errors import InputError, PlanError
from cfwlib.sites import tree
from cfwlib.sites.centre import Covers
from cfwlib.sites.choose import SiteChoice, choose_centre, choose_cover, choose_median
from cfwlib.sites.dual import Effort, Node
from cfwlib.sites.search import Search
from cfwlib.sites.tree import settle

QUESTIONS = ["median", "centre", "cover"]
PMED = ROOT.parent / "shared" / "benchmarks" / "p-median"


def ask(question: str, case: Case, **options: Any) -> SiteChoice:
    options = {"fixed": case.fixed, **options}
    if question == "median":
        return choose_median(case.weight, case.minutes, case.new, **options)
    if question == "centre":
        return choose_centre(case.minutes, case.new, weight=case.weight, **options)
    return choose_cover(case.weight, case.minutes <= 8, case.new, **options)


def check(question: str, case: Case) -> None:
    best = case.best(question)
    if np.isinf(best):
        with pytest.raises(PlanError, match="serve every client"):
            ask(question, case)
        return
    choice = ask(question, case)
    assert choice.value == pytest.approx(best, rel=1e-8, abs=1e-12)
    assert case.value(question, choice.sites) == pytest.approx(choice.value, abs=1e-9)
    assert choice.proven
    assert choice.bound >= best - 1e-9 if question == "cover" else choice.bound <= best + 1e-9
    assert choice.bound == pytest.approx(best, rel=1e-4)
    assert len(set(choice.sites) - set(case.fixed)) == case.new


@pytest.mark.parametrize("question", QUESTIONS)
@settings(max_examples=250, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_no_choice_is_better(question: str, seed: int) -> None:
    """Trying every choice finds none better, and the bound is on the right side of the best."""
    check(question, small_case(seed))


@pytest.mark.parametrize("hand_over", [0, 10**9])
@pytest.mark.parametrize("root", [Effort(1.0, 1, 0.9), Effort(1.0, 5, 0.2)])
def test_the_proof_does_not_lean_on_the_local_search(
    root: Effort, hand_over: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Begun from a poor choice and with weak bounds, branching alone and HiGHS alone still find the best value."""
    monkeypatch.setattr(tree, "ROOT", root)
    monkeypatch.setattr(tree, "BRANCH", Effort(0.3, 1, 0.2))
    monkeypatch.setattr(tree, "HAND_OVER", hand_over)
    monkeypatch.setattr(Search, "greedy", lambda search: np.arange(search.problem.new))
    monkeypatch.setattr(Search, "improve", Search.offer)
    ended = []

    def settle_and_note(root: Node, search: Search) -> float:
        bound = settle(root, search)
        ended.append(bound >= search.cutoff)
        return bound

    monkeypatch.setattr(tree, "settle", settle_and_note)
    for seed in range(500):
        check(QUESTIONS[2 * (seed % 2)], small_case(seed))
    assert bool(ended) == (hand_over == 0)
    assert all(ended)


def test_the_longest_journey_is_proven_without_a_good_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begun from no sites at all, with a site open already, the p-centre is still the best there is."""
    monkeypatch.setattr(Covers, "_greedy", lambda covers, within: np.zeros(0, dtype=np.int64))
    for seed in range(80):
        minutes = np.random.default_rng(seed).integers(0, 100, (16, 10)).astype(float)
        check("centre", Case(np.ones(16), minutes, 2 + seed % 3, (0, 1)))


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("seed", range(5))
def test_each_client_is_assigned_to_its_nearest_open_site(question: str, seed: int) -> None:
    """The site named for a client is open and as near as any; none is named where none is in reach."""
    weight, minutes = county(seed, clients=40, candidates=12)
    minutes[minutes > 30] = np.nan
    case = Case(weight, minutes, 6, (2, 5))
    try:
        choice = ask(question, case)
    except PlanError:
        assert np.isinf(case.best(question))
        return
    opened = [*case.fixed, *choice.sites]
    reached = np.where(minutes <= (8 if question == "cover" else np.inf), minutes, np.inf)
    for client, site in enumerate(choice.assigned):
        nearest = reached[client, opened].min()
        assert (site == -1) if np.isinf(nearest) else (site in opened and minutes[client, site] <= max(nearest, 8))


def test_hand_case() -> None:
    """On a line of villages at 0, 1, 2, 9 and 10 minutes, with a site at 0, the answers are those seen on paper."""
    place = np.array([0.0, 1, 2, 9, 10])
    minutes, weight = np.abs(place[:, None] - place), np.array([1.0, 1, 1, 1, 5])
    median = choose_median(weight, minutes, 1, fixed=[0])
    assert (median.sites, median.value, median.bound, median.proven) == ((4,), 4.0, 4.0, True)  # 0 + 1 + 2 + 1 + 0
    assert median.assigned.tolist() == [0, 0, 0, 4, 4]
    centre = choose_centre(minutes, 1, fixed=[0])
    assert (centre.value, centre.bound, centre.proven) == (2.0, 2.0, True)
    cover = choose_cover(weight, minutes <= 1, 1, fixed=[0])
    assert (cover.value, cover.bound, cover.gap) == (8.0, 8.0, 0.0)  # all but the village at 2


@pytest.mark.parametrize("question", QUESTIONS)
def test_clients_out_of_reach_or_of_no_weight_change_nothing(question: str) -> None:
    """A client no one reaches is counted, not served; one of weight zero is served but neither counted nor decisive."""
    weight, minutes = county(3, clients=30, candidates=10)
    plain = ask(question, Case(weight, minutes, 2, (0,)))
    more = np.vstack([minutes, np.full(10, np.nan), np.full(10, 500.0), np.full(10, np.inf)])
    other = ask(question, Case(np.append(weight, [7.0, 0.0, 0.0]), more, 2, (0,)))
    assert (other.value, other.sites) == (plain.value, plain.sites)
    assert other.unreachable == plain.unreachable + 1
    assert other.assigned[[30, 32]].tolist() == [-1, -1]
    assert (other.assigned[31] == -1) == (question == "cover")


@pytest.mark.parametrize("question", QUESTIONS)
def test_out_of_time_is_not_proven_but_bounded(question: str) -> None:
    """Given no time, a choice comes with a bound that the best value respects, and is not called proven."""
    weight, minutes = county(1, clients=300, candidates=200)
    case = Case(weight, minutes, 20, ())
    hurried, best = ask(question, case, time_limit_s=0.0), ask(question, case)
    assert best.proven
    assert not hurried.proven
    assert hurried.gap > 1e-3
    assert len(hurried.sites) == 20
    if question == "cover":
        assert hurried.value <= best.value <= hurried.bound
    else:
        assert hurried.bound <= best.value <= hurried.value


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_same_question_has_the_same_answer(question: str) -> None:
    """Asked twice, the sites are the same; asked with clients in another order, the value is."""
    weight, minutes = county(2, clients=80, candidates=50)
    first, again = (ask(question, Case(weight, minutes, 5, (1,))) for _ in range(2))
    assert (first.sites, first.value, first.bound) == (again.sites, again.value, again.bound)
    shuffled = ask(question, Case(weight[::-1], minutes[::-1], 5, (1,)))
    assert shuffled.value == pytest.approx(first.value, rel=1e-9)


@pytest.mark.parametrize("question", QUESTIONS)
def test_sites_that_help_nobody_are_still_opened(question: str) -> None:
    """Where fewer sites would do, the number asked for is opened all the same, each once."""
    minutes = np.array([[0.0, 0, 9, 9], [0, 0, 9, 9]])
    choice = ask(question, Case(np.ones(2), minutes, 3, (0,)))
    assert choice.sites == (1, 2, 3)
    assert choice.proven


@pytest.mark.parametrize("question", ["median", "centre"])
def test_too_few_sites_to_serve_everybody_is_an_error(question: str) -> None:
    """Two islands, one site: the user is told what to change."""
    case = Case(np.ones(2), np.array([[1.0, np.nan], [np.nan, 1.0]]), 1, ())
    with pytest.raises(PlanError, match="Open more sites"):
        ask(question, case)


def test_every_problem_is_named_at_once() -> None:
    """Wrong numbers, shapes and candidates are reported together, each with where it is."""
    with pytest.raises(InputError) as error:
        choose_median([1, -2], [[1, -3], [0, 1]], 2, fixed=[0, 7], time_limit_s=-1)
    told = "\n".join(error.value.problems)
    for part in (
        "-3 from client 0 to candidate 1",
        "-2 of client 1",
        "fixed: 7",
        "only 0 candidates",
        "time_limit_s: -1",
    ):
        assert part in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0], [1.0, 2.0], 1), "minutes: shape"),
        (([1.0], np.zeros((1, 0)), 1), "minutes: shape"),
        (([1.0, 1.0], [[1.0, 2.0]], 1), "weight: shape"),
        (([np.nan], [[1.0, 2.0]], 1), "weight: nan of client 0"),
        (([1.0], [[1.0, 2.0]], 0), "new: 0"),
        (([1.0], [[1.0, 2.0]], 1.5), "new: 1.5"),
        (([1.0], [[1.0, 2.0]], 3), "new: 3 sites to open, but only 2"),
    ],
)
def test_impossible_input_is_refused(arguments: tuple[Any, ...], message: str) -> None:
    """Each way of being wrong has its own message."""
    with pytest.raises(InputError, match=message):
        choose_median(*arguments)


def test_minutes_are_not_taken_for_flags() -> None:
    """Covering wants True and False: minutes given by mistake are refused, not read as 'within'."""
    with pytest.raises(InputError, match="minutes <= limit"):
        choose_cover([1.0], [[5.0, 50.0]], 1)


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "p_centre"), [("pmed1", 127), ("pmed2", 98), ("pmed6", 84), ("pmed10", 20), ("pmed17", 39)]
)
def test_published_optima_are_proven(name: str, p_centre: float) -> None:
    """OR-Library instances: the p-median of optima.csv, and the p-centre of Daskin (2000), to proof."""
    if not PMED.is_dir():
        pytest.skip(f"P-MEDIAN INSTANCES NOT FOUND at {PMED}: proofs are not held against published optima")
    spec = importlib.util.spec_from_file_location("p_median", ROOT / "benchmarks" / "p_median.py")
    assert spec
    assert spec.loader
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    minutes, p = benchmark.read_instance(PMED / f"{name}.txt")
    median = choose_median(np.ones(len(minutes)), minutes, p)
    assert (median.value, median.proven) == (benchmark.read_optima(PMED)[name], True)
    centre = choose_centre(minutes, p)
    assert (centre.value, centre.bound, centre.proven) == (p_centre, p_centre, True)
