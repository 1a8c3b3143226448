"""What stands in for a notebook's kernel, so that a whole run takes a moment: the run around it is the real one."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torture.watch import command


def quick(words: list[str]) -> Callable[[], int]:
    """Return an action that runs the `cfw` command with notebooks that are copied, not executed."""

    def act() -> int:
        import papermill

        papermill.execute_notebook = _copied
        return command(words)()

    return act


def _copied(source: str, target: str, parameters: dict[str, Any], **more: Any) -> None:
    shutil.copyfile(source, target)
    name, folder = Path(source).stem, Path(target).parent / "figures"
    folder.mkdir(exist_ok=True)
    figure = {"name": f"of_{name}", "label": "A figure", "value": 12, "unit": "children", "notebook": name,
              "low": None, "high": None, "disclosure": "none"}  # fmt: skip
    (folder / f"{name}.json").write_text(json.dumps([figure]), encoding="utf-8")
