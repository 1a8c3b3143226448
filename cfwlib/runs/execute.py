"""Execute jobs: papermill runs the notebook, the report is written beside it, the outcome is recorded."""

import json
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from cfwlib.areas import project_root
from cfwlib.report.files import write_text
from cfwlib.runs.jobs import Job


@dataclass(frozen=True)
class Result:
    """How one notebook went: `ok` or `failed`, in how many seconds, and where it failed.

    `cell` is the failing cell's place in the notebook, counted from 1, titles included.
    """

    name: str
    title: str
    status: str
    seconds: float
    html: str = ""
    error: str = ""
    cell: int | None = None


def run_job(job: Job) -> Result:
    """Execute one notebook and write its report; a failure is returned, not raised.

    The executed notebook grows cell by cell in the job's folder; the HTML file stands there whole or not at all. When
    the notebook fails, both go up to the failing cell, and the result tells the cell and the message.
    """
    import papermill
    from traitlets.config import Config

    os.environ["CFW_HOME"] = str(project_root())  # the kernel looks for data and area files there
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    started, target = time.perf_counter(), job.folder / f"{job.name}.ipynb"
    error, cell = "", None
    try:
        papermill.execute_notebook(
            str(job.path),
            str(target),
            dict(job.parameters),
            kernel_name="python3",
            progress_bar=False,
            extra_arguments=["--log-level=50"],  # what goes wrong comes back in the notebook
            config=Config({"KernelManager": {"transport_encryption": "auto"}}),  # what the kernel says stays private
        )
    except papermill.PapermillExecutionError as failure:
        # counted from 0 in the executed notebook, which has one cell more than the one that was written
        error, cell = f"{failure.ename}: {failure.evalue}", failure.cell_index
    except Exception as failure:  # a dead kernel or a full disk fails this notebook, not the batch
        error = f"{type(failure).__name__}: {failure}"
    _without_paths(target, job)
    html = _report(job, target)
    seconds = round(time.perf_counter() - started, 2)
    return Result(job.name, job.title, "failed" if error else "ok", seconds, html, error, cell)


def _without_paths(target: Path, job: Job) -> None:
    """Take the folders of this machine out of the executed notebook: it may be sent to others."""
    if target.is_file():
        notebook = nbformat.read(target, as_version=4)
        notebook.metadata.get("papermill", {}).pop("input_path", None)
        notebook.metadata.get("papermill", {}).pop("output_path", None)
        notebook.metadata.get("papermill", {}).get("parameters", {}).pop("out", None)
        for cell in notebook.cells:
            cell.source = cell.source.replace(json.dumps(str(job.folder)), '""')
        write_text(target, nbformat.writes(notebook) + "\n")


def _report(job: Job, target: Path) -> str:
    from cfwlib.report.html import export_html

    if not target.is_file():
        return ""
    run = {"run_id": job.folder.name, "index_href": "../../index.html", "notebook_href": target.name}
    return export_html(target, target.with_suffix(".html"), title=job.title, run=run).name


def run_all(
    jobs: Sequence[Job], *, executor: Executor | None = None, on_done: Callable[[Result], Any] = lambda result: None
) -> list[Result]:
    """Run jobs in order in this process, or on any standard executor (processes, or a dask cluster's).

    Parameters
    ----------
    jobs
        From `plan_jobs`.
    executor
        None = one after the other, here. Use processes, not threads: papermill's working folder is process-wide.
    on_done
        Called with each result as it comes.
    """
    results = []
    for result in map(run_job, jobs) if executor is None else executor.map(run_job, jobs):
        on_done(result)
        results.append(result)
    return results
