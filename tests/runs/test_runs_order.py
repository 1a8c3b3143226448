"""Runs keep their order whatever the clock says, and every one is listed: cut off, damaged, or well."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from run_cases import command, figure, made_run, notebook

from cfwlib.errors import CfwError
from cfwlib.report.write import atomic, sweep
from cfwlib.runs import find_run, hold_area, old_runs, prune, read_runs, recordless, write_index
from cfwlib.runs.history import next_sequence, runs_before
from cfwlib.runs.lock import LOCK, going_on


def test_a_wrong_clock_moves_no_run(tmp_path: Path) -> None:
    """A run dated 2038, and one after the clock was set back: latest, previous and retention go by their numbers."""
    for number, day in enumerate(("20260101", "20380101", "19700102", "20260103"), start=1):
        made_run(tmp_path, f"{day}-000000", sequence=number)
    assert [run.run_id[:4] for run in read_runs(tmp_path)] == ["2026", "1970", "2038", "2026"]
    latest = find_run(tmp_path, "latest", area="here")
    assert latest.run_id == "20260103-000000"
    assert find_run(tmp_path, "previous", area="here", beside=latest).run_id == "19700102-000000"
    assert len(runs_before(latest, read_runs(tmp_path))) == 3
    assert next_sequence(tmp_path) == 5
    page = write_index(tmp_path).read_text()
    assert page.index("20260103-000000") < page.index("19700102-000000") < page.index("20380101-000000")
    assert [path.name[:4] for path in old_runs(tmp_path, "here", keep=2)] == ["2038", "2026"]


def test_a_run_after_one_of_the_future_is_the_latest(
    bare: Path, quick: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after one that was made before runs had numbers."""
    notebook(bare, "00_a", "pass")
    made_run(tmp_path, "20380101-000000", area="cumberland")
    for number in (1, 2):
        assert command(monkeypatch, "run", "--out", str(tmp_path)) == 0
        latest = find_run(tmp_path, "latest", area="cumberland")
        assert latest.record["sequence"] == number
    assert latest.record["seconds"] >= 0


def test_a_run_that_was_killed_at_once_is_listed_and_can_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a record, with half of one, or with one that says running: `cfw runs`, the index and prune know it."""
    made_run(tmp_path, "20260104-000000", sequence=4)
    made_run(tmp_path, "20260103-000000", sequence=3, status="running")
    (tmp_path / "here" / "20260102-000000").mkdir()
    (tmp_path / "here" / "20260101-000000").mkdir()
    (tmp_path / "here" / "20260101-000000" / "run.json").write_text('{"run_id": "2026')
    assert [path.name[:8] for path in recordless(tmp_path)] == ["20260102", "20260101"]
    assert command(monkeypatch, "runs", "--outputs", str(tmp_path)) == 0
    told = {line.split()[1]: line for line in capsys.readouterr().out.splitlines() if line.strip().startswith("here")}
    assert len(told) == 4
    assert "running" not in str(told)
    assert all("cut off" in told[f"2026010{day}-000000"] for day in (1, 2, 3))
    page = write_index(tmp_path).read_text()
    assert '<strong class="bad">cut off</strong>' in page
    assert "Cut off at once, or with a damaged record: here 20260102-000000, here 20260101-000000." in page
    assert [path.name[:8] for path in prune(tmp_path, "here", keep=1)] == ["20260103", "20260102", "20260101"]
    assert recordless(tmp_path) == []


def test_only_the_run_that_holds_the_lock_is_running(tmp_path: Path) -> None:
    """A run that was cut off does not look alive because another one is going on."""
    for day in (1, 2):
        made_run(tmp_path, f"2026010{day}-000000", sequence=day, status="running")
    assert going_on(tmp_path, "here") == ""
    with hold_area(tmp_path, "here") as lock:
        lock.tell(run="20260102-000000")
        assert going_on(tmp_path, "here") == "20260102-000000"
        page = write_index(tmp_path).read_text()
        assert ('<strong class="bad">running</strong>' in page, page.count("cut off")) == (True, 1)
    assert going_on(tmp_path, "here") == ""
    assert not list((tmp_path / "here").glob(".*"))


def test_a_run_that_is_going_on_has_its_record_and_its_lock(
    bare: Path, quick: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From its first second it is listed, as running; afterwards nothing is left of what kept its space."""
    notebook(bare, "00_a", "pass")
    seen = []
    quick["00_a"] = lambda target: seen.append((read_runs(tmp_path)[0].status, going_on(tmp_path, "cumberland")))
    assert command(monkeypatch, "run", "--out", str(tmp_path)) == 0
    assert seen == [("running", read_runs(tmp_path)[0].run_id)]
    assert not [path for path in tmp_path.rglob(".*") if "home" not in path.parts]


