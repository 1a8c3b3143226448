"""Hostile text in every text field of every input, through a whole run: it is shown as text, and nothing runs."""

import csv
import json
import re
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import nbformat
import openpyxl
import pytest
from live import CALLS, CLICKS, counting_server, raw_plants
from pages import found_on, words
from planting import ADDED, all_pieces, is_code, plant_home
from playwright.sync_api import Browser

from cfwlib.cli import main
from cfwlib.data.catalogue import datasets
from cfwlib.data.schemas import is_number
from cfwlib.runs import Run, write_comparison, write_index

pytestmark = pytest.mark.siege  # all notebooks once more: after `make test`, in CI

FEW = {
    "plan_redraws": 1, "weight_draws": 100, "forecast_draws": 200, "forecast_years": 1, "history_years": 1,
    "max_venues": 20, "new_sites": 1,
    "scenarios": "own.toml", "closures": "closed.toml", "carers": "carers.csv", "bus_timetable": "feed",
    "bus_date": "2026-03-10", "decisions": "said.json", "last_plan": "last.json", "run_date": "2026-08-10",
}  # fmt: skip
# Planted, read, and shown on no page: each of them is used for something else, or not at all.
UNSEEN = {
    "rural_urban_2011.rural_class",  # of the other vintage
    "childrens_centres.register", "places.type", "venues.postcode", "venues.district",
    "roads.class", "roads.function", "roads.primary", "roads.form", "roads.number", "lakes.legend",
    "ehc_plans.breakdown", "ehc_plans.name", *(f"care_neighbours.c{k}" for k in range(1, 11)),
    "manifest.file", "manifest.layout", "carers.carer", "bus.stop_name", "last plan.name", "decisions.run",
    "decisions.made",
}  # fmt: skip
NOT_IN_THE_SAMPLE = {  # each is held against a pattern or a list when it is read, and is shown nowhere
    "childrens_centres.status", "postcode_points.postcode", "postcode_points.quality", "postcodes.postcode",
    "upper_tier.upper_tier",
}  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, set[str]]]]:
    """The folder of a run of all notebooks on hostile inputs, and what was planted, by place."""
    top = tmp_path_factory.mktemp("hostile")
    home, outputs = top / "home", top / "outputs"
    with pytest.MonkeyPatch.context() as patch:
        home.mkdir()
        patch.chdir(home)
        patch.setenv("CFW_HOME", str(home))
        planted = plant_home(home)
        given = [word for name, value in FEW.items() for word in ("-p", f"{name}={value}")]
        patch.setattr("sys.argv", ["cfw", "run", "--out", str(outputs), "--jobs", "2", *given])
        with pytest.raises(SystemExit) as stop:
            main()
        assert stop.value.code == 0
        yield next(outputs.glob("cumberland/*/run.json")).parent, planted


def test_every_text_column_is_planted_or_known_to_be_no_text(run: tuple[Path, dict[str, set[str]]]) -> None:
    """A column of the registry that is neither is not tried below: have the sample fill it, or say why."""
    _, planted = run
    registered = {
        (dataset.id, name)
        for dataset in datasets().values()
        for layout in dataset.layouts
        for name in (*layout.columns, *layout.optional)
        if not (is_number(name) or name in dataset.statuses or is_code(dataset.id, name))
    }
    assert {f"{dataset}.{name}" for dataset, name in registered} - set(planted) == NOT_IN_THE_SAMPLE


def began(folder: Path) -> float:
    return (folder.parents[2] / "home" / "notebooks").stat().st_mtime


def test_nothing_was_run(run: tuple[Path, dict[str, set[str]]]) -> None:
    """All seven pages are there; no folder was made; no sum was done."""
    folder, _ = run
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert [entry["status"] for entry in record["notebooks"]] == ["ok"] * 7
    assert len(list(folder.glob("0*.html"))) == 7
    made = [
        path for place in {Path.cwd(), *folder.parents[:4], Path(tempfile.gettempdir())} for path in place.glob("*")
    ]
    assert [path for path in made if path.name in ("PWNED", "planted") and path.stat().st_mtime > began(folder)] == []
    for path in folder.rglob("*"):
        if path.suffix in {".html", ".csv", ".json", ".svg", ".ics", ".gpx", ".txt", ".ipynb"}:
            assert ADDED not in path.read_text(encoding="utf-8").replace(",", ""), path.name


