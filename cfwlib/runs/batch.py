"""A run from beginning to end: lock, folder, notebooks, record, what changed, index."""

import datetime
import multiprocessing
import signal
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from cfwlib.runs.compare_page import write_comparison
from cfwlib.runs.execute import Result, run_all
from cfwlib.runs.history import Run, read_runs, runs_before
from cfwlib.runs.index import write_index
from cfwlib.runs.jobs import Job
from cfwlib.runs.lock import hold_area
from cfwlib.runs.record import new_run_folder, write_record
from cfwlib.runs.resume import base_run, fingerprint, take_over, unchanged


def run_batch(
    jobs: Sequence[Job],
    *,
    outputs: Path,
    inputs: Sequence[Mapping[str, Any]],
    modelled: bool,
    at_once: int = 1,
    browser: str = "",
    resume: bool = False,
    wait_s: float = 0,
    on_done: Callable[[Result, Path], Any] = lambda result, folder: None,
) -> Run:
    """Run notebooks of one area as one run, and write its record, what changed since the one before, and the index.

    The record is written anew after every notebook, so that a run that is stopped or cut off can be resumed. Ctrl-C
    leaves it with the status `stopped`, and goes on to the caller as KeyboardInterrupt.

    Parameters
    ----------
    jobs
        From `plan_jobs`, one or more; their folder is replaced by that of the new run.
    outputs
        Folder of all outputs.
    inputs
        The data sets: id, title, sha256, vintage and so on.
    modelled
        Whether the data are modelled.
    at_once
        Notebooks at once, as processes; 1 = in this process.
    browser
        Path of the browser that prints the reports to PDF; empty = no PDF.
    resume
        Take over, from the newest run that had all these notebooks, those that went well and rest on nothing that has
        changed. When that is all of them, there is no new run.
    wait_s
        Longest time to wait for another run of the area to end, in seconds.
    on_done
        Called with each result and the run's folder, as it comes.

    Returns
    -------
    run
        The new run; the earlier one when there was nothing to do.

    Raises
    ------
    AreaBusyError
        When another run of the area is going on.
    """
    area = str(jobs[0].parameters["area"])
    with hold_area(outputs, area, wait_s=wait_s):
        base = base_run(jobs, read_runs(outputs, area)) if resume else None
        held = unchanged(jobs, base, inputs)
        if base and len(held) == len(jobs):
            again = [Result(**{**e, "reused_from": base.run_id}) for e in base.notebooks if e["name"] in held]
            if not browser or all(result.pdf for result in again):
                for result in again:
                    on_done(result, base.folder)
                return base
        batch = _Batch(jobs, new_run_folder(outputs, area), base if held else None, inputs, modelled, on_done)
        try:
            for job in batch.jobs:
                if base and job.name in held:
                    batch.step(take_over(job, base, browser=browser))
            _execute([job for job in batch.jobs if job.name not in held], at_once, batch.step, browser)
        except KeyboardInterrupt:
            batch.write(status="stopped")
            write_index(outputs)
            raise
        run = Run(batch.folder, batch.write())
        if before := _before(run, read_runs(outputs, area)):
            write_comparison(before, run, run.folder)
        write_index(outputs)
        return run


class _Batch:
    """The jobs of a run in its folder, with what is known of them so far."""

    def __init__(
        self, jobs: Sequence[Job], folder: Path, base: Run | None, inputs: Sequence[Mapping[str, Any]], modelled: bool,
        on_done: Callable[[Result, Path], Any],
    ) -> None:  # fmt: skip
        self.folder, self.on_done, self.results = folder, on_done, list[Result]()
        self.jobs = [replace(job, folder=folder, parameters={**job.parameters, "out": str(folder)}) for job in jobs]
        own = self.jobs[0].parameters
        self.write = partial(
            write_record, folder, area=own["area"], data=own["data"], jobs=self.jobs, results=self.results,
            started=datetime.datetime.now(datetime.UTC), inputs=inputs, modelled=modelled,
            fingerprints={job.name: fingerprint(job, inputs) for job in jobs}, reused_from=base.run_id if base else "",
        )  # fmt: skip

    def step(self, result: Result) -> None:
        """Take up a result: keep it, tell it."""
        self.results.append(result)
        self.write(status="running")
        self.on_done(result, self.folder)


def _before(run: Run, runs: list[Run]) -> Run | None:
    """The last good run of the same series that had all the notebooks of a run."""
    names = {entry["name"] for entry in run.notebooks}
    good = (one for one in runs_before(run, runs) if one.status == "ok")
    return next((one for one in good if names <= {entry["name"] for entry in one.notebooks}), None)


def _execute(jobs: Sequence[Job], at_once: int, on_done: Callable[[Result], Any], browser: str) -> None:
    if at_once == 1 or len(jobs) < 2:
        run_all(jobs, on_done=on_done, browser=browser)
        return
    with ProcessPoolExecutor(at_once, initializer=_leave_stopping_to_the_parent) as executor:
        try:
            run_all(jobs, executor=executor, on_done=on_done, browser=browser)
        except KeyboardInterrupt:
            executor.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.terminate()
            raise


def _leave_stopping_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
