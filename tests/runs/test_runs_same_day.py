"""Two runs about the same day: the difference between their children is itself a small number, and is told nowhere."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from run_cases import command, figure, made_run

from cfwlib.areas import project_root
from cfwlib.disclosure.layout import Layout
from cfwlib.errors import CfwError
from cfwlib.runs import Run, compare_runs, write_comparison, write_index

CLAIM = {"authority": "E06000063", "modelled": False, "day": "2025-03-31", "children": "a", "hidden": "b", "nights": {}}
FIGURES = {"homes_children_in_care": (458, "children"), "homes_in_area_share": (0.587, "share"), "cost": (42.3, "gbp")}


def run(outputs: Path, run_id: str, values: tuple[float, ...], *, claim: dict[str, Any] | None = None) -> Run:
    """Write a run of the page of homes with a claim, or of a version that made none."""
    figures = [
        figure(name, value, unit=unit, notebook="06_homes", headline=True)
        for value, (name, (_, unit)) in zip(values, FIGURES.items(), strict=True)
    ]
    made = made_run(outputs, run_id, *figures, parameters={"06_homes": {"returns": "2025", "lsoa_vintage": 2021}},
                    notebooks=[{"name": "06_homes", "title": "Homes?", "status": "ok"}])  # fmt: skip
    exports = made.folder / "exports" / "06_homes"
    exports.mkdir(parents=True)
    if claim is not None:
        (exports / "released.json").write_text(json.dumps(CLAIM | claim))
    return made


@pytest.mark.parametrize("claim", [None, {}], ids=["of an earlier version", "with its claim"])
def test_no_page_tells_that_one_child_is_gone(
    tmp_path: Path, claim: dict[str, Any] | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Children, shares and costs that changed with one child are hidden in comparison, CSV, index, drawing and list."""
    other = None if claim is None else {"children": "other"}
    before = run(tmp_path, "20260101-000000", (458, 0.587, 42.3), claim=claim)
    after = run(tmp_path, "20260201-000000", (457, 0.589, 42.2), claim=other)
    page, index = write_comparison(before, after, after.folder), write_index(tmp_path)
    rows = pd.read_csv(page.with_suffix(".csv")).query("kind == 'figure'")
    assert rows["verdict"].tolist() == ["hidden"] * 3
    assert rows[["before", "after"]].eq("hidden").all(axis=None)
    assert rows[["change", "change_of_before"]].isna().all(axis=None)
    for text in (page.read_text(), page.with_suffix(".csv").read_text(), index.read_text()):
        assert not any(words in text for words in ("458", "−1 children", "-1", "58.7", "<svg", "42.3"))
    assert "457 children" in index.read_text()
    assert command(monkeypatch, "runs", "--outputs", str(tmp_path)) == 0
    listed = capsys.readouterr().out
    assert "457" in listed
    assert "458" not in listed


def test_the_same_children_are_compared_and_rounding_is_not(tmp_path: Path) -> None:
    """Another price changes the cost of the same children, which is told; 458 beside 460 is not."""
    before = run(tmp_path, "20260101-000000", (458, 0.587, 42.3), claim={})
    after = run(tmp_path, "20260201-000000", (460, 0.587, 50.0), claim={})
    rows = compare_runs(before, after).rows.set_index("name")
    assert rows.loc[[*FIGURES], "verdict"].tolist() == ["hidden", "same", "changed"]
    assert "458" not in write_index(tmp_path).read_text()


def test_days_that_are_apart_are_a_course(tmp_path: Path) -> None:
    """A year later one child more is no secret: the index says so and draws it."""
    before = run(tmp_path, "20260101-000000", (458, 0.587, 42.3), claim={})
    after = run(tmp_path, "20260201-000000", (459, 0.587, 50.0), claim={"day": "2026-03-31", "children": "other"})
    assert compare_runs(before, after).count("figure", "changed") == 2
    text = write_index(tmp_path).read_text()
    assert "+1 children" in text
    assert "<svg" in text


def test_which_counts_differ_is_not_told(tmp_path: Path) -> None:
    """The warning names neither group nor number: fostering, 5 to 9, own provider would be one child's profile."""
    runs = [run(tmp_path, f"2026010{day}-000000", (458, 0.587, 42.3)) for day in (1, 2)]
    for one, children in zip(runs, ([50, 60, 110], [49, 60, 109]), strict=True):
        _export(one, pd.DataFrame({"age": ["5 to 9", "10 to 15", "Total"], "children": children}))
    warnings = compare_runs(*runs).warnings
    assert len(warnings) == 1
    assert not any(words in warnings[0] for words in ("5 to 9", "49", "50", "Total"))


def test_a_puzzle_that_cannot_be_is_an_error_that_is_shown(tmp_path: Path) -> None:
    """Tables that contradict each other are told on the page, and nothing is said to be fine."""
    runs = [run(tmp_path, f"2026010{day}-000000", (458, 0.587, 42.3)) for day in (1, 2)]
    for one in runs:
        _export(one, pd.DataFrame({"age": ["5 to 9", "10 to 15", "Total"], "children": [50, 60, 90]}))
    assert any("is not the sum of" in text for text in compare_runs(*runs).clashes)
    assert "is not the sum of" in write_comparison(*runs, tmp_path / "out").read_text()


def _export(made: Run, table: pd.DataFrame) -> None:
    layout = Layout("children in care, 2025-03-31", ("age",), ("children",))
    exports = made.folder / "exports" / "06_homes"
    table.assign(children_status="").to_csv(exports / "ages.csv", index=False)
    (exports / "disclosure.json").write_text(json.dumps({"ages": layout.to_json()}))


def test_the_command_refuses_runs_that_contradict_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`cfw compare` ends with an error that names the sum."""
    from cfwlib.cli.runs import compare

    runs = [run(tmp_path, f"2026010{day}-000000", (458, 0.587, 42.3)) for day in (1, 2)]
    for one in runs:
        _export(one, pd.DataFrame({"age": ["5 to 9", "10 to 15", "Total"], "children": [50, 60, 90]}))
    with pytest.raises(CfwError, match="is not the sum of"):
        compare(*(one.run_id for one in runs), area="here", outputs=str(tmp_path), out_folder="")


def test_a_run_that_counts_others_about_the_day_is_refused_before_it_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`cfw run` ends with exit code 2 and names the run that is in the way; no folder is made."""
    earlier = run(tmp_path, "20260101-000000", (458, 0.587, 42.3), claim={"modelled": True, "children": "other"})
    assert command(monkeypatch, "run", "06", "--out", str(tmp_path)) == 2
    assert earlier.run_id in capsys.readouterr().err
    assert [path.name for path in tmp_path.glob("*/2*")] == [earlier.run_id]


def test_the_page_of_homes_claims_its_day_before_it_shows_a_child() -> None:
    """The claim is made right after the tables, and before the answer."""
    cells = json.loads((project_root() / "notebooks" / "06_homes.ipynb").read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    shown = [code.index(f"report.{what}(") for what in ("answer", "headlines", "table", "chart", "bullets", "export")]
    assert code.index("homes_now(homes, settings, figures)") < code.index("claim_homes(report") < min(shown)
