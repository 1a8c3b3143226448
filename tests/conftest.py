"""Shared fixtures: a project folder of one's own, the modelled area, the published data where it is at hand."""

import os
import shutil
from pathlib import Path

import pytest

from cfwlib.data import AreaData, load_area
from cfwlib.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample"
OPEN_DATA = Path(os.environ.get("CFW_OPEN_DATA", ROOT.parent / "shared" / "open-data"))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with the notebooks, area files and sample, and an empty store."""
    folder = tmp_path / "home"
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    (folder / "data").mkdir()
    (folder / "data" / "sample").symlink_to(SAMPLE)
    monkeypatch.setenv("CFW_HOME", str(folder))
    return folder


@pytest.fixture
def sample_copy(tmp_path: Path) -> Path:
    """A folder of the modelled files that a test may spoil."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "files"))


@pytest.fixture(scope="session")
def modelled(tmp_path_factory: pytest.TempPathFactory) -> AreaData:
    """The modelled area, loaded once."""
    folder = tmp_path_factory.mktemp("modelled")
    shutil.copytree(ROOT / "notebooks" / "areas", folder / "notebooks" / "areas")
    (folder / "data").mkdir()
    (folder / "data" / "sample").symlink_to(SAMPLE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CFW_HOME", str(folder))
        return load_area(Settings())


@pytest.fixture(scope="session")
def open_data() -> Path:
    """The folder of published files; tests that need it are skipped, loudly, where it is not at hand."""
    if not OPEN_DATA.is_dir():
        pytest.skip(f"PUBLISHED DATA NOT FOUND at {OPEN_DATA}: set CFW_OPEN_DATA to check against real figures")
    return OPEN_DATA
