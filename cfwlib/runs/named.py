"""The files and places that a run's parameters name, looked up before it begins: half a minute into it is late."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from cfwlib.data.named_files import TEXTS, read_named
from cfwlib.errors import CfwError, fault_words
from cfwlib.runs.jobs import Job
from cfwlib.settings import Settings
from cfwlib.settings.help import DATED


def named_problems(jobs: Sequence[Job]) -> list[str]:
    """Return what is wrong with the files and places that the parameters of some notebooks name, each by its name.

    Parameters
    ----------
    jobs
        From `plan_jobs`.
    """
    problems = []
    done = set[tuple[str, str]]()
    for job in jobs:
        settings = Settings.read(**{**job.parameters, "out": ""})
        for name, work in _readings(settings, job.folder):
            given = getattr(settings, name)
            value = ", ".join(given) if isinstance(given, tuple) else str(given)
            used = (name, settings.model_dump_json(include=_USES[name]))
            if name not in job.parameters or not (value or name == "returns") or used in done:
                continue
            done.add(used)
            problems += [
                text if not value or _names(text, name, value) else f"{name} '{value}': {text}" for text in _told(work)
            ]
    return list(dict.fromkeys(problems))


_AREA = {"area", "data", "lsoa_vintage", "bus_timetable", "bus_date"}
_CALENDAR = {"cycle_start", "weeks_notice", "run_date", "weeks_ahead", "bank_holidays", "closures", "term_time_only"}
_PLACES = ("depot", "venue_kinds", "venues_must", "venues_banned", "must", "keep", "ban")
_USES = {  # parameter that names a file -> what the reading of it depends on
    "bus_timetable": _AREA,
    "decisions": {"area", "data", "lsoa_vintage", "decisions"},
    "last_plan": {"last_plan"},
    "baseline": {"area", "data", "lsoa_vintage", "baseline"},
    "bank_holidays": _CALENDAR,
    "closures": _CALENDAR,
    "term_time_only": _CALENDAR,
    "cycle_start": _CALENDAR,
    "returns": {"returns", "returns_dates", "returns_end"},
    "carers": {"area", "data", "lsoa_vintage", "carers"},
    "scenarios": {"scenarios"},
    **{name: {"area", "data", "lsoa_vintage", *_PLACES} for name in _PLACES},
}


def with_first_week(job: Job) -> Job:
    """Return a job with the Monday its timetable starts on, so that the run's record tells it, and later is as now."""
    from cfwlib.data.days_off import with_start

    if job.parameters.get("cycle_start") != "":
        return job
    start = {"cycle_start": with_start(Settings.read(**{**job.parameters, "out": ""})).cycle_start}
    origins = {**job.origins, "cycle_start": DATED}
    return replace(job, parameters={**job.parameters, **start}, origins=origins, more={**job.more, DATED: start})


def _readings(settings: Settings, outputs: Path) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Each parameter that names a file or place, with what reads it; imports are left until they are needed."""

    @cache
    def region(*, buses: bool = False) -> Any:
        from cfwlib.data import load_area

        without = [*TEXTS] if buses else [*TEXTS, "bus_timetable"]  # each is a reading of its own
        return load_area(settings.model_copy(update=dict.fromkeys(without, "")))

    def decisions() -> None:
        from cfwlib.hub import area_decisions

        named = {("decisions", settings.decisions): read_named(settings, "decisions")}
        area_decisions(replace(region(), named=named), settings)

    def last_plan() -> None:
        from cfwlib.hub.stability import read_last_plan

        read_last_plan(read_named(settings, "last_plan"), settings.last_plan)

    def baseline() -> None:
        from cfwlib.data.driven import read_driven, with_driven_stops

        visits = read_driven(read_named(settings, "baseline"), settings.baseline)
        with_driven_stops(region().services, visits, settings.baseline)

    def calendar() -> None:
        from cfwlib.data.days_off import days_off, with_start

        days_off(with_start(settings))

    def returns() -> None:
        from cfwlib.data.returns import find_returns
        from cfwlib.pages.homes.earlier_runs import check_returns

        if found := find_returns(settings):  # without a name the sample has its own
            check_returns(found, settings, outputs)

    def carers() -> None:
        from cfwlib.data.carers import find_carers

        find_carers(settings, region())

    def scenarios() -> None:
        from cfwlib.stockflow import read_scenarios
        from cfwlib.sufficiency.homes.groups import AGES
        from cfwlib.sufficiency.homes.study import KINDS

        read_scenarios(read_named(settings, "scenarios"), bands=AGES.names, kinds=KINDS)

    def places() -> None:
        from cfwlib.hub import check_places_named

        check_places_named(region(), settings)

    yield "bus_timetable", partial(region, buses=True)
    yield "decisions", decisions
    yield "last_plan", last_plan
    yield "baseline", baseline
    first = [name for name in ("closures", "bank_holidays", "term_time_only", "cycle_start") if getattr(settings, name)]
    yield from [(name, calendar) for name in first[:1]]  # all of it is read at once
    yield "returns", returns
    yield "carers", carers
    yield "scenarios", scenarios
    named = [name for name in _PLACES if getattr(settings, name) != Settings.model_fields[name].default]
    yield from [(name, places) for name in named[:1]]


def _names(text: str, name: str, value: str) -> bool:
    return text.startswith(name) or re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text) is not None


def _told(work: Callable[[], Any]) -> list[str]:
    try:
        work()
    except CfwError as error:
        return error.problems
    except (OSError, UnicodeError, RecursionError, MemoryError) as error:
        return [fault_words(error)]
    return []
