"""The short form of `make torture`: a few cases of every kind; and proof that what it looks for it would see."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from project import ROOT

pytestmark = [
    pytest.mark.siege,
    pytest.mark.skipif(sys.platform != "linux", reason="the torture forks its cases and limits them by Linux"),
]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT / "tests", capture_output=True, text=True, check=False
    )


def test_a_short_torture_finds_nothing_bad(tmp_path: Path) -> None:
    """Damaged files of every kind, hostile names, kills, a crowd and a full disk: answers or refusals, nothing else."""
    ended = run("torture", "--short", "--seed", "1", "--keep", str(tmp_path))
    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"


def test_each_planted_fault_is_seen() -> None:
    """A traceback, a hang, too much memory, a printed value, code that ran, a loader that dies: each in its column."""
    ended = run("torture.proof")
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == {
        "breaks": ["traceback"],
        "hangs": ["over time"],
        "swells": ["over memory"],
        "tells": ["same", "value printed"],
        "runs": ["code executed", "same"],
        "dies": ["traceback"],
        "takes": ["different"],
        "among others": ["done 1", "time None", "done 3"],
    }
