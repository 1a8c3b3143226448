"""`cfw run`: execute notebooks and write their reports."""

import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from cfwlib.cli.console import Area, err, line, out, visible
from cfwlib.errors import CfwError

if TYPE_CHECKING:  # the runs machinery takes seconds to import; `cfw data` does without
    from cfwlib.runs import Job, Result, Run

STOPPED = 130


def run(
    notebooks: Annotated[list[str] | None, typer.Argument(help="Notebooks by name or number; none = all.")] = None,
    area: Area = "cumberland",
    data: Annotated[str, typer.Option(help="sample (modelled) or store (imported).")] = "sample",
    parameter: Annotated[list[str] | None, typer.Option("-p", "--parameter", help="name=value, repeatable; see cfw "
                                                                                  "settings.")] = None,
    scenario: Annotated[list[Path] | None, typer.Option("-f", "--scenario", help="TOML file of settings, below -p; "
                                                        "repeatable, a later one wins.")] = None,
    out_folder: Annotated[str, typer.Option("--out", help="Where outputs go; default outputs/.")] = "",
    jobs_at_once: Annotated[int, typer.Option("--jobs", min=1, max=64, help="Notebooks at once, as processes.")] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", help="One line per notebook: status, name, seconds, page or error; "
                                                        "tabs between.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Run only what failed, or what has changed since the last "
                                                          "run with these notebooks.")] = False,
    wait: Annotated[float, typer.Option("--wait", min=0, help="Seconds to wait for another run of the area.")] = 0,
    pdf: Annotated[bool, typer.Option("--pdf", help="Print each report to PDF too, by an installed Chromium, Chrome "
                                                    "or Edge.")] = False,
) -> None:  # fmt: skip
    """Execute notebooks and write their reports.

    Exit code 0 = all well; 1 = a notebook failed (the others ran); 2 = bad input, or no room to begin, nothing was run;
    3 = another run of the area is going on; 130 = stopped by Ctrl-C or the system (take it up again with --resume).
    """
    with _stoppable():
        try:
            from cfwlib import runs

            browser = runs.find_browser() if pdf else ""
            outputs = runs.outputs_folder(out_folder)
            jobs, batch = _plan(notebooks or [], area, data, _pairs(parameter or []), scenario or [], outputs)
            with _progress(jobs, quiet=quiet) as on_done:
                done = runs.run_batch(
                    jobs, **batch, at_once=jobs_at_once, browser=browser, resume=resume, wait_s=wait, on_done=on_done
                )
        except KeyboardInterrupt:
            err.print("Stopped. The run is not complete; cfw run --resume takes it up again.", soft_wrap=True)
            raise typer.Exit(STOPPED) from None
    _tell(done, quiet=quiet)
    asked = {job.name for job in jobs}
    if done.record["problems"] or any(e["status"] != "ok" for e in done.notebooks if e["name"] in asked):
        raise typer.Exit(1)


def _plan(
    notebooks: list[str], area: str, data: str, parameters: dict[str, str], scenarios: list[Path], outputs: Path
) -> tuple["list[Job]", dict[str, Any]]:
    """Check everything that can be checked before a run: the jobs, and what the batch needs besides."""
    from cfwlib import runs
    from cfwlib.data import open_store, store_folder
    from cfwlib.data.load import require
    from cfwlib.settings import Settings

    for name in {"decisions", "baseline", "last_plan"} & parameters.keys():
        from cfwlib.data.decisions import keep_decisions

        parameters[name] = keep_decisions(parameters[name])
    jobs = runs.plan_jobs(notebooks, area=area, data=data, parameters=parameters, folder=outputs, scenarios=scenarios)
    store = open_store(Settings.read(area=area, data=data))
    problems = runs.named_problems(jobs)
    for vintage in sorted({job.parameters.get("lsoa_vintage", 2021) for job in jobs}):
        try:
            require(store, vintage)
        except CfwError as error:
            problems += [problem for problem in error.problems if problem not in problems]
    if problems:
        raise CfwError(problems)
    pinned = {str(store_folder("sample" if data == "sample" else area)): store.content}
    inputs = [vars(entry) for entry in store.datasets.values()]
    jobs = [replace(runs.with_first_week(job), pinned=pinned) for job in jobs]
    return jobs, {"outputs": outputs, "inputs": inputs, "modelled": store.modelled}


def _pairs(items: list[str]) -> dict[str, str]:
    problems = [
        f"-p '{item}': write it as name=value."
        for item in items
        if not item.partition("=")[0].strip() or "=" not in item
    ]
    problems += [f"-p {item!a}: is no text in UTF-8." for item in items if re.search("[\ud800-\udfff]", item)]
    if problems:
        raise CfwError(problems)
    return {name.strip(): value.strip() for name, _, value in (item.partition("=") for item in items)}


@contextmanager
def _stoppable() -> Iterator[None]:
    """Treat the system's request to end (or the terminal's going) like Ctrl-C, which leaves things in order."""

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {getattr(signal, name): signal.signal(getattr(signal, name), stop) for name in names}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _progress(jobs: "list[Job]", *, quiet: bool) -> Iterator["Callable[[Result, Path], None]"]:
    """Give what is to be called with each result: a line of its own if quiet, else a bar and a line."""
    words, count = TextColumn("{task.description}", markup=False), TextColumn("{task.completed}/{task.total}")
    progress = Progress(
        SpinnerColumn(), words, BarColumn(), count, TimeElapsedColumn(), console=err, transient=True, disable=quiet
    )
    with nullcontext() if quiet else progress:
        task = progress.add_task(jobs[0].name, total=len(jobs))

        def step(result: "Result", folder: Path) -> None:
            done = int(progress.tasks[0].completed) + 1
            progress.update(task, advance=1, description=jobs[min(done, len(jobs) - 1)].name)
            (_line if quiet else _show)(result, folder)

        yield step


def _line(result: "Result", folder: Path) -> None:
    """One line for a program: what happened, the notebook, its seconds, its page or what went wrong."""
    status = "reused" if result.reused_from and result.status == "ok" else result.status
    what = result.error or str(folder / result.html)
    line(status, result.name, f"{result.seconds:.1f}", visible(" ".join(what.split())))


def _show(result: "Result", folder: Path) -> None:
    mark, style = ("ok", "green") if result.status == "ok" else ("failed", "bold red")
    page = str(folder / result.html) if result.html else ""
    took = f"unchanged since {result.reused_from}" if result.reused_from else f"{result.seconds:.1f} s"
    out.print(Text(mark, style), visible(f"{result.name} ({took})  {page}"), soft_wrap=True)
    if result.error:
        where = f"cell {result.cell}: " if result.cell is not None else ""
        err.print(f"   {where}{result.error}", soft_wrap=True)


def _tell(done: "Run", *, quiet: bool) -> None:
    for problem in done.record["problems"]:
        err.print(problem, soft_wrap=True)
    if not quiet:
        index = done.folder.parent.parent / "index.html"
        out.print(f"Reports: {index}", soft_wrap=True)
