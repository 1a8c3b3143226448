"""A run from beginning to end: lock, folder, notebooks, record, what changed, index."""

import contextlib
import datetime
import multiprocessing
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from cfwlib.data.store import read_manifest
from cfwlib.errors import CfwError, fault_words
from cfwlib.report.write import sweep
from cfwlib.runs import record
from cfwlib.runs.compare_page import write_comparison
from cfwlib.runs.execute import Result, run_all
from cfwlib.runs.history import Run, next_sequence, read_runs, runs_before
from cfwlib.runs.index import write_index
from cfwlib.runs.jobs import Job
from cfwlib.runs.lock import LOCK, hold_area
from cfwlib.runs.prune import clear_going
from cfwlib.runs.resume import base_run, changed_files, files_used, fingerprint, take_over, unchanged


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
    CfwError
        When the run cannot begin: the store was imported again, or the disk is full.
    RecordError
        When notebooks ran and the record of it could not be written.
    """
    area = str(jobs[0].parameters["area"])
    with hold_area(outputs, area, wait_s=wait_s) as lock:
        _clear(outputs / area)
        if moved := _moved_store(jobs[0]):  # since the run was planned, as while it waited for another
            raise CfwError(f"data/store/{moved} was imported again before this run began. Run again.")
        base = base_run(jobs, read_runs(outputs, area)) if resume else None
        held = unchanged(jobs, base, inputs)
        if base and len(held) == len(jobs):
            again = [Result(**{**e, "reused_from": base.run_id}) for e in base.notebooks if e["name"] in held]
            if not browser or all(result.pdf for result in again):
                for result in again:
                    on_done(result, base.folder)
                return base
        batch = _Batch(jobs, record.new_run_folder(outputs, area), base if held else None, inputs, modelled, on_done)
        lock.tell(run=batch.folder.name)
        try:
            for job in batch.jobs:
                if base and job.name in held:
                    batch.step(take_over(job, base, browser=browser))
            _execute([job for job in batch.jobs if job.name not in held], at_once, batch.step, browser)
        except KeyboardInterrupt:
            batch.write(status="stopped")
            batch.also("the index", partial(write_index, outputs))
            raise
        except Exception as error:  # a fault of ours: what is done is recorded all the same
            batch.problems.append(fault_words(error))
            return batch.close(outputs)
        else:
            return batch.close(outputs)
        finally:
            record.free_space(batch.folder)


def _clear(folder: Path) -> None:
    """Clear away what runs of the area that were killed have left: none is going on, as we hold the lock."""
    sweep(folder)
    with contextlib.suppress(OSError):
        clear_going(folder)
    for left in (*folder.glob(f"*/{record.RESERVE}"), *folder.glob(f"{LOCK}-*[0-9]")):
        with contextlib.suppress(OSError):
            left.unlink()


def _moved_store(job: Job) -> str:
    """Return the name of the store if it is no longer what the run began with, else nothing."""
    stores = ((Path(folder), content) for folder, content in job.pinned.items())
    return next((one.name for one, content in stores if (read_manifest(one) or {}).get("content") != content), "")


class _Batch:
    """The jobs of a run in its folder, with what is known of them so far."""

    def __init__(
        self, jobs: Sequence[Job], folder: Path, base: Run | None, inputs: Sequence[Mapping[str, Any]], modelled: bool,
        on_done: Callable[[Result, Path], Any],
    ) -> None:  # fmt: skip
        self.folder, self.on_done, self.results, self.problems = folder, on_done, list[Result](), list[str]()
        self.jobs = [replace(job, folder=folder, parameters={**job.parameters, "out": str(folder)}) for job in jobs]
        own = self.jobs[0].parameters
        try:
            self.files = {job.name: files_used(job) for job in jobs}
            self.began_s, self.started = time.monotonic(), datetime.datetime.now(datetime.UTC)
            self.told = {
                "sequence": next_sequence(folder.parent.parent),
                "area": own["area"],
                "data": own["data"],
                "modelled": modelled,
                "reused_from": base.run_id if base else "",
                "started": self.started.isoformat(timespec="seconds"),
                "parameters": {job.name: {k: v for k, v in job.parameters.items() if k != "out"} for job in jobs},
                "given": {job.name: dict(job.origins) for job in jobs},
                "inputs": [dict(entry) for entry in inputs],
                "fingerprints": {job.name: fingerprint(job, inputs) for job in jobs},
                "versions": record.versions(),
                "commit": record.commit(),
            }
            record.keep_space(folder)
            self.write(status="running")
        except BaseException as error:  # nothing was run
            shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, OSError | record.RecordError):
                raise CfwError(f"--out {folder.parent.parent}: {fault_words(error)}") from None
            raise

    def write(self, status: str = "") -> dict[str, Any]:
        """Write the record as far as things have got, and return it."""
        seconds = time.monotonic() - self.began_s  # of a clock that nobody sets
        finished = (self.started + datetime.timedelta(seconds=seconds)).isoformat(timespec="seconds")
        went = {result.name: result for result in self.results}
        results = [went.get(job.name, Result(job.name, job.title, "not run", 0.0)) for job in self.jobs]
        told = {"finished": finished, "seconds": round(seconds, 2), "notebooks": [asdict(result) for result in results]}
        return record.write_record(self.folder, self.told | told, self.problems, status)

    def step(self, result: Result) -> None:
        """Take up a result: hold it against the files it rests on, keep it, tell it."""
        job = next(job for job in self.jobs if job.name == result.name)
        if result.status == "ok" and (changed := changed_files(job, self.files[job.name])):
            result = replace(result, status="failed", error=changed)
        elif result.status == "ok" and (moved := _moved_store(job)):
            told = f"data/store/{moved} was imported again while this run was going on. Run again."
            result = replace(result, status="failed", error=told)
        self.results.append(result)
        with contextlib.suppress(record.RecordError):  # said at the end, if it is still so
            self.write(status="running")
        with contextlib.suppress(OSError):  # nobody listens any more
            self.on_done(result, self.folder)

    def also(self, what: str, work: Callable[[], Any]) -> None:
        """Do what comes after the notebooks; where it fails the record tells, and the rest goes on."""
        try:
            work()
        except Exception as error:
            self.problems.append(f"{what} could not be made: {fault_words(error)}")
            self.write()

    def close(self, outputs: Path) -> Run:
        """Write the record, what changed since the run before, and the index."""
        run = Run(self.folder, self.write())
        before = _before(run, read_runs(outputs, run.area))
        if before is not None:
            work = partial(write_comparison, before, run, run.folder)
            self.also(f"the comparison with run {before.run_id}", work)
        self.also("the index", partial(write_index, outputs))
        return Run(self.folder, self.write()) if self.problems else run


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
    """Of a worker: be stopped by the parent only, and end with it, even when it is killed: nobody may go on writing."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()


def _end_with_the_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)
