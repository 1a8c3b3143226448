"""Scenarios do what they say, from the day they say, and all that is wrong with them is said at once."""

import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from flow_cases import AGES, END, START, random_stays
from numpy.testing import assert_array_equal

from cfwlib.data.named_files import read_named
from cfwlib.errors import InputError, SettingsError
from cfwlib.settings import Settings
from cfwlib.stockflow import Change, Forecast, Scenario, forecast, observe, read_scenarios

STAYS = random_stays(31, 300)
SEEN = observe(STAYS, AGES, start=START, end=END)
DATES = pd.date_range(END, periods=13, freq="28D")
APRIL = datetime.date(2025, 9, 15)

TEXT = """
[[scenario]]
name = "More near"
note = "as the plan has it"
[[scenario.change]]
what = "move"
from = ["b", "c"]
to = "a"
factor = 2
from_date = 2025-09-15
phase_in_days = 90
[[scenario.change]]
what = "entries"
to = "b"
bands = "10 to 15"
add_per_month = 1.5
from_date = "2026-01-01"
"""


def run(*changes: Change, draws: int = 200) -> Forecast:
    scenario = Scenario("test", changes) if changes else None
    return forecast(STAYS, SEEN, AGES, at=END, dates=DATES, draws=draws, seed=5, scenario=scenario)


BASE = run()


def test_a_file_is_read_as_it_stands() -> None:
    """Names, notes, lists or single names, dates as dates or text."""
    (found,) = read_scenarios(TEXT, bands=AGES.names, kinds="abc")
    move, entries = found.changes
    assert (found.name, found.note) == ("More near", "as the plan has it")
    assert move == Change("move", ("b", "c"), ("a",), factor=2, from_date=APRIL, phase_in_days=90)
    assert entries.add_per_month == 1.5
    assert entries.from_date == datetime.date(2026, 1, 1)


def test_all_that_is_wrong_is_said_at_once() -> None:
    """Unknown kinds, bands and keys, negative factors, bad dates, missing amounts: one error, a sentence each."""
    text = """
    [[scenario]]
    name = "x"
    [[scenario.change]]
    what = "leave"
    from = "z"
    bands = ["old"]
    factor = -1
    colour = "red"
    [[scenario.change]]
    what = "entries"
    from_date = "2026-02-30"
    [[scenario.change]]
    what = "vanish"
    [[scenario]]
    [[scenario.change]]
    what = "redirect"
    from = "a"
    share = 1.5
    phase_in_days = -3
    """
    with pytest.raises(SettingsError) as raised:
        read_scenarios(text, bands=AGES.names, kinds="abc")
    said = "\n".join(raised.value.problems)
    parts = ["factor must be", "'colour'", "2026-02-30", "takes one of", "'vanish'", "needs a name"]
    for part in [*parts, "share must be", "redirect needs", "phase_in_days"]:
        assert part in said, part
    with pytest.raises(SettingsError) as raised:
        run(Change("leave", ("z",), bands=("old",), factor=1))
    assert len(raised.value.problems) == 2
    with pytest.raises(SettingsError, match="not valid TOML"):
        read_scenarios("[[scenario")


def test_no_change_is_the_base() -> None:
    """Factors of 1 and nothing added give exactly the base's draws."""
    same = run(Change("entries", factor=1), Change("leave", factor=1), Change("move", add_per_month=0))
    assert_array_equal(same.counts, BASE.counts)


def test_nothing_differs_before_its_day() -> None:
    """Until the day before a change every draw is the base's own, whatever the change."""
    changes = [
        Change("entries", factor=3, from_date=APRIL), Change("entries", factor=0, from_date=APRIL),
        Change("leave", factor=2, from_date=APRIL), Change("move", ("a",), ("b",), factor=5, from_date=APRIL),
        Change("redirect", ("a",), ("b",), share=0.5, from_date=APRIL, phase_in_days=50),
    ]  # fmt: skip
    before = pd.Timestamp(APRIL) > DATES
    for change in changes:
        other = run(change, draws=60)
        assert_array_equal(other.counts[:, before], BASE.counts[:60, before])
        assert not np.array_equal(other.counts, BASE.counts[:60])


