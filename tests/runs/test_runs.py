import json
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from run_cases import command, notebook

from cfwlib.errors import SettingsError
from cfwlib.runs import find_notebooks, merge_figures, new_run_folder, plan_jobs, run_all


def test_parameters_are_refused_all_at_once_before_anything_runs(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Unknown name, wrong type and out of range in one message, exit code 2, and no run folder."""
    words = [
        "run",
        "-p",
        "vehicels=2",
        "-p",
        "dwell_min=long",
        "-p",
        "limit_drive_min=900",
        "-p",
        "out=x",
        "--out",
        str(tmp_path / "o"),
    ]
    assert command(monkeypatch, *words) == 2
    told = capsys.readouterr().err
    for text in (
        "'vehicels' is no setting. Did you mean 'vehicles'",
        "'dwell_min' = 'long'",
        "'limit_drive_min' = 900",
        "--out",
    ):
        assert text in told
    assert not (tmp_path / "o").exists()


def test_returns_and_scenarios_are_read_before_anything_runs(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder or file that is not there, or a return that lacks a column, ends in a sentence and exit code 2."""
    folder = home / "data" / "returns" / "short"
    folder.mkdir(parents=True)
    (folder / "episodes.csv").write_text("CHILD,DECOM,RNE,LS,PLACE\n1,2024-05-01,S,C2,U4\n")
    for given, told in {
        "returns=nosuch": "data/returns",
        "returns=short": "DEC",
        "scenarios=nosuch.toml": "there is no such file in data/scenarios",
    }.items():
        assert command(monkeypatch, "run", "06", "-p", given, "--out", str(tmp_path / "o")) == 2
        assert told in capsys.readouterr().err
    assert not (tmp_path / "o").exists()


def test_a_parameter_reaches_the_notebooks_that_have_it(home: Path) -> None:
    """`-p` sets a value wherever it is declared, with its type; the area file gives the rest."""
    jobs = plan_jobs(
        [], area="cumberland", data="sample", parameters={"vehicles": "2", "venues_must": "12"}, folder=home
    )
    by_name = {job.name: job.parameters for job in jobs}
    assert by_name["03_mobile_hub"]["vehicles"] == by_name["04_hub_access"]["vehicles"] == 2
    assert by_name["03_mobile_hub"]["venues_must"] == "12"  # text stays text
    assert "vehicles" not in by_name["01_need"]
    assert by_name["02_reach"]["limit_drive_min"] == 15
    assert [job.title for job in jobs][1].endswith("?")


def test_notebooks_are_found_by_number(home: Path) -> None:
    """`cfw run 03` is enough, and a wrong name lists the right ones."""
    assert [path.stem for path in find_notebooks(["03", "01_need"])] == ["01_need", "03_mobile_hub"]
    with pytest.raises(SettingsError, match=r"'99': no such notebook \(known: 00_data_check"):
        find_notebooks(["99", "0"])


def test_an_area_file_with_a_wrong_name_is_refused(home: Path) -> None:
    """A typo in the area file is not silently ignored."""
    path = home / "notebooks" / "areas" / "cumberland.toml"
    path.write_text(
        path.read_text().replace("duty_min = 420", "duti_min = 420") + "\n[notebooks.01_need]\nvehicles = 2\n"
    )
    with pytest.raises(SettingsError) as caught:
        plan_jobs([], area="cumberland", data="sample", parameters={}, folder=home)
    assert len(caught.value.problems) == 2


def test_a_failing_notebook_fails_the_run_but_not_the_others(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The failure is told with cell and message, the other notebook has its report, and the exit code is 1."""
    notebook(bare, "00_bad", "x = 1", "raise ValueError('the road is closed')", "x = 2")
    notebook(bare, "01_good", "print('fine')")
    outputs = tmp_path / "outputs"
    assert command(monkeypatch, "run", "--out", str(outputs)) == 1
    (record_path,) = outputs.glob("cumberland/*/run.json")
    record = json.loads(record_path.read_text())
    bad, good = record["notebooks"]
    assert (bad["status"], good["status"], record["status"]) == ("failed", "ok", "failed")
    assert "the road is closed" in bad["error"]
    assert bad["cell"] == 4  # title, parameters, x = 1, and then this one
    assert (record_path.parent / "01_good.html").is_file()
    assert "the road is closed" in (record_path.parent / "00_bad.html").read_text()
    assert "the road is closed" in capsys.readouterr().err
    assert "the road is closed" in (outputs / "index.html").read_text()


def test_a_record_holds_what_is_needed_to_run_it_again(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parameters, inputs with checksum and vintage, versions, timings and status are all in run.json."""
    asks = "from cfwlib.settings import Settings\nassert Settings.from_cell(globals(), '00_good').vehicles == 2"
    notebook(bare, "00_good", asks)
    assert command(monkeypatch, "run", "-p", "vehicles=2", "--out", str(tmp_path)) == 0
    record = json.loads(next(tmp_path.glob("cumberland/*/run.json")).read_text())
    assert record["parameters"]["00_good"]["vehicles"] == 2
    assert record["given"]["00_good"] == {"vehicles": "command line"}
    assert record["modelled"] is True
    assert {"pandas", "highspy", "python", "cfwlib"} <= set(record["versions"])
    assert all(len(entry["sha256"]) == 64 and entry["vintage"] for entry in record["inputs"])
    assert record["finished"] >= record["started"]
    assert 0 < record["notebooks"][0]["export_seconds"] < record["notebooks"][0]["seconds"]


def test_processes_give_the_same_results_in_order(bare: Path, tmp_path: Path) -> None:
    """A batch can run on any standard executor."""
    for number in range(2):
        notebook(bare, f"0{number}_ok", f"print({number})")
    jobs = plan_jobs([], area="cumberland", data="sample", parameters={}, folder=tmp_path)
    with ProcessPoolExecutor(2) as executor:
        results = run_all(jobs, executor=executor)
    assert [(result.name, result.status) for result in results] == [("00_ok", "ok"), ("01_ok", "ok")]


def test_figures_on_which_two_notebooks_disagree_are_told(tmp_path: Path) -> None:
    """One name, one number: a run whose pages contradict each other is not a good run."""
    (tmp_path / "figures").mkdir()
    for notebook_name, value in (("00", 5), ("01", 5), ("02", 6)):
        figure = {"name": "centres", "value": value, "notebook": notebook_name}
        (tmp_path / "figures" / f"{notebook_name}.json").write_text(json.dumps([figure]))
    merged, clashes = merge_figures(tmp_path)
    assert [figure["value"] for figure in merged] == [5]
    assert len(clashes) == 1
    assert "6 in 02" in clashes[0]


def test_two_runs_in_one_second_have_two_folders(tmp_path: Path) -> None:
    """A run never writes into another's folder."""
    assert len({new_run_folder(tmp_path, "here") for _ in range(3)}) == 3


def test_values_for_a_notebook_that_does_not_exist_are_refused(home: Path) -> None:
    """A misspelt section of the area file would otherwise make another plan than the one meant."""
    path = home / "notebooks" / "areas" / "cumberland.toml"
    path.write_text(path.read_text() + "\n[notebooks.03_mobile_hubb]\nvehicles = 2\n")
    with pytest.raises(SettingsError, match=r"03_mobile_hubb.* is no notebook"):
        plan_jobs(["03"], area="cumberland", data="sample", parameters={}, folder=home)
