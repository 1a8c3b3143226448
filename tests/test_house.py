"""The house keeps its order: imports one way, small modules, one list of packages, nothing from a CDN."""

import ast
import re
import subprocess
import sys
import tomllib

import pytest
from hypothesis import settings as examples
from project import ROOT

ORDER = [
    "errors",
    "words",
    "reading",
    "areas",
    "settings",
    "disclosure",
    "data",
    "need",
    "reach",
    "sites",
    "hub",
    "sufficiency",
    "report",
    "runs",
    "cli",
    "__main__",
]
MODULES = sorted((ROOT / "cfwlib").rglob("*.py"))


def place(module: str) -> int:
    return ORDER.index(module.split(".")[1]) if "." in module else -1


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path) -> None:  # type: ignore[no-untyped-def]
    """A module imports only what stands before it: data, need, reach, sites, hub, sufficiency, report, runs, cli."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    here = -1 if parts == ("cfwlib", "__init__") else ORDER.index(parts[1])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for name in (name for name in names if name.startswith("cfwlib.")):
            assert place(name) <= here or name == "cfwlib.errors", f"{path.name} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_are_of_one_idea(path) -> None:  # type: ignore[no-untyped-def]
    """No module grows beyond 300 lines."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


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


def test_the_lock_pins_every_package_without_an_address() -> None:
    """requirements.lock fixes each direct dependency and names no host."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = requirements(re.findall(r"(?m)^([a-z0-9._-]+==\S+)", text))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = requirements(project["dependencies"] + project["optional-dependencies"]["dev"])
    assert set(wanted) <= set(pinned)
    assert "://" not in text
    assert "jupyterlab==" not in text  # importing papermill beside it costs every scheduled run seconds


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
