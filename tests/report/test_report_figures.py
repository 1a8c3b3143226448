"""Charts say what they show, in words too, and never change by themselves."""

import re
from xml.etree import ElementTree

import pandas as pd
import pytest

from cfwlib.errors import InputError
from cfwlib.report import bars, interval_plot

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
