"""Execute jobs: papermill runs the notebook, the report is written beside it, the outcome is recorded."""

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import nbformat

from cfwlib.areas import project_root
from cfwlib.data.store import PINNED
from cfwlib.errors import CfwError, fault_words
from cfwlib.report.write import write_text
from cfwlib.runs.jobs import Job, plain_path
from cfwlib.runs.pdf import print_pdf
from cfwlib.settings.order import PLANNED

WITHHELD = "its message is withheld, as it may quote the returns. Run cfw data check and see docs/homes.md."
# errors that never quote a return
_OWN_ERRORS = {"CfwError", "InputError", "SettingsError", "PlanError", "TooFewError", "OtherDatasetError"}


@dataclass(frozen=True)
class Result:
    """How one notebook went: `ok`, `failed` or `not run`, in how many seconds, and where it failed.

    `cell` is the failing cell's place in the notebook, counted from 1, titles included. `export_seconds` is the part of
    `seconds` that writing the HTML file took. `reused_from` names the run that made it, where nothing it rests on has
    changed since.
    """

    name: str
    title: str
    status: str
    seconds: float
    html: str = ""
    error: str = ""
    cell: int | None = None
    pdf: str = ""
    export_seconds: float = 0.0
    reused_from: str = ""


def run_job(job: Job, *, browser: str = "") -> Result:
    """Execute one notebook and write its report; a failure is returned, not raised.

    The executed notebook grows cell by cell in the job's folder; the HTML file stands there whole or not at all. When
    the notebook fails, both go up to the failing cell, and the result tells the cell and the message.

    Parameters
    ----------
    job
        From `plan_jobs`.
    browser
        Path of the browser that prints the report to PDF; empty = no PDF.
    """
    started, target = time.perf_counter(), job.folder / f"{job.name}.ipynb"
    error, cell = _execute(job, target)
    problems = [error] if error else []

    def attempt(what: str, work: Callable[[Path, Job], str]) -> str:
        try:
            return work(target, job)
        except Exception as failure:  # a full disk, or a fault: this notebook has failed, the others have not
            problems.append(f"{what} could not be written: {fault_words(failure)}")
            return ""

    attempt("the executed notebook", _fit_to_send)
    exporting = time.perf_counter()
    html = attempt("the page", _report)
    export_seconds, pdf = round(time.perf_counter() - exporting, 3), ""
    if browser and html and not problems:
        pdf, error = print_report(job.folder / html, browser)
        problems += [error] if error else []
    seconds, status = round(time.perf_counter() - started, 2), "failed" if problems else "ok"
    return Result(job.name, job.title, status, seconds, html, " ".join(problems), cell, pdf, export_seconds)


