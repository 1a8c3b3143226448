"""One order for settings: the same values in JupyterLab, under plain papermill and in `cfw run`."""

import json
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import papermill
import pytest
from run_cases import command, notebook

from cfwlib.errors import SettingsError
from cfwlib.runs import plan_jobs, run_all
from cfwlib.settings import Settings

ASKS = """
import json
from cfwlib.settings import Settings
settings = Settings.from_cell(globals(), "03_mobile_hub")
values = settings.model_dump(mode="json", include=settings.model_fields_set - {"out"})
print(json.dumps({"origins": settings.origins, "values": values}))
"""
KNOBS = "limit_drive_min: float = 15\nduty_min: float = 400\ncycle_weeks: int = 2\nmore: dict = {'budget_gbp': 5000}"
AREA = """
[parameters]
limit_drive_min = 20
duty_min = 390
dwell_min = 100
weight_draws = 200
hub_hours_per_week = 30
[notebooks.03_mobile_hub]
dwell_min = 110
max_vehicle_days = 8
[notebooks.04_hub_access]
setup_min = 20
"""
SCENARIO = """
range_km = 150
[parameters]
vehicles = 2
speed_factor = 0.9
[notebooks.03_mobile_hub]
vehicles = 3
budget_gbp = "none"
"""


@pytest.fixture
def hub(bare: Path) -> Path:
    """A project of one notebook that tells its settings; every place that may give one gives some."""
    notebook(bare, "03_mobile_hub", ASKS, parameters=KNOBS)
    area = bare / "notebooks" / "areas" / "cumberland.toml"
    area.write_text(area.read_text() + AREA)
    (bare / "option-b.toml").write_text(SCENARIO)
    return bare


def told(executed: Any) -> dict[str, Any]:
    """What the notebook has printed."""
    content: dict[str, Any] = json.loads(executed.cells[-1].outputs[-1].text)
    return content


def in_jupyter(home: Path) -> dict[str, Any]:
    """Every cell as it stands, one after the other."""
    return told(nbclient.execute(nbformat.read(home / "notebooks" / "03_mobile_hub.ipynb", as_version=4)))


def by_papermill(home: Path, **parameters: Any) -> dict[str, Any]:
    source = home / "notebooks" / "03_mobile_hub.ipynb"
    return told(papermill.execute_notebook(source, None, parameters, progress_bar=False))


def by_cfw(home: Path, scenario: str = "", **parameters: str) -> dict[str, Any]:
    """What the notebook tells in a run, which is also what was planned."""
    file = home / scenario if scenario else None
    (job,) = plan_jobs([], area="cumberland", data="sample", parameters=parameters, folder=home, scenario=file)
    (result,) = run_all([job])
    assert result.status == "ok", result.error
    found = told(nbformat.read(home / "03_mobile_hub.ipynb", as_version=4))
    assert found == {"origins": job.origins, "values": {k: v for k, v in job.parameters.items() if k != "out"}}
    return found


def test_three_routes_lead_to_the_same_values(hub: Path) -> None:
    """JupyterLab, plain papermill, cfw run: defaults, area file, an edited cell and `more`."""
    found = in_jupyter(hub)
    assert found == by_papermill(hub) == by_cfw(hub)
    assert found["origins"] == {
        "limit_drive_min": "cumberland.toml",  # the cell's is the default
        "weight_draws": "cumberland.toml",
        "duty_min": "notebook's cell",
        "dwell_min": "cumberland.toml [notebooks.03_mobile_hub]",
        "max_vehicle_days": "cumberland.toml [notebooks.03_mobile_hub]",
        "budget_gbp": "notebook's cell, more",
    }
    values = found["values"]
    assert (values["limit_drive_min"], values["duty_min"], values["dwell_min"]) == (20, 400, 110)
    assert "hub_hours_per_week" not in values  # another notebook's
    assert values["setup_min"] == 15


def test_a_scenario_and_the_command_line_are_the_strongest(hub: Path) -> None:
    """-p beats the scenario, which beats the notebook; what they say reads the same when papermill hands it on."""
    fleet = '[{depot="own-1"}, {depot="own-2", weekdays="12"}]'
    found = by_cfw(hub, "option-b.toml", speed_factor="0.8", fleet=fleet, must='["own-1"]', limit_drive_min="15")
    told = {"range_km": "option-b.toml", "vehicles": "option-b.toml", "speed_factor": "command line"}
    told |= {"fleet": "command line", "must": "command line", "duty_min": "notebook's cell"}
    assert {name: found["origins"][name] for name in told} == told
    values = found["values"]
    assert (values["vehicles"], values["speed_factor"], values["budget_gbp"]) == (3, 0.8, None)
    assert (values["limit_drive_min"], values["must"]) == (15, ["own-1"])  # the default, against the area file
    assert [vehicle["depot"] for vehicle in values["fleet"]] == ["own-1", "own-2"]
    assert not {"limit_drive_min", "budget_gbp"} & set(found["origins"])


def test_what_papermill_is_given_counts_even_where_it_is_the_default(hub: Path) -> None:
    """And a name that is no setting, of which papermill only warns, is refused with the nearest that is."""
    assert by_papermill(hub, limit_drive_min=15)["values"]["limit_drive_min"] == 15
    with pytest.raises(papermill.PapermillExecutionError, match=r"'limit_drive_mn' is no setting. Did you mean"):
        by_papermill(hub, limit_drive_mn=15)
    with pytest.raises(papermill.PapermillExecutionError, match=r"'duty_min' = 'long'.*from papermill"):
        by_papermill(hub, duty_min="long")


