"""One order for settings: the same values in JupyterLab, under plain papermill and in `cfw run`."""

import json
import re
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import papermill
import pytest
from run_cases import PARAMETERS, command, notebook

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


def by_cfw(home: Path, *scenarios: str, **parameters: str) -> dict[str, Any]:
    """What the notebook tells in a run, which is also what was planned."""
    files = [home / scenario for scenario in scenarios]
    (job,) = plan_jobs([], area="cumberland", data="sample", parameters=parameters, folder=home, scenarios=files)
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
    told = {"limit_drive_min": "command line", "budget_gbp": "option-b.toml"}
    assert {name: found["origins"][name] for name in told} == told
    assert [vehicle["depot"] for vehicle in values["fleet"]] == ["own-1", "own-2"]


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
                  scenarios=[hub / "option-b.toml"])  # fmt: skip
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
        plan_jobs([], area="cumberland", data="sample", parameters={}, folder=hub, scenarios=[hub / name])


def test_a_run_tells_what_is_not_the_default(hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """run.json holds where each came from; a scenario file that is not there is exit code 2."""
    words = ("run", "-p", "vehicles=2", "--out", str(hub / "o"))
    assert command(monkeypatch, *words, "-f", str(hub / "option-c.toml")) == 2
    assert command(monkeypatch, *words, "-f", str(hub / "option-b.toml")) == 0
    record = json.loads(next((hub / "o").glob("cumberland/*/run.json")).read_text())
    origins = record["given"]["03_mobile_hub"]
    assert (origins["vehicles"], origins["range_km"]) == ("command line", "option-b.toml")
    assert record["parameters"]["03_mobile_hub"]["vehicles"] == 2


def test_all_that_is_wrong_in_a_scenario_is_told_at_once(hub: Path) -> None:
    """A notebook that is none, a name that is none and a value that is none, in one message; and a list is a list."""
    (hub / "bad.toml").write_text('seed = "x"\nnosuch = 1\n[notebooks.99]\nseed = 2\n[other]\na = 1\n')
    with pytest.raises(SettingsError) as refused:
        by_cfw(hub, "bad.toml", must="abc")
    for words in ("[notebooks.99] is no notebook", "'nosuch' is no setting", "[other] is read by nothing",
                  "'seed' = 'x'", "should be a list"):  # fmt: skip
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


def retag(home: Path, *cells: str, tagged: tuple[int, ...] = ()) -> None:
    """Write the notebook anew from its code cells' text; those of `tagged` are tagged parameters."""
    path = home / "notebooks" / "03_mobile_hub.ipynb"
    book = nbformat.read(path, as_version=4)
    book.cells = [nbformat.v4.new_code_cell(text) for text in cells]
    for place in tagged:
        book.cells[place].metadata["tags"] = ["parameters"]
    nbformat.write(book, path)


OWN_CELL = f"{PARAMETERS}{KNOBS}"
FIRST, SECOND = (
    OWN_CELL.split("duty_min", maxsplit=1)[0],
    "duty_min: float = 400\ncycle_weeks: int = 2\nmore: dict = {}",
)


def test_papermill_is_not_overwritten_by_the_parameters_cell(hub: Path) -> None:
    """What it was given is used or refused: the cell has lost its tag, or only its first half has one."""
    retag(hub, OWN_CELL, ASKS)
    with pytest.raises(papermill.PapermillExecutionError, match="duty_min: given by papermill, and overwritten"):
        by_papermill(hub, duty_min=410)
    retag(hub, FIRST, SECOND, ASKS, tagged=(0,))
    with pytest.raises(papermill.PapermillExecutionError, match="duty_min: given by papermill, and overwritten"):
        by_papermill(hub, duty_min=410)


@pytest.mark.parametrize(
    ("cells", "tagged", "words"),
    [
        ((OWN_CELL,), (), "no cells are tagged parameters"),
        ((FIRST, SECOND), (0, 1), "2 cells are tagged parameters"),
        ((f"{OWN_CELL}\nduty_min = 360",), (0,), "each name once"),
        ((f"{OWN_CELL}\nduty_min -= 60",), (0,), "more than lines of name = value"),
        ((f"{OWN_CELL}\nif True:\n    duty_min = 360",), (0,), "more than lines of name = value"),
        ((f"{OWN_CELL}\nvehicles, dwell_min = 2, 60",), (0,), "more than lines of name = value"),
    ],
)
def test_a_run_asks_for_one_plain_parameters_cell(
    hub: Path, cells: tuple[str, ...], tagged: tuple[int, ...], words: str
) -> None:
    """Otherwise the plan would hold other values than the page."""
    retag(hub, *cells, ASKS, tagged=tagged)
    with pytest.raises(SettingsError, match=words):
        by_cfw(hub, duty_min="410")


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ((OWN_CELL, "duty_min = 300"), "duty_min = 300.*, the run was planned with 400"),
        ((FIRST, f"{SECOND}\nvehicles: int = 3"), "given by papermill"),  # `more` of the run
        ((f"{FIRST}more: dict = {{}}", "vehicles: int = 3"), "vehicles = 3, the run was planned with 1"),
    ],
)
def test_a_run_uses_what_was_planned_or_fails(hub: Path, cells: tuple[str, ...], words: str) -> None:
    """A setting given in another cell than the parameters cell fails the notebook, whatever the cause."""
    retag(hub, *cells, ASKS, tagged=(0,))
    (result,) = run_all(plan_jobs([], area="cumberland", data="sample", parameters={}, folder=hub))
    assert result.status == "failed"
    assert re.search(words, result.error)


