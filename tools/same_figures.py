"""Hold two runs against each other, number by number: `python tools/same_figures.py RUN RUN`; exit code 1 = different.

Every figure of figures.json (value, unit and range; not its words) and every cell of every exported table: what a
change of structure must leave as it was.
"""

import csv
import json
import sys
from pathlib import Path
from typing import Any

ABOUT = ("name", "value", "unit", "n", "low", "high")


def figures(run: Path) -> dict[str, dict[str, Any]]:
    """Return the figures of a run, by name."""
    listed = json.loads((run / "figures.json").read_text(encoding="utf-8"))
    return {one["name"]: {key: one.get(key) for key in ABOUT} for one in listed}


def tables(run: Path) -> dict[str, list[list[str]]]:
    """Return the exported tables of a run, by notebook and name."""
    found = {}
    for path in sorted((run / "exports").glob("*/*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            found[f"{path.parent.name}/{path.stem}"] = list(csv.reader(file))
    return found


def main(before: Path, after: Path) -> int:
    """Print what differs; return 1 where anything does."""
    different = 0
    for what, read in (("figure", figures), ("table", tables)):
        one, other = read(before), read(after)
        names = sorted({*one, *other})
        wrong = [name for name in names if one.get(name) != other.get(name)]
        for name in wrong:
            print(f"{what} {name}: {str(one.get(name))[:100]} -> {str(other.get(name))[:100]}")
        print(f"{len(names) - len(wrong)} of {len(names)} {what}s are the same")
        different += len(wrong)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
