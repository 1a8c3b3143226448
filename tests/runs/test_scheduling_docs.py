"""The examples in docs/scheduling.md are sound, and every command in them is one that cfw understands."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import typer.main
import yaml
from project import ROOT

from cfwlib.cli import app

TEXT = (ROOT / "docs" / "scheduling.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^```([\w-]+)\n(.*?)^```", TEXT, flags=re.MULTILINE | re.DOTALL))
CALL = re.compile(
    r"(?:^|[\s`/\\=])cfw(?:\.exe</Command>\s*<Arguments>)? +((?:runs?|compare|data)\b[^`\n<>|]*)", re.MULTILINE
)
README = (ROOT / "README.md").read_text(encoding="utf-8").split("## For schedulers")[1].split("\n## ")[0]


def calls(text: str) -> list[str]:
    """The arguments of every call of cfw in a text, whole lines and in sentences."""
    text = text.replace("cfw.exe</Command>\n      <Arguments>", "cfw ")
    return [found.split("#")[0].strip() for found in CALL.findall(text)]


def parse(words: list[str]) -> None:
    """Have the real command read its arguments, without running it."""
    command: Any = typer.main.get_command(app)
    context = command.make_context("cfw", []) if not words else None
    while hasattr(command, "commands") and words and words[0] in command.commands:
        command, words = command.commands[words[0]], words[1:]
    if context is None:
        command.make_context("cfw", list(words))


def test_every_command_in_the_documents_is_understood() -> None:
    """Each option exists and its value is of the right kind; a made-up one is refused, so the check works."""
    found = calls(TEXT) + calls(README)
    assert len(found) >= 15
    assert any("--resume" in call for call in found)
    for call in found:
        parse(shlex.split(call))
    for wrong in ("run --silent", "run --wait soon", "runs prune --keep 0", "compare"):
        with pytest.raises(Exception, match=r"(?i)option|number|range|greater|missing"):
            parse(shlex.split(wrong))


def test_every_exit_code_is_told_in_the_help_too() -> None:
    """The table of the document and the help of the command name the same codes."""
    codes = re.findall(r"^\| (\d+) \|", TEXT, flags=re.MULTILINE)
    command: Any = typer.main.get_command(app)
    assert re.findall(r"\b(\d+) = ", command.commands["run"].help) == codes == ["0", "1", "2", "3", "130"]


def test_the_crontab_has_five_times_and_a_command() -> None:
    """Every line is a setting or five fields in their ranges before an absolute path."""
    ranges = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)]
    jobs = [line for line in BLOCKS["cron"].splitlines() if not re.fullmatch(r"[A-Z_]+=\S+", line)]
    assert len(jobs) == 2
    for line in jobs:
        *times, command = line.split(maxsplit=5)
        for time, (low, high) in zip(times, ranges, strict=True):
            assert time == "*" or low <= int(time) <= high
        assert command.startswith("/")
        assert "%" not in command  # cron would make a new line of it


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    """Service and timer pass systemd's own check, without a warning."""
    service = BLOCKS["systemd-service"].replace("/srv/cfwlib/.venv/bin/cfw", "/bin/true")  # must be there to pass
    (tmp_path / "cfw.service").write_text(service)
    (tmp_path / "cfw.timer").write_text(BLOCKS["systemd-timer"])
    units = [str(tmp_path / "cfw.service"), str(tmp_path / "cfw.timer")]
    told = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (told.returncode, [line for line in told.stderr.splitlines() if "cfw" in line]) == (0, [])
    times = re.findall(r"OnCalendar=(.*)", BLOCKS["systemd-timer"])
    subprocess.run(["systemd-analyze", "calendar", *times], capture_output=True, check=True)


def test_the_windows_task_is_well_formed() -> None:
    """It has a trigger in every month, and an action with program, arguments and folder."""
    space = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
    task = ElementTree.fromstring(BLOCKS["xml"])
    assert task.tag == f"{space}Task"
    months = task.find(f".//{space}Months")
    assert months is not None
    assert len(months) == 12
    for part in ("Command", "Arguments", "WorkingDirectory"):
        assert task.findtext(f".//{space}Exec/{space}{part}")


def test_the_workflow_keeps_reports_of_failed_runs_too() -> None:
    """The YAML is sound, the artifact is kept always, and the installation is the project's own."""
    workflow = yaml.safe_load(BLOCKS["yaml"])
    steps = workflow["jobs"]["run"]["steps"]
    upload = next(step for step in steps if "upload-artifact" in step.get("uses", ""))
    assert upload["if"] == "always()"
    assert upload["with"]["path"] == "outputs/"
    assert any(step.get("run", "").startswith("cfw run") for step in steps)
    assert workflow["permissions"] == {"contents": "read"}