DAMAGE: list[Any] = [
    [], 1, None, {}, {"run_id": 1}, {"notebooks": {}}, {"notebooks": [1]}, {"notebooks": [{"title": None}]},
    {"parameters": []}, {"parameters": {"a": 1}}, {"inputs": {}}, {"inputs": [1]}, {"problems": "x"},
    {"seconds": "long"}, {"sequence": "first"}, {"started": 5}, {"status": []}, {"fingerprints": []}, {"versions": 3},
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE, ids=str)
def test_a_damaged_record_is_told_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], damage: Any
) -> None:
    """Whatever is wrong with a run.json: list, compare, prune and index go on with the others."""
    made_run(tmp_path, "20260101-000000", figure("children", 7))
    made_run(tmp_path, "20260102-000000", figure("children", 8))
    bad = made_run(tmp_path, "20260103-000000", figure("children", 9))
    record = {**bad.record, **damage} if isinstance(damage, dict) and damage else damage
    (bad.folder / "run.json").write_text(json.dumps(record))
    words = ("--outputs", str(tmp_path))
    assert command(monkeypatch, "runs", *words) == 0
    assert "damaged record" in capsys.readouterr().out
    assert command(monkeypatch, "compare", "previous", "latest", "--area", "here", *words) == 0
    assert command(monkeypatch, "runs", "prune", "--keep", "1", *words) == 0
    assert "20260102-000000" in (tmp_path / "index.html").read_text()


@pytest.mark.parametrize(
    "damage",
    ["", "[", "1", "null", '{"a": 1}', "[1]", '[{"name": "x"}]', '[{"name": "x", "value": [1]}]', "[" * 99_999,
     '[{"name": "x", "value": 1, "low": "a"}]', '[{"name": "x", "value": 1, "label": 3, "headline": true}]',
     '[{"name": "residents", "value": 1}]', "[" + "9" * 5_000 + "]"],
    ids=lambda text: text[:40],
)  # fmt: skip
def test_damaged_figures_stop_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    """Whatever is wrong with a figures.json: list, compare, prune and index go on without it."""
    made_run(tmp_path, "20260101-000000", figure("children", 7))
    bad = made_run(tmp_path, "20260102-000000")
    (bad.folder / "figures.json").write_text(damage)
    words = ("--outputs", str(tmp_path))
    assert command(monkeypatch, "runs", *words) == 0
    assert command(monkeypatch, "compare", "previous", "latest", "--area", "here", *words) == 0
    assert command(monkeypatch, "runs", "prune", *words) == 0


@pytest.mark.parametrize("area", ["..", "../x", "/etc", "[", "*", "a b", "A"])
def test_an_area_is_a_name_not_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, area: str) -> None:
    """Nothing outside the outputs folder is listed, compared or deleted."""
    outputs = tmp_path / "x" / "outputs"
    outputs.mkdir(parents=True)
    victim = made_run(tmp_path, "20260101-000000", area="x").folder
    made_run(tmp_path, "20260102-000000", area="x")
    words = ("--area", area, "--outputs", str(outputs))
    for command_words in (("runs",), ("runs", "prune", "--keep", "1"), ("compare", "previous")):
        assert command(monkeypatch, *command_words, *words) in {0, 2}
    for work in (old_runs, prune):
        with pytest.raises(CfwError, match="use small letters"):
            work(outputs, area, keep=1)
    assert victim.is_dir()


def test_a_prune_that_was_killed_leaves_no_half_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is being deleted is out of the list at once, and what is left of it goes with the next prune."""
    for day in (1, 2, 3):
        made_run(tmp_path, f"2026010{day}-000000", status="failed")
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", lambda path: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            prune(tmp_path, "here", keep=2)
    assert [run.run_id[:8] for run in read_runs(tmp_path)] == ["20260103", "20260102"]
    assert list((tmp_path / "here").glob(".going-*"))
    prune(tmp_path, "here", keep=1)
    assert not list((tmp_path / "here").glob(".*"))


def test_what_killed_writers_left_is_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scratch folder whose process is gone goes; a living one's and a fresh one of another machine stay."""
    with atomic(tmp_path / "here" / "x.txt") as scratch:
        alive = scratch.parent
        dead = alive.with_name(alive.name.replace(f"-{os.getpid()}-", f"-{2**22 + 1}-"))
        elsewhere = alive.with_name(".writing-ffffff-1-abc")
        old = alive.with_name(".writing-abc")
        for folder in (dead, elsewhere, old):
            folder.mkdir()
        os.utime(old, (1, 1))
        sweep(tmp_path)
        assert (alive.is_dir(), dead.exists(), elsewhere.is_dir(), old.exists()) == (True, False, True, False)
        scratch.write_text("x")
    assert (tmp_path / "here" / "x.txt").read_text() == "x"


@pytest.mark.parametrize("text", ["[]", '["pid", "host", "began", "since"]', "\udcff", "[" * 99_999, "9" * 5_000,
                                  '{"pid": "x", "host": "h", "began": "b", "since": "s"}',
                                  '{"pid": -1, "host": "h", "began": "b", "since": "s"}'],
                         ids=lambda text: ascii(text)[:30])  # fmt: skip
def test_a_damaged_lock_holds_nobody_up_for_ever(tmp_path: Path, text: str) -> None:
    """Whatever stands in it: told as held while it is fresh, and cleared away once it is old, or of the future."""
    path = tmp_path / "here" / LOCK
    path.parent.mkdir()
    for when in (1, 4_000_000_000):
        path.write_bytes(text.encode(errors="surrogateescape"))
        with pytest.raises(CfwError, match="another run of here is going on"), hold_area(tmp_path, "here"):
            pass
        os.utime(path, (when, when))
        with hold_area(tmp_path, "here"):
            pass
    assert not path.exists()
