"""The record of a run (`run.json`), its merged figures, and the index of all runs."""

import datetime
import html
import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cfwlib
from cfwlib.areas import project_root
from cfwlib.errors import CfwError
from cfwlib.report.files import write_text
from cfwlib.report.numbers import with_unit
from cfwlib.runs.execute import Result
from cfwlib.runs.jobs import Job

_VERSIONS = ("pandas", "geopandas", "numpy", "scipy", "highspy", "folium", "papermill", "nbconvert")
_HEADLINES = (
    "residents",
    "hard_to_reach_neighbourhoods",
    "children_0_17_within_limit_before",
    "children_0_17_within_limit_after",
    "plan_stops",
    "plan_gap",
)


def new_run_folder(outputs: Path, area: str) -> Path:
    """Make and return `<outputs>/<area>/<run id>`; the id is the local time, made unique."""
    stamp = datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
    for number in range(1, 1000):
        folder = outputs / area / (stamp if number == 1 else f"{stamp}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            if outputs.exists() and not outputs.is_dir():
                raise CfwError(f"--out {outputs}: is a file, not a folder.") from None
            continue
        except OSError as error:
            raise CfwError(
                f"--out {outputs}: cannot be written to ({error.strerror}). Choose another folder."
            ) from None
        return folder
    raise FileExistsError(outputs / area / stamp)


def write_record(
    folder: Path,
    *,
    area: str,
    data: str,
    jobs: Sequence[Job],
    results: Sequence[Result],
    started: datetime.datetime,
    inputs: Sequence[Mapping[str, Any]],
    modelled: bool,
) -> dict[str, Any]:
    """Merge the notebooks' figures, write `figures.json` and `run.json`, and return the record."""
    figures, clashes = merge_figures(folder)
    failed = clashes or any(result.status != "ok" for result in results)
    now = datetime.datetime.now(datetime.UTC)
    record = {
        "run_id": folder.name,
        "area": area,
        "data": data,
        "modelled": modelled,
        "status": "failed" if failed else "ok",
        "problems": clashes,
        "started": started.isoformat(timespec="seconds"),
        "finished": now.isoformat(timespec="seconds"),
        "seconds": round((now - started).total_seconds(), 2),
        "notebooks": [asdict(result) for result in results],
        "parameters": {job.name: {k: v for k, v in job.parameters.items() if k != "out"} for job in jobs},
        "inputs": [dict(entry) for entry in inputs],
        "versions": {"python": platform.python_version(), "cfwlib": cfwlib.__version__,
                     **{name: version(name) for name in _VERSIONS}},
        "commit": commit(),
    }  # fmt: skip
    write_text(folder / "figures.json", json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
    write_text(folder / "run.json", json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    return record


def merge_figures(folder: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the figures of all notebooks of a run, one per name, and a problem for each on which two disagree."""
    merged: dict[str, dict[str, Any]] = {}
    clashes = []
    for path in sorted((folder / "figures").glob("*.json")):
        for figure in json.loads(path.read_text(encoding="utf-8")):
            known = merged.setdefault(figure["name"], figure)
            if known["value"] != figure["value"]:
                clashes.append(
                    f"figure '{figure['name']}' is {known['value']} in {known['notebook']} but {figure['value']} in "
                    f"{figure['notebook']}: were they run with different parameters?"
                )
    return list(merged.values()), clashes


def commit() -> str:
    """Return the project's git commit, with a + when files differ from it; empty outside a checkout."""
    try:
        text = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--abbrev=12", "--exclude=*"],
            cwd=project_root(), capture_output=True, text=True, timeout=10, check=True,
        ).stdout  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""
    return text.strip()


def write_index(outputs: Path) -> Path:
    """Write `<outputs>/index.html`: every run, newest first, with its reports and headline figures."""
    records = []
    for path in outputs.glob("*/*/run.json"):
        record = _read_record(path)
        if record is None:
            continue
        figures = path.with_name("figures.json")
        known = json.loads(figures.read_text(encoding="utf-8")) if figures.is_file() else []
        records.append((record, path.parent.relative_to(outputs), {figure["name"]: figure for figure in known}))
    records.sort(key=lambda item: item[0]["started"], reverse=True)
    rows = "\n".join(_run_section(*item) for item in records) or "<p>No run yet.</p>"
    template = (Path(__file__).with_name("index.html")).read_text(encoding="utf-8")
    write_text(outputs / "index.html", template.replace("<!-- runs -->", rows))
    return outputs / "index.html"


def _read_record(path: Path) -> dict[str, Any] | None:
    """A run's record, or None where it was cut off or is something else: the index does without it."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return record if {"run_id", "area", "status", "started", "notebooks"} <= set(record) else None
    except (OSError, json.JSONDecodeError, TypeError):
        return None


def _run_section(record: Mapping[str, Any], folder: Path, figures: Mapping[str, Mapping[str, Any]]) -> str:
    def link(path: str, text: str) -> str:
        return f'<a href="{html.escape(f"{folder.as_posix()}/{path}", quote=True)}">{html.escape(text)}</a>'

    reports = "".join(
        f"<li>{link(entry['html'], entry['title']) if entry['html'] else html.escape(entry['title'])}"
        + (f' <strong class="failed">failed: {html.escape(entry["error"])}</strong>' if entry["error"] else "")
        + "</li>"
        for entry in record["notebooks"]
    )
    numbers = "".join(
        f"<div><dt>{html.escape(figures[name]['label'])}</dt><dd>{html.escape(_figure_text(figures[name]))}</dd></div>"
        for name in _HEADLINES
        if name in figures
    )
    tag = ' <span class="modelled">modelled data, not official</span>' if record["modelled"] else ""
    problems = "".join(f'<p class="failed">{html.escape(text)}</p>' for text in record["problems"])
    files = " · ".join(link(name, name) for name in ("run.json", "figures.json", "exports"))
    area = record["area"].replace("_", " ").title()
    vintages = sorted({str(values.get("lsoa_vintage", "")) for values in record.get("parameters", {}).values()} - {""})
    of = f", {' and '.join(vintages)} neighbourhoods" if vintages else ""
    return (
        f'<section class="{html.escape(record["status"])}"><h2>{html.escape(area)}, <time '
        f'datetime="{html.escape(record["started"])}">{html.escape(record["run_id"])}</time>{html.escape(of)}{tag}</h2>'
        f"<p>Status: <strong>{html.escape(record['status'])}</strong>, {record['seconds']:.0f} seconds. {files}</p>"
        f"{problems}<dl>{numbers}</dl><ol>{reports}</ol></section>"
    )


def _figure_text(figure: Mapping[str, Any]) -> str:
    return with_unit(figure["value"], figure["unit"])


def outputs_folder(out: str) -> Path:
    """Return the folder for outputs: the one given, else `outputs/` of the project."""
    return Path(out).resolve() if out else Path(os.environ.get("CFW_OUTPUTS", project_root() / "outputs")).resolve()
