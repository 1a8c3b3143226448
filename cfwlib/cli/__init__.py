"""The `cfw` command: bring data in, run the notebooks, find the reports, compare runs."""

import os
import sys
from typing import NoReturn

import typer

from cfwlib.cli.console import err, print_anything
from cfwlib.cli.data import data_app
from cfwlib.cli.lab import PASSED_ON, lab
from cfwlib.cli.new import new
from cfwlib.cli.render import render
from cfwlib.cli.run import run
from cfwlib.cli.runs import compare, runs_app
from cfwlib.cli.settings import settings
from cfwlib.errors import CfwError, fault_words

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Needs analysis for children's services.",
                  pretty_exceptions_enable=False, rich_markup_mode=None)  # fmt: skip
app.add_typer(data_app, name="data")
app.command("run")(run)
app.add_typer(runs_app, name="runs")
app.command("compare")(compare)
app.command("new")(new)
app.command("lab", context_settings=PASSED_ON)(lab)
app.command("render")(render)
app.command("settings")(settings)


def main() -> None:
    """Run the command; what the user can put right ends in a clear message and exit code 2, a busy area in 3.

    A fault of ours is one line and exit code 1; a traceback, which may quote the data, only where `CFW_DEBUG` is set.
    """
    print_anything()
    try:
        app()
    except CfwError as error:
        _fail(error.problems, getattr(error, "exit_code", 2))
    except (OSError, UnicodeError, MemoryError, RecursionError) as error:
        _fail([fault_words(error, whole_path=True)], 2)
    except Exception as error:
        if os.environ.get("CFW_DEBUG"):
            raise
        _fail([fault_words(error)], 1)


def _fail(problems: list[str], code: int) -> NoReturn:
    err.print(f"{len(problems)} problem{'s' if len(problems) > 1 else ''}:", style="bold red")
    for problem in problems:
        err.print(f"- {problem}", soft_wrap=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
