from pathlib import Path

import pytest
from run_cases import command, made_run

from cfwlib.runs import hold_area, old_runs, prune


def names(folders: list[Path]) -> list[str]:
    return [folder.name[:8] for folder in folders]


def test_the_newest_stay_and_so_does_the_last_good_run(tmp_path: Path) -> None:
    """Failed runs never push out the last good one, of either kind of data; the rest go, oldest last."""
    made_run(tmp_path, "20260101-000000")
    made_run(tmp_path, "20260102-000000")
    made_run(tmp_path, "20260103-000000", data="sample")
    for day in range(4, 8):
        made_run(tmp_path, f"2026010{day}-000000", status="failed")
    (tmp_path / "here" / "20260106-120000").mkdir()  # was killed before it wrote anything
    assert names(prune(tmp_path, "here", keep=2)) == ["20260106", "20260105", "20260104", "20260101"]
    left = sorted(path.name[:8] for path in (tmp_path / "here").iterdir())
    assert left == ["20260102", "20260103", "20260106", "20260107"]


def test_a_run_of_one_notebook_does_not_replace_a_run_of_all(tmp_path: Path) -> None:
    """The last good run is kept for each notebook."""
    both = [{"name": name, "title": name, "status": "ok", "html": "", "error": ""} for name in ("01_need", "02_reach")]
    made_run(tmp_path, "20260101-000000", notebooks=both)
    made_run(tmp_path, "20260102-000000")
    assert old_runs(tmp_path, "here", keep=1) == []


def test_what_is_no_run_is_never_touched(tmp_path: Path) -> None:
    """Folders of one's own, and links to elsewhere, stay; what a link inside a run leads to stays too."""
    elsewhere = tmp_path / "elsewhere" / "20250101-000000"
    elsewhere.mkdir(parents=True)
    (elsewhere / "kept.txt").write_text("kept")
    outputs = tmp_path / "outputs"
    old = made_run(outputs, "20260101-000000", status="failed")
    (old.folder / "link").symlink_to(elsewhere)
    made_run(outputs, "20260201-000000")
    (outputs / "here" / "my notes").mkdir()
    (outputs / "here" / "20250101-000000").symlink_to(elsewhere)
    assert names(prune(outputs, "here", keep=1)) == ["20260101"]
    assert (elsewhere / "kept.txt").is_file()
    assert (outputs / "here" / "my notes").is_dir()
    assert (outputs / "here" / "20250101-000000").is_symlink()


def test_the_command_says_what_it_deletes_and_keeps_off_a_run_that_is_going_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A dry run deletes nothing; an area with a run going on is left alone, with exit code 3."""
    for day in (1, 2):
        made_run(tmp_path, f"2026010{day}-000000")
    words = ("runs", "prune", "--keep", "1", "--outputs", str(tmp_path))
    assert command(monkeypatch, *words, "--dry-run") == 0
    assert "would delete" in capsys.readouterr().out
    with hold_area(tmp_path, "here"):
        assert command(monkeypatch, *words) == 3
    assert "is going on" in capsys.readouterr().err
    assert (tmp_path / "here" / "20260101-000000").is_dir()
    assert command(monkeypatch, *words) == 0
    assert "deleted" in capsys.readouterr().out
    assert not (tmp_path / "here" / "20260101-000000").exists()
    assert "20260101-000000" not in (tmp_path / "index.html").read_text()
