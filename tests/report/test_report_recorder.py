"""What a notebook records is what the run's folder holds, and nothing is written when exploring."""

import json
import re

import numpy as np
import openpyxl
import pytest

from cfwlib.errors import InputError
from cfwlib.report import area_map, bars
from cfwlib.report.recorder import Report

SOURCE = {"title": "Roads <script>", "publisher": "OS", "vintage": 2025, "licence": "OGL v3.0", "attribution": "© OS"}


def make(out, *, modelled: bool = True) -> Report:
    options = {"area_name": "Cumberland <x>", "modelled": modelled, "sources": [SOURCE, SOURCE], "run_id": "r1"}
    return Report("02_reach", out, title="Who?", parameters={"limit_drive_min": 15, "out": ""}, **options)


def test_figures_are_kept_for_comparison(tmp_path, shown):
    """Every figure is written with its unit, base, source and disclosure; NumPy numbers become plain ones."""
    report = make(tmp_path)
    report.figure("old", 1, unit="children", label="first try")
    report.figure("old", np.int64(5121), unit="children", label="far away", n=np.int64(52438), source="ours")
    report.figure("coverage", np.float64(0.9), unit="share", label="near", low=0.88, high=0.92, headline=False)
    report.figure("small", None, unit="children", label="hidden", disclosure="c: fewer than 6")
    report.close()
    figures = json.loads((tmp_path / "figures" / "02_reach.json").read_text(encoding="utf-8"))
    assert [f["value"] for f in figures] == [5121, 0.9, None]
    assert figures[0] == {
        "name": "old", "label": "far away", "unit": "children", "value": 5121, "n": 52438, "low": None, "high": None,
        "source": "ours", "disclosure": "none", "headline": True, "notebook": "02_reach", "modelled": True,
    }  # fmt: skip
    report.headlines()
    for text in ("5,121", "far away", "c: fewer than 6"):
        assert text in shown[-1]
    assert "near" not in shown[-1]


def test_a_figure_that_is_no_number_is_refused(tmp_path, shown):
    """Infinity, NaN, and a missing value without a reason are errors that name the figure."""
    report = make(tmp_path)
    with pytest.raises(InputError) as caught:
        report.figure("gap", np.inf, unit="share", label="x", low=float("nan"))
    assert len(caught.value.problems) == 2
    with pytest.raises(InputError, match=r"gap.*say why"):
        report.figure("gap", None, unit="share", label="x")


def test_a_run_leaves_its_exports(tmp_path, shown, places, county):
    """Tables, drawing, layer and plan are found where the run's reader expects them."""
    report = make(tmp_path)
    report.table(places, "drives", "Drive times", max_rows=2)
    report.chart(bars(places, label="name", values={"children": "children"}, title="Children", unit="children"), "a/b")
    report.map(area_map(county, title="Map"), "m", caption="Read <it> so.")
    report.layer(county, "areas")
    report.file("../plan.json", "{}\n")
    report.close()
    found = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()}
    exports = {f"exports/02_reach/{n}" for n in ("drives.csv", "02_reach.xlsx", "02_reach.gpkg", "a-b.svg")}
    assert found == exports | {"figures/02_reach.json", "plan.json"}
    assert openpyxl.load_workbook(tmp_path / "exports/02_reach/02_reach.xlsx")["drives"].max_row == 13
    assert "Read &lt;it&gt; so." in "".join(shown)


def test_exploring_shows_everything_and_writes_nothing(tmp_path, shown, places, monkeypatch):
    """Without a folder the same notebook runs and leaves no file."""
    monkeypatch.chdir(tmp_path)
    report = make("")
    report.answer("1 in 10 <children>")
    report.table(places, "drives", "Drive times")
    report.about()
    report.close()
    assert list(tmp_path.iterdir()) == []
    assert "1 in 10 &lt;children&gt;" in "".join(shown)


def test_the_banner_is_for_modelled_data_only(shown):
    """Modelled data are called so at the top; official data have no banner."""
    make(None, modelled=False).banner()
    assert "not official" not in "".join(shown)
    make(None).banner()
    assert re.search("not official.*imitate Cumberland &lt;x&gt;", shown[-1])


def test_about_names_sources_settings_and_versions(shown):
    """Vintage, licence, attribution (once), settings, versions and the run are told; a script in a title is text."""
    make(None).about()
    page = shown[-1]
    for text in ("Roads &lt;script&gt;", "2025", "OGL v3.0", "limit_drive_min", "geopandas", "Run r1"):
        assert text in page
    assert page.count("© OS") == 1
