"""Every file that a parameter names is read before a run begins; and whatever the command meets, it says in words."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from project import ROOT
from run_cases import command

from cfwlib.cli import app
from cfwlib.errors import CfwError, fault_words
from cfwlib.runs import plan_jobs, with_first_week
from cfwlib.settings import Settings


@pytest.fixture
def whole(home: Path, sample_store: Path) -> Path:
    """A project folder with the real notebooks, and the modelled area in its store."""
    (home / "data" / "store").symlink_to(sample_store)
    return home


def test_files_that_parameters_name_are_read_before_a_run_begins(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All problems of all files at once, each with its file's name; exit code 2, and no run."""
    files = {
        "decisions/b.csv": "week\n1\n", "decisions/d.json": '{"format": "other"}', "decisions/p.json": '{"plan": 1}',
        "calendar/c.csv": "first,last\n2026-10-26,2026-10-25\nsoon,\n", "scenarios/s.toml": "[[scenario]]\nspeed = 1\n",
        "gtfs/g.zip": "no zip", "returns/carers.csv": "carer,can_host\nX1,maybe\n",
        "returns/r/episodes.csv": "CHILD\n1\n",
    }  # fmt: skip
    for name, text in files.items():
        path = whole / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    given = {"decisions": "d.json", "baseline": "b.csv", "last_plan": "p.json", "closures": "c.csv",
             "scenarios": "s.toml", "bus_timetable": "g.zip", "carers": "carers.csv", "returns": "r"}  # fmt: skip
    words = [word for name, value in given.items() for word in ("-p", f"{name}={value}")]
    assert command(monkeypatch, "run", *words, "--out", str(tmp_path / "o")) == 2
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("- ")]
    for value in (
        "p.json",
        "b.csv: has no column",
        "c.csv, row 2",
        "c.csv, row 3",
        "d.json",
        "s.toml",
        "g.zip",
        "carers:",
        "DEC",
    ):
        assert any(value in line for line in told), (value, told)
    assert len(told) == len(set(told))
    assert not (tmp_path / "o").exists()
    for name, value in (("decisions", "d.json"), ("closures", "nosuch.toml"), ("last_plan", "nosuch.json"),
                        ("baseline", "nosuch.csv"), ("bank_holidays", "c.csv"), ("carers", "nosuch.csv"),
                        ("returns", "nosuch"), ("term_time_only", "true")):  # fmt: skip
        assert command(monkeypatch, "run", "-p", f"{name}={value}", "--out", str(tmp_path / "o")) == 2
        (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("- ")][:1]
        assert (name if name in ("term_time_only", "carers", "returns") else value) in line
    assert not (tmp_path / "o").exists()


