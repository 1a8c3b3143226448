"""What if: named, dated changes to the rates, read from TOML and checked all at once."""

import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from cfwlib.errors import SettingsError, refuse
from cfwlib.reading import parse_toml

_NEEDS = {  # what -> keys that say where, keys that say how much (one of them)
    "entries": (("to",), ("factor", "add_per_month")),
    "leave": (("from",), ("factor", "add_per_month")),
    "move": (("from", "to"), ("factor", "add_per_month")),
    "redirect": (("from", "to"), ("share",)),
}
_AMOUNTS = ("factor", "add_per_month", "share")


@dataclass(frozen=True)
class Change:
    """One dated change to rates.

    Attributes
    ----------
    what
        "entries": entries into the kinds `to`; "leave": leaving altogether from the kinds `origin`; "move": moves from
        `origin` to `to`; "redirect": entries that would have been into `origin` go to `to` instead.
    origin, to
        Kinds; empty = all (a redirect names both).
    bands
        Age bands; empty = all.
    factor
        What the rate is multiplied by, 0 or more.
    add_per_month
        Entries, or moves at the numbers there at the start, more each month (30.4 days), 0 or more; spread over the
        kinds and bands named as their entries or people are.
    share
        Share of entries redirected, 0 to 1.
    from_date
        First day of the change; None = from the start of the forecast.
    phase_in_days
        Days over which the change grows in even steps from nothing to its full size; 0 = all at once.
    """

    what: str
    origin: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    bands: tuple[str, ...] = ()
    factor: float | None = None
    add_per_month: float | None = None
    share: float | None = None
    from_date: datetime.date | None = None
    phase_in_days: int = 0

    def __post_init__(self) -> None:
        refuse([f"Change: {problem}" for problem in self.problems()], SettingsError)

    def problems(self, *, bands: Sequence[str] | None = None, kinds: Sequence[str] | None = None) -> list[str]:
        """Return what is wrong with this change; with names given, also those it uses that are not among them."""
        if self.what not in _NEEDS:
            return [f"what is {', '.join(_NEEDS)}, not {self.what!r}."]
        found = []
        amounts = [name for name in _AMOUNTS if getattr(self, name) is not None]
        allowed = _NEEDS[self.what][1]
        if len(amounts) != 1 or amounts[0] not in allowed:
            found.append(f"{self.what} takes one of {', '.join(allowed)}; got {', '.join(amounts) or 'none'}.")
        for name in amounts:
            value = getattr(self, name)
            if not _is_number(value) or not 0 <= value < math.inf or (name == "share" and value > 1):
                limit = "from 0 to 1" if name == "share" else "0 or more"
                found.append(f"{name} must be a number {limit}, not {value!r}.")
        if self.what == "redirect" and (not self.origin or len(self.to) != 1):
            found.append("redirect needs from, and one kind in to.")
        if self.what in ("entries", "leave"):
            given = self.origin if self.what == "entries" else self.to
            if given:
                found.append(f"{self.what} takes {_NEEDS[self.what][0][0]}, not both from and to.")
        if self.from_date is not None and not isinstance(self.from_date, datetime.date):
            found.append(f"from_date must be a date such as 2026-04-01, not {self.from_date!r}.")
        if not isinstance(self.phase_in_days, int) or isinstance(self.phase_in_days, bool) or self.phase_in_days < 0:
            found.append(f"phase_in_days must be whole days, 0 or more, not {self.phase_in_days!r}.")
        for what, used, known in (("kind", self.origin + self.to, kinds), ("band", self.bands, bands)):
            unknown = [] if known is None else [name for name in used if name not in known]
            found += [f"no {what} {name!r}; there are {', '.join(known or ())}." for name in unknown]
        return found


@dataclass(frozen=True)
class Scenario:
    """Named changes to rates; several to one rate multiply, and what is added adds up.

    Attributes
    ----------
    name
        What it is called.
    changes
        The changes.
    note
        Why, and on what evidence.
    """

    name: str
    changes: tuple[Change, ...] = ()
    note: str = ""


