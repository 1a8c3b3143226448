"""The runs an outputs folder holds: read back, put in order, found by name."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cfwlib.areas import AREA_NAME
from cfwlib.errors import CfwError, InputError, os_words
from cfwlib.reading import parse_json, read_text

_TEXTS = ("name", "title", "status", "html", "error", "pdf", "reused_from")
RUN_ID = re.compile(r"\d{8}-\d{6}(-\d+)?")


@dataclass(frozen=True)
class Run:
    """One run: its folder, and its record as run.json tells it."""

    folder: Path
    record: Mapping[str, Any]

    @property
    def run_id(self) -> str:
        """Identifier, the name of its folder."""
        return str(self.record["run_id"])

    @property
    def area(self) -> str:
        """Name of the area file."""
        return str(self.record["area"])

    @property
    def status(self) -> str:
        """`ok`, `failed`, `stopped`, or `running` (or cut off while it was)."""
        return str(self.record["status"])

    @property
    def order(self) -> tuple[int, str, str]:
        """Its place among all runs, which no wrong clock moves: number, start, identifier."""
        return self.record.get("sequence", 0), str(self.record["started"]), self.run_id

    @property
    def data(self) -> str:
        """`sample` or `store`."""
        return str(self.record.get("data") or ("sample" if self.record.get("modelled") else "store"))

    @property
    def vintages(self) -> tuple[str, ...]:
        """Years of the neighbourhood codes its notebooks used."""
        found = {str(values.get("lsoa_vintage", "")) for values in self.record.get("parameters", {}).values()}
        return tuple(sorted(found - {""}))

    @property
    def series(self) -> tuple[str, str, tuple[str, ...]]:
        """What runs must share to be put in one line of history: area, kind of data, neighbourhood codes."""
        return self.area, self.data, self.vintages

    @property
    def notebooks(self) -> list[dict[str, Any]]:
        """How each notebook went, as `Result` tells it; what an older record lacks is filled in."""
        blank = {"name": "", "title": "", "status": "ok", "html": "", "error": "", "pdf": "", "reused_from": ""}
        return [{**blank, **entry} for entry in self.record["notebooks"] if isinstance(entry, dict)]

    @cached_property
    def figures(self) -> dict[str, dict[str, Any]]:
        """Its figures by name; none where the file is missing or cut off."""
        try:
            rows = parse_json(read_text(self.folder / "figures.json"), "figures.json")
            blank = {"label": "", "unit": "", "low": None, "high": None}
            sound = [row for row in rows if isinstance(row, dict) and _is_figure(row)]
            return {str(row["name"]): {**blank, "label": str(row["name"]), **row} for row in sound}
        except (ValueError, TypeError, KeyError):
            return {}

    def basis(self, notebook: str) -> str:
        """What a notebook was asked: data sets and parameters. The same text means the same question."""
        inputs = sorted((str(entry.get("id")), str(entry.get("sha256"))) for entry in self.record.get("inputs", []))
        return json.dumps([inputs, self.record.get("parameters", {}).get(notebook)], sort_keys=True, default=str)


def read_run(folder: Path) -> Run | None:
    """Return the run of a folder, or None where its record was cut off or is something else."""
    try:
        record = parse_json(read_text(folder / "run.json"), "run.json")
    except InputError:
        return None
    return Run(folder, record) if _is_sound(record) else None


def _is_sound(record: Any) -> bool:
    """True when what is read of a record is of the kind that was written; a damaged one is not read at all."""
    kinds: dict[str, Any] = {
        "run_id": str, "area": str, "status": str, "started": str, "notebooks": list, "parameters": dict,
        "inputs": list, "problems": list, "seconds": (int, float), "sequence": int, "fingerprints": dict,
        "versions": dict,
    }  # fmt: skip
    if not isinstance(record, dict) or not {"run_id", "area", "status", "started", "notebooks"} <= set(record):
        return False
    if not all(isinstance(record[name], kind) for name, kind in kinds.items() if name in record):
        return False
    tables = [*record["notebooks"], *record.get("inputs", []), *record.get("parameters", {}).values()]
    texts = (entry.get(name, "") for entry in record["notebooks"] for name in _TEXTS)
    return all(isinstance(entry, dict) for entry in tables) and all(isinstance(text, str) for text in texts)


def recordless(outputs: Path, area: str = "") -> list[Path]:
    """Return the folders named as runs that have no record that can be read: cut off at once, or damaged.

    Parameters
    ----------
    outputs
        Folder of all outputs.
    area
        Name of the area; empty = all.
    """
    return sorted(
        (path for path in _folders(outputs, area) if RUN_ID.fullmatch(path.name) and read_run(path) is None),
        key=lambda path: (path.name, path.parent.name), reverse=True,
    )  # fmt: skip


def _is_figure(row: Mapping[str, Any]) -> bool:
    plain = "value" in row and isinstance(row["value"], int | float | str | None)
    numbers = all(isinstance(row.get(name), int | float | None) for name in ("low", "high"))
    return plain and numbers and all(isinstance(row.get(name, ""), str) for name in ("label", "unit"))


def check_area(area: str) -> None:
    """Raise CfwError for a text that is no name of an area, such as a path."""
    if not re.fullmatch(AREA_NAME, area):
        raise CfwError(f"area '{area}': use small letters, digits, - and _ only.")


def _folders(outputs: Path, area: str) -> list[Path]:
    """Folders of the outputs' areas, or of one; a name that is no name of an area has none."""
    if area:
        check_area(area)
    found: list[Path] = []
    for folder in [outputs / area] if area else list(_inside(outputs)):
        inside = (path for path in _inside(folder) if not path.name.startswith("."))
        found += [path for path in inside if path.is_dir() and not path.is_symlink()]
    return found


