"""What several tests of the importer need."""

import shutil
from pathlib import Path

import pytest
from project import SAMPLE


@pytest.fixture
def few_files(tmp_path: Path) -> Path:
    """A folder of the three modelled files without which roads cannot be imported; a test may spoil it."""
    folder = tmp_path / "few"
    folder.mkdir()
    for name in ("LSOA21_WD24_LAD24_Lookup.csv", "LSOA_2021_Boundaries.geojson", "road_link.geojson"):
        shutil.copy(SAMPLE / name, folder)
    return folder
