"""A note of the area file explains one difference of one authority; beyond that a difference is not explained."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from project import ROOT

from cfwlib.areas import printed_figures, read_area, why_different
from cfwlib.data import AreaData
from cfwlib.errors import SettingsError
from cfwlib.need import RECONCILED, headline_counts, reconcile
from cfwlib.pages.data import reconciliation_table, reconciliation_words
from cfwlib.pages.opening import plan_says

OURS, OTHERS = "E06000063", "E06000064"
FILE = tomllib.loads((ROOT / "notebooks" / "areas" / "cumberland.toml").read_text(encoding="utf-8"))
PUBLISHED = FILE["published"]


def why(entry: Mapping[str, Any], difference: float, *, vintage: int = 2021, authority: str = OURS) -> str:
    figures = printed_figures({"authority": authority, "schools": {"value": 172, **entry}}, OURS)
    return why_different(figures["schools"], difference, lsoa_vintage=vintage)


@pytest.mark.parametrize(
    ("difference", "told"), [(0, "agrees"), (0.4, "agrees"), (0.5, "not explained"), (-1, "one closed"),
                             (-2, "not explained"), (1, "not explained"), (-170, "not explained")],
)  # fmt: skip
def test_a_note_counts_for_the_difference_it_was_written_for(difference: float, told: str) -> None:
    """One school fewer is explained; 2 schools in place of 172 are not."""
    assert why({"note": "one closed", "expected": -1}, difference) == told


@pytest.mark.parametrize(
    ("difference", "told"), [(20, "tides"), (25, "tides"), (19.9, "not explained"), (-22, "not explained")]
)
def test_a_note_may_count_for_a_span(difference: float, told: str) -> None:
    """Both ends are in it, its mirror image is not."""
    assert why({"note": "tides", "expected": [20, 25]}, difference) == told


def test_a_note_without_a_size_or_for_another_vintage_explains_nothing() -> None:
    """Nor does an empty note, nor one of a table that names no authority."""
    note = {"note": "other Indices", "expected": 4}
    assert why(note | {"lsoa_vintage": 2021}, 4) == "other Indices"
    assert why(note | {"lsoa_vintage": 2021}, 4, vintage=2011) == "not explained"
    assert why({"note": "other Indices"}, 4) == "not explained"
    assert why({"expected": 4}, 4) == "not explained"
    assert why_different({"value": 1, **note}, 4) == "not explained"


def test_every_note_of_cumberland_says_its_size() -> None:
    """A note without it could never be shown."""
    for name, entry in printed_figures(PUBLISHED, OURS).items():
        assert ("note" in entry) == ("expected" in entry), name


def test_copied_for_another_authority_the_file_carries_nothing_over(modelled: AreaData) -> None:
    """With name and code alone changed no figure, no note and no quotation is shown, and the page says so."""
    copied = replace(modelled, name="Elsewhere", code=OTHERS, published=PUBLISHED)
    table = reconcile(headline_counts(copied), copied.published, code=copied.code, lsoa_vintage=2021)
    assert table.empty
    assert plan_says(copied, "02_reach") == []
    told = reconciliation_words(table, copied)
    assert "No published figure of Elsewhere" in told
    assert f"of another authority ({OURS}, not {OTHERS})" in told
    assert plan_says(replace(modelled, published=PUBLISHED), "02_reach") == [
        f"{PUBLISHED['plan']} (Cumberland): “the most rural and hard to reach locations”."
    ]
    assert printed_figures(FILE["published_homes"], OTHERS) == {}


def test_a_figure_of_another_authority_among_ones_own_is_left_out() -> None:
    """A figure may name its own authority."""
    mixed = {"authority": OURS, "schools": {"value": 1}, "residents": {"value": 2, "authority": OTHERS}}
    assert list(printed_figures(mixed, OURS)) == ["schools"]
    assert list(printed_figures({"authority": OURS.lower() + " ", "schools": {"value": 1}}, OURS)) == ["schools"]


def test_without_published_figures_the_table_stands_empty(modelled: AreaData) -> None:
    """No column is missing, and the sentence claims no agreement."""
    bare = replace(modelled, published={})
    table = reconcile(headline_counts(bare), bare.published, code=bare.code)
    assert table.columns.tolist() == RECONCILED
    assert reconciliation_table(table).empty
    assert "nothing could be held against another" in reconciliation_words(table, bare)
    assert plan_says(bare, "01_need") == []


def test_what_is_not_explained_or_not_computed_is_counted_as_such(modelled: AreaData) -> None:
    """Schools that are not in the data are not nought schools; a loss of centres has no note."""
    real = replace(modelled, modelled=False, published=PUBLISHED, services=modelled.services.query("kind != 'school'"))
    counts = headline_counts(real) | {"childrens_centres": 1}
    table = reconcile(counts, real.published, code=real.code, lsoa_vintage=2021).set_index("figure")
    assert table.loc["State schools", "why"] == "not computed: what it is counted from is not there"
    assert table.loc["Children's centres", "why"] == "not explained"
    told = reconciliation_words(table.reset_index(), real)
    assert "1 differs and is not explained" in told
    assert "6 could not be computed" in told
    assert "modelled" not in told
    assert "are modelled, and made to agree" in reconciliation_words(table.reset_index(), modelled)


def test_the_difference_is_that_of_the_numbers_beside_it() -> None:
    """52.44 less 53 is shown as 52.4 less 53.0, which is -0.6; no difference is 0, without a sign."""
    shown = reconciliation_table(reconcile({"rural_share": 0.5244, "schools": 172}, PUBLISHED, code=OURS))
    shown = shown.set_index("figure")
    assert shown.loc["Residents in rural areas", ["computed", "difference"]].tolist() == ["52.4", "-0.6"]
    assert shown.loc["State schools", "difference"] == "0"
    assert shown.loc["Residents", ["computed", "difference"]].tolist() == ["–", "–"]
    apart = reconcile({"ehc_plans": 72312.6}, {"ehc_plans": {"value": 72313.4}}, code=OURS)
    assert reconciliation_table(apart)[["published", "computed", "difference"]].iloc[0].tolist() == [
        "72,313", "72,313", "0",
    ]  # fmt: skip
    assert np.isnan(reconcile({"residents": float("nan")}, PUBLISHED, code=OURS)["difference"]).all()


@pytest.mark.parametrize(
    ("line", "problem"),
    [("schools = { value = true }", "schools must be written"),
     ("schools = { value = 1, expected = [3, 1] }", "expected must be a difference"),
     ("schools = { value = 1, expected = 'few' }", "expected must be a difference"),
     ("schools = { value = 1, precision = 0 }", "precision must be a number above 0"),
     ("schools = { value = 1, note = 3 }", "note must be text"),
     ("schools = { value = 1, lsoa_vintage = 2001 }", "lsoa_vintage must be 2011 or 2021"),
     ("authority = 63", "authority must be text"),
     ("quotations = 'none'", "quotations must be a table")],
)  # fmt: skip
def test_a_slip_among_published_figures_is_named(home: Path, line: str, problem: str) -> None:
    """A note that could never hold is refused when the file is read."""
    for table in ("published", "published_homes"):
        text = f"[area]\nname = 'Slip'\ncode = '{OURS}'\n[{table}]\n{line}\n"
        (home / "notebooks" / "areas" / "slip.toml").write_text(text)
        with pytest.raises(SettingsError, match=rf"slip.toml: \[{table}\] .*{problem}"):
            read_area("slip")
