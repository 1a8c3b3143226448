"""A project folder of one's own, without the real notebooks."""

from pathlib import Path

import pytest


@pytest.fixture
def bare(home: Path) -> Path:
    """A project folder without the real notebooks."""
    for path in (home / "notebooks").glob("*.ipynb"):
        path.unlink()
    (home / "notebooks" / "areas" / "cumberland.toml").write_text('[area]\nname = "C"\ncode = "E06000063"\n')
    return home
