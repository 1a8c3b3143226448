import json
import multiprocessing
import os
import subprocess
import sys
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from cfwlib.errors import CfwError
from cfwlib.locks import _began
from cfwlib.runs import AreaBusyError, hold_area
from cfwlib.runs.lock import LOCK


def claim(folder: str, place: int, all_tried: Barrier) -> None:
    """Take the lock if it is free, leave a mark, and keep it until everybody has tried."""
    try:
        with hold_area(Path(folder), "here"):
            Path(folder, f"mark-{place}").touch()
            all_tried.wait()
    except AreaBusyError:
        all_tried.wait()


def test_two_runs_of_an_area_do_not_meet(tmp_path: Path) -> None:
    """The second is told who holds the area; another area is free, and so is this one afterwards."""
    with hold_area(tmp_path, "here"):
        assert (tmp_path / "here" / LOCK).exists()
        with (
            pytest.raises(AreaBusyError, match=rf"process {os.getpid()} on .*, since 20\d\d-"),
            hold_area(tmp_path, "here"),
        ):
            pass
        with hold_area(tmp_path, "there"):
            pass
    with hold_area(tmp_path, "here", wait_s=1):
        pass
    assert list((tmp_path / "here").iterdir()) == []


def test_it_is_given_back_when_the_run_is_stopped(tmp_path: Path) -> None:
    """Ctrl-C leaves no lock behind."""
    with pytest.raises(KeyboardInterrupt), hold_area(tmp_path, "here"):
        raise KeyboardInterrupt
    assert not (tmp_path / "here" / LOCK).exists()


def test_a_lock_that_a_crash_left_is_cleared_away(tmp_path: Path) -> None:
    """A process that is gone, a number that another process has now, or half a file of long ago: none blocks a run."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    path, here = tmp_path / "here" / LOCK, os.uname().nodename
    path.parent.mkdir()
    for pid, began in ((gone.pid, "x"), (os.getpid(), "another boot 123")):
        path.write_text(json.dumps({"pid": pid, "host": here, "began": began, "since": "yesterday"}))
        with hold_area(tmp_path, "here"):
            pass
    path.write_text('{"pid"')
    with pytest.raises(AreaBusyError), hold_area(tmp_path, "here"):
        pass  # it may be just being written
    os.utime(path, (1, 1))
    with hold_area(tmp_path, "here"):
        pass
    assert list(path.parent.iterdir()) == []


def test_another_machine_s_lock_is_respected(tmp_path: Path) -> None:
    """Whether a process lives elsewhere cannot be seen from here: the message says what to do."""
    path = tmp_path / "here" / LOCK
    path.parent.mkdir()
    path.write_text(json.dumps({"pid": 1, "host": "elsewhere", "began": "x", "since": "yesterday"}))
    with pytest.raises(AreaBusyError, match=r"on elsewhere, since yesterday.*delete"), hold_area(tmp_path, "here"):
        pass


def test_only_one_of_many_takes_over_what_a_crash_left(tmp_path: Path) -> None:
    """Several that find the same dead lock at once do not all take the area."""
    path = tmp_path / "here" / LOCK
    path.parent.mkdir()
    path.write_text(json.dumps({"pid": 2**22 + 1, "host": os.uname().nodename, "began": "x", "since": "y"}))
    fork = multiprocessing.get_context("fork")
    all_tried = fork.Barrier(6, timeout=60)
    several = [fork.Process(target=claim, args=(str(tmp_path), n, all_tried)) for n in range(6)]
    for one in several:
        one.start()
    for one in several:
        one.join()
    assert len(list(tmp_path.glob("mark-*"))) == 1


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    """A file in the place of the outputs folder is named."""
    (tmp_path / "file").write_text("")
    with pytest.raises(CfwError, match="is a file, not a folder"), hold_area(tmp_path / "file", "here"):
        pass


def test_a_process_is_known_by_when_it_began() -> None:
    """The same process tells the same; no process tells nothing."""
    assert _began(os.getpid()) == _began(os.getpid()) != ""
    assert _began(2**22 + 1) == ""
