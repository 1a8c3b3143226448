import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hub_cases import best_value, case
from hypothesis import given, settings
from hypothesis import strategies as st
from project import ROOT

from cfwlib.data import AreaData
from cfwlib.data.decisions import keep_decisions
from cfwlib.data.named_files import read_all_named, read_named
from cfwlib.errors import CfwError, InputError, PlanError, SettingsError
from cfwlib.hub import HubMinutes, HubSettings, plan_hub, study_hub
from cfwlib.hub.decision_costs import decision_costs, plan_decided
from cfwlib.hub.decisions import FORMAT, area_decisions, decided, read_decisions
from cfwlib.need import assess_need
from cfwlib.reach import reach_area
from cfwlib.settings import Settings

CODE = "E06000063"
VENUES = pd.DataFrame(
    {
        "venue": ["library-1", "school-2", "village-3", "village-4", "gp-5"],
        "name": ["Alston Library", "St Bees School", "Newton", "Newton", '<b>Dŵr "Ynys" 🏔</b>'],
    }
)


def entry(venue: str, name: str, decision: str, comment: str = "", frequency: str = "") -> dict[str, str]:
    return {"venue": venue, "name": name, "decision": decision, "comment": comment, "frequency": frequency}


def file(*decisions: object, **changed: object) -> str:
    content = {"format": FORMAT, "area": "Cumberland", "code": CODE, "run": "r1", "made": "2026-11-22"}
    return json.dumps({**content, "decisions": list(decisions), **changed}, ensure_ascii=False)


def problems(text: str) -> list[str]:
    with pytest.raises(PlanError) as caught:
        read_decisions(text, area=CODE, venues=VENUES)
    return caught.value.problems


GOOD = (
    entry("library-1", "Alston Library", "must", "the lane floods; ask first"),
    entry("school-2", "St Bees School", "keep", frequency="fortnightly"),
    entry("village-4", "Newton", "ban"),
    entry("gp-5", '<b>Dŵr "Ynys" 🏔</b>', "none", "=no parking"),
)


def test_a_file_says_who_must_who_stays_and_who_may_not() -> None:
    """Every decision and comment arrives unchanged, whatever letters it holds; a byte order mark does no harm."""
    found = read_decisions("\ufeff" + file(*GOOD), area=CODE, venues=VENUES)
    assert found.table.to_dict("records") == list(GOOD)
    assert (found.ids("must"), found.ids("keep"), found.ids("ban")) == (("library-1",), ("school-2",), ("village-4",))
    assert found.last_visits(HubSettings(cycle_weeks=4)) == {"school-2": 2}
    assert (found.run, found.made, found.notes) == ("r1", "2026-11-22", ())


def test_decisions_join_those_of_the_settings() -> None:
    """What the settings name already stays; without a file nothing changes."""
    given = Settings(venues_must="Wigton", venues_banned="Dearham")
    joined = decided(given, read_decisions(file(*GOOD), area=CODE, venues=VENUES))
    assert joined.venues_must == "Wigton;library-1"
    assert joined.venues_banned == "Dearham;village-4"
    assert joined.keep == ("school-2",)
    assert decided(given, read_decisions(file(), area=CODE, venues=VENUES)) == given


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ("{", "line 1"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "format is None"),
        (file(format="cfwlib hub decisions 2"), "'cfwlib hub decisions 2'"),
        (file(code="E06000064", area="Westmorland"), "are for Westmorland (E06000064), this run is for E06000063"),
        (file(decisions="none"), "no list called 'decisions'"),
        (file("Alston"), "decision 1: not a venue"),
        (file(entry("library-1", "Alston Library", "perhaps")), "'perhaps' is no decision. Choose one of must, keep"),
        (
            file(entry("library-1", "Alston Library", "")),
            "decision 1 (Alston Library): 'decision' is missing or blank.",
        ),
        (file(code=""), "the decisions name no 'code', this run is for E06000063"),
        (file({**entry("library-1", "Alston Library", "must"), "comment": 7}), "'comment' must be text"),
        (file(entry("library-1", "Alston Library", "keep")), "Choose must"),
        (file(entry("library-9", "Alston Libary", "must")), "Did you mean alston"),
        (file(entry("library-1", "Wigan Pier", "must")), "'library-1' is Alston Library now"),
        (file(entry("village-9", "Newton", "ban")), "2 places are called Newton. Set its venue to 'village-3' or"),
        (file(GOOD[0], entry("library-1", "Alston Library", "ban")), "contradict each other: must (decision 1), ban"),
        (file(GOOD[0], GOOD[0]), "is listed twice"),
    ],
)
def test_a_wrong_file_is_explained(text: str, said: str) -> None:
    """One sentence says what is wrong, where, and what to do."""
    found = problems(text)
    assert len(found) == 1
    assert said.casefold() in found[0].casefold()


