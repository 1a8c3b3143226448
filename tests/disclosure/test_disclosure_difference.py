"""Two runs that are each safe are not safe together unless somebody looks."""

import json

import numpy as np
import pandas as pd
import pytest
from cases import OF, listing
from populations import council, release, settings

from cfwlib.disclosure import protect
from cfwlib.disclosure.difference import Released, compare_runs, difference, read_released
from cfwlib.disclosure.layout import Layout
from cfwlib.errors import InputError
from cfwlib.pages.homes.now import homes_now


def released(children: list[float], *, of: str = OF) -> Released:
    frame = pd.DataFrame({"group": ["a", "b", "d", "Total"], "children": children})
    frame["children_status"] = np.where(frame.children.isna(), "c", "")
    return Released(frame, Layout(of, ("group",), ("children",)))


def test_hiding_another_cell_the_second_time_gives_the_first_away() -> None:
    """Each table alone leaves room; both together pin the small count down."""
    nan = float("nan")
    first, second = released([nan, nan, 40, 53]), released([nan, 10, nan, 53])
    found = difference({"t": first}, {"t": second})
    assert found[["cell", "lower", "upper"]].values.tolist() == [["children: group a", 3, 3]]
    assert difference({"t": first}, {"t": first}).empty


@pytest.mark.parametrize(("b_and_c", "told"), [(5, [["children: group a", 2, 5]]), (6, [])])
def test_two_runs_that_narrow_a_count_by_one_are_told(b_and_c: int, told: list[list[object]]) -> None:
    """a and b are 6 together, so a is 1 to 5; that b and c are 5 leaves a 2 to 5; that they are 6 changes nothing."""
    nan = float("nan")
    one = released([nan, nan, 40, 46])
    frame = pd.DataFrame({"group": ["b", "c", "b or c"], "children": [nan, nan, b_and_c]})
    frame["children_status"] = ["c", "c", ""]
    two = Released(frame, Layout(OF, ("group",), ("children",), parts={"group": {"b or c": ("b", "c")}}))
    found = difference({"t": one}, {"u": two})
    found = found[found["cell"] == "children: group a"]
    assert found[["cell", "lower", "upper"]].values.tolist() == told


def test_small_changes_between_dates_are_cautions() -> None:
    """Counts shown in both that changed by 1 to 5 are listed, others not."""
    found = difference({"t": released([10, 20, 40, 70])}, {"t": released([12, 20, 60, 92], of="a year later")})
    assert found[["cell", "before", "after"]].values.tolist() == [["children: group a", 10, 12]]


def test_the_same_day_counted_twice_differently_is_told() -> None:
    """A corrected count is a finding, not a crash."""
    found = difference({"t": released([10, 20, 40, 70])}, {"t": released([11, 20, 40, 71])})
    assert found.finding.str.contains("different counts").all()
    assert len(found) == 2


def test_two_run_folders(tmp_path) -> None:
    """The tables are found by the layouts beside them; a damaged one is an error that names the place."""
    protected = protect(listing({"a": 3, "b": 9, "d": 41}), of=OF, keys=["group"], counts=["children"])
    for run in ("one", "two"):
        folder = tmp_path / run / "exports" / "06_homes"
        folder.mkdir(parents=True)
        protected.frame.to_csv(folder / "ages.csv", index=False)
        (folder / "disclosure.json").write_text(json.dumps({"ages": protected.layout.to_json()}))
    assert compare_runs(tmp_path / "one", tmp_path / "two").empty
    for damage in (b"{", b"[1]", b"3", b'{"ages": 1}', b"[" * 99_999, b"\xff\xfe{"):
        (tmp_path / "two/exports/06_homes/disclosure.json").write_bytes(damage)
        with pytest.raises(InputError, match=r"06_homes|disclosure\.json"):
            compare_runs(tmp_path / "one", tmp_path / "two")


def test_the_tables_of_the_page_of_homes_are_one_puzzle_that_can_be(tmp_path) -> None:
    """All who live outside are the sum of the rules that are shown, whatever totals between were left out."""
    study = council(3)
    folder = release(homes_now(study, settings()), tmp_path / "one")
    rules = read_released(folder)["06_homes/rules"]
    (total, parts) = rules.sums()[0]
    assert total[2] == (("location", "outside"),)
    assert {dict(name[2])["rule"] for name in parts} == {*rules.frame["rule"]} - {"Total"}
    assert compare_runs(folder, folder).empty


def test_a_sum_with_a_row_that_is_not_there_says_nothing(tmp_path) -> None:
    """A part that was not exported may hold anybody: 40 and not 13 is no contradiction, and nothing is found by it."""
    frame = pd.DataFrame({"group": ["both", "a"], "children": [40, 13], "children_status": ["", ""]})
    layout = Layout(OF, ("group",), ("children",), parts={"group": {"both": ("a", "b")}})
    assert Released(frame, layout).sums() == []
    assert difference({"t": Released(frame, layout)}, {"t": Released(frame, layout)}).empty


def test_an_impossible_puzzle_says_which_sums_clash() -> None:
    """Where no children agree with what is shown it is an error, with the one sum that cannot be and no other."""
    parts = {"group": {"all": ("a", "b"), "b": ("d", "e")}}
    frame = pd.DataFrame({"group": ["all", "a", "b", "d", "e"], "children": [166.0, 63, 103, np.nan, 120]})
    frame["children_status"] = np.where(frame.children.isna(), "c", "")
    table = Released(frame, Layout(OF, ("group",), ("children",), parts=parts))
    with pytest.raises(InputError, match="'children: group b' is not the sum") as error:
        difference({"t": table}, {"t": table})
    assert len(error.value.problems) == 1
    assert "120" not in str(error.value)
