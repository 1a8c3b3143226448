"""Draw the rooms of cfwlib and what each builds on, from today's imports, into docs/architecture.md.

python tools/architecture.py           # write the picture
python tools/architecture.py --check   # exit code 1 if it is not that of today's imports
"""

import ast
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- drawn by tools/architecture.py: do not edit -->\n", "<!-- end of the drawing -->"


def rooms(library: Path) -> dict[str, list[Path]]:
    """Return the modules of each room: a folder or a module at the top of the library, without `__init__` and such."""
    tops = [path for path in library.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()]
    return {
        path.stem: sorted(path.rglob("*.py")) if path.is_dir() else [path]
        for path in sorted(tops)
        if not path.stem.startswith("__")
    }


def imported(code: str) -> set[str]:
    """Return the rooms that a text of Python imports anywhere, also inside functions."""
    found = set[str]()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "cfwlib":
            found |= {f"cfwlib.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return {name.split(".")[1] for name in found if name.startswith("cfwlib.")}


def builds_on(library: Path, notebooks: Path) -> dict[str, set[str]]:
    """Return what each room imports of the others; the notebooks count as one."""
    found = rooms(library)
    uses = {room: set().union(*(imported(path.read_text("utf-8")) for path in paths)) for room, paths in found.items()}
    cells = [
        "".join(cell["source"])
        for path in sorted(notebooks.glob("*.ipynb"))
        for cell in json.loads(path.read_text("utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]
    uses["notebooks"] = set().union(*map(imported, cells))
    return {room: (names & found.keys()) - {room} for room, names in uses.items()}


def reduced(uses: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return the arrows that are left when those that longer ways imply are left out.

    Raises
    ------
    SystemExit
        When rooms import each other in a circle.
    """
    whole: dict[str, set[str]] = {}

    def reach(room: str, above: tuple[str, ...]) -> set[str]:
        if room in above:
            sys.exit(f"rooms import each other in a circle: {' -> '.join([*above, room])}. Move what one needs below.")
        if room not in whole:
            whole[room] = uses[room].union(*(reach(name, (*above, room)) for name in uses[room]))
        return whole[room]

    for room in uses:
        reach(room, ())
    return {
        room: {name for name in names if not any(name in whole[other] for other in names)}
        for room, names in uses.items()
    }


def told(path: Path) -> str:
    """Return the first line of the docstring of a room."""
    text = (path if path.suffix == ".py" else path / "__init__.py").read_text("utf-8")
    return (ast.get_docstring(ast.parse(text)) or "").split("\n")[0]


def drawing(root: Path) -> str:
    """Return the picture and the list of rooms, lowest first."""
    library = root / "cfwlib"
    uses = builds_on(library, root / "notebooks")
    arrows = reduced(uses)
    order: list[str] = []
    while len(order) < len(uses):
        order += sorted(room for room in uses if room not in order and uses[room] <= set(order))
    lines = [f"    {name} --> {room}" for room in order for name in sorted(arrows[room], key=order.index)]
    rows = [
        f"| `{room}` | {told(path)} |"
        for room in order
        if (path := library / f"{room}.py").is_file() or (path := library / room).is_dir()
    ]
    return "\n".join(["```mermaid", "flowchart TD", *lines, "```", "", "| room | what it is |", "|---|---|", *rows, ""])


def main(arguments: list[str]) -> int:
    """Write the drawing into the page, or compare it with `--check`."""
    page = PAGE.read_text("utf-8")
    new = re.sub(f"(?s)(?<={re.escape(BEGIN)}).*(?={re.escape(END)})", lambda _: drawing(ROOT), page)
    if new == page:
        return 0
    if "--check" in arguments:
        print("docs/architecture.md shows other imports than those of today. Run: python tools/architecture.py")
        return 1
    PAGE.write_text(new, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
