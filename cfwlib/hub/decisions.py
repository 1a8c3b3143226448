"""Planners' decisions on venues: the file that a report's page makes, checked as a whole and turned into settings."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cfwlib.data import AreaData
from cfwlib.data.named_files import named_text
from cfwlib.errors import PlanError
from cfwlib.reading import parse_json
from cfwlib.settings import HubSettings, Settings

FORMAT = "cfwlib hub decisions 1"
MEANINGS = {  # what a planner can decide, and what it means
    "must": "the plan has to stop there",
    "keep": "the plan has to stop there at least as often as the plan reviewed",
    "ban": "the plan may not stop there",
    "none": "a comment, and no decision",
}
FREQUENCIES = ("weekly", "fortnightly", "four-weekly")
COLUMNS = ["venue", "name", "decision", "comment", "frequency"]


@dataclass(frozen=True, eq=False)
class Decisions:
    """What planners decided.

    Attributes
    ----------
    table
        One row per venue in the order of the file: `venue` (id), `name`, `decision` (a key of `MEANINGS`), `comment`,
        `frequency` (in the plan reviewed; empty = not visited).
    run, made
        The run reviewed, and the day, as the file tells them.
    notes
        What the reader of a report has to know about how they were read.
    """

    table: pd.DataFrame
    run: str = ""
    made: str = ""
    notes: tuple[str, ...] = ()

    def ids(self, decision: str) -> tuple[str, ...]:
        """Return the ids of the venues with a decision, one of the keys of `MEANINGS`."""
        return tuple(self.table.loc[self.table["decision"] == decision, "venue"])

    def last_visits(self, settings: HubSettings) -> dict[str, int]:
        """Return, for each kept venue, the visits in a cycle that the plan reviewed gave it; at least one."""
        visits = {frequency.name: frequency.visits for frequency in settings.frequencies}
        kept = self.table[self.table["decision"] == "keep"]
        return {venue: visits.get(said, 1) for venue, said in zip(kept["venue"], kept["frequency"], strict=True)}


def read_decisions(text: str, *, area: str, venues: pd.DataFrame) -> Decisions:
    """Read a decisions file.

    A venue is known by its id and name together. Ids may change when data are imported anew: a venue whose id and name
    no longer belong together is looked up by its name, if only one has it, and a note says so.

    Parameters
    ----------
    text
        Content of the file.
    area
        Code of the authority that the run is for.
    venues
        Every place that can be decided on: `venue` (id) and `name`.

    Returns
    -------
    decisions
        One decision per venue.

    Raises
    ------
    PlanError
        Listing everything that is wrong: not such a file, another area, unknown venues, contradictions.
    """
    content = _content(text)
    found = str(content.get("code"))
    problems = []
    if found != area:
        whose = f"are for {content.get('area', 'another area')} ({found})" if content.get("code") else "name no 'code'"
        problems.append(f"the decisions {whose}, this run is for {area}. Give the file of this area.")
    rows: list[dict[str, str]] = []
    notes: list[str] = []
    entries = content.get("decisions")
    if not isinstance(entries, list):
        problems.append("there is no list called 'decisions'. Give the file as the report's page saved it.")
        entries = []
    for number, entry in enumerate(entries, start=1):
        row, wrong = _entry(entry, f"decision {number}")
        if not wrong and found == area:  # with another area's file every venue would be unknown
            row["venue"], wrong, moved = _venue(row, venues, f"decision {number}")
            notes += moved
        rows.append(row)
        problems += wrong
    problems += _repeated(rows)
    if problems:
        raise PlanError(problems)
    table = pd.DataFrame(rows, columns=COLUMNS, dtype="str")
    return Decisions(table, str(content.get("run", "")), str(content.get("made", "")), tuple(notes))


def area_decisions(region: AreaData, settings: Settings) -> Decisions:
    """Return the decisions that a run is to honour, none where its settings name no file.

    Parameters
    ----------
    region
        The area, loaded with the same settings; every place inside it, and each venue of your own, can be decided on.
    settings
        `decisions` names a file in data/decisions.

    Raises
    ------
    InputError, PlanError
        When the area was loaded without the file, or it is wrong; every sentence names it.
    """
    if not settings.decisions:
        return Decisions(pd.DataFrame(columns=COLUMNS, dtype="str"))
    within = region.services["in_area"] | (region.services["kind"] == "own")  # own venues may be across the border
    places = region.services[within].rename(columns={"service": "venue"})
    try:
        return read_decisions(named_text(region.named, settings, "decisions"), area=region.code, venues=places)
    except PlanError as error:
        raise PlanError([f"decisions '{settings.decisions}': {problem}" for problem in error.problems]) from None


def decided(settings: Settings, decisions: Decisions) -> Settings:
    """Return the settings with the planners' decisions among the venues to serve, to keep and to ban."""
    must = ";".join([settings.venues_must, *settings.must, *decisions.ids("must")])
    banned = ";".join([settings.venues_banned, *settings.ban, *decisions.ids("ban")])
    keep = tuple(dict.fromkeys([*settings.keep, *decisions.ids("keep")]))
    return settings.model_copy(update={"venues_must": must, "venues_banned": banned, "keep": keep})


