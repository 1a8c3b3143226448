"""The `cfw` command: bring data in, run the notebooks, find the reports."""

import datetime
import multiprocessing
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from cfwlib.errors import CfwError

if TYPE_CHECKING:  # the runs machinery takes seconds to import; `cfw data` does without
    from cfwlib.data import Store
    from cfwlib.runs import Job, Result

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Needs analysis for children's services.",
                  pretty_exceptions_enable=False, rich_markup_mode=None)  # fmt: skip
data_app = typer.Typer(no_args_is_help=True, help="Import, download, list and check the data.")
app.add_typer(data_app, name="data")
out, err = Console(width=None if sys.stdout.isatty() else 160), Console(stderr=True)

Area = Annotated[str, typer.Option(help="Area file in notebooks/areas, without .toml.")]


def main() -> None:
    """Run the command; what the user can put right ends in a clear message and exit code 2."""
    try:
        app()
    except CfwError as error:
        count = len(error.problems)
        err.print(f"[bold red]{count} problem{'s' if count > 1 else ''}:[/]")
        for problem in error.problems:
            err.print(f"- {escape(problem)}", soft_wrap=True, highlight=False)
        sys.exit(2)


@data_app.command("import")
def data_import(
    folder: Annotated[Path, typer.Argument(help="Folder with the downloaded files, and its sub-folders.")],
    area: Area = "cumberland",
    layouts: Annotated[Path | None, typer.Option(help="Your own file layouts (TOML, see data/README.md).")] = None,
) -> None:
    """Recognise, check and trim the files of a folder, and put them in the store."""
    from cfwlib import data
    from cfwlib.areas import read_area
    from cfwlib.data.importer import read_folder
    from cfwlib.data.store import read_manifest

    code, target = read_area(area)["area"]["code"], data.store_folder(area)
    try:
        before = data.read_store(target) if read_manifest(target) else None
    except CfwError as error:
        before = None
        err.print(f"{escape(str(error))} It is replaced now.", soft_wrap=True, highlight=False)
    with out.status(f"Reading {escape(str(folder))} ..."):
        store, outcomes = read_folder(folder, code, into=before, layouts=layouts)
        data.write_store(store, target)
    used_table = _table("Used", "Data set", "File", "Rows kept", "Vintage", "Left out")
    unused_table = _table("Not used", "File", "Why")
    for one in outcomes:
        if one.used:
            rows = f"{one.rows:,} of {one.rows_in_file:,}"
            used_table.add_row(one.dataset, escape(Path(one.file).name), rows, one.vintage, escape(one.why))
        else:
            unused_table.add_row(escape(one.file), escape(one.why))
    for table in (used_table, unused_table):
        if table.row_count:
            out.print(table)
    read = len({one.dataset for one in outcomes if one.used})
    out.print(f"{read} data sets read; data/store/{area} now holds {len(store.datasets)}.")
    if _tell_gaps(store):
        out.print(f"Next: cfw run --area {area} --data store")


@data_app.command("list")
def data_list(area: Area = "cumberland") -> None:
    """Show every known data set, where it comes from, and what the store holds."""
    from cfwlib import data
    from cfwlib.data.catalogue import datasets
    from cfwlib.data.store import read_manifest

    held = (read_manifest(data.store_folder(area)) or {"datasets": {}})["datasets"]
    table = _table(f"Data sets; store of {area}", "Data set", "Title", "Needed for", "In store", "Where to get it")
    for key, entry in datasets().items():
        needed = " and ".join(str(year) for year in entry.needed) or "optional"
        state = f"{held[key]['vintage']}, {held[key]['rows']:,} rows" if key in held else "–"
        table.add_row(key, entry.title, needed, state, entry.download or entry.landing_page)
    out.print(table)


@data_app.command("check")
def data_check(area: Area = "cumberland") -> None:
    """Say which LSOA vintages can be run from the store, and what is missing. Exit code 2 when none can."""
    from cfwlib import data
    from cfwlib.data.catalogue import datasets

    store = data.read_store(data.store_folder(area))
    out.print(f"data/store/{area}: {len(store.datasets)} data sets, imported {store.imported}"
              + (" (modelled, not official)" if store.modelled else ""))  # fmt: skip
    ready = _tell_gaps(store)
    optional = [key for key, entry in datasets().items() if not entry.needed and key not in store.frames]
    if optional:
        out.print(f"Optional and not there: {', '.join(optional)}", soft_wrap=True)
    if not ready:
        raise typer.Exit(2)


@data_app.command("download")
def data_download(
    folder: Annotated[Path, typer.Argument(help="Folder to download into.")],
    datasets: Annotated[list[str] | None, typer.Option("--dataset", help="Only these data sets (repeatable).")] = None,
) -> None:
    """Fetch the files that have a direct address into a folder; then `cfw data import` that folder."""
    from cfwlib.data.download import download

    for line in download(folder, datasets or []):
        out.print(escape(line), soft_wrap=True, highlight=False)
    out.print(
        f"Next: add the files that have no direct address (cfw data list), then cfw data import {escape(str(folder))}"
    )


