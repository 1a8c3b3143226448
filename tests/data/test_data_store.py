"""The store is the old one or the new one: whenever it is read, whoever dies, and whatever the disk does."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest
from store_case import KILLS, made

from cfwlib.data import hold_store, read_store, store_folder, write_store
from cfwlib.data import store as stores
from cfwlib.data.which_store import open_store
from cfwlib.errors import CfwError, InputError
from cfwlib.locks import AreaBusyError
from cfwlib.settings import DataSettings


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "notebooks" / "areas").mkdir(parents=True)
    monkeypatch.setenv("CFW_HOME", str(tmp_path))
    return store_folder("here")


def value(folder: Path) -> int:
    return int(read_store(folder).frames["one"]["x"].iloc[0])


def test_a_kill_at_any_step_loses_nothing_and_leaves_nothing(folder: Path) -> None:
    """Killed at every step that touches the disk: readers see old or new, and the next import clears all away."""
    told = subprocess.run(
        [sys.executable, "-c", KILLS], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([*sys.path, str(Path(__file__).parent)])},
    )  # fmt: skip
    assert told.returncode == 0, told.stderr[-2000:]
    steps = json.loads(told.stdout)
    assert len(steps) > 8
    assert set(steps) == {1, 2}  # kills before and after the manifest is put in place
    assert steps == sorted(steps)


def test_a_reader_never_finds_no_store(folder: Path) -> None:
    """While imports go on, every reading gives a whole store."""
    write_store(made(0), folder)
    with ThreadPoolExecutor(4) as executor:
        writing = executor.submit(lambda: [write_store(made(n), folder) for n in range(1, 15)])
        seen = list(executor.map(lambda _: value(folder), range(80)))
        writing.result()
    assert set(seen) <= set(range(15))
    assert value(folder) == 14


def test_a_failing_disk_leaves_the_old_store(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever write fails, the message names the store and the remedy, and the old store is as it was."""
    write_store(made(1), folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def full(*given: object, **named: object) -> None:
        raise OSError(28, "No space left on device", str(folder / "x"))

    for where, what in (
        (pd.DataFrame, "to_parquet"), (os, "fsync"), (os, "replace"), (Path, "write_text"), (stores, "sha256_of"),
    ):  # fmt: skip
        with monkeypatch.context() as patch:
            patch.setattr(where, what, full)
            with pytest.raises(CfwError, match=r"data/store/here: x: the disk is full\. Free .* is unchanged"):
                write_store(made(2), folder)
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before, what


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 200 kB, which only root can make."""
    folder = tmp_path / "home" / "data" / "store"
    folder.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("A SMALL DISK CANNOT BE MADE: only root may mount one")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False)


def test_a_disk_that_is_really_full_leaves_the_old_store(small_disk: Path) -> None:
    """On a file system of 200 kB: one message, the old store, and nothing lies about."""
    folder = small_disk / "here"
    write_store(made(1), folder)
    names = sorted(path.name for path in folder.iterdir())
    with pytest.raises(CfwError, match="The disk is full"):
        write_store(made(2, rows=200_000), folder)
    assert value(folder) == 1
    assert sorted(path.name for path in folder.iterdir()) == names


def test_imports_at_once_wait_for_each_other(folder: Path) -> None:
    """What two imports add is there after both: neither writes over what the other has added meanwhile."""

    def add(name: str) -> None:
        with hold_store(folder):
            before = read_store(folder) if (folder / "manifest.json").exists() else made(0)
            before.frames[name] = made(1).frames["one"]
            before.datasets[name] = made(1).datasets["one"]
            write_store(before, folder)

    with ThreadPoolExecutor(4) as executor:
        list(executor.map(add, "abcd"))
    assert set(read_store(folder).frames) == {"one", "two", *"abcd"}
    assert not list(folder.glob(".*"))


def test_an_import_that_does_not_end_is_told(folder: Path) -> None:
    """Nobody waits for ever: the message says who is at it."""
    with hold_store(folder), ThreadPoolExecutor(1) as executor:

        def other() -> None:
            with hold_store(folder, wait_s=0):
                pass

        with pytest.raises(AreaBusyError, match=rf"another import of here is going on: process {os.getpid()}"):
            executor.submit(other).result()
    assert not folder.exists()  # a first import that came to nothing leaves nothing


def test_a_byte_that_changed_is_found(folder: Path) -> None:
    """A file that reads well but is not what was written is damage, and is named."""
    write_store(made(1), folder)
    (path,) = folder.glob("one.*.parquet")
    made(2).frames["one"].to_parquet(path)
    with pytest.raises(InputError, match=r"one\..*\.parquet is not as it was written.*import"):
        read_store(folder)


def test_a_run_reads_the_store_it_began_with_or_fails_by_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a store pinned, another import is refused; the same content imported again is not another store."""
    write_store(made(1), folder)
    monkeypatch.setenv(stores.PINNED, json.dumps({str(folder): read_store(folder).content}))
    assert value(folder) == 1
    write_store(made(1), folder)
    assert value(folder) == 1
    write_store(made(2), folder)
    with pytest.raises(InputError, match=r"data/store/here was imported again while this run was going on.*Run again"):
        read_store(folder)


def test_the_sample_is_made_again_for_other_packages(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What newer packages have written older ones may not read: each makes the sample's store for itself."""
    folder = home / "data" / "store" / "sample"
    open_store(DataSettings())
    before = stores.read_manifest(folder)
    monkeypatch.setattr("cfwlib.data.which_store.version", lambda name: "0.1")
    for path in folder.glob("*.parquet"):
        path.write_bytes(b"of another age")
    assert open_store(DataSettings()).frames["schools"].size
    assert before != stores.read_manifest(folder)