def test_everything_wrong_is_told_at_once() -> None:
    """Four mistakes, four sentences; nothing is half-read."""
    wrong = entry("x", "Nowhere", "must"), 3, entry("gp-5", VENUES["name"][4], "maybe"), *GOOD[:1], GOOD[0]
    assert len(problems(file(*wrong))) == 4


def test_a_venue_is_followed_by_its_name_when_ids_have_changed() -> None:
    """After a new import the decision still is about the place the planner meant, and the report says so."""
    found = read_decisions(file(entry("school-2", "alston  library", "ban")), area=CODE, venues=VENUES)
    assert found.ids("ban") == ("library-1",)
    assert "was 'school-2'" in found.notes[0]


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=12, derandomize=True, deadline=None, database=None)
def test_each_price_is_what_trying_every_timetable_finds(seed: int) -> None:
    """With all decisions, with each one withdrawn, and with none: the value is the best there is."""
    points, venues, minutes, rules = case(seed, must=(), ban=("v0",))
    rules = rules.model_copy(update={"must": ("v1",)}) if len(venues) > 1 else rules
    try:
        costs = decision_costs(points, venues, minutes, rules).set_index("withdrawn")
    except PlanError:
        return  # nothing can be planned; test_hub_plan tells when

    def best(**changed: object) -> float:
        return best_value((points, venues, minutes, rules.model_copy(update=changed))) or 0.0

    expected = {"nothing": best(), "must": best(must=()), "ban": best(ban=()), "everything": best(must=(), ban=())}
    assert costs["proven"].all()
    for withdrawn, row in costs.iterrows():
        assert row["value"] == pytest.approx(expected[str(withdrawn)], rel=2e-4, abs=1e-9)
        assert row["gained"] == pytest.approx(expected[str(withdrawn)] - expected["nothing"], rel=2e-3, abs=2e-3)
        assert row["gained"] <= row["gained_at_most"]


def line(*places: float) -> tuple[pd.DataFrame, pd.DataFrame, HubMinutes]:
    """Return venues at minutes from the depot on one road, with 10, 20, 30 ... children beside them."""
    at = np.array([0.0, *places])
    far, n = np.abs(at[:, None] - at[None, :]), len(places)
    venues = pd.DataFrame({"venue": [f"v{i}" for i in range(n)], "name": [f"Place {i}" for i in range(n)]})
    venues = venues.assign(kind="hall", easting=at[1:] * 1000, northing=0.0)
    points = venues[["easting", "northing"]].assign(point=[f"p{i}" for i in range(n)], lsoa="L", no_car_share=0.0)
    points = points.assign(need_count=10.0 * np.arange(1, n + 1), served_drive=False, served_walk=False)
    return points, venues, HubMinutes(far, far, far[1:, 1:], far[1:, 1:] * 10)


def test_a_kept_venue_is_visited_no_less_often_than_before() -> None:
    """One day a week and two far places: the greater is served weekly, until the smaller is kept at weekly."""
    points, venues, minutes = line(100, 150)
    rules = HubSettings(working_weekdays="1", limit_drive_min=5, duty_min=500, range_km=1000)
    free = plan_hub(points, venues, minutes, rules)
    kept = plan_hub(points, venues.assign(last_visits=[2, 0]), minutes, rules.model_copy(update={"keep": ("v0",)}))
    assert free.visits["venue"].tolist() == ["v1", "v1"]
    assert kept.visits["venue"].tolist() == ["v0", "v0"]
    costs = decision_costs(points, venues.assign(last_visits=[2, 0]), minutes, kept.instance.settings)
    assert costs["withdrawn"].tolist() == ["nothing", "keep", "everything"]
    assert costs["gained"].tolist() == [0, 10, 10]