def test_factors_on_entries_scale_entries() -> None:
    """Halved, doubled or stopped from a day on, entries after it are; stopped means none in any draw."""
    after = np.flatnonzero(pd.Timestamp(APRIL) <= DATES)[1:]
    base = BASE.select(of="entered")[:, after].sum(axis=1).mean()
    for factor, width in ((0.5, 0.06), (2.0, 0.08), (0.0, 0.0)):
        entered = run(Change("entries", factor=factor, from_date=APRIL)).select(of="entered")[:, after].sum(axis=1)
        assert entered.mean() / base == pytest.approx(factor, abs=width)
    fewer = run(Change("entries", factor=0.5)).select(of="entered")
    assert (fewer <= BASE.select(of="entered")).all()


def test_added_entries_come_where_they_are_added() -> None:
    """Three more a month into b, ten to fifteen: so many more there, none elsewhere, half as many while phased in."""
    change = Change("entries", to=("b",), bands=("10 to 15",), add_per_month=3)
    made = run(change)
    extra = (made.entered - BASE.entered).sum(axis=1)
    band, kind = AGES.names.index("10 to 15"), made.kinds.index("b")
    assert extra[:, band, kind].mean() == pytest.approx(3 * 336 / (365.25 / 12), rel=0.05)
    extra[:, band, kind] = 0
    assert not extra.any()
    slow = run(Change("entries", to=("b",), add_per_month=3, phase_in_days=336))
    assert (slow.entered - BASE.entered).sum(axis=(1, 2, 3)).mean() == pytest.approx(1.5 * 336 / (365.25 / 12), rel=0.1)


def test_redirected_entries_change_kind_only() -> None:
    """A third of those who would have entered a enter b: the same people on the same days."""
    made = run(Change("redirect", ("a",), ("b",), share=1 / 3))
    assert_array_equal(made.select(of="entered"), BASE.select(of="entered"))
    assert_array_equal(made.select(kinds=["c"], of="entered"), BASE.select(kinds=["c"], of="entered"))
    ratio = made.select(kinds=["a"], of="entered").sum() / BASE.select(kinds=["a"], of="entered").sum()
    assert ratio == pytest.approx(2 / 3, abs=0.01)


def test_leaving_and_moving_follow_their_factors() -> None:
    """Nobody leaves b once leaving is stopped; twice the moves from b to a leave fewer in b and more in a."""
    assert run(Change("leave", ("b",), factor=0)).select(kinds=["b"], of="left").sum() == 0
    made = run(Change("move", ("b",), ("a",), factor=2))
    gain, loss = (made.select(kinds=[kind])[:, -1].mean() - BASE.select(kinds=[kind])[:, -1].mean() for kind in "ab")
    assert gain > 0 > loss


def test_pairing_makes_differences_sharp() -> None:
    """With the same seed the difference a scenario makes scatters far less than two forecasts apart would."""
    made = run(Change("leave", factor=1.1))
    difference = made.select()[:, -1] - BASE.select()[:, -1]
    assert difference.std() < 0.5 * BASE.select()[:, -1].std()
    assert (difference <= 0).mean() > 0.95


def test_rates_past_one_are_held_and_said() -> None:
    """A factor that would send everyone out twice over a day is held at one a day, and a sentence says where."""
    made = run(Change("leave", ("a",), factor=10_000, from_date=APRIL))
    assert any("would pass 1 a day" in note and "15 September 2025" in note for note in made.notes)
    assert made.select(kinds=["a"])[:, -1].mean() < 1
    both = run(Change("redirect", ("a",), ("b",), share=0.8), Change("redirect", ("a",), ("c",), share=0.8))
    assert any("redirected" in note for note in both.notes)
    assert both.select(kinds=["a"], of="entered").sum() == 0


@pytest.mark.parametrize("text", ["", "\n", " \t\n\n"])
def test_an_empty_file_of_scenarios_is_refused(home: Path, text: str) -> None:
    """Who names a file means it to say something: an empty one is not the same as naming none."""
    (home / "data" / "scenarios").mkdir()
    (home / "data" / "scenarios" / "own.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"scenarios 'own\.toml': the file is empty"):
        read_named(Settings(scenarios="own.toml"), "scenarios")
    assert read_named(Settings(), "scenarios") == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# none yet\n", "there is none"),
        ("scenario = []", "there is none"),
        ('[[scenario]]\nname = "a"', "changes nothing"),
    ],
)
def test_a_file_that_changes_nothing_is_refused(text: str, words: str) -> None:
    """Comments alone, an empty list and a scenario without a change are not what somebody meant to say."""
    with pytest.raises(SettingsError, match=words):
        read_scenarios(text)
