"""A report is one file: it opens without network, shows what matters and hides the machinery."""

import base64
import hashlib
import html
import re

import nbformat
import pandas as pd
import pytest
from nbformat import v4

from cfwlib.pages.review import review_panel
from cfwlib.report import add_areas, area_map, bars, curves, interval_plot, rounded_classes
from cfwlib.report.html import BORROW, export_html
from cfwlib.report.offline import ASSETS, map_html, map_script
from cfwlib.report.recorder import Report

STYLE, BANNER = '<style data-cfw="style">x</style>', '<div class="cfw-banner" data-cfw="banner">Modelled</div>'
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def displayed(**data: str) -> nbformat.NotebookNode:
    return v4.new_output("display_data", data={k.replace("_", "/"): v for k, v in data.items()})


@pytest.fixture
def export(tmp_path):
    """Write a notebook of the given cells and return its report."""

    def run(*cells: nbformat.NotebookNode, **options: object) -> str:
        nbformat.write(v4.new_notebook(cells=list(cells)), tmp_path / "in.ipynb")
        options = {"title": "Who is <far>?", **options}
        return export_html(tmp_path / "in.ipynb", tmp_path / "out" / "r.html", **options).read_text(encoding="utf-8")

    return run


def code(*outputs: nbformat.NotebookNode) -> nbformat.NotebookNode:
    return v4.new_code_cell("secret_source = 1", outputs=list(outputs))


def test_the_reader_sees_results_not_machinery(export):
    """Code, warnings and widget scripts are hidden; text, tables and printed lines are shown."""
    page = export(
        v4.new_markdown_cell("# Who is far?"),
        code(
            v4.new_output("stream", name="stderr", text="DeprecationWarning"),
            v4.new_output("stream", name="stdout", text="printed <b>"),
            displayed(text_html="<p>shown</p>", text_plain="<object>"),
            displayed(application_javascript="steal()", text_plain="a widget"),
        ),
    )
    assert "secret_source" not in page
    assert "DeprecationWarning" not in page
    assert "steal()" not in page
    assert "printed &lt;b&gt;" in page
    assert "<p>shown</p>" in page
    assert "<title>Who is &lt;far&gt;?</title>" in page
    assert '<html lang="en-GB">' in page


def test_nothing_is_fetched(export, county):
    """No element of the page names an outside file, and the page's own policy forbids any."""
    drawn = area_map(county, title="Map")
    page = export(
        v4.new_markdown_cell("# Q\n\n[source](https://example.org)"), code(displayed(text_html=map_html(drawn)))
    )
    page = page.replace(map_script(), "")  # Leaflet's own link to its site is text of a credit we do not show
    assert re.findall(r'\b(?:src|href)="(?!data:|#)[^"]*"', page) == ['href="https://example.org"']
    assert not re.findall(r"@import|url\((?!#)", page)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    assert policy.startswith("default-src 'none'")
    assert "http" not in policy


def test_leaflet_is_there_once_however_many_maps(export, county):
    """Three maps cost one copy of Leaflet; a report without maps costs none."""
    drawn = area_map(county, title="Map")
    add_areas(drawn, county, "children", classes=rounded_classes(county["children"]), layer_name="C", tooltip={})
    page = export(code(*[displayed(text_html=map_html(drawn))] * 3))
    assert page.count("Vladimir Agafonkin") == 1
    assert page.count("<iframe") == 3
    assert len(page) < len(map_script()) + 80_000
    assert "Agafonkin" not in export(code(displayed(text_html="<p>no map</p>")))


def test_the_banner_comes_first_and_styles_only_once(export):
    """Wherever the notebook says that data are modelled, the page says it before its title."""
    page = export(v4.new_markdown_cell("# Who is far?"), code(displayed(text_html=STYLE), displayed(text_html=BANNER)))
    assert page.index("Modelled</div>") < page.index("<h1>")
    assert page.count("Modelled</div>") == 1
    assert 'data-cfw="style"' not in page