def test_decisions_that_cannot_be_met_come_with_the_ways_out() -> None:
    """The message says what is too much, by how much, and which withdrawal alone is enough."""
    points, venues, minutes = line(20, 100, 150, 400)
    rules = HubSettings(working_weekdays="1", limit_drive_min=5, duty_min=500, range_km=1000)
    with pytest.raises(PlanError) as caught:
        plan_decided(points, venues, minutes, rules.model_copy(update={"must": ("v3",)}))
    told = " ".join(caught.value.problems)
    assert "800 driving" in told
    assert "enough to withdraw Place 3 (must; " in told
    with pytest.raises(PlanError, match="more vehicle-days") as caught:
        plan_decided(points, venues, minutes, rules.model_copy(update={"must": ("v0", "v1", "v2"), "cycle_weeks": 2}))
    assert "at least 1 more" in caught.value.problems[0]
    assert all(f"Place {i} (must; " in caught.value.problems[-1] for i in range(3))
    with pytest.raises(PlanError, match="both must-serve and banned") as caught:
        decision_costs(points, venues, minutes, rules.model_copy(update={"must": ("v0",), "ban": ("v0",)}))
    assert len(caught.value.problems) == 1  # to withdraw one of the two is all there is to say


def test_a_file_is_named_not_pathed(home: Path, tmp_path: Path) -> None:
    """A path on the command line becomes a name in data/decisions; no message holds a folder of this machine."""
    outside = tmp_path / "Downloads"
    outside.mkdir()
    (outside / "decisions (1).json").write_text(file(*GOOD), encoding="utf-8")
    name = keep_decisions(str(outside / "decisions (1).json"))
    assert name == "decisions (1).json"
    assert read_named(Settings(decisions=name), "decisions") == file(*GOOD)
    assert keep_decisions(name) == name
    (outside / "decisions (1).json").write_text(file(), encoding="utf-8")
    other = keep_decisions(str(outside / "decisions (1).json"))
    assert other != name  # the earlier run's file stays what it was
    assert read_named(Settings(decisions=name), "decisions") == file(*GOOD)
    assert read_named(Settings(decisions=other), "decisions") == file()
    (outside / "photo.json").write_bytes(b"\xff\xfe\x00")
    for wrong in (outside / "none.json", outside / "photo.json"):
        with pytest.raises(InputError) as caught:
            keep_decisions(str(wrong))
        assert str(tmp_path) not in str(caught.value)
    with pytest.raises(InputError, match=r"there: decisions \(1\)"):
        read_named(Settings(decisions="absent.json"), "decisions")
    with pytest.raises(SettingsError):
        Settings.read(decisions="../secrets.json")
    assert read_named(Settings(), "decisions") == ""


def test_a_run_honours_the_file(modelled: AreaData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the modelled area: the banned stop goes, the demanded one comes, and the price is what the value falls by."""
    shutil.copytree(ROOT / "notebooks" / "areas", tmp_path / "notebooks" / "areas")
    folder = tmp_path / "data" / "decisions"
    folder.mkdir(parents=True)
    monkeypatch.setenv("CFW_HOME", str(tmp_path))
    plain = Settings(max_venues=40)
    reach = reach_area(modelled, assess_need(modelled.neighbourhoods, plain), plain)
    before = study_hub(modelled, reach, plain)
    venues = before.plan.venues.sort_values("need_reached", ascending=False)
    best, out = venues.iloc[0], venues[venues["status"] == "not chosen"].iloc[0]
    left_out = before.candidates[~before.candidates["kept"] & (before.candidates["need_in_reach"] > 0)].iloc[0]
    text = file(
        entry(best["venue"], best["name"], "ban"),
        entry(out["venue"], out["name"], "must"),
        entry(left_out["venue"], left_out["name"], "must", "a hall we know"),
    )
    (folder / "ours.json").write_text(text, encoding="utf-8")
    with_file = plain.model_copy(update={"decisions": "ours.json"})
    with pytest.raises(CfwError, match=r"^decisions 'ours\.json': the area was loaded without it"):
        study_hub(modelled, reach, with_file)  # what is set never counts for nothing
    region = replace(modelled, named=read_all_named(with_file))
    after = study_hub(region, reach, with_file).plan
    stops = set(after.visits["venue"])
    assert best["venue"] not in stops
    assert {out["venue"], left_out["venue"]} <= stops
    i = after.instance
    costs = decision_costs(i.points, i.venues, i.minutes, i.settings, plan=after)
    assert costs["venue"].tolist() == ["", out["venue"], left_out["venue"], best["venue"], ""]
    assert costs["value"].iloc[-1] >= before.plan.value * (1 - 1e-4)  # one candidate more
    (folder / "ours.json").write_text(text.replace(CODE, "E06000064"), encoding="utf-8")
    with pytest.raises(CfwError, match=r"^decisions 'ours\.json': the decisions are for"):
        area_decisions(replace(modelled, named=read_all_named(with_file)), with_file)
