"""What the commands share: where they print, tables, and the option that names the area."""

import io
import os
import sys
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table


class _Console(Console):
    """A console that goes on when nobody listens any more, as when its output is piped to `head`."""

    def on_broken_pipe(self) -> None:
        """Print to nowhere from now on: what is being done is done to its end."""
        _to_nowhere()


out, err = _Console(width=None if sys.stdout.isatty() else 160), _Console(stderr=True)

Area = Annotated[str, typer.Option(help="Area file in notebooks/areas, without .toml.")]
Outputs = Annotated[str, typer.Option("--outputs", help="Folder of all outputs; default outputs/.")]


def new_table(title: str, *headings: str) -> Table:
    """Return an empty table; headings that begin with Rows are of numbers."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for heading in headings:
        table.add_column(heading, justify="right" if heading.startswith("Rows") else "left", overflow="fold")
    return table


def line(*cells: str) -> None:
    """Print a line for a program, tabs between; where nobody listens any more, to nowhere."""
    try:
        sys.stdout.write("\t".join(cells) + "\n")
        sys.stdout.flush()
    except OSError:
        _to_nowhere()


def print_anything() -> None:
    """Have signs that the terminal does not know printed as an escape, not end the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _to_nowhere() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
