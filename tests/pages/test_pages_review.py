"""Planners decide on venues in a real browser: by keyboard alone, offline, on any width, whatever a place is called."""

import json
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from playwright.sync_api import Browser, Frame, Page

from cfwlib.hub.decisions import FORMAT, Decisions, read_decisions
from cfwlib.pages.review import decisions_table, review_panel
from cfwlib.report import add_points, area_map
from cfwlib.report.html import export_html
from cfwlib.report.recorder import Report

NASTY = "<script>alert('x')</script>"
NAMES = [NASTY, 'Tŷ "Hwb" & Ynys\' 🏔', "Alston Library", "Alston", "Alston", "</script><img src=x onerror=alert(1)>"]
VENUES = pd.DataFrame(
    {
        "venue": ["hall-1", 'ty"2', "library-3", "village-4", "village-5", "__proto__"],
        "name": NAMES,
        "kind": "Village",
        "group": ["plan", "plan", "plan", "candidate", "candidate", "out"],
        "frequency": ["weekly", "fortnightly", "four-weekly", "", "", ""],
        "status": ["weekly, Monday", "fortnightly, Friday", "weekly, Friday", "not chosen", "not chosen", "left out"],
        "reason": NASTY,
        "need_reached": [31.4, 12, 5, 0, 0, 0],
        "need_in_reach": [44.2, 12, 9, 8, 7, float("nan")],
    }
)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, county: gpd.GeoDataFrame) -> Path:
    """A report with a map of the places and the panel, made as a run makes it."""
    from nbformat import v4, write

    folder = tmp_path_factory.mktemp("run")
    drawn = area_map(county, title="Rounds")
    places = VENUES.head(5).merge(pd.DataFrame({"at": range(5)}), left_index=True, right_index=True)
    points = gpd.GeoDataFrame(places, geometry=county.centroid.head(5), crs=county.crs)
    add_points(drawn, points, layer_name="Places", tooltip={"name": "Place"}, letter="M", ids="venue")
    shown: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cfwlib.report.recorder._show", shown.append)
        made = Report("03_mobile_hub", None, title="Where?", area_name="Ynys Môn", modelled=False, sources=[],
                      parameters={}, run_id="r1")  # fmt: skip
        made.map(drawn, "rounds")
        made.panel(review_panel(VENUES, area="Ynys Môn", code="W06000001", run="r1"))
    outputs = [v4.new_output("display_data", data={"text/html": text}) for text in shown]
    cells = [v4.new_markdown_cell("# Where?"), v4.new_code_cell("x", outputs=outputs), v4.new_markdown_cell("## So")]
    write(v4.new_notebook(cells=cells), folder / "run.ipynb")
    return export_html(folder / "run.ipynb", folder / "report.html", title="Where?")


@pytest.fixture(params=[1280, 360])
def page(request: pytest.FixtureRequest, browser: Browser, report: Path) -> Iterator[Page]:
    """The report at a width, network off; it fails the test if anything was asked for, complained about or run."""
    context = browser.new_context(viewport={"width": request.param, "height": 800}, offline=True)
    opened, trouble = context.new_page(), []
    local = (report.as_uri(), "blob:null/", "about:srcdoc")
    opened.on("request", lambda r: r.url.startswith(local) or trouble.append(r.url))
    opened.on("console", lambda m: trouble.append(m.text))
    opened.on("pageerror", lambda e: trouble.append(str(e)))
    opened.on("dialog", lambda d: trouble.append("a script in a name ran"))
    opened.set_default_timeout(5_000)
    opened.goto(report.as_uri())
    yield opened
    context.close()
    assert trouble == []


def the_map(page: Page) -> Frame:
    frame = page.frames[1]
    frame.wait_for_selector(".cfw-point")
    return frame


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, script: str, most: int = 60) -> None:
    """Press Tab until the focused element fits, as somebody without a mouse would."""
    for _ in range(most):
        press(page, "Tab")
        if page.evaluate(f"(e => {script})(document.activeElement)"):
            return
    raise AssertionError(f"not reached by keyboard: {script}")


def part(page: Page, name: str) -> str:
    return page.locator(f"[data-part={name}]").inner_text()


def read(path: Path) -> Decisions:
    return read_decisions(path.read_text(encoding="utf-8"), area="W06000001", venues=VENUES)


def check(page: Page, venue: int, decision: str) -> None:
    page.locator("tbody tr").nth(venue).locator(f"input[value={decision}]").check()


