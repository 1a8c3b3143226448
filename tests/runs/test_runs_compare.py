from pathlib import Path

import pandas as pd
import pytest
from run_cases import command, figure, made_run

from cfwlib.errors import CfwError
from cfwlib.runs import compare_runs, find_run, read_runs, write_comparison
from cfwlib.runs.batch import _before
from cfwlib.runs.compare import compare_figures

NASTY = "<script>alert('x')</script>"


@pytest.mark.parametrize(
    ("before", "after", "verdict", "change"),
    [
        ({"value": 10}, {"value": 10 + 1e-12}, "same", 0),
        ({"value": 10}, {"value": 10.001}, "changed", 0.001),
        ({"value": 10, "low": 8, "high": 12}, {"value": 11.5}, "within noise", 1.5),
        ({"value": 10}, {"value": 14, "low": 10, "high": 18}, "within noise", 4),
        ({"value": 14, "low": 10, "high": 18}, {"value": 9, "low": 7, "high": 11}, "within noise", -5),
        ({"value": 10, "low": 8, "high": 12}, {"value": 14, "low": 13, "high": 15}, "changed", 4),
        ({"value": 10}, {"value": None, "disclosure": "c"}, "hidden", None),
        ({"value": 10, "disclosure": "c"}, {"value": 11}, "hidden", None),
        ({"value": 10, "unit": "min"}, {"value": 10, "unit": "km"}, "changed", None),
        ({"value": "Alston"}, {"value": "Alston"}, "same", None),
        ({"value": "Alston"}, {"value": "Bampton"}, "changed", None),
        ({"value": True}, {"value": False}, "changed", None),
        ({"value": 0.0}, {"value": 1e-12}, "same", 0),
    ],
)
def test_a_verdict_on_a_figure(
    before: dict[str, object], after: dict[str, object], verdict: str, change: float | None
) -> None:
    """Ranges that overlap are noise, numbers without one are exact, and what is hidden is never subtracted."""
    found = compare_figures(before, after)
    assert found[0] == verdict
    assert found[1] == (None if change is None else pytest.approx(change))


def test_what_went_in_and_what_came_out_are_told(tmp_path: Path) -> None:
    """A new data set, another setting and version, a figure that came, one that went, one of a notebook not run."""
    before = made_run(tmp_path, "20260101-000000", figure("children", 100), figure("old", 1),
                      figure("stops", 8, notebook="03_mobile_hub"))  # fmt: skip
    after = made_run(
        tmp_path, "20260201-000000", figure("children", 90), figure("fresh", 2), commit="abd",
        inputs=[{"id": "imd", "sha256": "b", "vintage": "2025"}, {"id": "roads", "sha256": "c", "vintage": "2026"}],
        parameters={"01_need": {"lsoa_vintage": 2021, "seed": 2}},
    )  # fmt: skip
    rows = compare_runs(before, after).rows.set_index(["kind", "name"])
    verdicts = rows["verdict"].to_dict()
    assert verdicts == {
        ("data set", "imd"): "changed", ("data set", "roads"): "new", ("parameter", "seed"): "changed",
        ("parameter", "lsoa_vintage"): "same", ("version", "pandas"): "same", ("version", "commit"): "changed",
        ("figure", "children"): "changed", ("figure", "old"): "gone", ("figure", "fresh"): "new",
        ("figure", "stops"): "not run in one of them",
    }  # fmt: skip
    assert rows.loc[("figure", "children"), "change"] == -10
    assert rows.loc[("figure", "children"), "change_of_before"] == pytest.approx(-0.1)


def test_the_page_and_the_csv_say_the_same_and_hide_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are told with unit and range, markup as text, and a hidden number is in neither file."""
    before = made_run(tmp_path, "20260101-000000", figure("a", 100, label=NASTY), figure("b", 7777))
    after = made_run(tmp_path, "20260201-000000", figure("a", 90, label=NASTY, low=85, high=95),
                     figure("b", 7777, disclosure="c"), parameters={"01_need": {"name": NASTY}})  # fmt: skip
    monkeypatch.setattr("cfwlib.runs.compare.disclosure_warnings", lambda *runs: [f"{NASTY} tells of few people"])
    page = write_comparison(before, after, tmp_path / "out")
    text, csv = page.read_text(), page.with_suffix(".csv")
    assert "<script" not in text
    assert "&lt;/script&gt; tells of few people" in text
    for words in (
        "−10 children (−10.0%)",
        "90 children (85 to 95 children)",
        "1 changed, 1 hidden",
        "Settings that differ",
    ):
        assert words in text
    table = pd.read_csv(csv).set_index("name")
    assert table.loc["a", "verdict"] == "changed"
    assert table.loc["b", "after"] == "hidden"
    assert pd.isna(table.loc["b", "change"])


def test_the_same_question_with_another_answer_is_pointed_out(tmp_path: Path) -> None:
    """When nothing that went in differs but figures do, the reader is told to find out why."""
    before = made_run(tmp_path, "20260101-000000", figure("a", 100))
    after = made_run(tmp_path, "20260201-000000", figure("a", 90))
    assert "find out why" in write_comparison(before, after, tmp_path).read_text()


def test_a_new_run_is_compared_with_the_last_good_one_of_its_kind(tmp_path: Path) -> None:
    """Not with a failed one, one on other data, or one that lacks its notebooks."""
    entry = {"title": "?", "status": "ok"}
    both = [{"name": name, **entry} for name in ("01_need", "02_reach")]
    wanted = made_run(tmp_path, "20260101-000000", notebooks=both)
    made_run(tmp_path, "20260102-000000")
    made_run(tmp_path, "20260103-000000", notebooks=both, status="failed")
    made_run(tmp_path, "20260104-000000", notebooks=both, data="sample")
    run = made_run(tmp_path, "20260105-000000", notebooks=both)
    assert _before(run, read_runs(tmp_path)) == wanted


def test_runs_are_found_as_people_name_them(tmp_path: Path) -> None:
    """Identifier, its beginning, folder, latest and previous; previous is of the same kind of data."""
    first = made_run(tmp_path, "20260101-000000")
    made_run(tmp_path, "20260201-000000", data="sample")
    last = made_run(tmp_path, "20260301-000000")
    made_run(tmp_path, "20260101-000001", area="there")
    for wanted, run in (("latest", last), ("previous", first), ("202603", last), (str(first.folder), first)):
        assert find_run(tmp_path, wanted, area="here", beside=last).folder == run.folder
    assert find_run(tmp_path, "20260101-000001", area="here").area == "there"
    with pytest.raises(CfwError, match=r"fits several \(here 20260301-000000, here 20260201-000000"):
        find_run(tmp_path, "2026", area="here")
    with pytest.raises(CfwError, match="is not in"):
        find_run(tmp_path, "1999", area="here")


def test_the_command_lists_and_compares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`cfw runs` shows each run on its line, `cfw compare previous` answers and says where the page is."""
    made_run(tmp_path, "20260101-000000", figure("residents", 100))
    made_run(tmp_path, "20260201-000000", figure("residents", 101), status="running")
    assert command(monkeypatch, "runs", "--outputs", str(tmp_path)) == 0
    told = capsys.readouterr().out
    for words in ("20260101-000000", "cut off", "1 ok", "residents: 101", "1.0"):
        assert words in told
    out = str(tmp_path / "out")
    words = ("compare", "previous", "latest", "--area", "here", "--outputs", str(tmp_path), "--out", out)
    assert command(monkeypatch, *words) == 0
    assert "Of 1 figures, 1 changed." in capsys.readouterr().out
    assert Path(out, "changes-from-20260101-000000.csv").is_file()