def _inside(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        raise CfwError(os_words(error, whole_path=True)) from None


def next_sequence(outputs: Path) -> int:
    """Return the number of the next run of an outputs folder: one more than any there has."""
    return 1 + max((run.order[0] for run in read_runs(outputs)), default=0)


def read_runs(outputs: Path, area: str = "") -> list[Run]:
    """Return the runs of an area (empty = of all), newest first.

    Parameters
    ----------
    outputs
        Folder of all outputs.
    area
        Name of the area.
    """
    found = [read_run(path) for path in _folders(outputs, area)]
    return sorted((run for run in found if run is not None), key=lambda run: run.order, reverse=True)


def find_run(outputs: Path, wanted: str, *, area: str, beside: Run | None = None) -> Run:
    """Return the run that is meant.

    Parameters
    ----------
    outputs
        Folder of all outputs.
    wanted
        A run's identifier or the beginning of it, its folder, `latest`, or `previous`.
    area
        Area of `latest`; identifiers are looked for there first, then everywhere.
    beside
        The run that `previous` comes before, of the same area, kind of data and neighbourhood codes; None = the latest.

    Raises
    ------
    CfwError
        When no run fits, or more than one.
    """
    if (run := read_run(Path(wanted))) is not None:
        return run
    runs = read_runs(outputs, area)
    if wanted in {"latest", "previous"}:
        if wanted == "previous":
            beside = beside or next(iter(runs), None)
            runs = runs_before(beside, read_runs(outputs, beside.area)) if beside else []
        if runs:
            return runs[0]
        raise CfwError(f"run '{wanted}': {area} has no such run in {outputs}. See cfw runs.")
    fitting = [run for run in runs if run.run_id == wanted] or [run for run in runs if run.run_id.startswith(wanted)]
    fitting = fitting or [run for run in read_runs(outputs) if run.run_id.startswith(wanted)]
    if len(fitting) == 1:
        return fitting[0]
    several = ", ".join(f"{run.area} {run.run_id}" for run in fitting[:5])
    why = f"fits several ({several}): write more of it, or the folder" if fitting else f"is not in {outputs}"
    raise CfwError(f"run '{wanted}': {why}. See cfw runs.")


def runs_before(run: Run, runs: list[Run]) -> list[Run]:
    """Return the runs of the same series that came before a run, newest first.

    Parameters
    ----------
    run
        The run.
    runs
        All runs, newest first.
    """
    return [one for one in runs if one.series == run.series and one.order < run.order]