def test_contents_lead_to_every_section(export):
    """Each second-level heading has an anchor of its own, linked from a list that stands after the answer."""
    page = export(
        v4.new_markdown_cell("# Who?"), code(displayed(text_html="<p>the answer</p>")),
        v4.new_markdown_cell("## Where & <i>why</i>?\n\ntext\n\n## So what"), v4.new_markdown_cell("## So what"),
    )  # fmt: skip
    links, anchors = re.findall(r'<li><a href="#([^"]+)">', page), re.findall(r'<h2 id="([^"]+)"', page)
    assert links == anchors
    assert len(set(anchors)) == 3
    assert "Where &amp; why?</a>" in page
    assert page.index("the answer") < page.index('<nav class="contents"') < page.index("<h2")


def test_the_answer_comes_before_the_contents(export):
    """Where the answer has a heading of its own, the list of contents waits until after it."""
    answer = displayed(text_html='<p class="cfw-answer">1 in 10</p>')
    page = export(v4.new_markdown_cell("## The answer"), code(answer), v4.new_markdown_cell("## The map"))
    assert page.index("1 in 10") < page.index('<nav class="contents"') < page.index("The map</h2>")


def test_a_failed_step_says_so_in_its_place(export):
    """The message is shown, escaped; the traceback, which may hold data, is not."""
    failed = v4.new_output("error", ename="InputError", evalue="roads.gpkg: <no> links", traceback=["/home/me/x.py"])
    page = export(v4.new_markdown_cell("# Q"), code(failed))
    assert 'role="alert"' in page
    assert "roads.gpkg: &lt;no&gt; links" in page
    assert "/home/me" not in page


def test_pictures_are_named_after_their_section(export):
    """A picture without a description gets its section's name, never nbconvert's placeholder."""
    drawing = v4.new_output("display_data", data={"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg'/>"})
    page = export(v4.new_markdown_cell("## Costs"), code(displayed(image_png=PNG), drawing))
    assert page.count('alt="Picture in the section “Costs”"') == 2
    assert "No description has been provided" not in page


def test_the_page_tells_which_run_it_is(export):
    """Area, date, run and links are there when known, escaped, and simply absent when not."""
    run = {
        "area_name": "A & B",
        "run_id": "r<1>",
        "finished": "5 May",
        "index_href": "../index.html",
        "notebook_href": "n.ipynb",
    }
    page = export(v4.new_markdown_cell("# Q"), run=run)
    for text in ("A &amp; B · 5 May", "Run r&lt;1&gt;.", 'href="../index.html"', 'href="n.ipynb"'):
        assert text in page
    assert "None" not in export(v4.new_markdown_cell("# Q"))


def test_area_and_day_are_read_off_the_notebook(tmp_path):
    """Where the run does not tell them, the page's first line has what papermill noted; what the run tells wins."""
    made = {"parameters": {"area": "westmorland_and_furness"}, "end_time": "2026-03-09T23:30:00+00:00"}
    nbformat.write(v4.new_notebook(metadata={"papermill": made}), tmp_path / "in.ipynb")
    read = [
        export_html(tmp_path / "in.ipynb", tmp_path / "r.html", title="Q", run=run).read_text(encoding="utf-8")
        for run in (None, {"area_name": "Barrow"})
    ]
    assert "<p>Westmorland and Furness · 9 March 2026</p>" in read[0]
    assert "<p>Barrow · 9 March 2026</p>" in read[1]


def hashed(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def test_only_our_own_scripts_are_allowed(export, county):
    """The policy is the same for every page: our files by hash, and nothing that came in with an output or a name."""
    drawn = area_map(county, title="Map")
    add_areas(drawn, county, "children", classes=rounded_classes(county["children"]), layer_name="C", tooltip={})
    smuggled = map_html(drawn).replace("cfw-help&quot;>", "cfw-help&quot;><script>evil()</script>", 1)
    smuggled += '<iframe class="cfw-map" srcdoc="<script>evil()</script><script>evil(2)</script>"></iframe>'
    pages = [export(v4.new_markdown_cell("# Q")), export(code(displayed(text_html=smuggled)))]
    assert pages[1].count("evil(") == 3
    policy, other = (re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1] for page in pages)
    assert policy == other
    for rule in ("default-src 'none'", "img-src data:", "object-src 'none'", "base-uri 'none'", "form-action 'none'"):
        assert rule in policy
    scripts = re.search(r"script-src ([^;]*)", policy)[1]
    files = [(ASSETS / name).read_text(encoding="utf-8") for name in ("page.js", "review.js")]
    assert scripts.split() == [hashed(text) for text in (*files, BORROW, map_script(), "cfw.draw();")]
    assert all(f"<script>{text}</script>" in html.unescape(pages[1]) for text in (files[0], BORROW, "cfw.draw();"))


