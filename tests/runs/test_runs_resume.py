import multiprocessing
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from run_cases import command, notebook

from cfwlib.data import read_store
from cfwlib.runs import Result, plan_jobs, read_runs, run_all
from cfwlib.runs.jobs import Job
from cfwlib.runs.resume import fingerprint, unchanged

INPUTS = [{"id": "imd", "sha256": "a" * 64, "vintage": "2025"}]


def die(job: Job, browser: str = "") -> Result:
    os._exit(9)


def jobs(home: Path, **parameters: str) -> list[Job]:
    return plan_jobs([], area="cumberland", data="sample", parameters=parameters, folder=home)


def test_a_notebook_waits_for_the_one_whose_files_it_takes_up(home: Path) -> None:
    """04 takes the plan of 03, so two at once never solve it twice; the others need not wait."""
    planned = {job.name: job for job in jobs(home)}
    assert planned["03_mobile_hub"].makes == ("plan.json",)
    assert {name: job.after for name, job in planned.items() if job.after} == {"04_hub_access": ("03_mobile_hub",)}
    alone = plan_jobs(["04"], area="cumberland", data="sample", parameters={}, folder=home)
    assert alone[0].after == ()


def test_an_executor_starts_a_notebook_when_those_before_it_are_done(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is waited for has ended before what waits begins; results come back in the order of the notebooks."""
    events: list[str] = []

    def pretend(job: Job, browser: str = "") -> Result:
        events.append(f"begin {job.name}")
        time.sleep(0.05 if job.name == "03_mobile_hub" else 0)
        events.append(f"end {job.name}")
        return Result(job.name, job.title, "ok", 0.0)

    monkeypatch.setattr("cfwlib.runs.execute.run_job", pretend)
    planned = jobs(home)
    with ThreadPoolExecutor(6) as executor:
        results = run_all(planned, executor=executor)
    assert [result.name for result in results] == [job.name for job in planned]
    assert events.index("begin 04_hub_access") > events.index("end 03_mobile_hub")
    assert events.index("begin 05_next_fixed_site") < events.index("end 03_mobile_hub")
    events.clear()
    run_all(planned)
    assert events == [f"{what} {job.name}" for job in planned for what in ("begin", "end")]  # here: one after the other


def test_a_process_that_dies_fails_its_notebooks_not_the_batch(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed for want of memory: the run ends with a record that says so."""
    monkeypatch.setattr("cfwlib.runs.execute.run_job", die)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as executor:
        results = run_all(jobs(home), executor=executor)
    assert {result.status for result in results} == {"failed"}
    assert len(results) == len(jobs(home))
    assert "its process ended" in results[0].error


def test_a_fingerprint_sees_what_results_rest_on_and_nothing_else(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code, setting, data, a named file's content and the area file change it; a stored output does not."""
    notebook(bare, "08_own", "Settings.from_cell(globals(), '08_own')\nx = 1")
    (bare / "data" / "decisions").mkdir()
    (bare / "data" / "decisions" / "ours.json").write_text("1")
    (job,) = jobs(bare, decisions="ours.json")
    first = fingerprint(job, INPUTS)

    def changed(inputs: list[dict[str, str]] = INPUTS, **parameters: str) -> list[str]:
        (again,) = jobs(bare, **(parameters or {"decisions": "ours.json"}))
        found = fingerprint(again, inputs)
        return [name for name in first if found[name] != first[name]]

    path = bare / "notebooks" / "08_own.ipynb"
    text = path.read_text()
    path.write_text(
        text.replace('"outputs": []', '"outputs": [{"output_type": "stream", "name": "stdout", "text": "1"}]')
    )
    assert changed() == []
    path.write_text(text.replace("x = 1", "x = 2"))
    assert changed() == ["notebook"]
    path.write_text(text)
    assert changed([{**INPUTS[0], "sha256": "b" * 64}]) == ["data sets"]
    assert changed(decisions="other.json") == ["parameters", "files"]
    (bare / "data" / "decisions" / "ours.json").write_text("2")
    assert changed() == ["files"]
    area = bare / "notebooks" / "areas" / "cumberland.toml"
    area.write_text(area.read_text() + "\n[published]\nhubs = { value = 2, note = 'x' }\n")
    assert changed() == ["files", "area file"]
    monkeypatch.setattr("cfwlib.runs.resume.versions", lambda: {"pandas": "4.0"})
    assert changed() == ["files", "area file", "software"]


def test_a_run_is_taken_up_where_it_failed(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--resume` runs what failed and what takes its files, takes over the rest, and then has nothing left to do."""
    outputs = tmp_path / "outputs"
    made = "import pathlib; pathlib.Path(out, 'figures').mkdir(exist_ok=True)\n"
    made += "pathlib.Path(out, 'figures', '00_first.json').write_text('[]')"
    notebook(bare, "00_first", made)
    notebook(bare, "01_plan", "raise ValueError('two\\tlines\\nof text')  # report.file('plan.json', '')")
    notebook(bare, "02_access", "pass  # report.earlier('plan.json')")
    words = ("run", "--quiet", "--out", str(outputs))
    assert command(monkeypatch, *words) == 1
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [line[:2] for line in lines] == [["ok", "00_first"], ["failed", "01_plan"], ["ok", "02_access"]]
    assert all(len(line) == 4 and float(line[2]) > 0 for line in lines)
    assert Path(lines[0][3]).is_file()
    assert lines[1][3] == "ValueError: two lines of text"
    notebook(bare, "01_plan", "import pathlib; pathlib.Path(out, 'plan.json').touch()  # report.file('plan.json', '')")
    assert command(monkeypatch, *words, "--resume") == 0
    assert [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()] == ["reused", "ok", "ok"]
    last, first = read_runs(outputs)
    assert last.record["reused_from"] == first.run_id
    assert [entry["reused_from"] for entry in last.notebooks] == [first.run_id, "", ""]
    assert (last.folder / "00_first.html").read_bytes() == (first.folder / "00_first.html").read_bytes()
    assert (last.folder / "figures" / "00_first.json").is_file()
    assert command(monkeypatch, *words, "--resume") == 0
    assert [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()] == ["reused"] * 3
    assert len(read_runs(outputs)) == 2
    planned = plan_jobs([], area="cumberland", data="sample", parameters={}, folder=outputs)
    store = bare / "data" / "store" / "sample"
    planned = [replace(job, pinned={str(store): read_store(store).content}) for job in planned]
    (last.folder / "plan.json").unlink()
    assert unchanged(planned, last, last.record["inputs"]) == {"00_first"}  # a plan that is lost is made again


def test_a_run_that_is_stopped_leaves_things_in_order(bare: Path, tmp_path: Path) -> None:
    """When the system ends it: exit code 130, what is done is kept and recorded as stopped, and the area is free."""
    notebook(bare, "00_done", "pass")
    notebook(bare, "01_long", "import pathlib, time\npathlib.Path(out, 'begun').touch()\ntime.sleep(60)")
    words = [sys.executable, "-m", "cfwlib", "run", "--quiet", "--out", str(tmp_path)]
    running = subprocess.Popen(words, env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while not list(tmp_path.glob("cumberland/*/begun")) and running.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    (run,) = read_runs(tmp_path)
    assert (run.status, run.notebooks[0]["status"]) == ("running", "ok")  # a run that is cut off can be resumed too
    running.send_signal(signal.SIGTERM)
    out, err = running.communicate(timeout=30)
    assert (running.returncode, "--resume" in err) == (130, True), err
    assert out.startswith("ok\t00_done")
    (run,) = read_runs(tmp_path)
    assert run.status == "stopped"
    assert [entry["status"] for entry in run.notebooks] == ["ok", "not run"]
    assert not list(tmp_path.glob("cumberland/.lock*"))
    assert "stopped" in (tmp_path / "index.html").read_text()


def test_another_run_of_the_area_is_not_run_into(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 3 says so to a scheduler, and nothing is left behind."""
    from cfwlib.runs import hold_area

    notebook(bare, "00_ok", "pass")
    with hold_area(tmp_path, "cumberland"):
        assert command(monkeypatch, "run", "--out", str(tmp_path), "--wait", "0.3") == 3
    assert "another run of cumberland is going on" in capsys.readouterr().err
    assert list((tmp_path / "cumberland").iterdir()) == []


def test_nobody_can_try_out_a_return_by_its_checksum(home: Path) -> None:
    """The same return in two outputs folders has two checksums, and one in one: a key that no run holds decides."""
    (home / "data" / "returns" / "r").mkdir(parents=True)
    (home / "data" / "returns" / "r" / "episodes.csv").write_text("CHILD\n1\n")
    (job,) = (one for one in jobs(home, returns="r") if one.name == "06_homes")
    one, other = (replace(job, folder=home / name / "cumberland" / "20260101-000000") for name in ("one", "other"))
    assert fingerprint(one, INPUTS) == fingerprint(one, INPUTS)
    told = [fingerprint(each, INPUTS)["files"] for each in (one, other)]
    assert told[0] != told[1]
    assert [path.parent.name for path in sorted(home.rglob(".released.key"))] == ["one", "other"]