def test_deciding_by_keyboard_alone(page: Page, tmp_path: Path) -> None:
    """Tab, arrows and letters decide on three venues with a comment; the downloaded file is read back exactly."""
    tab_to(page, "e.type === 'radio'")
    press(page, "ArrowRight")  # the first venue: keep
    press(page, "Tab")
    page.keyboard.type('No parking; "lane" floods <b>– dŵr 🏔')
    press(page, "Tab", "ArrowRight", "ArrowRight")  # the second: must
    assert "must. 2 decisions." in part(page, "status").lower()
    press(page, "Tab", "Tab", "ArrowLeft")  # the third: ban, the last choice
    assert page.locator("[data-part=list] li").all_inner_texts() == [
        f'{NASTY}: Keep. No parking; "lane" floods <b>– dŵr 🏔', f"{NAMES[1]}: Must", "Alston Library: Ban",
    ]  # fmt: skip
    page.locator("[data-part=clear]").focus()
    press(page, "Shift+Tab", "Shift+Tab")
    assert page.evaluate("document.activeElement.dataset.part") == "download"
    with page.expect_download() as caught:
        press(page, "Enter")
    assert caught.value.suggested_filename.startswith("decisions-ynys-mon-20")
    caught.value.save_as(tmp_path / "ours.json")
    table = read(tmp_path / "ours.json").table
    assert table["venue"].tolist() == list(VENUES["venue"][:3])
    assert table["name"].tolist() == NAMES[:3]
    assert table["decision"].tolist() == ["keep", "must", "ban"]
    assert table["comment"].tolist() == ['No parking; "lane" floods <b>– dŵr 🏔', "", ""]
    assert table["frequency"].tolist() == ["weekly", "fortnightly", "four-weekly"]
    content = json.loads((tmp_path / "ours.json").read_text(encoding="utf-8"))
    assert [content[key] for key in ("format", "area", "code", "run")] == [FORMAT, "Ynys Môn", "W06000001", "r1"]


def test_marks_outlive_the_page(page: Page) -> None:
    """Closing and opening the page again brings decisions and comments back."""
    check(page, 1, "ban")
    page.locator("tbody tr").nth(3).get_by_role("textbox").fill("too steep")
    page.reload()
    assert part(page, "count") == "1 decision, 1 comment only"
    assert page.locator("tbody tr").nth(3).get_by_role("textbox").input_value() == "too steep"


def test_map_and_table_speak_to_each_other(page: Page) -> None:
    """Enter on a place of the map leads to its row, Escape back; a decision shows on the map, in sign and in words."""
    frame = the_map(page)
    frame.locator(".cfw-point").nth(1).focus()
    press(page, "Enter")
    page.locator("tbody tr").nth(1).locator("[type=radio]:focus").wait_for()
    check(page, 1, "ban")
    marked = frame.locator(".cfw-point[data-decision=ban]")
    marked.wait_for()
    assert marked.count() == 1
    assert marked.get_attribute("aria-label").endswith("decided: ban")
    press(page, "Escape")
    frame.locator(".cfw-point[data-decision=ban]:focus").wait_for()
    frame.locator("label", has_text="Places").locator("input").uncheck()
    frame.locator("label", has_text="Places").locator("input").check()
    marked.wait_for()  # a layer put on again still shows it


def test_strangers_are_not_listened_to(page: Page) -> None:
    """A message that comes from no map of the page moves nothing."""
    page.evaluate("postMessage({cfw: 'venue', venue: 'library-3'}, '*')")
    page.wait_for_timeout(50)
    assert page.evaluate("document.activeElement.tagName") == "BODY"


def test_finding_a_place(page: Page) -> None:
    """The list narrows by word and by group, says how many are shown, and a link to a hidden place shows it again."""
    assert part(page, "found") == "5 of 6 places shown"
    check(page, 0, "must")
    page.locator("[data-part=filter]").fill("alston library")
    assert part(page, "found") == "1 of 6 places shown"
    page.locator("[data-part=list] a").click()
    assert part(page, "found") == "6 of 6 places shown"
    assert page.evaluate("document.activeElement.closest('tr').dataset.venue") == "hall-1"
    page.locator("[data-part=shown]").select_option("decided")
    assert part(page, "found") == "1 of 6 places shown"


def test_only_a_stop_of_the_plan_can_be_kept(page: Page) -> None:
    """What the plan does not visit cannot be kept in it."""
    keeps = page.locator("tbody tr").evaluate_all("rows => rows.map(r => !!r.querySelector('input[value=keep]'))")
    assert keeps == [True, True, True, False, False, False]


