"""`cfw lab`: the notebooks in JupyterLab, as copies that nobody else reads."""

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import typer

from cfwlib.areas import project_root
from cfwlib.cli.console import err
from cfwlib.errors import CfwError
from cfwlib.reading import read_json

PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


def lab(context: typer.Context) -> None:
    """Open copies of the notebooks, in work/, in JupyterLab; its own options are passed on to it.

    A copy is never written over. Passed on are, for example, --no-browser, --port 8890 and --allow-root.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise CfwError("JupyterLab is not installed here: run `make lab`, or pip install 'cfwlib[lab]'.")
    home = project_root()
    for told in copy_notebooks(home):
        err.print(told, soft_wrap=True)
    command = [sys.executable, "-m", "jupyterlab", str(home / "work"), *context.args]
    raise typer.Exit(subprocess.call(command, env={**os.environ, "CFW_HOME": str(home)}))


def copy_notebooks(home: Path) -> list[str]:
    """Copy the notebooks that are not in work/ yet, and say of each copy that it was made of an older notebook.

    JupyterLab saves outputs into what it opens: they must not come into the project's notebooks.

    Parameters
    ----------
    home
        The project's folder.
    """
    from cfwlib.report.write import write_text
    from cfwlib.runs import find_notebooks

    told = []
    for path in find_notebooks([]):
        made_of, copy = hashlib.sha256(path.read_bytes()).hexdigest(), home / "work" / path.name
        if not copy.exists():
            notebook = read_json(path)
            notebook["metadata"]["cfw"] = {"made_of": made_of}  # JupyterLab keeps it
            write_text(copy, json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
        elif read_json(copy).get("metadata", {}).get("cfw", {}).get("made_of") != made_of:
            told.append(
                f"work/{path.name} is not made of today's notebooks/{path.name}: kept as it is. "
                "Rename or delete it to get a new one."
            )
    return told