def test_places_and_kinds_that_are_named_are_looked_up_before_a_run_begins(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A depot, a venue and a placement that are not there end in exit code 2, all at once, with what there is."""
    (whole / "data" / "scenarios").mkdir()
    change = 'what = "entries"\nto = ["lighthouse, in area"]\nfactor = 0.5\nfrom_date = "2026-01-01"'
    text = f'[[scenario]]\nname = "x"\nnote = "y"\n[[scenario.change]]\n{change}\n'
    (whole / "data" / "scenarios" / "s.toml").write_text(text)
    given = {"depot": "Nowhere Hall", "venue_kinds": "town,moon", "scenarios": "s.toml"}
    words = [word for name, value in given.items() for word in ("-p", f"{name}={value}")]
    assert command(monkeypatch, "run", *words, "--out", str(tmp_path / "o")) == 2
    told = capsys.readouterr().err
    for part in ("depot 'Nowhere Hall'", "venue kind 'moon'", "no kind 'lighthouse, in area'", "childrens_centre"):
        assert part in told
    names = ("-p", "venues_must=Nosuch Hall", "-p", "venues_banned=Noplace Hall")
    assert command(monkeypatch, "run", *names, "--out", str(tmp_path / "o")) == 2
    told = capsys.readouterr().err
    assert "Nosuch Hall" in told
    assert "Noplace Hall" in told
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (OSError(28, "x", "/d/f"), 2, "/d/f: the disk is full. Free some space"),
        (PermissionError(13, "x", "/d/f"), 2, "/d/f: permission denied. Let this account"),
        (OSError(30, "x", "/d/f"), 2, "/d/f: it is read-only. Choose another folder"),
        (FileNotFoundError(2, "x", "/d/f"), 2, "/d/f: it is not there, or no longer"),
        (OSError(36, "x", "/d/f"), 2, "/d/f: the name is too long"),
        (MemoryError(), 2, "The memory is full"),
        (RecursionError(), 2, "nested too deeply"),
        (UnicodeDecodeError("utf-8", b"12/03/2011", 0, 1, "x"), 2, "not text in UTF-8"),
        (CfwError(["one", "two"]), 2, "2 problems:"),
        (KeyError("12/03/2011"), 1, "Unexpected KeyError"),
        (AssertionError("12/03/2011"), 1, "please report this line"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)  # fmt: skip
def test_every_fault_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, code: int, words: str
) -> None:
    """What the user or the machine causes has its remedy and exit code 2; a fault of ours one line, no value, and 1."""

    def fail(*given: object, **named: object) -> None:
        raise error

    monkeypatch.setattr("cfwlib.cli.app", fail)
    assert command(monkeypatch, "runs") == code
    told = capsys.readouterr().err
    assert words in told
    assert "Traceback" not in told
    assert "12/03/2011" not in told
    if code == 1:  # who works on cfw can see it all
        monkeypatch.setenv("CFW_DEBUG", "1")
        with pytest.raises(type(error)):
            command(monkeypatch, "runs")


def test_a_page_names_no_folder_of_this_machine() -> None:
    """On the screen the whole path helps; in a record or on a page it stays out."""
    error = OSError(28, "x", "/home/somebody/f.html")
    assert fault_words(error) == "f.html: the disk is full. Free some space, then try again."
    assert "/home/somebody/f.html" in fault_words(error, whole_path=True)


def test_a_reader_who_goes_away_and_a_terminal_of_few_letters_do_no_harm() -> None:
    """`cfw data list | head` in a terminal that knows only ASCII: no traceback, and nothing about a pipe."""
    words = [sys.executable, "-m", "cfwlib", "data", "list"]
    few = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C", "CFW_HOME": str(ROOT)}
    running = subprocess.Popen(words, env=few, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.close()
    told = running.stderr.read().decode()
    running.stderr.close()
    assert (running.wait(), told) == (0, "")


def test_a_line_to_nobody_does_not_end_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """`cfw run --quiet | head -1` runs all its notebooks."""
    reading, writing = os.pipe()
    os.close(reading)
    told = subprocess.run(
        [sys.executable, "-c", "from cfwlib.cli.console import line, out\nfor n in range(3):\n  line('x' * 99_999)\n"
         "  out.print('x')\nimport sys\nsys.stderr.write('done')"],
        stdout=writing, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    os.close(writing)
    assert (told.returncode, told.stderr) == (0, "done")


def test_the_app_itself_is_what_main_runs() -> None:
    """The command that the faults above were put into is the real one."""
    assert {command.name for command in app.registered_commands} >= {"run", "compare", "lab"}


def test_a_notebook_of_no_known_format_is_told(
    whole: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Text where its format's number belongs: one line that names it, and exit code 2."""
    path = whole / "notebooks" / "01_need.ipynb"
    path.write_text(path.read_text().replace('"nbformat": 4', '"nbformat": "four"'))
    assert command(monkeypatch, "run", "01", "--out", str(tmp_path / "o")) == 2
    assert "notebooks/01_need.ipynb: is not a notebook, or is damaged" in capsys.readouterr().err


def test_the_record_of_a_run_tells_the_monday_it_settled_on(home: Path, tmp_path: Path) -> None:
    """The first week follows from the day of the run, and is handed to the notebook as a value, so that it stays."""
    asked = {"run_date": "2026-11-28"}
    (job,) = plan_jobs(["03"], area="cumberland", data="sample", parameters=asked, folder=tmp_path)
    settled = with_first_week(job)
    assert settled.parameters["cycle_start"] == "2027-01-04"
    assert settled.origins["cycle_start"] == "run's date"
    cell = {"area": "cumberland", "data": "sample", "more": settled.injected["more"]}
    assert Settings.settled("03_mobile_hub", cell).cycle_start == "2027-01-04"
    assert with_first_week(settled) == settled
    (other,) = plan_jobs(["01"], area="cumberland", data="sample", parameters={}, folder=tmp_path)
    assert with_first_week(other) == other


def test_a_start_in_the_past_ends_before_a_run_begins(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody is to hang up a notice of dates that are over: exit code 2, and what to do instead."""
    assert command(monkeypatch, "run", "03", "-p", "cycle_start=2024-09-02", "--out", str(tmp_path / "o")) == 2
    assert "cycle_start '2024-09-02' is past: today is" in capsys.readouterr().err
    assert not (tmp_path / "o").exists()
