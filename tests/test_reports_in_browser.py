"""The whole suite on the modelled data, and every report of it opened in a real browser with the network off."""

import json
from collections.abc import Iterator
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Frame, Page
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
        lambda request: request.url.startswith(("file:", "data:", "about:", "blob:")) or complaints.append(request.url),
    )
    yield opened
    context.close()
    assert complaints == []


AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
DRAWN = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
SHOWN = "all => all.filter(e => e.checkVisibility()).length"


def grave(frame: Page | Frame) -> list[str]:
    """What axe finds serious or critical in a page or a map's frame."""
    frame.evaluate(AXE)
    run = "rules => axe.run(document, {iframes: false, resultTypes: ['violations'], runOnly: rules})"
    return [
        f"{found['id']}: {node['html'][:200]}"
        for found in frame.evaluate(run, RULES)["violations"]
        if found["impact"] in {"serious", "critical"}
        for node in found["nodes"]
    ]


def opened(page: Page, path: Path) -> Page:
    """The page with all its maps drawn."""
    page.goto(path.as_uri())
    for frame in page.frames[1:]:
        frame.wait_for_selector(".leaflet-overlay-pane path, .leaflet-land-pane path", state="attached", timeout=10_000)
    return page


@pytest.mark.browser
@pytest.mark.parametrize("name", REPORTS)
def test_a_report_opens_without_the_network(run_folder: Path, page: Page, name: str) -> None:
    """No request, no message; every map drawn in its frame; a table beside it; the banner; nothing sticks out."""
    opened(page, run_folder / f"{name}.html")
    assert page.locator(".cfw-banner").first.is_visible()
    assert "Cumberland ·" in page.locator(".masthead").inner_text()
    assert len(page.frames) == 1 + MAPS.get(name, 1)
    for frame in page.frames[1:]:
        assert frame.locator("path").count() >= 15
        assert "odelled" in frame.locator("body").inner_text()
    assert page.locator("table").count() >= 3
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    assert page.locator(".cfw-scroll[data-over]").count() == 0  # at desktop width no table is cut
    assert page.locator(".cfw-scroll[tabindex]").count() == 0  # nor a stop of the Tab key


@pytest.mark.browser
@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_told_to_those_who_cannot_see_it(run_folder: Path, page: Page, name: str) -> None:
    """axe finds nothing grave in page and maps, light and wide, dark and narrow; every figure has its words."""
    opened(page, run_folder / f"{name}.html")
    alike = "document.querySelectorAll('tbody tr:nth-child(n + 7)').forEach(row => row.remove())"  # take axe long
    page.evaluate(alike)
    assert [problem for frame in page.frames for problem in grave(frame)] == []
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.set_viewport_size({"width": 320, "height": 800})
    page.evaluate(DRAWN)
    assert [problem for frame in page.frames for problem in grave(frame)] == []
    assert "No description has been provided" not in page.content()
    assert page.locator("img:not([alt]), img[alt=''], iframe:not([title])").count() == 0
    words = page.locator(".cfw-drawing").evaluate_all("all => all.map(e => e.ariaLabel)")
    assert all(len(text) > 60 for text in words)
    assert page.locator("figure:not(:has(figcaption, h3, [role=img]))").count() == 0


@pytest.mark.browser
@pytest.mark.parametrize("name", REPORTS)
def test_a_report_fits_a_telephone_and_paper(run_folder: Path, page: Page, name: str, tmp_path: Path) -> None:
    """At 320 pixels what is wider says so, and charts have a drawing of their own; on paper maps are drawings."""
    page.set_viewport_size({"width": 320, "height": 800})
    opened(page, run_folder / f"{name}.html")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    cut = "all => all.filter(e => e.scrollWidth > e.clientWidth + 1 && !e.matches('[data-more][tabindex]')).length"
    assert page.locator(".cfw-scroll").evaluate_all(cut) == 0
    assert page.locator(".cfw-stack .cfw-scroll[data-over]").count() == 0
    assert page.locator(".cfw-wide").evaluate_all(SHOWN) == 0
    assert page.locator(".cfw-narrow").evaluate_all(SHOWN) == page.locator(".cfw-chart").count()
    page.set_viewport_size({"width": 700, "height": 1000})  # about A4
    page.emulate_media(media="print")
    assert page.locator("iframe").evaluate_all(SHOWN) == 0
    drawings = page.locator(".cfw-print > svg")
    assert drawings.evaluate_all(SHOWN) == drawings.count() == len(page.frames) - 1
    drawn = "all => all.map(e => [e.getBoundingClientRect().height, e.querySelectorAll('path, use, circle').length])"
    for height, shapes in drawings.evaluate_all(drawn):
        assert 250 < height < 950  # on one page
        assert shapes >= 20
    page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True, tagged=True)
    assert (tmp_path / "report.pdf").stat().st_size > 30_000


@pytest.mark.browser
def test_a_map_answers(run_folder: Path, page: Page) -> None:
    """On the modelled county: a layer goes and comes, a shape under the pointer tells its facts, a name is found."""
    frame = opened(page, run_folder / "02_reach.html").frames[1]
    shapes = frame.locator(".leaflet-overlay-pane path")
    count, box = shapes.count(), frame.get_by_role("checkbox").first
    box.focus()
    page.keyboard.press("Space")
    assert shapes.count() < count
    page.keyboard.press("Space")
    assert shapes.count() == count
    frame.locator(".cfw-point").last.hover(force=True)
    assert frame.locator(".cfw-tip").inner_text().strip()
    frame.get_by_role("combobox").fill("keswick")
    page.keyboard.press("Enter")
    assert "Keswick" in frame.locator(".cfw-search [role=status]").inner_text()


@pytest.mark.browser
def test_a_planner_decides_by_keyboard(run_folder: Path, page: Page) -> None:
    """Arrow key on a stop of the plan, Enter on the download: the file holds the decision; the policy allows it."""
    opened(page, run_folder / "03_mobile_hub.html")
    place = page.locator(".cfw-review tr[data-group=plan]").first
    place.locator("input[type=radio]").first.focus()
    page.keyboard.press("ArrowRight")
    page.locator("[data-part=download]").focus()
    with page.expect_download() as caught:
        page.keyboard.press("Enter")
    [decision] = json.loads(caught.value.path().read_text(encoding="utf-8"))["decisions"]
    assert decision["decision"] == "keep"
    assert decision["name"] == place.locator("th").inner_text()


@pytest.mark.browser
def test_the_index_leads_to_every_report(run_folder: Path, page: Page) -> None:
    """From outputs/index.html each report is one click away."""
    page.goto((run_folder.parents[1] / "index.html").as_uri())
    links = page.locator("ol a")
    assert links.count() == len(REPORTS)
    links.nth(3).click()
    assert page.locator("h1").first.inner_text().endswith("?")


@pytest.mark.browser
def test_the_index_is_for_everybody(run_folder: Path, page: Page) -> None:
    """At 320 pixels nothing sticks out, and axe finds nothing grave in light and dark."""
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto((run_folder.parents[1] / "index.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert grave(page) == []
    page.emulate_media(color_scheme="dark")
    assert grave(page) == []