def _execute(job: Job, target: Path) -> tuple[str, int | None]:
    """Run the notebook; return what went wrong, and in which cell."""
    import papermill
    from traitlets.config import Config

    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    try:
        handed = {PINNED: json.dumps(dict(job.pinned)), PLANNED: json.dumps(dict(job.parameters))}
        with _environment(CFW_HOME=str(project_root()), **handed):
            papermill.execute_notebook(
                plain_path(job.path),
                plain_path(target),
                job.injected,
                kernel_name="python3",
                progress_bar=False,
                extra_arguments=["--log-level=50"],  # what goes wrong comes back in the notebook
                # what the kernel says stays private
                config=Config({"KernelManager": {"transport_encryption": "auto"}}),
            )
    except papermill.PapermillExecutionError as failure:
        # counted from 0 in the executed notebook, which has one cell more than the one that was written
        told = failure.evalue.replace(f"{job.folder}{os.sep}", "")
        told = told if failure.ename in _OWN_ERRORS or not _private(job) else WITHHELD
        return f"{failure.ename}: {told}", failure.cell_index
    except Exception as failure:  # a dead kernel or a full disk fails this notebook, not the batch
        known = type(failure).__module__.partition(".")[0] in {"papermill", "nbclient", "jupyter_client"}
        return (f"{type(failure).__name__}: {failure}" if known else fault_words(failure)), None
    return "", None


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    """Set variables for the kernel, which takes them from this process, while the block runs."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            os.environ.update({name: value} if value is not None else {})


def _private(job: Job) -> bool:
    """True for a notebook that reads single children or carers: an unexpected error may quote them."""
    return any(job.parameters.get(name) for name in ("returns", "carers"))


def print_report(page: Path, browser: str) -> tuple[str, str]:
    """Print a report beside itself; return the name of the PDF file, empty where that failed, and the message."""
    try:
        return print_pdf(page, page.with_suffix(".pdf"), browser=browser).name, ""
    except (CfwError, OSError) as failure:
        return "", fault_words(failure)


def _fit_to_send(target: Path, job: Job) -> str:
    """Take the folders of this machine out of the executed notebook, and what an error may quote of children."""
    if not target.is_file():
        return ""
    try:
        notebook = nbformat.read(target, as_version=4)
        notebook.metadata.get("papermill", {}).pop("input_path", None)
        notebook.metadata.get("papermill", {}).pop("output_path", None)
        notebook.metadata.get("papermill", {}).get("parameters", {}).pop("out", None)
        for cell in notebook.cells:
            cell.source = cell.source.replace(json.dumps(str(job.folder)), '""')
            if _private(job):
                cell.outputs = [output for output in map(_withhold, cell.get("outputs", [])) if output]
        write_text(target, nbformat.writes(notebook) + "\n")
    except BaseException:
        with contextlib.suppress(OSError):
            target.unlink()
        raise
    return target.name


def _withhold(output: Any) -> Any:
    """An output of a notebook that reads children: an unexpected error without its message, no warnings."""
    if output.output_type == "error" and output.ename not in _OWN_ERRORS:
        return {**output, "evalue": WITHHELD, "traceback": [f"{output.ename}: {WITHHELD}"]}
    return None if output.output_type == "stream" and output.name == "stderr" else output


def _report(target: Path, job: Job) -> str:
    from cfwlib.report.html import export_html

    if not target.is_file():
        return ""
    run = {"run_id": job.folder.name, "index_href": "../../index.html", "notebook_href": target.name}
    return export_html(target, target.with_suffix(".html"), title=job.title, run=run).name


def run_all(
    jobs: Sequence[Job],
    *,
    executor: Executor | None = None,
    on_done: Callable[[Result], Any] = lambda result: None,
    browser: str = "",
) -> list[Result]:
    """Run jobs in order in this process, or on any standard executor (processes, or a dask cluster's).

    A job that takes up another's files starts when that one is done.

    Parameters
    ----------
    jobs
        From `plan_jobs`.
    executor
        None = one after the other, here. Use processes, not threads: papermill's working folder is process-wide.
    on_done
        Called with each result as it comes.
    browser
        As in `run_job`.

    Returns
    -------
    results
        In the order of `jobs`.
    """
    work, results = partial(run_job, browser=browser), dict[str, Result]()
    names, waiting, running = {job.name for job in jobs}, list(jobs), dict[Future[Result], Job]()
    while len(results) < len(jobs):
        ready = [job for job in waiting if all(name in results for name in job.after if name in names)]
        ready = ready[:1] if executor is None else ready
        waiting = [job for job in waiting if job not in ready]
        if executor is None:
            done = [work(job) for job in ready]
        else:
            running |= {_submit(executor, work, job): job for job in ready}
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            done = [_outcome(future, running.pop(future)) for future in finished]
        for result in done:
            results[result.name] = result
            on_done(result)
    return [results[job.name] for job in jobs]


def _submit(executor: Executor, work: Callable[[Job], Result], job: Job) -> Future[Result]:
    try:
        return executor.submit(work, job)
    except BrokenExecutor as failure:  # a process was killed, perhaps for want of memory
        broken: Future[Result] = Future()
        broken.set_exception(failure)
        return broken


def _outcome(future: Future[Result], job: Job) -> Result:
    """A process that dies fails its notebook, not the batch."""
    if failure := future.exception():
        return Result(job.name, job.title, "failed", 0.0, error=f"its process ended: {failure}")
    return future.result()
