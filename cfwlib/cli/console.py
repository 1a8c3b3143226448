"""What the commands share: where they print, tables, and the option that names the area."""

import sys
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

out, err = Console(width=None if sys.stdout.isatty() else 160), Console(stderr=True)

Area = Annotated[str, typer.Option(help="Area file in notebooks/areas, without .toml.")]
Outputs = Annotated[str, typer.Option("--outputs", help="Folder of all outputs; default outputs/.")]


def new_table(title: str, *headings: str) -> Table:
    """Return an empty table; headings that begin with Rows are of numbers."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for heading in headings:
        table.add_column(heading, justify="right" if heading.startswith("Rows") else "left", overflow="fold")
    return table
