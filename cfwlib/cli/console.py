"""What the commands share: where they print, tables, and the option that names the area."""

import io
import os
import re
import sys
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

# Signs that steer a terminal, or turn the order of what it shows.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    """Return text as a terminal may show it: what would steer the terminal is spelt out, as in \\x1b."""
    return _STEERING.sub(lambda sign: ascii(sign[0])[1:-1], text)


class PlainConsole(Console):
    """A console that reads no text as code: neither [red], :bomb: nor what steers a terminal. Style is an argument."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, **options)

    def on_broken_pipe(self) -> None:
        """Print to nowhere from now on, as when output is piped to `head`: what is being done is done to its end."""
        _to_nowhere()

    def render_str(self, text: str, **options: Any) -> Text:
        """Return text as it is shown."""
        return super().render_str(visible(text), **options)


out, err = PlainConsole(width=None if sys.stdout.isatty() else 160), PlainConsole(stderr=True)

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
