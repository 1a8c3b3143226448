"""`cfw runs` and `cfw compare`: what has been run, what changed, and what may go."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cfwlib.cli.console import Area, Outputs, err, new_table, out
from cfwlib.errors import InputError

if TYPE_CHECKING:
    from cfwlib.runs import Run

runs_app = typer.Typer(invoke_without_command=True, help="List the runs; `cfw runs prune` deletes old ones.")
Only = Annotated[str, typer.Option(help="Only this area; none = every area.")]


@runs_app.callback()
def list_runs(context: typer.Context, area: Only = "", outputs: Outputs = "") -> None:
    """List the runs, newest first: area, run, data, status, minutes, notebooks, headline figures."""
    if context.invoked_subcommand:
        return
    from cfwlib import runs

    folder = runs.outputs_folder(outputs)
    found = runs.read_runs(folder, area)
    table = new_table(f"Runs in {folder}", "Area", "Run", "Data", "Status", "Minutes", "Notebooks", "Headline")
    for run in found:
        cut_off = run.status == "running" and runs.going_on(folder, run.area) != run.run_id
        status = "cut off" if cut_off else run.status
        minutes = f"{float(run.record.get('seconds', 0)) / 60:.1f}"
        row = (run.area, run.run_id, run.data, status, minutes, _notebooks(run), _headline(run, found))
        table.add_row(*row)
    for lost in runs.recordless(folder, area):
        begins = runs.going_on(folder, lost.parent.name) == lost.name
        status = "running" if begins else "cut off at once, or damaged record"
        table.add_row(lost.parent.name, lost.name, "", status, "", "", "")
    out.print(table)


@runs_app.command("prune")
def prune(
    keep: Annotated[int, typer.Option(min=1, help="Runs to keep per area.")] = 12,
    area: Only = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted.")] = False,
    outputs: Outputs = "",
) -> None:
    """Delete old runs, but never the last good run of an area. Exit code 3 = a run was going on in an area."""
    from cfwlib import runs

    folder, busy = runs.outputs_folder(outputs), False
    for one in [area] if area else runs.areas(folder):
        try:
            going = runs.old_runs(folder, one, keep=keep) if dry_run else runs.prune(folder, one, keep=keep)
        except runs.AreaBusyError as error:
            err.print(f"{error} Nothing of {one} is deleted.", soft_wrap=True)
            busy = True
            continue
        for path in going:
            out.print(f"{'would delete' if dry_run else 'deleted'} {path}", soft_wrap=True)
    if not dry_run and folder.is_dir():
        runs.write_index(folder)
    if busy:
        raise typer.Exit(runs.AreaBusyError.exit_code)


def compare(
    run_a: Annotated[str, typer.Argument(help="Earlier run: identifier, its beginning, folder, latest or previous.")],
    run_b: Annotated[str, typer.Argument(help="Later run, in the same ways.")] = "latest",
    area: Area = "cumberland",
    outputs: Outputs = "",
    out_folder: Annotated[
        str, typer.Option("--out", help="Where the page goes; default: the later run's folder.")
    ] = "",
) -> None:
    """Say what changed between two runs, in what went in and in the figures, as a page and as CSV."""
    from cfwlib import runs

    folder = runs.outputs_folder(outputs)
    after = runs.find_run(folder, run_b, area=area)
    before = runs.find_run(folder, run_a, area=area, beside=after)
    page = runs.write_comparison(before, after, Path(out_folder) if out_folder else after.folder)
    comparison = runs.compare_runs(before, after)
    if comparison.clashes:
        raise InputError(comparison.clashes)
    out.print(runs.answer(comparison), soft_wrap=True)
    out.print(f"Page: {page}", soft_wrap=True)


def _notebooks(run: "Run") -> str:
    states = [entry.get("status", "") for entry in run.notebooks]
    counts = {state: states.count(state) for state in ("ok", "failed", "not run")}
    return ", ".join(f"{count} {state}" for state, count in counts.items() if count)


def _headline(run: "Run", listed: "Sequence[Run]") -> str:
    """The first headline figures; the index holds all, and hides the same."""
    from cfwlib.runs import headline_names
    from cfwlib.runs.index import told

    same, names = [one for one in listed if one.area == run.area], headline_names(run.figures)[:2]
    return "; ".join(f"{run.figures[name]['label']}: {told(name, run, same)}" for name in names)
