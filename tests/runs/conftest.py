"""A project folder of one's own, without the real notebooks."""

import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from project import ROOT, SAMPLE

from cfwlib.data import open_store
from cfwlib.settings import Settings


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of the modelled area, made once."""
    folder = tmp_path_factory.mktemp("sample")
    shutil.copytree(ROOT / "notebooks" / "areas", folder / "notebooks" / "areas")
    (folder / "data").mkdir()
    (folder / "data" / "sample").symlink_to(SAMPLE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CFW_HOME", str(folder))
        open_store(Settings())
    return folder / "data" / "store"


@pytest.fixture
def bare(home: Path, sample_store: Path) -> Path:
    """A project folder without the real notebooks, the modelled area in its store."""
    shutil.copytree(sample_store, home / "data" / "store")
    for path in (home / "notebooks").glob("*.ipynb"):
        path.unlink()
    (home / "notebooks" / "areas" / "cumberland.toml").write_text('[area]\nname = "C"\ncode = "E06000063"\n')
    return home


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[Path], None]]:
    """Notebooks that are not executed: what is put under a notebook's name is called with its target instead."""
    import papermill

    works: dict[str, Callable[[Path], None]] = {}

    def pretend(source: str, target: str, *given: object, **named: object) -> None:
        path = Path(target.replace("{{", "{").replace("}}", "}"))
        nbformat.write(nbformat.v4.new_notebook(), path)
        works.get(path.stem, lambda path: None)(path)

    monkeypatch.setattr(papermill, "execute_notebook", pretend)
    return works
