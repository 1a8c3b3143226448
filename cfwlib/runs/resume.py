"""What a run may take over from the one before: notebooks that nothing has changed for."""

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import cfwlib
from cfwlib.areas import project_root, read_area
from cfwlib.data.store import sha256_of
from cfwlib.disclosure.between_runs import secret
from cfwlib.runs.execute import Result, print_report
from cfwlib.runs.history import Run
from cfwlib.runs.jobs import Job, notebook_source
from cfwlib.runs.record import versions


def fingerprint(job: Job, inputs: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return checksums of all a notebook's results rest on, by what it is.

    Parameters
    ----------
    job
        The notebook with its parameters.
    inputs
        The data sets of the run: `id`, `sha256`, `vintage`.

    Returns
    -------
    checksums
        Of the notebook's code, its parameters, the data sets, the files its parameters name, the area file, and the
        software.
    """
    values = {name: value for name, value in job.parameters.items() if name != "out"}
    return {
        "notebook": _sha(notebook_source(job.path)),
        "parameters": _sha([values, dict(job.origins)]),
        "data sets": _sha(
            [*sorted((str(e["id"]), str(e["sha256"]), str(e["vintage"])) for e in inputs), *job.pinned.values()]
        ),
        "files": _keyed(job, {str(value): _named_files(value) for value in values.values() if isinstance(value, str)}),
        "area file": _sha(read_area(str(values["area"]))),
        "software": _sha({"code": _code(), **versions()}),
    }


def files_used(job: Job) -> dict[str, str]:
    """Return checksums of the files a notebook rests on besides the store, by what a message may call them.

    Parameters
    ----------
    job
        The notebook with its parameters.
    """
    root, area = project_root(), str(job.parameters["area"])
    found = {f"notebooks/{job.path.name}": job.path, f"{area}.toml": root / "notebooks" / "areas" / f"{area}.toml"}
    sums = {name: _checksum(path) for name, path in found.items()}
    for name, value in job.parameters.items():
        if isinstance(value, str) and (named := _named_files(value)):
            sums[f"{name} '{value}'"] = _sha(named)
    return sums


def changed_files(job: Job, before: Mapping[str, str]) -> str:
    """Return a sentence when a file that a notebook rests on is not as it was before, else an empty text.

    Parameters
    ----------
    job
        The notebook.
    before
        From `files_used`.
    """
    now = files_used(job)
    changed = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    return f"{', '.join(changed)}: changed while this run was going on. Run again." if changed else ""


def base_run(jobs: Sequence[Job], runs: Sequence[Run]) -> Run | None:
    """Return the newest run of the same kind of data that had all these notebooks, or None.

    Parameters
    ----------
    jobs
        What is to be run.
    runs
        The area's runs, newest first.
    """
    names, data = {job.name for job in jobs}, str(jobs[0].parameters["data"]) if jobs else ""
    fitting = (run for run in runs if run.data == data and names <= {e["name"] for e in run.notebooks})
    return next(fitting, None)


def unchanged(jobs: Sequence[Job], run: Run | None, inputs: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the names of the notebooks whose results in a run still hold.

    A notebook's results hold when it went well, its files are still there, nothing it rests on has changed, and the
    results of the notebooks it takes files from hold too.

    Parameters
    ----------
    jobs
        What is to be run, earlier notebooks first.
    run
        The earlier run; None = there is none.
    inputs
        The data sets of the new run.
    """
    entries = {entry["name"]: entry for entry in run.notebooks} if run else {}
    known: Mapping[str, Any] = run.record.get("fingerprints", {}) if run else {}
    names, held = {job.name for job in jobs}, set[str]()
    for job in jobs:
        entry = entries.get(job.name, {})
        if (
            run is not None
            and entry.get("status") == "ok"
            and known.get(job.name) == fingerprint(job, inputs)
            and all((run.folder / file).exists() for file in (entry["html"], *job.makes))
            and all(name in held for name in job.after if name in names)
        ):
            held.add(job.name)
    return held


def take_over(job: Job, run: Run, *, browser: str = "") -> Result:
    """Copy a notebook's results from an earlier run into the job's folder, and return how it went there.

    Copies, not links: a program that opens an export must not change it in two runs.

    Parameters
    ----------
    job
        The notebook; its folder is that of the new run.
    run
        The earlier run, in which it is unchanged.
    browser
        As in `run_job`: prints the PDF where the earlier run has none.
    """
    entry = next(entry for entry in run.notebooks if entry["name"] == job.name)
    pages = [f"{job.name}{ending}" for ending in (".html", ".ipynb", ".pdf")]
    for name in [*pages, f"figures/{job.name}.json", f"exports/{job.name}", *job.makes]:
        source, target = run.folder / name, job.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        elif source.is_file():
            shutil.copy2(source, target)
    pdf, error = str(entry.get("pdf") or ""), ""
    if browser and not pdf:
        pdf, error = print_report(job.folder / entry["html"], browser)
    made = entry.get("reused_from") or run.run_id
    status = "failed" if error else "ok"
    return Result(job.name, job.title, status, 0.0, entry["html"], error, pdf=pdf, reused_from=made)


def _named_files(value: str) -> dict[str, str]:
    """Checksums of what a parameter names in a folder of data/, such as decisions or a timetable."""
    found: dict[str, str] = {}
    for folder in sorted((project_root() / "data").glob("*/")) if value and not {"/", "\\"} & set(value) else []:
        if folder.name not in {"sample", "store"} and value not in {".", ".."} and (folder / value).exists():
            path = folder / value
            files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
            found |= {str(file.relative_to(folder.parent)): _checksum(file) for file in files}
    return found


def _keyed(job: Job, named: Mapping[str, Mapping[str, str]]) -> str:
    """Checksum of the files named; with the outputs folder's key where returns are among them.

    Without a key, whoever knows all of a return but one child's date of birth could try out the dates.
    """
    private = any(path.startswith("returns") for files in named.values() for path in files)
    return _sha([secret(job.folder.parent.parent, make=True) if private else "", named])


def _checksum(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError:  # gone, or not to be read
        return ""


@cache
def _code() -> str:
    """Checksum of the library itself."""
    root = Path(cfwlib.__file__).parent
    files = sorted(path for path in root.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return _sha([(str(path.relative_to(root)), sha256_of(path)) for path in files])


def _sha(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
