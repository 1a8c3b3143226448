"""Text from data or settings is shown, and never read as code by an engine."""

import ast
import html
import json
import os
import re
from pathlib import Path

import folium
import pandas as pd
import pytest
from calendar_cases import dated, plan
from hypothesis import given, settings
from hypothesis import strategies as st
from papermill.translators import PythonTranslator
from project import ROOT
from test_report_maps import full_map

from cfwlib.cli.console import PlainConsole
from cfwlib.errors import InputError
from cfwlib.pages.handouts import hub_files
from cfwlib.pages.notices import all_sheets
from cfwlib.report import add_points
from cfwlib.report.exports import export_tables
from cfwlib.report.offline import map_html, script_json
from cfwlib.report.tables import table_html
from cfwlib.report.write import safe_name
from cfwlib.runs.jobs import plain_path
from cfwlib.runs.page import link, write_page

PARTS = [
    "{{lipsum.__globals__.os.mkdir(dict(PWNED=1)|join)}}", "{{7*7}}", "{{", "}}", "{%", "%}", "{#", "#}", "{% raw %}",
    "${7*7}", "{0.__class__}", "</script>", "<script>bad()</script>", "<img src=x onerror=bad()>", "-->", "<!--", "]]>",
    "=cmd|' /C calc'!A0", "$\\frac{", "\\", '"', "'", "`", "&lt;", "javascript:bad()", "[red]", "\u2028", "Hall", " ",
]  # fmt: skip
hostile = st.lists(st.sampled_from(PARTS), min_size=1, max_size=6).map("".join).filter(str.strip)


@given(hostile)
@settings(deadline=None, max_examples=40)
def test_a_hostile_name_is_text_in_map_table_notice_and_page(county, basemap, tmp_path_factory, name) -> None:
    """Whatever stands in a name, title, credit, legend or notice, it comes out as the same text, and nothing runs."""
    folder = tmp_path_factory.mktemp("here")
    here = os.getcwd()
    os.chdir(folder)
    try:
        places = county.assign(name=name).set_geometry(county.centroid)
        towns = basemap["towns"].assign(name=name, kind="Town")
        drawn = full_map(county.assign(name=name), {**basemap, "towns": towns}, title=name)
        drawn.credit, drawn.swipe = name, (name, name)
        add_points(drawn, places, layer_name=name, tooltip={"name": name})
        frame = map_html(drawn)
        notices = all_sheets(dated(plan(), name=name, hub_name=name, hub_contact=name, hub_offer="x"))
        page = write_page(folder / "p.html", title=name, body=table_html(places[["name"]], caption=name)).read_text()
    finally:
        os.chdir(here)
    assert [path.name for path in folder.iterdir()] == ["p.html"]
    inside = html.unescape(re.search(r'srcdoc="([^"]*)"', frame)[1])
    held = json.loads(re.search('id="cfw-data">(.*)</script>', inside)[1])
    assert {town[2] for town in held["names"]} == {name}
    assert held["layers"][-1][0]["features"][0]["properties"]["n"] == name
    assert inside.count("<script") == inside.count("</script>") == 3
    escaped = html.escape(name)
    assert inside.count(escaped) >= 5
    assert escaped in page
    assert html.escape(" ".join(name.split())) in notices
    for text in (page, notices, re.sub(r'srcdoc="[^"]*"', "", frame)):
        assert "<script" not in text
        assert "<img" not in text


def test_data_in_a_script_element_cannot_end_it() -> None:
    """No bracket of a tag, nor a line end that only scripts know, stands in it; read back it is the same."""
    texts = ["</script><!--", "]]>", "\u2028\u2029", "é"]
    held = script_json(texts)
    assert not set("<>\u2028\u2029") & set(held)
    assert json.loads(held) == texts


def test_folium_s_own_elements_are_refused(county) -> None:
    """folium would read their text as a template: the message says what to use."""
    drawn = full_map(county, {})
    with pytest.raises(InputError, match="add_points"):
        folium.Marker([54, -3], popup="{{7*7}}").add_to(drawn)


def test_a_title_does_not_fill_in_another_part_of_the_page(tmp_path: Path) -> None:
    """What looks like a place of the frame is text where it stands in a title or a body."""
    text = write_page(tmp_path / "p.html", title="{{style}} {{body}}", body="{{title}}").read_text()
    assert "<h1>{{style}} {{body}}</h1>\n{{title}}" in text


def test_a_link_stays_a_path() -> None:
    """A name with a colon, a quotation mark or a number sign is no address, attribute or anchor."""
    assert link("javascript:bad()/a b#c.html", "<x>") == '<a href="javascript%3Abad%28%29/a%20b%23c.html">&lt;x&gt;</a>'


@given(st.lists(st.sampled_from([*PARTS, "\n", "\r", "\x1b", "é"]), max_size=6).map("".join))
@settings(deadline=None, max_examples=60)
def test_papermill_gives_a_setting_as_it_is(text: str) -> None:
    """A text setting is a literal of the same text in the parameters cell, and a path with braces is that path."""
    assert ast.literal_eval(PythonTranslator.translate(text)) == text
    assert plain_path(Path("out") / "{area}").format(area="x") == str(Path("out") / "{area}")


@pytest.mark.parametrize("text", ["=1+1", " =1+1", "\t=1+1", "+1", "-1", "@x", "＝1", "\r=1"])
def test_a_spreadsheet_runs_nothing(tmp_path: Path, text: str) -> None:
    """A text or heading that looks like a formula has an apostrophe before it, and no bare return parts a row."""
    path = export_tables({"t": pd.DataFrame({text: [text, "a\r=1", "b"]})}, tmp_path)[0]
    back = pd.read_csv(path, dtype=str)
    assert back.columns[0].startswith("'")
    assert back.iloc[0, 0].startswith("'")
    assert back.iloc[1, 0] == "a\n=1"
    assert len(back) == 3


@pytest.mark.parametrize("name", ["CON", "nul.html", "com1", "../..", "a/b", "\x00x", "x" * 500])
def test_a_file_name_is_one_on_any_system(name: str) -> None:
    """No device of Windows, no folder, no sign, no more than is allowed."""
    safe = safe_name(name)
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,79}", safe)
    assert safe.split(".")[0].lower() not in {"con", "nul", "com1"}


def test_the_terminal_is_not_steered(capsys: pytest.CaptureFixture[str]) -> None:
    """Markup is text, and what would steer the terminal is spelt out; no command reads markup."""
    PlainConsole(width=80).print("[red]a[/] [link=x]b :bomb: \x1b]0;c\x07 \u202e")
    assert capsys.readouterr().out == "[red]a[/] [link=x]b :bomb: \\x1b]0;c\\x07 \\u202e\n"
    for path in (ROOT / "cfwlib" / "cli").glob("*.py"):
        assert "rich.markup" not in path.read_text(encoding="utf-8"), path.name


def test_files_of_the_timetable_hold_one_line_of_plain_text() -> None:
    """Control characters of a setting reach no calendar, route or feed."""
    files = hub_files(dated(plan(), name="A\x00\x1bB", hub_name="x\r\nURL:bad", hub_contact="y\x0bz"))
    for name, content in files.items():
        if isinstance(content, str):
            assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", content), name
            assert "\nURL:bad" not in content, name