@app.command("run")
def run(
    notebooks: Annotated[list[str] | None, typer.Argument(help="Notebooks by name or number; none = all.")] = None,
    area: Area = "cumberland",
    data: Annotated[str, typer.Option(help="sample (modelled) or store (imported).")] = "sample",
    parameter: Annotated[list[str] | None, typer.Option("-p", "--parameter", help="name=value, repeatable.")] = None,
    out_folder: Annotated[str, typer.Option("--out", help="Where outputs go; default outputs/.")] = "",
    jobs_at_once: Annotated[int, typer.Option("--jobs", min=1, max=64, help="Notebooks at once, as processes.")] = 1,
) -> None:
    """Execute notebooks and write their reports. Exit code 0 = all well, 1 = a notebook failed, 2 = bad input."""
    from cfwlib import runs
    from cfwlib.data import open_store
    from cfwlib.data.load import require
    from cfwlib.settings import Settings

    parameters = _pairs(parameter or [])
    for name in {"decisions", "last_plan"} & parameters.keys():
        from cfwlib.data.decisions import keep_decisions

        parameters[name] = keep_decisions(parameters[name])
    outputs = runs.outputs_folder(out_folder)
    planned = runs.plan_jobs(notebooks or [], area=area, data=data, parameters=parameters, folder=outputs)
    store = open_store(Settings.read(area=area, data=data))
    for vintage in sorted({job.parameters.get("lsoa_vintage", 2021) for job in planned}):
        require(store, vintage)
    folder = runs.new_run_folder(outputs, area)
    jobs = [replace(job, folder=folder, parameters={**job.parameters, "out": str(folder)}) for job in planned]
    started = datetime.datetime.now(datetime.UTC)
    try:
        results = _execute(jobs, jobs_at_once)
    except KeyboardInterrupt:
        err.print(f"Stopped. {escape(str(folder))} is not complete.", soft_wrap=True, highlight=False)
        raise typer.Exit(130) from None
    record = runs.write_record(
        folder, area=area, data=data, jobs=jobs, results=results, started=started,
        inputs=[vars(entry) for entry in store.datasets.values()], modelled=store.modelled,
    )  # fmt: skip
    index = runs.write_index(outputs)
    _tell(results, folder)
    for problem in record["problems"]:
        err.print(escape(problem), soft_wrap=True, highlight=False)
    out.print(f"Reports: {escape(str(index))}", soft_wrap=True, highlight=False)
    if record["status"] != "ok":
        raise typer.Exit(1)


@app.command("lab")
def lab() -> None:
    """Open the notebooks in JupyterLab, where it is installed (`pip install cfwlib[lab]`)."""
    import importlib.util
    import subprocess

    from cfwlib.areas import project_root

    if importlib.util.find_spec("jupyterlab") is None:
        raise CfwError("JupyterLab is not installed here: run `make lab`, or pip install 'cfwlib[lab]'.")
    raise typer.Exit(subprocess.call([sys.executable, "-m", "jupyterlab", str(project_root() / "notebooks")]))


def _tell_gaps(store: "Store") -> bool:
    """Say what each LSOA vintage still lacks; true when at least one can be run."""
    from cfwlib.data.catalogue import datasets
    from cfwlib.data.load import missing_datasets

    ready = False
    for vintage in (2021, 2011):
        missing = missing_datasets(store, vintage)
        ready = ready or not missing
        out.print(f"lsoa_vintage = {vintage}: " + (f"lacks {len(missing)}:" if missing else "complete, can be run"))
        for key in missing:
            out.print(f"  - {key}: {datasets()[key].title}. From {datasets()[key].landing_page}", soft_wrap=True)
    return ready


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for heading in headings:
        table.add_column(heading, justify="right" if heading.startswith("Rows") else "left", overflow="fold")
    return table


def _pairs(items: list[str]) -> dict[str, str]:
    problems = [
        f"-p '{item}': write it as name=value."
        for item in items
        if not item.partition("=")[0].strip() or "=" not in item
    ]
    if problems:
        raise CfwError(problems)
    return {name.strip(): value.strip() for name, _, value in (item.partition("=") for item in items)}


def _tell(results: "list[Result]", folder: Path) -> None:
    for result in results:
        mark = "[green]ok[/]" if result.status == "ok" else "[bold red]failed[/]"
        page = escape(str(folder / result.html)) if result.html else ""
        out.print(f"{mark} {result.name} ({result.seconds:.1f} s)  {page}", soft_wrap=True, highlight=False)
        if result.error:
            where = f"cell {result.cell}: " if result.cell is not None else ""
            err.print(f"   {where}{escape(result.error)}", soft_wrap=True, highlight=False)


def _execute(jobs: "list[Job]", jobs_at_once: int) -> "list[Result]":
    from concurrent.futures import ProcessPoolExecutor

    from cfwlib import runs

    bar = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*bar, TimeElapsedColumn(), console=err, transient=True) as progress:
        task = progress.add_task(jobs[0].name, total=len(jobs))

        def step(result: "Result") -> None:
            done = int(progress.tasks[0].completed) + 1
            progress.update(task, advance=1, description=jobs[min(done, len(jobs) - 1)].name)

        if jobs_at_once == 1:
            return runs.run_all(jobs, on_done=step)
        with ProcessPoolExecutor(jobs_at_once) as executor:
            try:
                return runs.run_all(jobs, executor=executor, on_done=step)
            except KeyboardInterrupt:
                for process in multiprocessing.active_children():
                    process.terminate()
                raise


if __name__ == "__main__":
    main()
