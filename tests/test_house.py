"""The house keeps its order: imports one way, small modules, one list of packages, nothing from a CDN."""

import ast
import pkgutil
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import settings as examples
from project import ROOT

ORDER = [
    "errors",
    "showing",
    "words",
    "reading",
    "locks",
    "milp",
    "areas",
    "settings",
    "disclosure",
    "stockflow",
    "data",
    "need",
    "reach",
    "sites",
    "hub",
    "sufficiency",
    "report",
    "pages",
    "runs",
    "cli",
    "__main__",
]
MODULES = sorted((ROOT / "cfwlib").rglob("*.py"))


def place(module: str) -> int:
    return ORDER.index(module.split(".")[1]) if "." in module else -1


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path) -> None:  # type: ignore[no-untyped-def]
    """A module imports only from rooms that stand before its own in `ORDER`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    here = len(ORDER) if parts == ("cfwlib", "__init__") else ORDER.index(parts[1])  # the front door stands last
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for name in (name for name in names if name.startswith("cfwlib.")):
            assert place(name) <= here or name == "cfwlib.errors", f"{path.name} imports {name}"


FREE = {  # room -> all that it may import besides itself
    "stockflow": {"errors", "reading", "showing"},
    "disclosure": {"errors", "milp", "reading", "settings", "words"},
    "report": {"disclosure", "errors", "locks", "reading", "words"},
}


@pytest.mark.parametrize("room", FREE)
def test_engines_and_the_page_kit_know_no_subject(room: str) -> None:
    """What is used by every subject imports none of them."""
    for path in (ROOT / "cfwlib" / room).rglob("*.py"):
        for name in re.findall(r"(?m)^\s*(?:from|import) cfwlib\.(\w+)", path.read_text(encoding="utf-8")):
            assert name in FREE[room] | {room}, f"{path.name} imports {name}"


READS = re.compile(
    r"read_text|read_bytes|(?<![.\w])open\((?!self)|read_(csv|parquet|excel|file)\(|project_root|named_path|read_named"
)


def test_studies_read_no_files() -> None:
    """What a study needs is handed in; only what the library itself carries may be opened."""
    for room in ("stockflow/*.py", "need.py", "reach/*.py", "sites/*.py", "hub/*.py", "sufficiency/**/*.py"):
        for path in (ROOT / "cfwlib").glob(room):
            text = re.sub(r"importlib\.resources\.files\(.*", "", path.read_text(encoding="utf-8"))
            assert not READS.search(text), path.name


def test_no_module_stands_on_itself() -> None:
    """Whatever imports a module is not imported by it, by however many steps, for type checkers neither."""
    known = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in MODULES if path.stem != "__init__"
    }
    uses = {}
    for name, path in known.items():
        lines = re.findall(r"(?m)^\s*from (cfwlib[\w.]*) import (.+)$", path.read_text(encoding="utf-8"))
        wide = {f"{room}.{word}" for room, words in lines for word in re.findall(r"\w+", words)}
        uses[name] = ({room for room, _ in lines} | wide) & set(known)
    while free := [name for name, used in uses.items() if not used & set(uses)]:
        for name in free:
            del uses[name]
    assert sorted(uses) == []


BUDGET = {  # room -> most lines of code: blank lines, comments and docstrings are not counted
    "cfwlib": 750, "settings": 665, "disclosure": 1052, "stockflow": 1072, "data": 4890, "reach": 1256, "sites": 886,
    "hub": 4450, "sufficiency": 1538, "report": 1710, "pages": 2200, "runs": 1500, "cli": 543,
}  # fmt: skip
TOTAL = sum(BUDGET.values())  # the whole library, all subjects built, may have 25,000


def code_lines(path: Path) -> int:
    """Count the lines of a module that are neither blank nor comment nor docstring."""
    text = path.read_text(encoding="utf-8")
    told = set[int]()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                told.update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    lines = enumerate(text.splitlines(), start=1)
    return sum(1 for number, line in lines if line.strip()[:1] not in ("", "#") and number not in told)


def test_every_room_keeps_to_its_budget() -> None:
    """Lines of code per room, printed with `pytest -s`: a room that outgrows its budget is thought over."""
    rooms = dict.fromkeys(BUDGET, 0)
    for path in MODULES:
        parts = path.relative_to(ROOT / "cfwlib").parts
        rooms[parts[0] if len(parts) > 1 else "cfwlib"] += code_lines(path)
    for room, lines in rooms.items():
        print(f"{room:12} {lines:6,} of {BUDGET[room]:6,}")
    print(f"{'all':12} {sum(rooms.values()):6,} of {TOTAL:6,}")
    assert {room: lines for room, lines in rooms.items() if lines > BUDGET[room]} == {}
    assert sum(rooms.values()) <= TOTAL


def test_the_plain_import_is_light() -> None:
    """`import cfwlib` pulls in no pandas, folium, papermill or matplotlib; reading data needs no plotting."""
    code = "import sys, cfwlib; print([m for m in ('pandas', 'folium', 'papermill', 'matplotlib') if m in sys.modules])"
    assert run_python(code) == "[]"
    heavy = "('folium', 'papermill', 'matplotlib', 'pandera')"
    code = f"import sys, cfwlib.hub; print([m for m in {heavy} if m in sys.modules])"
    assert run_python(code) == "[]"


def run_python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def requirements(lines: list[str]) -> dict[str, str]:
    pairs = (re.match(r"([A-Za-z0-9_-]+)(.*)", line.strip()) for line in lines)
    return {pair.group(1).lower(): pair.group(2).replace(" ", "") for pair in pairs if pair}


def test_conda_environment_names_the_same_packages() -> None:
    """environment.yml cannot be solved here: it is held to pyproject, same packages and bounds, conda-forge only."""
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    expected = requirements(project["dependencies"] + project["optional-dependencies"]["lab"])
    expected["pytest"] = requirements(project["optional-dependencies"]["dev"])["pytest"]
    listed = requirements(re.findall(r"(?m)^  - ([a-z].*?)$", text.split("dependencies:")[1]))
    python = listed.pop("python")
    for extra in ("pip", "pip:"):
        listed.pop(extra, None)
    assert listed == expected
    assert python == project["requires-python"]
    assert re.findall(r"(?m)^  - (.*)$", text.split("channels:")[1].split("dependencies:")[0]) == ["conda-forge"]


def test_the_locks_pin_every_package_without_an_address() -> None:
    """Two locks, for `make report` and `make test`: each direct dependency, the same versions in both, and no host."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = requirements(project["dependencies"])
    locks = {}
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text
        assert "jupyterlab==" not in text  # importing papermill beside it costs every scheduled run seconds
        locks[name] = set(re.findall(r"(?m)^([a-z0-9._-]+==[^ \n]+)", text))
        assert set(wanted) <= {pin.split("==")[0] for pin in locks[name]}
        wanted |= requirements(project["optional-dependencies"]["dev"])
    assert locks["requirements.lock"] <= locks["requirements-dev.lock"]
    assert not {"pytest", "mypy", "playwright"} & {pin.split("==")[0] for pin in locks["requirements.lock"]}


