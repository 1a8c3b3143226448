"""Stores of two small data sets, and a program that kills an import at every step."""

import pandas as pd

from cfwlib.data import Store
from cfwlib.data.store import StoredDataset


def made(number: int, rows: int = 1) -> Store:
    """Return a store whose every value is a number."""
    entry = StoredDataset("x", "X", "x.csv", "x", f"{number:064}", "2025", rows, rows, {}, "P", "L", "A")
    frames = {name: pd.DataFrame({"x": [number] * rows, "y": range(rows)}) for name in ("one", "two")}
    return Store("E1", dict.fromkeys(frames, entry), frames)


# Every step that Python tells of (opening, renaming, removing) is one to be killed at, by a child of its own; the
# parent itself reads no Parquet, whose threads would not survive the fork.
KILLS = """
import json, os, sys
from store_case import made
from cfwlib.data import read_store, store_folder, write_store

folder = store_folder("here")

def child(work):
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = work() or 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

def killed_at(step):
    def work():
        left = [step]
        def watch(event, arguments):
            if event in {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir"} and str(folder) in str(arguments):
                left[0] -= 1
                if left[0] == 0:
                    os._exit(9)
        sys.addaudithook(watch)
        write_store(made(2), folder)
    return child(work)

def value():
    def work():
        frames = read_store(folder).frames
        return int(frames["one"]["x"].iloc[0] + frames["two"]["x"].iloc[0])
    return child(work)

seen, step = [], 0
while True:
    assert child(lambda: write_store(made(1), folder)) == 0
    names = sorted(path.name.split(".")[0] for path in folder.iterdir())
    assert names == ["manifest", "one", "two"], names
    step += 1
    code = killed_at(step)
    found = value()
    assert found in {2, 4}, (step, found)
    seen.append(found // 2)
    if code == 0:
        break
    assert code == 9, code
print(json.dumps(seen))
"""