def read_scenarios(
    text: str, *, bands: Sequence[str] | None = None, kinds: Sequence[str] | None = None
) -> list[Scenario]:
    """Read scenarios from TOML: `[[scenario]]` with name and note, each with `[[scenario.change]]`.

    Parameters
    ----------
    text
        TOML. A change's keys: what, from, to, bands (a name or a list), factor or add_per_month or share, from_date,
        phase_in_days; see `Change`.
    bands, kinds
        Names that may be used; None = not checked here (a forecast checks them again).

    Raises
    ------
    SettingsError
        With every problem of every scenario, or the first that makes the text no TOML.
    """
    data = parse_toml(text, "Scenarios", raises=SettingsError)
    given = data.pop("scenario", [])
    problems = [f"Scenarios: unknown key {name!r}; each scenario begins with [[scenario]]." for name in data]
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise SettingsError([*problems, "Scenarios: each scenario begins with [[scenario]]."])
    if text.strip() and not given and not problems:
        problems.append("Scenarios: there is none. Begin each with [[scenario]], or give no file.")
    found = [_scenario(item, number, problems, bands, kinds) for number, item in enumerate(given, start=1)]
    names = [scenario.name for scenario in found]
    problems += [f"Scenarios: two are called {name!r}." for name in sorted({n for n in names if names.count(n) > 1})]
    refuse(problems, SettingsError)
    return found


def _scenario(
    item: Mapping[str, Any], number: int, problems: list[str],
    bands: Sequence[str] | None, kinds: Sequence[str] | None,
) -> Scenario:  # fmt: skip
    name = item.get("name", "")
    where = f"Scenario {name!r}" if isinstance(name, str) and name else f"Scenario {number}"
    if not isinstance(name, str) or not name.strip():
        problems.append(f"{where}: it needs a name.")
    problems += [
        f"{where}: unknown key {key!r}; keys are name, note, change." for key in item if key not in _SCENARIO_KEYS
    ]
    given = item.get("change", [])
    if not isinstance(given, list) or not all(isinstance(change, dict) for change in given):
        problems.append(f"{where}: each change begins with [[scenario.change]].")
        given = []
    elif not given:
        problems.append(f"{where}: it changes nothing. Give it a [[scenario.change]].")
    changes = []
    for place, change in enumerate(given, start=1):
        made, wrong = _change(change)
        wrong += [] if made is None else made.problems(bands=bands, kinds=kinds)
        problems += [f"{where}, change {place}: {sentence}" for sentence in wrong]
        changes += [] if made is None else [made]
    return Scenario(str(name), tuple(changes), str(item.get("note", "")))


_SCENARIO_KEYS = ("name", "note", "change")
_CHANGE_KEYS = tuple("from" if field.name == "origin" else field.name for field in fields(Change))


def _change(item: Mapping[str, Any]) -> tuple[Change | None, list[str]]:
    """Return the change, or None and what is wrong with it."""
    problems = [f"unknown key {key!r}; keys are {', '.join(_CHANGE_KEYS)}." for key in item if key not in _CHANGE_KEYS]
    known = {key: value for key, value in item.items() if key in _CHANGE_KEYS}
    for key in ("from", "to", "bands"):
        value = known.pop(key, [])
        names = [value] if isinstance(value, str) else value
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            problems.append(f"{key} is a name or a list of names, not {value!r}.")
            names = []
        known["origin" if key == "from" else key] = tuple(names)
    date = known.get("from_date")
    if isinstance(date, str):
        try:
            known["from_date"] = datetime.date.fromisoformat(date)
        except ValueError:
            problems.append(f"from_date must be a date such as 2026-04-01, not {date!r}.")
            known["from_date"] = None
    try:
        return Change(**{"what": "", **known}), problems
    except SettingsError as error:
        return None, problems + [problem.removeprefix("Change: ") for problem in error.problems]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value)
