"""`cfw new`: lay out a project folder, so that an installed cfwlib needs no checkout."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from cfwlib.cli.console import out
from cfwlib.errors import CfwError

PARTS = ("data/README.md", "data/sample", "docs", "notebooks", "outputs/README.md")
# what is brought in or made stays out of git: it may be about children
IGNORED = "data/*/\n!data/sample/\noutputs/*\n!outputs/README.md\nwork/\n"
_PACKAGE = Path(__file__).resolve().parents[1]


def new(folder: Annotated[Path, typer.Argument(help="Folder to make; an empty one will do.")]) -> None:
    """Lay out a project folder: notebooks, area files, modelled data, documents."""
    if folder.exists() and any(folder.iterdir()):
        raise CfwError(f"{folder}: is not empty. Name a folder that is not there yet; nothing was written.")
    packed = _PACKAGE / "project"  # in a wheel; a checkout holds the same itself
    source = packed if packed.is_dir() else _PACKAGE.parent
    for part in PARTS:
        target = folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if (source / part).is_dir():
            shutil.copytree(source / part, target, ignore=shutil.ignore_patterns(".*"))
        else:
            shutil.copyfile(source / part, target)
    (folder / ".gitignore").write_text(IGNORED, encoding="utf-8")
    out.print(f"Made {folder}. Next: cd {folder}, then cfw run", soft_wrap=True)