def test_all_of_it_is_text_on_the_pages(run: tuple[Path, dict[str, set[str]]]) -> None:
    """What was planted is found whole in the text of pages, frames and maps; no page holds anything else that runs."""
    folder, planted = run
    shown = ""
    for path in [*folder.parents[1].rglob("*.html")]:
        text, wrong = found_on(path.read_text(encoding="utf-8"))
        assert wrong == [], path.name
        shown += words(text) + "\n"
    seen = {place for place, texts in planted.items() if any(words(text) in shown for text in texts)}
    assert set(planted) - seen == UNSEEN
    for place in ("lsoa_wards.lsoa_name", "schools.name", "childrens_centres.name", "libraries.name", "venues.name"):
        assert [text for text in planted[place] if words(text) not in shown] == [], place


def test_index_and_comparison_tell_it_as_text(run: tuple[Path, dict[str, set[str]]], tmp_path: Path) -> None:
    """Titles, errors, labels, settings, versions and data sets of two records are text, whatever they hold."""
    folder, _ = run
    outputs, text = tmp_path / "outputs", all_pieces("at-record")
    runs = []
    for number, told in enumerate(("", text)):
        copy = outputs / "cumberland" / f"20260101-00000{number}"
        copy.mkdir(parents=True)
        record = json.loads((folder / "run.json").read_text(encoding="utf-8")) | {"run_id": copy.name}
        figures = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
        if told:
            record |= {"problems": [told], "versions": record["versions"] | {told: told}, "status": "failed"}
            record["notebooks"][0] |= {"title": told, "status": "failed", "error": told}
            record["parameters"]["03_mobile_hub"] |= {"hub_name": told}
            record["inputs"][0] |= {"title": told, "vintage": told, "sha256": "0"}
            for figure in figures:
                figure |= {"label": f"{figure['label']} {told}", "unit": told, "value": 1e6, "source": told}
        for name, content in (("run.json", record), ("figures.json", figures)):
            (copy / name).write_text(json.dumps(content), encoding="utf-8")
        runs.append(Run(copy, record))
    pages = [write_comparison(runs[0], runs[1], tmp_path / "compared"), write_index(outputs)]
    for page in pages:
        shown, wrong = found_on(page.read_text(encoding="utf-8"))
        assert wrong == []
        assert words(text) in words(shown), page.name
    spreadsheets_are_plain(tmp_path / "compared")


def test_exports_are_plain(run: tuple[Path, dict[str, set[str]]]) -> None:
    """No cell is a formula, no drawing or track has more than its own elements, no calendar line is not its own."""
    folder, planted = run
    spreadsheets_are_plain(folder / "exports")
    drawings = [*folder.rglob("*.svg")]
    assert drawings
    for path in [*drawings, *folder.rglob("*.gpx")]:
        for element in ET.parse(path).iter():
            assert element.tag.rpartition("}")[2] not in {"script", "foreignObject", "iframe", "img", "a", "b", "i"}
            assert not [name for name in element.attrib if name.startswith("on")], path.name
    for path in folder.rglob("*.ics"):
        unfolded = re.sub(r"\r?\n[ \t]", "", path.read_bytes().decode("utf-8"))
        for line in unfolded.splitlines() if "\u2028" not in unfolded else re.split("\r?\n", unfolded):
            assert not line or re.match(r"[A-Z-]+[;:]", line), path.name
    [hub] = planted["settings.hub_name"]
    assert words(hub)[:40] in words((folder / "run.json").read_text(encoding="utf-8").replace('\\"', '"'))