def test_nothing_comes_from_a_cdn() -> None:
    """No file of the package or the notebooks names a content delivery network."""
    pattern = re.compile(r"cdn\.jsdelivr|cdnjs|unpkg\.com|code\.jquery|netdna|fonts\.googleapis")
    for path in [*(ROOT / "cfwlib").rglob("*"), *(ROOT / "notebooks").glob("*.ipynb")]:
        if path.is_file() and path.suffix != ".pyc":
            assert not pattern.search(path.read_text(encoding="utf-8", errors="ignore")), path


def test_the_readme_begins_with_the_two_commands() -> None:
    """A newcomer sees what to type before anything else."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    first = readme.split("```")[1]
    assert "make report" in first
    assert "make test" in first


def test_no_example_is_timed() -> None:
    """Hypothesis has no deadline, by the profile of conftest.py and in every test that has settings of its own."""
    assert examples().deadline is None
    for path in (ROOT / "tests").rglob("*.py"):
        assert not re.search(r"deadline\s*=\s*(?!None)\w", path.read_text(encoding="utf-8")), path


def named(text: str) -> list[str]:
    """Return the names of cfwlib in a text that are no names."""
    wrong = []
    for name in sorted(set(re.findall(r"\bcfwlib(?:\.\w+)+", text)) - {"cfwlib.toml"}):
        try:
            pkgutil.resolve_name(name.removesuffix(".py"))
        except (ImportError, AttributeError):
            wrong.append(name)
    return wrong


@pytest.mark.parametrize(
    "path", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda path: path.name
)
def test_every_name_and_file_that_the_documents_give_is_there(path: Path) -> None:
    """A reader who types or opens what a document names finds it; so do the references in docstrings."""
    text = path.read_text(encoding="utf-8")
    assert named(text) == []
    files = set(
        re.findall(r"(?<![\w/])(?:cfwlib|tests|tools|notebooks|docs|benchmarks)/[\w/]+\.(?:py|md|toml|ipynb)", text)
    )
    assert [name for name in sorted(files) if not (ROOT / name).exists()] == []


def test_every_reference_in_a_docstring_is_there() -> None:
    """`[table_html][cfwlib.report.tables.table_html]` leads somewhere."""
    references = "\n".join(re.findall(r"\]\[(cfwlib[\w.]+)\]", "\n".join(path.read_text("utf-8") for path in MODULES)))
    assert named(references) == []
