"""The last period's plan, brought in from its file."""

import pytest
from hub_cases import case

from cfwlib.data.named_files import read_named
from cfwlib.errors import InputError, PlanError
from cfwlib.hub import plan_hub, plan_json, price_of_stability, with_last_plan
from cfwlib.hub.stability import read_last_plan
from cfwlib.settings import VenueSettings


def test_the_last_plan_s_visits_come_from_its_file() -> None:
    """What plan.json told is what the next plan spares; with the same problem nothing changes and it costs nothing."""
    points, venues, minutes, rules = case(4)
    plan = plan_hub(points, venues, minutes, rules)
    last = read_last_plan(plan_json(plan), "plan.json")
    known = with_last_plan(venues, last)
    assert known["last_visits"].sum() == plan.visits_per_cycle
    again = plan_hub(points, known, minutes, rules.model_copy(update={"change_penalty": 1000.0}))
    assert again.changes == 0
    assert price_of_stability(again).loc["as planned", "price"] == pytest.approx(plan.value - again.value, abs=1e-6)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"plan": 3}', "no json"])
def test_what_is_no_plan_is_named(text: str) -> None:
    """A file that no run left behind is refused by its name."""
    with pytest.raises(PlanError, match=r"'notes\.txt': is not the plan\.json"):
        read_last_plan(text, "notes.txt")


def test_a_last_plan_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    """The message says where the file belongs."""
    monkeypatch.setenv("CFW_HOME", str(tmp_path))
    with pytest.raises(InputError, match=r"last_plan 'old\.json': there is no such file in data/decisions"):
        read_named(VenueSettings(last_plan="old.json"), "last_plan")
    assert read_named(VenueSettings(), "last_plan") == ""