def test_every_edit_of_the_cell_counts_in_jupyter(hub: Path) -> None:
    """In both halves of a cell that was split, above a cell that switches the data, and under a heading of its own."""
    edited = SECOND.replace("400", "360")
    retag(hub, f"{FIRST}dwell_min: float = 60", f"{edited}\nvehicles: int = 3", ASKS)
    split = in_jupyter(hub)["values"]
    assert (split["dwell_min"], split["duty_min"], split["vehicles"]) == (60, 360, 3)
    retag(hub, f"{FIRST}{edited}\nvehicles: int = 3", "area = 'cumberland'\ndata = 'sample'", ASKS)
    assert (in_jupyter(hub)["values"]["duty_min"], in_jupyter(hub)["values"]["vehicles"]) == (360, 3)
    for head in ("# Parameters", "# Parameters of our plan"):
        retag(hub, f"{head}\n{FIRST}duty_min: float = 420\nvehicles: int = 2\nmore: dict = {{}}", ASKS)
        found = in_jupyter(hub)
        assert found["values"]["duty_min"] == 390, head  # the area file's, over the default
        assert found["origins"]["vehicles"] == "notebook's cell"


def test_later_scenario_files_win(hub: Path) -> None:
    """-f twice: both count, the later over the earlier, each under its name; two of one name are refused."""
    (hub / "c.TOML").write_text("vehicles = 2\n")
    found = by_cfw(hub, "option-b.toml", "c.TOML")
    assert (found["values"]["vehicles"], found["origins"]["vehicles"]) == (2, "c.TOML")
    assert (found["values"]["range_km"], found["origins"]["range_km"]) == (150, "option-b.toml")
    for names in (("c.TOML", "c.TOML"), ("cumberland.toml",)):
        (hub / "cumberland.toml").write_text("vehicles = 2\n")
        with pytest.raises(SettingsError, match="have one name"):
            by_cfw(hub, *names)


def test_a_scenario_that_no_chosen_notebook_uses_is_refused(hub: Path) -> None:
    """Else the run would be the base case under the scenario's command."""
    (hub / "other.toml").write_text("beds_per_home = 2\n[notebooks.06_homes]\nbed_probability = 0.9\n")
    with pytest.raises(SettingsError, match=r"-f other\.toml: none of the chosen notebooks uses"):
        by_cfw(hub, "option-b.toml", "other.toml")


def test_what_is_given_by_name_beats_more(hub: Path) -> None:
    """-p of papermill as that of cfw run."""
    assert by_papermill(hub, budget_gbp=7000)["values"]["budget_gbp"] == 7000
    assert by_cfw(hub, budget_gbp="7000")["values"]["budget_gbp"] == 7000


def test_the_default_given_over_the_area_file_is_told(hub: Path) -> None:
    """By -p, a scenario, papermill or `more`: the page names who said it."""
    (hub / "d.toml").write_text("duty_min = 420\n")
    retag(hub, OWN_CELL.replace("400", "420"), ASKS, tagged=(0,))
    assert by_cfw(hub)["origins"]["duty_min"] == "cumberland.toml"
    assert by_cfw(hub, duty_min="420")["origins"]["duty_min"] == "command line"
    assert by_cfw(hub, "d.toml")["origins"]["duty_min"] == "d.toml"
    assert by_papermill(hub, duty_min=420)["origins"]["duty_min"] == "papermill"
    assert by_papermill(hub, more={"duty_min": 420})["origins"]["duty_min"] == "notebook's cell, more"


def test_a_copied_notebook_is_spoken_to_by_the_name_it_asks_by(hub: Path) -> None:
    """A table under its file's name would be read by nothing."""
    copy = hub / "notebooks" / "03b_option.ipynb"
    copy.write_text((hub / "notebooks" / "03_mobile_hub.ipynb").read_text())
    (hub / "e.toml").write_text("[notebooks.03b_option]\nvehicles = 2\n")
    with pytest.raises(SettingsError, match=r"\[notebooks.03b_option\] is no notebook"):
        plan_jobs(["03b"], area="cumberland", data="sample", parameters={}, folder=hub, scenarios=[hub / "e.toml"])


def test_values_read_the_same_however_they_are_written(hub: Path) -> None:
    """A tuple in `more`, a TOML date, Python's None."""
    pairs = "more: dict = {'dwell_values': ((60, 0.5), (120, 1.0))}"
    retag(hub, OWN_CELL.replace("more: dict = {'budget_gbp': 5000}", pairs), ASKS, tagged=(0,))
    (hub / "f.toml").write_text("cycle_start = 2026-09-14\n")
    values = by_cfw(hub, "f.toml", budget_gbp="None")["values"]
    assert (values["dwell_values"], values["cycle_start"]) == ([[60, 0.5], [120, 1.0]], "2026-09-14")
    assert values["budget_gbp"] is None
