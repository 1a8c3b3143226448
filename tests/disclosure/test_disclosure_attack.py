"""A reader with an integer programme, all exports of one to three runs and the published table finds no child.

The reader shares no code with what it attacks (`attack.py`); the councils are small and made by chance.
"""

import json
from pathlib import Path

import pandas as pd
import pytest
from attack import ALL, WIDE, attack
from populations import council, publish, release, settings

from cfwlib.pages.homes.now import homes_now
from cfwlib.sufficiency.homes.published import published_cells


@pytest.mark.parametrize("seed", [1])
def test_three_runs_that_round_differently_tell_no_more_than_one(tmp_path: Path, seed: int) -> None:
    """Every hidden count keeps four between its bounds over runs rounded to 0, 5 and 10, and no difference is told."""
    study = council(seed)
    runs = [release(homes_now(study, settings(round_to=to)), tmp_path / str(to)) for to in (0, 5, 10)]
    found = attack(runs)
    assert found["hidden"] > 20
    assert found["narrowest"] >= WIDE, found["narrow"]
    assert not found["differences"]


@pytest.mark.parametrize("seed", [0, 3])
def test_the_published_table_beside_a_run_tells_nothing_of_what_is_hidden(tmp_path: Path, seed: int) -> None:
    """What the Department shows of the day is taken as known: what then cannot be protected is not shown."""
    study = council(seed)
    care = publish(study)
    found = attack([release(homes_now(study, settings(), care), tmp_path)], published_cells(care, study.at))
    assert found["hidden"] > 0
    assert found["narrowest"] >= WIDE, found["narrow"]
    assert not found["differences"]


@pytest.mark.parametrize("seed", [0, 3])
def test_returns_of_one_child_fewer_than_published_show_no_table(seed: int) -> None:
    """The published total beside one less is a difference of one child: nothing of these returns is shown."""
    care = publish(council(seed))
    assert homes_now(council(seed, without=seed), settings(), care) == {}


def test_published_counts_alone_would_have_given_hidden_ones_away(tmp_path: Path) -> None:
    """The attack is worth something: tables that were protected without looking at what is published fall to it."""
    study = council(0)
    care = publish(study)
    found = attack([release(homes_now(study, settings()), tmp_path)], published_cells(care, study.at))
    assert found["narrowest"] < WIDE


def test_the_attack_sees_one_child_deleted(tmp_path: Path) -> None:
    """Two runs that a claim would have refused tell in which groups the child was."""
    runs = [release(homes_now(council(1, without=no), settings()), tmp_path / str(no)) for no in (None, 4)]
    tables = [pd.read_csv(run / "exports/06_homes/now_placement.csv") for run in runs]
    assert abs(tables[0]["children"].max() - tables[1]["children"].max()) == 1
    with pytest.raises(AssertionError, match="no children agree"):
        attack(runs)


def test_the_attack_sees_what_is_hidden_apart(tmp_path: Path) -> None:
    """Three of 53, once hidden with 10 and once with 40, is 3: the reader says so."""
    for run, hidden in (("one", ["a", "b"]), ("two", ["a", "d"])):
        exports = tmp_path / run / "exports" / "06_homes"
        exports.mkdir(parents=True)
        table = pd.DataFrame({"age": ["a", "b", "d", ALL], "children": ["3", "10", "40", "53"]})
        table.loc[table["age"].isin(hidden), "children"] = ""
        table.to_csv(exports / "now_age.csv", index=False)
        (exports / "disclosure.json").write_text(json.dumps({"now_age": {"round_to": 0}}))
    found = attack([tmp_path / "one", tmp_path / "two"])
    assert found["narrow"][frozenset({("age", "a")})] == (3, 3)