def test_the_executed_notebooks_hold_nothing_else(run: tuple[Path, dict[str, set[str]]]) -> None:
    """What JupyterLab would show of them: no script but the maps' own, no handler, no address that runs."""
    folder, _ = run
    policy = (folder / "01_need.html").read_text(encoding="utf-8")[:4000]
    lone_map = re.compile("Leaflet 1.9.4")
    for path in folder.glob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                _, wrong = found_on(output.get("data", {}).get("text/html", ""), policy)
                assert [what for what in wrong if not lone_map.search(what)] == [], path.name


def spreadsheets_are_plain(folder: Path) -> None:
    """Check every cell of the CSV and XLSX files in a folder."""
    tables = [*folder.rglob("*.csv")]
    assert tables
    for path in tables:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for cell in (cell for row in csv.reader(file) for cell in row):
                assert not re.match(r"\s*[=+@\uff1d]|\s*-(?![\d.])", cell), (path.name, cell)
    for path in folder.rglob("*.xlsx"):
        for sheet in openpyxl.load_workbook(path):
            for row in sheet.iter_rows():
                assert not [cell.value for cell in row if cell.data_type == "f" or cell.hyperlink], path.name


@pytest.mark.browser
@pytest.mark.parametrize("policy", [True, False], ids=["with its policy", "without it"])
def test_the_page_s_policy_refuses_what_was_planted_raw(
    run: tuple[Path, dict[str, set[str]]], browser: Browser, tmp_path: Path, policy: bool
) -> None:
    """Even if escaping failed nothing planted runs or calls home, in page or map; map, search and download work.

    Without the policy the same plants do run and do call: so it is the policy that refuses them.
    """
    text = (run[0] / "03_mobile_hub.html").read_text(encoding="utf-8")
    with counting_server() as (home, asked):
        plants = raw_plants(home)
        in_frame = plants.replace("&", "&amp;").replace('"', "&quot;")
        text = text.replace('<main id="main" tabindex="-1">', f'<main id="main" tabindex="-1">{plants}', 1)
        before = "<script type=&quot;application/json&quot; id=&quot;cfw-data&quot;>"
        text, frames = text.replace(before, in_frame + before, 1), text.count(before)
        if not policy:
            text = re.sub('<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
        path = tmp_path / "planted.html"
        path.write_text(text, encoding="utf-8")
        page = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True).new_page()
        page.set_default_timeout(10_000)
        dialogs: list[str] = []
        page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        page.goto(path.as_uri())
        holders = page.locator("iframe.cfw-map[title^='Map:']").element_handles()
        maps = [frame for holder in holders if (frame := holder.content_frame())]
        assert len(maps) == frames
        if policy:  # the page's own work first: a navigation that was refused keeps playwright waiting
            for frame in maps:
                assert frame.evaluate("document.querySelectorAll('.folium-map path').length") >= 10
            maps[0].get_by_role("combobox").fill("modelled hall")
            assert "found" in maps[0].locator(".cfw-search [role=status]").inner_text()
            page.locator(".cfw-review tr[data-group=plan] input[type=radio]").nth(1).check()
            with page.expect_download() as caught:
                page.locator("[data-part=download]").click()
            assert json.loads(caught.value.path().read_text(encoding="utf-8"))["decisions"]
        for frame in (page.main_frame, maps[0]):
            frame.evaluate(CALLS, home)
        page.wait_for_timeout(300)
        ran = [frame.evaluate("window.RAN ?? ''") for frame in (page.main_frame, maps[0])]
        if policy:
            for frame in (page.main_frame, maps[0]):
                frame.evaluate(CLICKS)
            page.wait_for_timeout(300)
            assert [frame.evaluate("window.RAN ?? ''") for frame in (page.main_frame, maps[0])] == ["", ""]
            assert page.evaluate("document.baseURI") == path.as_uri()
            assert asked == []
            assert dialogs == []
        else:
            assert all(ran)
            assert {"/outside.js", "/fetch", "/picture.png", "/framed.html", "/sheet.css"} <= set(map(last_part, asked))
        page.context.close()


def last_part(path: str) -> str:
    return f"/{path.rpartition('/')[2]}"