@pytest.mark.browser
def test_a_smuggled_script_does_not_run(export, browser, tmp_path, county):
    """Script, event handler and script address in an output are refused by the browser; map and panel still work."""
    venues = pd.DataFrame(
        {"venue": ["a"], "name": ["Alston"], "kind": "Village", "group": "plan", "frequency": "weekly",
         "status": "weekly", "reason": "", "need_reached": [3.0], "need_in_reach": [4.0]}
    )  # fmt: skip
    shown: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cfwlib.report.recorder._show", shown.append)
        made = Report("03", None, title="Q", area_name="A", modelled=False, sources=[], parameters={})
        made.map(area_map(county, title="Map"), "map")
        made.panel(review_panel(venues, area="A", code="E06000063", run=""))
    attack = "<script>window.bad = 1</script><img src=x onerror='window.bad = 1'><iframe src='javascript:parent.bad=1'>"
    export(code(*[displayed(text_html=text) for text in [*shown, attack]]))
    page, refused = browser.new_page(), []
    page.on("console", lambda message: refused.append(message.text))
    page.goto((tmp_path / "out" / "r.html").as_uri())
    page.frames[1].wait_for_selector(".leaflet-land-pane path", state="attached")
    page.locator("input[value=ban]").check()
    with page.expect_download() as caught:
        page.get_by_role("button", name="Download").press("Enter")
    assert '"ban"' in caught.value.path().read_text(encoding="utf-8")
    assert page.evaluate("window.bad") is None
    page.close()
    assert refused
    assert all("Content Security Policy" in text for text in refused)


def test_any_name_is_text_wherever_it_stands(export, county, shown, tmp_path):
    """Tags, quotes, slashes, emoji, Welsh and Gaelic letters and 300 characters, in every part of a report at once."""
    names = [*county["name"][:5], "Tŷ Gwyn", "Dún Laoghaire"]
    table = pd.DataFrame({"name": names, "a": 0.1, "b": 0.2, "c": 0.3})
    for name in (names[0] + names[2], names[1], names[4]):
        made = Report(
            "n", tmp_path / "run", title=name, area_name=name, modelled=True, run_id=name, parameters={name: name},
            sources=[{"title": name, "attribution": name}],
        )  # fmt: skip
        made.banner()
        made.answer(name)
        made.bullets(name)
        made.figure("f", name, unit=name, label=name, disclosure=name)
        made.headlines()
        made.table(table.rename(columns={"a": name}), name, name, note=name, labels={"b": name}, units={"c": name})
        made.chart(bars(table, label="name", values={"a": name}, title=name, unit=name, source=name), name)
        made.chart(interval_plot(table, name="name", low="a", mid="b", high="c", title=name, unit=name), "i")
        made.chart(
            curves({name: table}, x="a", y="b", x_label=name, y_label=name, x_unit=name, y_unit="", title=name), "c"
        )
        made.map(area_map(county, title=name, credit=name), name, caption=name)
        made.about()
        made.close()
    written = [path.name for path in (tmp_path / "run").rglob("*")]
    assert len(written) > 10
    assert not [name for name in written if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,83}", name)]

    headings = [v4.new_markdown_cell("## " + re.sub(r"([<>&*_])", r"\\\1", name)) for name in names]
    links = dict.fromkeys(("area_name", "run_id", "finished", "index_href", "notebook_href"), names[0] + '"')
    page = export(*headings, code(*[displayed(text_html=text) for text in shown]), title=names[0], run=links)
    frames = [html.unescape(frame) for frame in re.findall(r'srcdoc="([^"]*)"', page)]
    assert len(frames) == 3
    for text in (re.sub(r'srcdoc="[^"]*"', "", page), *frames):
        assert not re.search(r"<(script>alert|b>bold)", text)
    for name in names:
        assert html.escape(name) in page
