"""A report is one file: it opens without network, shows what matters and hides the machinery."""

import re

import nbformat
import pytest
from nbformat import v4

from cfwlib.report import add_areas, area_map, map_html, rounded_classes
from cfwlib.report.html import export_html
from cfwlib.report.offline import map_script

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
    page = export(v4.new_markdown_cell("## Costs"), code(displayed(image_png=PNG)))
    assert 'alt="Picture in the section “Costs”"' in page
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
