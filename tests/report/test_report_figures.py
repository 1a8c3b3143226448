"""Charts say what they show, in words too, and never change by themselves."""

import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from cfwlib.errors import InputError
from cfwlib.report import bars, curves, interval_plot

FIFTHS = pd.DataFrame({"fifth": ["Most <deprived>", "$Least$ deprived"], "before": [0.9, 0.8], "after": [0.95, None]})


def coverage(**options: object):
    values = {"before": "before", "after": "after <b>"}
    return bars(FIFTHS, label="fifth", values=values, title="Coverage & <equity>", unit="share", **options)


def test_bars_carry_their_numbers_in_picture_and_words():
    """The drawing and its text alternative both give each number in per cent; a missing one is a dash."""
    chart = coverage(source="<ours>")
    assert ElementTree.fromstring(chart.svg).tag.endswith("svg")
    for text in ("90.0%", "95.0%", "Per cent", "$Least$ deprived"):
        assert text in chart.svg
    assert "Most <deprived>: 90.0% before, 95.0% after <b>" in chart.alt
    assert "–" in chart.alt


def test_charts_are_accessible_and_escaped():
    """A figure has a role, a label and a caption, and no text of the data becomes markup."""
    page = coverage(source="<ours>")._repr_html_()
    assert re.search(r'role="img" aria-label="Coverage &amp; &lt;equity&gt;\. Most &lt;deprived', page)
    assert "<figcaption>Coverage &amp; &lt;equity&gt;</figcaption>" in page
    assert "<deprived" not in page
    assert "<b>" not in page


def test_charts_are_the_same_bytes_every_time(tmp_path):
    """No date, no random identifier; and two charts of one page share no identifier."""
    assert coverage().svg == coverage().svg
    other = coverage(alt="The same picture in other words").svg
    ids = [set(re.findall(r'\bid="([^"]+)"', svg)) for svg in (coverage().svg, other)]
    assert not ids[0] & ids[1]
    assert set(re.findall(r'(?:url\(#|href="#)([^")]+)', coverage().svg)) == ids[0] != set()
    assert coverage().save(tmp_path / "a" / "chart.svg").read_text(encoding="utf-8") == coverage().svg


def test_a_telephone_gets_a_drawing_of_its_own():
    """Every chart is drawn twice, wide and narrow, with the same words and numbers and no identifier in common."""
    ranks = pd.DataFrame({"n": ["Llanfairpwllgwyngyll and all that lies around it"], "a": [2], "m": [4], "b": [9]})
    charts = [
        coverage(),
        interval_plot(ranks, name="n", low="a", mid="m", high="b", title="Ranks", unit="rank"),
        concentration({"Hours": BENT, "All the same": DIAGONAL}, reference="All the same"),
    ]
    for chart in charts:
        wide, narrow = (float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1]) for svg in (chart.svg, chart.narrow))
        assert narrow < 300 < 500 < wide  # a letter of 12 units stays above 11 pixels on a page of 280
        ids = [set(re.findall(r'\bid="([^"]+)"', svg)) for svg in (chart.svg, chart.narrow)]
        assert not ids[0] & ids[1]
        page = chart._repr_html_()
        assert page.count("<svg") == 2
        assert page.count('role="img"') == 1
    assert "95.0%" in charts[0].narrow
    assert "Llanfairpwllgwy" in charts[1].narrow


def test_a_long_unit_is_not_cut_on_a_telephone():
    """The words of an axis that has little width, beside the names, take a second line there, and only there."""
    wards = pd.DataFrame({"ward": ["Gosforth"], "before": [1.0]})
    unit = "hours a week per 1,000 children"
    chart = bars(wards, label="ward", values={"before": "before"}, title="Hours", unit=unit)
    assert ">Hours a week per 1,000 children<" in chart.svg
    assert ">Hours a week per 1,000<" in chart.narrow
    assert ">children<" in chart.narrow


def test_an_interval_plot_tells_the_interval():
    """The words give the middle and both ends of each row."""
    table = pd.DataFrame({"n": ["Aspatria"], "a": [2], "m": [4], "b": [9]})
    chart = interval_plot(table, name="n", low="a", mid="m", high="b", title="Ranks", unit="rank")
    assert "Aspatria 4 (2 to 9)" in chart.alt
    assert "Rank" in chart.svg


def test_a_chart_of_nothing_is_refused():
    """Every missing column and an empty table are named at once."""
    with pytest.raises(InputError) as caught:
        interval_plot(FIFTHS.head(0), name="n", low="before", mid="m", high="after", title="Ranks", unit="rank")
    assert len(caught.value.problems) == 3


DIAGONAL = pd.DataFrame({"children": [0.0, 1.0], "hours": [0.0, 1.0]})
BENT = pd.DataFrame({"children": [0.0, 0.5, 1.0], "hours": [0.0, 0.8, 1.0]})


def concentration(lines: dict[str, pd.DataFrame], **options: object):
    return curves(
        lines, x="children", y="hours", x_label="Children", y_label="Hours", x_unit="share", y_unit="share",
        title="The <deprived> have more", **options,
    )  # fmt: skip


def test_curves_tell_their_heights():
    """The words read each line at five places, between its corners too; the key names lines and points."""
    cloud = pd.DataFrame({"children": [0.1, 0.2], "hours": [0.3, 0.4]})
    lines = {"Hours <now>": BENT, "All the same": DIAGONAL}
    chart = concentration(lines, reference="All the same", points=cloud, points_name="Wards", source="<ours>")
    assert "Hours <now>: 32.0% at 20.0%, 64.0% at 40.0%, 84.0% at 60.0%, 92.0% at 80.0%, 100.0%" in chart.alt
    for text in ("Hours &lt;now&gt;", "All the same", "Wards", "Children (per cent)", "Hours (per cent)"):
        assert text in chart.svg
    assert "<deprived" not in chart._repr_html_()
    assert (
        concentration(lines, points=cloud, points_name="Wards").svg
        != concentration(lines).svg
        == (concentration(lines).svg)
    )


def test_curves_are_told_apart_without_colour():
    """Every line has a dash and a marker of its own; the reference has neither and is thin."""
    four = {name: BENT.assign(hours=BENT["hours"] * k) for k, name in enumerate("abcd", start=1)}
    svg = concentration(four).svg
    dashes = set(re.findall(r"stroke-dasharray: ([\d. ,]+)", svg))
    assert len(dashes) == 3  # and one full line
    markers = set(re.findall(r'<path id="(m\w+)"', svg))
    assert len(markers) >= 4
    assert "dasharray" not in concentration({"same": DIAGONAL}, reference="same").svg


def test_a_cloud_of_points_stays_small():
    """Of ten thousand observations an even selection is drawn: a report is to be sent by mail."""
    at = np.linspace(0, 1, 10_000)
    chart = concentration({"line": BENT}, points=pd.DataFrame({"children": at, "hours": at}), points_name="pairs")
    assert 500 <= chart.svg.count("<use") < 600
    assert len(chart.svg) < 90_000


def test_curves_that_cannot_be_drawn_are_refused():
    """Five lines, a reference that is none of them, a missing column and an empty frame are all named."""
    lines = {**dict.fromkeys("abc", BENT), "d": BENT.head(0), "e": BENT[["hours"]]}
    with pytest.raises(InputError) as caught:
        concentration(lines, reference="f")
    assert len(caught.value.problems) == 4
