"""Whatever the disk or another process does: a failed notebook fails alone, and the record is always written."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import papermill
import pytest
from run_cases import command, notebook

from cfwlib.data import read_store, store_folder, write_store
from cfwlib.locks import alive
from cfwlib.report import write
from cfwlib.runs import read_runs
from cfwlib.runs.execute import WITHHELD, run_job
from cfwlib.runs.jobs import Job
from cfwlib.runs.record import RESERVE

Works = dict[str, Callable[[Path], None]]


@pytest.fixture
def two(bare: Path, quick: Works) -> Path:
    """A project of two notebooks that are not executed."""
    for name in ("00_a", "01_b"):
        notebook(bare, name, f"Settings.from_cell(globals(), '{name}')")
    return bare


def import_again(*_: object) -> None:
    store, folder = read_store(store_folder("sample")), store_folder("sample")
    fingerprint = json.loads((folder / "manifest.json").read_text())["fingerprint"]
    store.frames["lakes"] = store.frames["lakes"].iloc[1:]
    write_store(store, folder, fingerprint=fingerprint)


def read_it(*_: object) -> None:
    read_store(store_folder("sample"))


def test_a_run_never_mixes_two_imports(
    two: Path, quick: Works, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What has been read or would be read of another store than the run began with fails by name; a new run is well."""
    quick |= {"00_a": lambda path: (read_it(), import_again()), "01_b": read_it}
    assert command(monkeypatch, "run", "--out", str(tmp_path / "o")) == 1
    (run,) = read_runs(tmp_path / "o")
    assert (run.status, [entry["status"] for entry in run.notebooks]) == ("failed", ["failed", "failed"])
    assert all("imported again while this run was going on" in entry["error"] for entry in run.notebooks)
    assert "imported again while this run was going on" in capsys.readouterr().err
    quick["00_a"] = read_it
    assert command(monkeypatch, "run", "--resume", "--out", str(tmp_path / "o")) == 0
    assert not any(entry["reused_from"] for entry in read_runs(tmp_path / "o")[0].notebooks)  # the store is another
    assert "CFW_PINNED_STORE" not in os.environ


def test_an_import_while_a_run_waits_is_told_before_it_begins(
    two: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was checked is not what would be read: exit code 2, and nothing is run."""
    monkeypatch.setattr("cfwlib.runs.batch._clear", import_again)  # the first step after the lock is taken
    assert command(monkeypatch, "run", "--out", str(tmp_path / "o")) == 2
    assert "imported again before this run began. Run again." in capsys.readouterr().err
    assert list((tmp_path / "o" / "cumberland").iterdir()) == []


@pytest.mark.parametrize("what", ["decisions", "area", "notebook"])
def test_a_file_that_changes_during_a_run_fails_what_rests_on_it(
    two: Path, quick: Works, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Decisions, area file, the notebook itself: the notebook that may have read either fails by name."""
    (two / "data" / "decisions").mkdir()
    path = {"decisions": two / "data" / "decisions" / "d.json", "area": two / "notebooks/areas/cumberland.toml",
            "notebook": two / "notebooks" / "01_b.ipynb"}[what]  # fmt: skip
    (two / "data" / "decisions" / "d.json").write_text("{}")
    monkeypatch.setattr("cfwlib.runs.named_problems", lambda jobs: [])
    quick["01_b"] = lambda target: path.write_text(path.read_text() + "\n") and None
    assert command(monkeypatch, "run", "-p", "decisions=d.json", "--out", str(tmp_path / "o")) == 1
    (run,) = read_runs(tmp_path / "o")
    assert [entry["status"] for entry in run.notebooks] == ["ok", "failed"]
    named = {"decisions": "decisions 'd.json'", "area": "cumberland.toml", "notebook": "notebooks/01_b.ipynb"}[what]
    assert run.notebooks[1]["error"] == f"{named}: changed while this run was going on. Run again."


def full(monkeypatch: pytest.MonkeyPatch, name: str, times: int = 99) -> None:
    """Have the disk be full whenever a file of that name takes its place."""
    real, left = os.replace, [times]

    def replace(source: str | Path, target: str | Path) -> None:
        if Path(target).name.startswith(name) and left[0] > 0:
            left[0] -= 1
            raise OSError(28, "No space left on device", str(target))
        real(source, target)

    monkeypatch.setattr(write.os, "replace", replace)


@pytest.mark.parametrize(
    ("name", "bad"),
    [("00_a.ipynb", 1), ("00_a.html", 1), ("figures.json", 0), ("changes-from", 0), ("index.html", 0)],
)
def test_a_write_that_fails_is_told_and_nothing_else_fails(
    two: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, bad: int
) -> None:
    """Page, notebook, figures, comparison, index: the run ends with exit code 1, and its record says what failed."""
    words = ("run", "--out", str(tmp_path / "o"))
    assert command(monkeypatch, *words) == 0
    full(monkeypatch, name)
    assert command(monkeypatch, *words) == 1
    run = read_runs(tmp_path / "o")[0]
    assert run.status == "failed"
    assert [entry["status"] for entry in run.notebooks] == ["failed" if bad else "ok", "ok"]
    told = run.notebooks[0]["error"] if bad else " ".join(run.record["problems"])
    assert "the disk is full. Free some space" in told
    assert "the disk is full. Free some space" in capsys.readouterr().err.replace("\n", " ")
    assert not list((tmp_path / "o").rglob(".*"))


def test_the_record_has_its_own_space_on_a_full_disk(
    two: Path, quick: Works, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the disk is full for everybody, what was kept for run.json is given up for it."""

    def fill(target: Path) -> None:
        real = os.replace

        def replace(source: str | Path, to: str | Path) -> None:
            if (target.parent / RESERVE).exists():
                raise OSError(28, "No space left on device", str(to))
            real(source, to)

        monkeypatch.setattr(write.os, "replace", replace)

    quick["01_b"] = fill
    assert command(monkeypatch, "run", "--out", str(tmp_path / "o")) == 1
    (run,) = read_runs(tmp_path / "o")
    assert [entry["status"] for entry in run.notebooks] == ["ok", "failed"]


def test_a_disk_that_is_full_at_once_begins_no_run(
    two: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, one message, no folder of a run; and no lock."""
    full(monkeypatch, "run.json")
    assert command(monkeypatch, "run", "--out", str(tmp_path / "o")) == 2
    assert "the disk is full" in capsys.readouterr().err
    assert list((tmp_path / "o" / "cumberland").iterdir()) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 600 kB, which only root can make."""
    folder = tmp_path / "small"
    folder.mkdir()
    made = ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(folder)]
    if subprocess.run(made, capture_output=True, check=False).returncode:
        pytest.skip("A SMALL DISK CANNOT BE MADE: only root may mount one")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False)


def test_a_disk_that_really_fills_up_leaves_the_record(
    two: Path, quick: Works, small_disk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The notebook that fills it fails with the remedy, the record tells so, and nothing is a traceback."""

    def fill(target: Path) -> None:
        with target.with_name("big").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))

    quick["00_a"] = fill
    assert command(monkeypatch, "run", "--out", str(small_disk)) == 1
    (run,) = read_runs(small_disk)
    assert run.status == "failed"
    assert "the disk is full" in run.notebooks[0]["error"].lower()
    assert "Traceback" not in capsys.readouterr().err


