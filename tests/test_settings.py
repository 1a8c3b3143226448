import re
from pathlib import Path
from typing import Any

import pytest
from project import ROOT

from cfwlib.areas import read_area
from cfwlib.cli import main
from cfwlib.errors import SettingsError
from cfwlib.settings import Settings
from cfwlib.settings.listing import settings_page


def test_every_wrong_parameter_is_named_at_once() -> None:
    """Unknown name, wrong type, out of range: all in one error, each with what it should be."""
    with pytest.raises(SettingsError) as caught:
        Settings.read(dwel_min=5, vehicles="two", limit_drive_min=-1, data="shop", working_weekdays="8")
    text = "\n".join(caught.value.problems)
    assert len(caught.value.problems) == 5
    for words in (
        "'dwel_min' is no setting. Did you mean 'dwell_min'",
        "'vehicles' = 'two'",
        "'limit_drive_min' = -1",
        "'data' = 'shop'",
        "'8'",
    ):
        assert words in text


@pytest.mark.parametrize("weights", [{"weight_income": 0.9}, {"weight_income": float("nan")}, {"weight_no_car": -0.2}])
def test_weights_must_make_sense(weights: dict[str, float]) -> None:
    """Weights that do not sum to 1, are negative or NaN are refused before anything runs."""
    with pytest.raises(SettingsError):
        Settings.read(**weights)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"hub_contact": 1228}, r"'hub_contact' = 1228: input should be text.*papermill: -r name value"),
        ({"must": '["own-1"]'}, r"input should be a list, such as .*papermill: -y"),
        ({"fleet": [{"depo": "own-1"}]}, r"'fleet.0.depo' = 'own-1': it has no such part"),
    ],
)
def test_a_value_of_another_kind_is_told_how_to_write_it(values: dict[str, Any], words: str) -> None:
    """Text that looks like a number, a list in quotation marks, a misspelt part of a vehicle."""
    with pytest.raises(SettingsError, match=words):
        Settings.read(**values)


def test_settings_from_a_notebook_take_parameters_only() -> None:
    """Imports and helper variables in a notebook are no parameters."""
    settings = Settings.from_cell({"vehicles": 2, "pd": object(), "__name__": "x"}, "03_mobile_hub")
    assert settings.vehicles == 2


def test_settings_cannot_be_changed_afterwards() -> None:
    """What was validated is what runs."""
    with pytest.raises(ValueError, match="frozen"):
        Settings().vehicles = 3  # type: ignore[misc]


def test_area_files(home: Path) -> None:
    """A missing, broken or incomplete area file says what to do."""
    assert read_area("cumberland")["area"]["code"] == "E06000063"
    with pytest.raises(SettingsError, match="known: cumberland"):
        read_area("atlantis")
    areas = home / "notebooks" / "areas"
    (areas / "broken.toml").write_text("[area\n")
    with pytest.raises(SettingsError, match="not valid TOML"):
        read_area("broken")
    (areas / "short.toml").write_text("[area]\nname = 'Short'\n")
    with pytest.raises(SettingsError, match="lacks 'code'"):
        read_area("short")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("notebooks = 3\n", "notebooks must be a table"),
        ("[[parameters]]\n", "parameters must be a table"),
        ("[published]\nschools = 172\n", "schools must be written"),
        ("[notebook.03_mobile_hub]\nduty_min = 300\n", "'notebook' is read by nothing. Write settings under"),
        ("duty_min = 300\n", "'duty_min' is read by nothing"),
        ("duty_min = 300", r"\[area\] 'duty_min' is read by nothing"),
        ("[notebooks]\n03_mobile_hub = 1\n", r"\[notebooks\] 03_mobile_hub must be a table"),
    ],
)
def test_an_area_file_of_the_wrong_shape_is_explained(home: Path, text: str, message: str) -> None:
    """A slip in the file is told in its own words, not as a Python error."""
    path = home / "notebooks" / "areas" / "slip.toml"
    head, tail = (text, "") if text.endswith("\n") and not text.startswith("[") else ("", text)
    path.write_text(f"{head}[area]\nname = 'Slip'\ncode = 'E06000063'\n{tail}")
    with pytest.raises(SettingsError, match=message):
        read_area("slip")


def test_the_list_of_settings_is_made_from_the_settings() -> None:
    """docs/settings.md is what `make settings` writes; it has every setting, each once."""
    page = settings_page()
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == page
    rows = re.findall(r"^\| (\w+) \| ", page, re.MULTILINE)
    assert sorted(row for row in rows if row != "Setting") == sorted(Settings.model_fields)


def test_settings_of_a_notebook_are_listed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`cfw settings 03` tells name, default, range and meaning of what that notebook uses, and nothing else."""
    monkeypatch.setattr("sys.argv", ["cfw", "settings", "03"])
    with pytest.raises(SystemExit) as stop:
        main()
    told = capsys.readouterr().out
    assert not stop.value.code
    assert re.search(r"duty_min +420 +more than 0, 1,440 at most +longest duty, depot to depot, minutes", told)
    assert "budget_gbp" in told
    assert "new_sites" not in told


def test_only_the_newest_parameters_cell_counts() -> None:
    """What was taken out of the cell, or is a variable of the notebook, is no setting; papermill's cell counts too."""
    second = "area: str = 'cumberland'\ndata: str = 'sample'"
    first = f"{second}\nduti_min = 3"
    ran = {"In": ["", first, second, "seed = 7", "dwell_min ="], "area": "cumberland", "data": "sample", "duti_min": 3}
    area = dict.fromkeys(("limit_drive_min", "limit_walk_min", "duty_min"), "cumberland.toml")
    assert Settings.from_cell({**ran, "seed": 7}, "03_mobile_hub").origins == area
    ran["In"] += ["# Parameters\nvehicles = 2\n"]
    assert Settings.from_cell({**ran, "vehicles": 2}, "03_mobile_hub").origins == {**area, "vehicles": "papermill"}
    ran["In"] += ["# Parameters\nvehicels = 2\n"]
    with pytest.raises(SettingsError) as caught:
        Settings.from_cell({**ran, "vehicles": 2, "vehicels": 2}, "03_mobile_hub")
    assert caught.value.problems == ["papermill: 'vehicels' is no setting. Did you mean 'vehicles'?"]  # told once


def test_a_heading_of_ones_own_is_not_papermills() -> None:
    """A cell without types too: papermill's heading is `# Parameters` and nothing more."""
    values = {"area": "cumberland", "data": "sample", "vehicles": 2, "more": {}}
    cell = "\n".join(["# Parameters of our plan", *(f"{name} = {value!r}" for name, value in values.items())])
    assert Settings.from_cell({**values, "In": ["", cell]}, "03_mobile_hub").origins["vehicles"] == "notebook's cell"


def test_the_project_is_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside a project nothing is read from the folder that cfwlib itself is in."""
    monkeypatch.delenv("CFW_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match="there is no project here"):
        read_area("cumberland")
    monkeypatch.chdir(ROOT / "notebooks")
    assert read_area("cumberland")["area"]["name"] == "Cumberland"


def test_the_area_file_chooses_no_data_in_python_either(home: Path) -> None:
    """`Settings.read` refuses what `cfw run` refuses, and names the file."""
    path = home / "notebooks" / "areas" / "cumberland.toml"
    path.write_text(path.read_text().replace("[parameters]", "[parameters]\ndata = 'store'\nduty_mn = 3"))
    with pytest.raises(SettingsError) as caught:
        Settings.read()
    assert [problem.partition("'")[0] for problem in caught.value.problems] == ["cumberland.toml: "] * 2
