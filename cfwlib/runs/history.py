"""The runs an outputs folder holds: read back, put in order, found by name."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cfwlib.errors import CfwError
from cfwlib.reading import parse_json, read_text

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
            return {str(row["name"]): row for row in rows if "value" in row}
        except (OSError, ValueError, TypeError, KeyError):
            return {}

    def basis(self, notebook: str) -> str:
        """What a notebook was asked: data sets and parameters. The same text means the same question."""
        inputs = sorted((str(entry.get("id")), str(entry.get("sha256"))) for entry in self.record.get("inputs", []))
        return json.dumps([inputs, self.record.get("parameters", {}).get(notebook)], sort_keys=True, default=str)


def read_run(folder: Path) -> Run | None:
    """Return the run of a folder, or None where its record was cut off or is something else."""
    try:
        record = parse_json(read_text(folder / "run.json"), "run.json")
        lists = isinstance(record["notebooks"], list)
        return Run(folder, record) if lists and {"run_id", "area", "status", "started"} <= set(record) else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def read_runs(outputs: Path, area: str = "") -> list[Run]:
    """Return the runs of an area (empty = of all), newest first.

    Parameters
    ----------
    outputs
        Folder of all outputs.
    area
        Name of the area.
    """
    found = [read_run(path.parent) for path in outputs.glob(f"{area or '*'}/*/run.json")]
    runs = [run for run in found if run is not None]
    return sorted(runs, key=lambda run: (str(run.record["started"]), run.run_id), reverse=True)


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
    at = (str(run.record["started"]), run.run_id)
    return [one for one in runs if one.series == run.series and (str(one.record["started"]), one.run_id) < at]
