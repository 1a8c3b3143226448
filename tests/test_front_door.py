"""The front door: what an analyst types is imported from cfwlib, is light, has examples that hold, and shows itself."""

import ast
import doctest
import pydoc
import re
import subprocess
import sys
from typing import Any

import pytest
from project import ROOT

import cfwlib
from cfwlib.data import AreaData
from cfwlib.errors import SettingsError
from cfwlib.settings import HubSettings, Settings, Vehicle
from cfwlib.settings.help import line_of, unit_of
from cfwlib.showing import Shown

TYPED = sorted(set(cfwlib.__all__) - {"CfwError", "InputError", "PlanError", "SettingsError", "__version__"})
HEAVY = ("pandas", "numpy", "geopandas", "folium", "papermill", "pydantic", "matplotlib")


@pytest.fixture(scope="module")
def hall(modelled: AreaData) -> dict[str, Any]:
    """What the examples go on from, as the docstring of cfwlib says: the modelled area, its need, reach and plan."""
    lines = re.findall(r"(?m)^    (?!from|region =)(.*)", cfwlib.__doc__ or "")
    found = {name: getattr(cfwlib, name) for name in TYPED} | {"region": modelled}
    exec("\n".join(lines), found)
    return found


@pytest.fixture(scope="module")
def shown(hall: dict[str, Any]) -> dict[str, Shown]:
    """One of each thing that shows itself briefly."""
    settings, region, reach = Settings(forecast_years=1, forecast_draws=200, new_sites=1), hall["region"], hall["reach"]
    homes = cfwlib.study_homes(region, cfwlib.find_returns(settings), settings)
    things = [region, reach, cfwlib.study_hub(region, reach, settings), hall["plan"], homes, homes.made, settings]
    things += [cfwlib.study_sites(region, reach, settings), Settings(), Settings(hub_name="<b>\n\x1b[31m" * 99)]
    return {f"{type(one).__name__} {number}": one for number, one in enumerate(things)}


@pytest.mark.parametrize("name", TYPED)
def test_every_example_holds(name: str, hall: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the twenty names has examples, and running them gives what they say."""
    monkeypatch.setenv("CFW_HOME", str(ROOT))
    examples = doctest.DocTestParser().get_doctest(pydoc.getdoc(hall[name]), dict(hall), name, None, None)
    assert examples.examples, f"{name} has no example"
    told: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(examples, out=told.append)
    assert not runner.failures, "".join(told)


def test_twenty_names_are_listed_once_for_people_and_once_for_type_checkers() -> None:
    """`__all__`, the rooms they are loaded from and the imports that type checkers read name the same."""
    assert len(TYPED) == 20
    tree = ast.parse((ROOT / "cfwlib" / "__init__.py").read_text(encoding="utf-8"))
    [block] = [node for node in tree.body if isinstance(node, ast.If)]
    imports = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    typed = {str(node.module).removeprefix("cfwlib."): [alias.name for alias in node.names] for node in imports}
    assert typed == cfwlib._ROOMS
    assert sorted(name for names in typed.values() for name in names) == TYPED
    assert dir(cfwlib) == sorted(cfwlib.__all__)
    with pytest.raises(AttributeError, match="no attribute 'load_areas'"):
        cfwlib.load_areas  # noqa: B018


def test_the_front_door_costs_nothing() -> None:
    """`import cfwlib` takes less than 0.1 CPU seconds in a fresh process and loads nothing heavy."""
    code = "import sys, time; start = time.process_time(); import cfwlib; print(time.process_time() - start, "
    code += f"[name for name in {HEAVY} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    took, heavy = told.strip().split(" ", 1)
    assert heavy == "[]"
    assert float(took) < 0.1


def test_the_library_does_not_use_its_own_front_door() -> None:
    """A module that imported through it could reach anything, whatever the order of the rooms."""
    for path in set((ROOT / "cfwlib").rglob("*.py")) - {ROOT / "cfwlib" / "__init__.py"}:
        for names in re.findall(r"(?m)^\s*from cfwlib import (.*)$", path.read_text(encoding="utf-8")):
            assert not set(re.findall(r"\w+", names)) & set(TYPED), (
                f"{path.name} imports {names} through the front door"
            )


def test_everything_shows_itself_in_three_lines(shown: dict[str, Shown]) -> None:
    """At a prompt and in a notebook: at most 3 lines and 300 characters, and no text of the data becomes markup."""
    for name, one in shown.items():
        text, page = repr(one), one._repr_html_()
        assert len(text.splitlines()) <= 3, name
        assert len(text) <= 300, name
        assert text.isprintable() or "\n" in text, name
        assert page.count("<br>") == text.count("\n"), name
        assert len(re.sub(r"</?(p|strong|br)>", "", page)) <= 400, name
        assert "<b>" not in page, name
        assert str(one) == text, name


def test_a_study_of_children_shows_no_number_of_them(shown: dict[str, Shown]) -> None:
    """Its numbers are unprotected: beside the day, what is shown has no digit but those of the page's name."""
    for name in ("HomesStudy 4", "Forecast 5"):
        for text in (repr(shown[name]), shown[name]._repr_html_()):
            rest = re.sub(r"\d{4}-\d\d-\d\d|06_homes|5 nights|200 draws", "", text)
            assert not re.search(r"\d", rest), text


def test_help_tells_unit_range_default_and_meaning_of_every_setting() -> None:
    """One line a setting, and no more than a screen of anything else."""
    for kind in (HubSettings, Settings, Vehicle):
        told = pydoc.plain(pydoc.render_doc(kind))
        for name, field in kind.model_fields.items():
            assert line_of(name, field) in told
        assert len(told.splitlines()) <= len(kind.model_fields) + 150, kind
        assert "model_dump" not in told
    line = "dwell_min = 120 minutes [from 5 to 720]: session length where a venue names none"
    assert line_of("dwell_min", HubSettings.model_fields["dwell_min"]) == line
    assert unit_of("new_home_running_gbp_per_week") == "pounds per week"
    assert "fixed_services = 'hubs_and_centres' ['hubs_and_centres' or 'hubs']" in pydoc.getdoc(Settings)


def test_settings_show_what_was_changed() -> None:
    """What is as by default is not repeated."""
    assert repr(Settings()).endswith("all at their defaults")
    assert repr(Settings(dwell_min=90, data="store")).splitlines()[1] == "dwell_min=90.0, data='store'"


@pytest.mark.parametrize("part", [Settings, HubSettings])
def test_a_class_of_settings_typed_by_hand_speaks_as_a_run_does(part: Any) -> None:
    """All that is wrong at once, in plain words, each with an example of what is right; no library's own words."""
    with pytest.raises(SettingsError) as caught:
        part(dwell_min=2, working_weekdays="67", vehicels=1)
    told = "\n".join(caught.value.problems)
    assert len(caught.value.problems) == 3
    assert "'135' is Monday, Wednesday and Friday" in told
    assert "Did you mean 'vehicles'?" in told
    assert "pydantic" not in told


def test_a_part_of_the_settings_is_found() -> None:
    """What is not at the front door is told by its room."""
    with pytest.raises(AttributeError, match=r"from cfwlib\.settings import HubSettings"):
        _ = cfwlib.HubSettings