def test_a_fault_of_ours_still_leaves_the_record(
    two: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error nobody thought of, half-way through: the record names its place, and never quotes a value."""

    def fault(*given: object) -> str:
        raise KeyError("12/03/2011")

    monkeypatch.setattr("cfwlib.runs.batch.changed_files", fault)
    assert command(monkeypatch, "run", "--out", str(tmp_path / "o")) == 1
    (run,) = read_runs(tmp_path / "o")
    assert run.status == "failed"
    assert "Unexpected KeyError in batch.py, line" in run.record["problems"][0]
    assert "12/03/2011" not in capsys.readouterr().err + json.dumps(run.record)


def test_an_unexpected_error_over_returns_is_not_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a notebook that reads children, the message of an error that is not ours stands nowhere; one of ours does."""
    for name, told in (("ValueError", False), ("InputError", True)):

        def fail(source: str, target: str, *given: object, kind: str = name, **named: object) -> None:
            made = nbformat.v4.new_notebook()
            error = nbformat.v4.new_output("error", ename=kind, evalue="12/03/2011", traceback=["12/03/2011"])
            warning = nbformat.v4.new_output("stream", name="stderr", text="child 4711")
            made.cells = [nbformat.v4.new_code_cell("x", outputs=[error, warning])]
            nbformat.write(made, target)
            raise papermill.PapermillExecutionError(0, 1, "x", kind, "12/03/2011", ["12/03/2011"])

        monkeypatch.setattr(papermill, "execute_notebook", fail)
        job = Job("06", tmp_path / "06.ipynb", "Homes", {"area": "c", "returns": "r"}, tmp_path)
        result = run_job(job)
        everything = result.error + "".join(path.read_text() for path in tmp_path.glob("06.*"))
        assert result.status == "failed"
        assert ("12/03/2011" in everything) is told
        assert "4711" not in everything
        assert (WITHHELD in result.error) is not told


def test_any_folder_name_will_do(bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Braces, quotes, signs of other tongues: papermill fills nothing in; and the kernel knows the store."""
    notebook(bare, "00_a", "import os\nassert out and os.path.isdir(out)", "assert 'CFW_PINNED_STORE' in os.environ")
    out = tmp_path / "{0} {area} {} [x] %20 #1 'é' ü$HOME"
    assert command(monkeypatch, "run", "--out", str(out)) == 0
    (run,) = read_runs(out)
    assert (run.folder / "00_a.html").is_file()
    assert command(monkeypatch, "run", "--out", f"{tmp_path}/\udcff") == 2


def test_a_notebook_that_is_no_notebook_is_named(
    two: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A damaged file of the project ends in a sentence before anything runs."""
    for damage in (b"{", b"\xff\xfe", b"[]", b'{"cells": [1]}', b"[" * 100_000):
        (two / "notebooks" / "01_b.ipynb").write_bytes(damage)
        assert command(monkeypatch, "run", "--out", str(tmp_path / "o")) == 2
        assert "notebooks/01_b.ipynb: is not a notebook" in capsys.readouterr().err


ORPHANS = """
import os, time
from concurrent.futures import ProcessPoolExecutor
from cfwlib.runs.batch import _leave_stopping_to_the_parent
if __name__ == "__main__":
    executor = ProcessPoolExecutor(2, initializer=_leave_stopping_to_the_parent)
    pids = set()
    while len(pids) < 2:
        pids.add(executor.submit(os.getpid).result())
        executor.submit(time.sleep, 0.01)
    for _ in range(2):
        executor.submit(time.sleep, 90)
    time.sleep(0.3)
    print(*pids, flush=True)
    os.kill(os.getpid(), 9)
"""


def test_workers_of_a_killed_run_do_not_go_on_writing() -> None:
    """When the command is killed, so are the processes that execute its notebooks."""
    running = subprocess.Popen([sys.executable, "-c", ORPHANS], stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    with running.stdout:
        pids = [int(text) for text in running.stdout.readline().split()]
    assert (running.wait(), len(pids)) == (-9, 2)
    until = time.monotonic() + 30
    while any(alive(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(alive(pid) for pid in pids)