def test_unknown_names_are_refused_wherever_they_stand(hub: Path) -> None:
    """Area file, scenario and command line at once: what, where, and the nearest name."""
    area = hub / "notebooks" / "areas" / "cumberland.toml"
    area.write_text(area.read_text().replace("setup_min = 20", "x = 1").replace("weight_draws", "weight_drwas"))
    (hub / "option-b.toml").write_text("data = 'store'\n[notebooks.03_mobile_hub]\nnew_sites = 2\nrnge_km = 3\n")
    with pytest.raises(SettingsError) as caught:
        plan_jobs([], area="cumberland", data="sample", parameters={"vehicels": "2", "new_sites": "2"}, folder=hub,
                  scenario=hub / "option-b.toml")  # fmt: skip
    assert sorted(caught.value.problems) == [
        "-p new_sites: none of the chosen notebooks uses it. Leave it out, or choose others.",
        "-p vehicels: 'vehicels' is no setting. Did you mean 'vehicles'?",
        "cumberland.toml: 'weight_drwas' is no setting. Did you mean 'weight_draws'?",
        "option-b.toml: 'data' is set in the parameters cell, or by --area, --data and --out. Take it out.",
        "option-b.toml: 'new_sites' is no setting of 03_mobile_hub. See cfw settings 03_mobile_hub.",
        "option-b.toml: 'rnge_km' is no setting. Did you mean 'range_km'?",
    ]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ([1], "notebook's cell: more = \\[1\\]. Write names and values"),
        ({"flet": []}, "notebook's cell, more: 'flet' is no setting. Did you mean 'fleet'"),
        ({"fleet": {"depot": "own-1"}}, "'fleet' = .*from notebook's cell, more"),
        ({"floor_hours_per_1000": 3}, "no setting of 03_mobile_hub"),
        ({"out": "x"}, "'out' is set in the parameters cell"),
    ],
)
def test_more_is_checked(more: Any, message: str) -> None:
    """`more` takes any setting of the notebook by its name, and nothing else."""
    with pytest.raises(SettingsError, match=message):
        Settings.from_cell({"more": more}, "03_mobile_hub")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("b.toml", "[parameters", "not valid TOML"),
        ("b.toml", "parameters = 3", "as tables"),
        ("b.toml", "notebooks = 3", "as tables"),
        ("b.toml", "[notebooks]\n01_need = 3", "as tables"),
        ("b.toml", "[notebooks.01_nead]\nseed = 2", "01_nead.* is no notebook"),
        ("b.json", "{}", "ending .toml"),
    ],
)
def test_a_scenario_file_of_another_form_is_told(hub: Path, name: str, text: str, message: str) -> None:
    """A slip is told in its own words, before anything runs."""
    (hub / name).write_text(text)
    with pytest.raises(SettingsError, match=message):
        plan_jobs([], area="cumberland", data="sample", parameters={}, folder=hub, scenario=hub / name)


def test_a_run_tells_what_is_not_the_default(hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """run.json holds where each came from; a scenario file that is not there is exit code 2."""
    words = ("run", "-p", "vehicles=2", "--out", str(hub / "o"))
    assert command(monkeypatch, *words, "-f", str(hub / "option-c.toml")) == 2
    assert command(monkeypatch, *words, "-f", str(hub / "option-b.toml")) == 0
    record = json.loads(next((hub / "o").glob("cumberland/*/run.json")).read_text())
    origins = record["not_default"]["03_mobile_hub"]
    assert (origins["vehicles"], origins["range_km"]) == ("command line", "option-b.toml")
    assert record["parameters"]["03_mobile_hub"]["vehicles"] == 2


def test_all_that_is_wrong_in_a_scenario_is_told_at_once(hub: Path) -> None:
    """A notebook that is none, a name that is none and a value that is none, in one message; and a list is a list."""
    (hub / "bad.toml").write_text('seed = "x"\nnosuch = 1\n[notebooks.99]\nseed = 2\n[other]\na = 1\n')
    with pytest.raises(SettingsError) as refused:
        by_cfw(hub, "bad.toml", must="abc")
    for words in ("[notebooks.99] is no notebook", "'nosuch' is no setting", "'other' is no setting", "'seed' = 'x'",
                  "should be a list"):  # fmt: skip
        assert any(words in problem for problem in refused.value.problems), words


@pytest.mark.parametrize(("name", "words"), [("empty.toml", "sets nothing"), ("nosuch.toml", "there is no such file")])
def test_a_scenario_that_says_nothing_is_no_scenario(hub: Path, name: str, words: str) -> None:
    """Who names a file means it to say something."""
    (hub / "empty.toml").write_text("# later\n[notebooks.03_mobile_hub]\n")
    with pytest.raises(SettingsError, match=words):
        by_cfw(hub, name)


def test_settings_read_in_python_stand_on_the_area_file_too(hub: Path) -> None:
    """An analyst's own script has the values of the area, under what it says itself; other areas have theirs."""
    settings = Settings.read(dwell_min=95)
    assert (settings.limit_drive_min, settings.duty_min, settings.dwell_min) == (20, 390, 95)
    assert settings.origins["limit_drive_min"] == "cumberland.toml"
    assert "dwell_min" not in settings.origins
    assert Settings.read(area="elsewhere").limit_drive_min == 15
    area = hub / "notebooks" / "areas" / "cumberland.toml"
    area.write_text(area.read_text().replace("[parameters]", "[parameters]\nnosuch = 1"))
    with pytest.raises(SettingsError, match="'nosuch' is no setting"):
        Settings.read()
