"""`cfw new`: lay out a project folder, so that an installed cfwlib needs no checkout."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from cfwlib.cli.console import out
from cfwlib.errors import CfwError

PARTS = ("data/README.md", "data/sample", "docs", "notebooks", "outputs/README.md")
# what is brought in or made stays out of git: it may be about children
IGNORED = "data/*/\n!data/sample/\noutputs/*\n!outputs/README.md\nwork/\n"
_LEFT_OUT = shutil.ignore_patterns(".*", "architecture.md")  # of those who work on cfwlib itself
_PACKAGE = Path(__file__).resolve().parents[1]


def new(folder: Annotated[Path, typer.Argument(help="Folder to make; an empty one will do.")]) -> None:
    """Lay out a project folder: notebooks, area files, modelled data, documents."""
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise CfwError(
            f"{folder}: is there, and is no empty folder. Name a folder that is not there yet; nothing was written."
        )
    packed = _PACKAGE / "project"  # in a wheel; a checkout holds the same itself
    source = packed if packed.is_dir() else _PACKAGE.parent
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".new-", dir=folder) as scratch:  # copied whole, or not at all
        for part in PARTS:
            target = Path(scratch) / part
            target.parent.mkdir(parents=True, exist_ok=True)
            if (source / part).is_dir():
                shutil.copytree(source / part, target, ignore=_LEFT_OUT)
            else:
                shutil.copyfile(source / part, target)
        (Path(scratch) / ".gitignore").write_text(IGNORED, encoding="utf-8")
        for made in sorted(Path(scratch).iterdir()):
            made.rename(folder / made.name)
    out.print(f"Made {folder}. Next: cd {folder}, then cfw run", soft_wrap=True)