def _content(text: str) -> dict[str, Any]:
    content = parse_json(text, "the file", "Give the file as the report's page saved it.", raises=PlanError)
    told = content.get("format") if isinstance(content, dict) else None
    if told != FORMAT:
        raise PlanError(f"the format is {told!r}, not '{FORMAT}'. Give the file that the report's page saved.")
    return content


def _entry(entry: Any, where: str) -> tuple[dict[str, str], list[str]]:
    """Return one decision as text, and what is wrong with its form."""
    if not isinstance(entry, dict):
        return dict.fromkeys(COLUMNS, ""), [f"{where}: not a venue with its decision. Leave it out."]
    wrong = [f"{where}: '{key}' must be text." for key in COLUMNS if not isinstance(entry.get(key, ""), str)]
    row = {key: str(entry.get(key, "")) for key in COLUMNS}
    where += f" ({row['name'] or row['venue'] or 'no venue named'})"
    if row["decision"] not in MEANINGS:
        told = f"'{row['decision']}' is no decision" if row["decision"] else "'decision' is missing or blank"
        wrong.append(f"{where}: {told}. Choose one of {', '.join(MEANINGS)}.")
    if row["decision"] == "keep" and row["frequency"] not in FREQUENCIES:
        told = f"keep needs how often the plan reviewed stops there ({', '.join(FREQUENCIES)})"
        wrong.append(f"{where}: {told}; the file says '{row['frequency']}'. Choose must.")
    return row, wrong


def _venue(row: dict[str, str], venues: pd.DataFrame, where: str) -> tuple[str, list[str], list[str]]:
    """Return a venue's id in this run, what is wrong, and what is to be noted."""
    names = venues["name"].map(_plain)
    named = venues[names == _plain(row["name"])]
    if row["venue"] in set(named["venue"]):
        return row["venue"], [], []
    if len(named) == 1:
        now = str(named["venue"].iloc[0])
        return now, [], [f"{row['name']} was '{row['venue']}' when it was decided on; it is '{now}' in this run."]
    if len(named):
        listed = " or ".join(f"'{venue}'" for venue in named["venue"])
        return "", [f"{where}: {len(named)} places are called {row['name']}. Set its venue to {listed}."], []
    by_id = venues.loc[venues["venue"] == row["venue"], "name"]
    close = difflib.get_close_matches(_plain(row["name"]), names.unique(), n=3)
    known = venues[names.isin(close)]
    hints = [f"{name} ('{venue}')" for name, venue in zip(known["name"], known["venue"], strict=True)]
    meant = f"Did you mean {' or '.join(hints)}?" if hints else "Leave it out, or decide again on this run's page."
    now = f" ('{row['venue']}' is {by_id.iloc[0]} now)" if len(by_id) else f" ('{row['venue']}')"
    return "", [f"{where}: {row['name'] or 'a venue without a name'}{now} is no place of this area. {meant}"], []


def _repeated(rows: list[dict[str, str]]) -> Iterator[str]:
    """Yield a sentence for each venue that is decided on more than once."""
    seen: dict[str, list[int]] = {}
    for at, row in enumerate(rows):
        if row["venue"]:
            seen.setdefault(row["venue"], []).append(at)
    for places in seen.values():
        if len(places) > 1:
            said = [f"{rows[at]['decision']} (decision {at + 1})" for at in places]
            same = len({rows[at]["decision"] for at in places}) == 1
            how = "is listed twice" if same else "has decisions that contradict each other"
            yield f"{rows[places[0]]['name']} {how}: {', '.join(said)}. Leave one."


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
