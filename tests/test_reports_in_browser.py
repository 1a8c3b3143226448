"""The whole suite on the modelled data, and every report of it opened in a real browser with the network off."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page
from project import ROOT

from cfwlib.cli import main
from cfwlib.hub import check_plan, instance_from_dict, plan_hub

REPORTS = [
    "00_data_check", "01_need", "02_reach", "03_mobile_hub", "04_hub_access", "05_next_fixed_site", "06_homes",
]  # fmt: skip
MAPS = {"03_mobile_hub": 2, "06_homes": 0}  # the hub's page also maps how sure each stop is; elsewhere one
PROMISED = (
    "neighbourhoods", "neighbourhoods_most_deprived_tenth", "residents", "residents_0_25", "rural_share", "schools",
    "childrens_centres", "family_hubs", "no_car_households_share", "children_0_17", "children_0_17_within_limit_before",
    "children_0_17_within_limit_after", "hard_to_reach_neighbourhoods", "plan_value", "plan_bound", "plan_gap",
    "plan_by_hand_value", "plan_one_more_day_gain", "plan_core_stops", "plan_stops", "plan_visits_per_cycle",
    "plan_minutes_driven", "site_people_within_reach_one_more", "site_bound_one_more", "homes_children_in_care",
    "homes_in_area_share", "homes_children_ahead", "homes_beds_needed", "homes_target_chance",
)  # fmt: skip


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One run of all notebooks on the modelled data."""
    outputs = tmp_path_factory.mktemp("outputs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CFW_HOME", str(ROOT))
        few = ["-p", "plan_redraws=4"]  # how sure each stop is takes longest, and is tested elsewhere
        patch.setattr("sys.argv", ["cfw", "run", "--out", str(outputs), "--jobs", "2", *few])
        with pytest.raises(SystemExit) as stop:
            main()
    assert stop.value.code == 0
    return next(outputs.glob("cumberland/*/run.json")).parent


def figures(folder: Path) -> dict[str, float]:
    return {figure["name"]: figure["value"] for figure in json.loads((folder / "figures.json").read_text())}


def test_figures_hold_what_was_promised(run_folder: Path) -> None:
    """Every promised figure is a number, and those the plan prints are the plan's."""
    found = figures(run_folder)
    assert [name for name in PROMISED if not isinstance(found.get(name), int | float)] == []
    expected = {"neighbourhoods": 177, "neighbourhoods_most_deprived_tenth": 14, "residents": 273_300,
                "residents_0_25": 72_313, "schools": 172, "childrens_centres": 19, "family_hubs": 1}  # fmt: skip
    assert {name: found[name] for name in expected} == expected
    assert found["rural_share"] == pytest.approx(0.53, abs=5e-4)
    assert (
        found["children_0_17_within_limit_before"] < found["children_0_17_within_limit_after"] <= found["children_0_17"]
    )


def test_the_plan_is_proven_and_can_be_solved_again(run_folder: Path) -> None:
    """plan.json alone gives the value again, and the independent checker passes it."""
    stored = json.loads((run_folder / "plan.json").read_text())
    found = figures(run_folder)
    assert found["plan_gap"] <= 1e-4
    assert check_plan(stored) == []
    assert plan_hub(*instance_from_dict(stored)).value == pytest.approx(found["plan_value"], rel=1e-4)


def test_exports_are_there(run_folder: Path) -> None:
    """Every notebook leaves its tables, and those with layers a GeoPackage."""
    for name in REPORTS:
        assert list((run_folder / "exports" / name).glob("*.csv")), name
        assert (run_folder / "exports" / name / f"{name}.xlsx").is_file()
    for name in ("01_need", "02_reach", "03_mobile_hub"):
        assert (run_folder / "exports" / name / f"{name}.gpkg").is_file()


def test_nothing_of_this_machine_is_in_what_is_published(run_folder: Path) -> None:
    """Reports, figures and plan name no folder of the machine they were made on."""
    for path in [*run_folder.glob("*.html"), *run_folder.glob("*.json")]:
        text = path.read_text()
        assert str(run_folder.parent) not in text, path.name
        assert str(ROOT) not in text, path.name


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with the network off that fails on any request, console message or error."""
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    complaints: list[str] = []

    def console(message: ConsoleMessage) -> None:
        complaints.append(f"{message.type}: {message.text}")

    opened.on("console", console)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on(
        "request",
        lambda request: request.url.startswith(("file:", "data:", "about:")) or complaints.append(request.url),
    )
    yield opened
    context.close()
    assert complaints == []


@pytest.mark.browser
@pytest.mark.parametrize("name", REPORTS)
def test_a_report_opens_without_the_network(run_folder: Path, page: Page, name: str) -> None:
    """No request, no message; every map drawn in its frame; a table beside it; the banner; nothing sticks out."""
    page.goto((run_folder / f"{name}.html").as_uri())
    assert page.locator(".cfw-banner").first.is_visible()
    frames = page.locator("iframe")
    assert frames.count() == MAPS.get(name, 1)
    for number in range(frames.count()):
        frame = page.frame_locator("iframe").nth(number)
        frame.locator("path").first.wait_for(state="attached", timeout=10_000)
        assert frame.locator("path").count() >= 20
        assert "odelled" in frame.locator("body").inner_text()
    assert page.locator("table").count() >= 3
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    wide = "[...document.querySelectorAll('.cfw-scroll')].filter(e => e.scrollWidth > e.clientWidth + 1).length"
    assert page.evaluate(wide) == 0  # at desktop width no table is cut
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.browser
def test_the_index_leads_to_every_report(run_folder: Path, page: Page) -> None:
    """From outputs/index.html each report is one click away."""
    page.goto((run_folder.parents[1] / "index.html").as_uri())
    links = page.locator("ol a")
    assert links.count() == len(REPORTS)
    links.nth(3).click()
    assert page.locator("h1").first.inner_text().endswith("?")