def test_loading_a_file(page: Page, tmp_path: Path) -> None:
    """A file goes on where it ended; what the page cannot hold is named; a wrong file changes nothing; undo undoes."""

    def load(**changed: object) -> str:
        rows = [
            {"venue": "other", "name": "alston library", "decision": "ban", "comment": "shut"},
            {"venue": "village-5", "name": "Alston", "decision": "must"},
            {"venue": "village-9", "name": "Alston", "decision": "must"},
            {"venue": "village-4", "name": "Alston", "decision": "keep"},
            {"venue": "x", "name": "Atlantis", "decision": "must"},
        ]
        content = {"format": FORMAT, "area": "Kent", "code": "W06000001", "decisions": rows}
        (tmp_path / "f.json").write_text(json.dumps({**content, **changed}), encoding="utf-8")
        page.locator("[data-part=file]").set_input_files(tmp_path / "f.json")
        page.locator("[data-part=status]", has_text="f.json").wait_for()
        return part(page, "status")

    check(page, 0, "must")
    assert "not a decisions file" in load(format="other")
    page.locator("[data-part=status]").evaluate("e => e.textContent = ''")
    assert "for Kent, this page is for Ynys Môn" in load(code="E1")
    assert part(page, "count") == "1 decision"
    page.locator("[data-part=status]").evaluate("e => e.textContent = ''")
    assert "not taken: Alston, Alston, Atlantis" in load()
    assert page.locator("[data-part=list] li").all_inner_texts() == ["Alston Library: Ban. shut", "Alston: Must"]
    page.get_by_role("button", name="Clear all").click()
    assert part(page, "count") == "0 decisions"
    page.get_by_role("button", name="Undo").click()
    assert part(page, "count") == "2 decisions"


def test_names_are_text_and_nothing_sticks_out(page: Page, tmp_path: Path) -> None:
    """Names show as they are; the page never scrolls sideways; every control has a name; it prints."""
    assert page.locator("tbody th").all_inner_texts()[:5] == NAMES[:5]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".cfw-places").evaluate("e => e.scrollWidth <= e.clientWidth")
    tree = page.locator(".cfw-review").aria_snapshot()
    assert 'radio "Keep"' in tree
    assert tree.count("rowheader") == 5
    assert page.locator("tbody th[role=rowheader]").count() == 6  # Safari forgets tables that are shown as blocks
    unnamed = "controls => controls.filter(e => !e.labels?.length && !e.ariaLabel && !e.textContent.trim()).length"
    assert page.locator(".cfw-review :is(input, select, button)").evaluate_all(unnamed) == 0
    small = "all => all.filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 24).length"
    controls = page.locator(".cfw-review :is(label, button, select, [type=text])")
    assert controls.evaluate_all(small) == 0  # WCAG 2.2, 2.5.8: targets of at least 24 pixels
    page.pdf(path=tmp_path / "panel.pdf", prefer_css_page_size=True)
    assert (tmp_path / "panel.pdf").stat().st_size > 10_000


def test_the_panel_starts_from_what_the_run_honoured() -> None:
    """Decisions of the run are in the page, escaped, for the planner to go on from."""
    table = pd.DataFrame([{"venue": "hall-1", "name": NASTY, "decision": "must", "comment": '"', "frequency": ""}])
    panel = review_panel(VENUES, area="A", code="C", run="", decisions=Decisions(table))
    assert NASTY not in panel
    assert "&quot;decision&quot;: &quot;must&quot;" in panel


def test_the_price_stands_beside_each_decision() -> None:
    """The table keeps the planner's order and words, adds what the settings name, and ends with all together."""
    rows = [("hall-1", "Hall", "must", "ask"), ("ty2", "Tŷ", "none", "steep")]
    table = pd.DataFrame(rows, columns=["venue", "name", "decision", "comment"]).assign(frequency="")
    costs = pd.DataFrame({"withdrawn": ["nothing", "must", "ban", "everything"], "venue": ["", "hall-1", "gp-3", ""],
                          "name": ["", "Hall", "Surgery", ""], "value": [90.0, 95.04, 91.0, 99.0], "bound": 99.0,
                          "gained": [0.0, 5.04, 1.0, 9.0], "gained_at_most": 9.0,
                          "proven": [True, False, True, True]})  # fmt: skip
    told = decisions_table(Decisions(table), costs)
    assert told["name"].tolist() == ["Hall", "Tŷ", "Surgery", "All of them together"]
    assert told["decision"].tolist() == ["must", "none", "ban", ""]
    assert told["gained_if_withdrawn"].fillna(-1).tolist() == [5.0, -1, 1.0, 9.0]
    assert told["verdict"].tolist() == ["not proven best", "no decision", "proven", "proven"]
    alone = decisions_table(Decisions(table.head(0)), costs.iloc[[0, 3]])
    assert alone["name"].tolist() == ["No decision was given to this run"]
