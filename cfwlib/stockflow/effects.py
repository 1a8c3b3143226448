"""What a scenario does to the rates, day by day, and what had to be held back."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cfwlib.errors import SettingsError, refuse
from cfwlib.stockflow.ages import date_of, day_of
from cfwlib.stockflow.rates import Rates, Schedule, rates_in, unchanged
from cfwlib.stockflow.scenario import Change, Scenario

Floats = npt.NDArray[np.float64]
MONTH_DAYS = 365.25 / 12
_STEP_DAYS = 28  # a change that grows is held constant over stretches no longer than this


class Base(NamedTuple):
    """What there is without the scenario: names, people and entries a day, (bands, kinds)."""

    bands: tuple[str, ...]
    kinds: tuple[str, ...]
    there: npt.NDArray[np.int64]
    entries: Floats


def schedule_of(scenario: Scenario | None, base: Base, *, at: int, horizon: int) -> Schedule:
    """Return what a scenario does in each stretch of the days ahead.

    Parameters
    ----------
    scenario
        The scenario; None = no change.
    base
        What there is without it.
    at
        The night of the forecast, in days since 1970.
    horizon
        Days ahead.

    Raises
    ------
    SettingsError
        If the scenario names a band or kind that is not there.
    """
    plain = unchanged(horizon, len(base.bands), len(base.kinds))
    if scenario is None:
        return plain
    problems = [
        f"Scenario {scenario.name!r}, change {place}: {problem}"
        for place, change in enumerate(scenario.changes, start=1)
        for problem in change.problems(bands=base.bands, kinds=base.kinds)
    ]
    refuse(problems, SettingsError)
    ends = {horizon}
    for change in scenario.changes:
        first = _first_day(change, at) - 1
        steps = range(0, change.phase_in_days, _STEP_DAYS)
        ends |= {day for day in (*(first + step for step in steps), first + change.phase_in_days) if 0 < day < horizon}
    until = np.array(sorted(ends))
    schedule = Schedule._make([until, *(np.repeat(part, len(until), axis=0) for part in plain[1:-1]), ()])
    notes: list[str] = []
    for change in scenario.changes:
        _apply(schedule, change, _ramp(change, at, until), base, notes)
    return _held(schedule, base, notes)


def _first_day(change: Change, at: int) -> int:
    """Return the first day of a change, counted from the night of the forecast (1 = the day after)."""
    return 1 if change.from_date is None else day_of(change.from_date) - at


def _ramp(change: Change, at: int, until: npt.NDArray[np.int64]) -> Floats:
    """Return how much of a change holds in each stretch, 0 to 1: the mean over its days."""
    day = np.arange(1, until[-1] + 1)
    grown = (day - _first_day(change, at) + 1) / max(change.phase_in_days, 1)
    share = np.append(0, np.cumsum(np.clip(grown, 0, 1)))
    ends = np.append(0, until)
    return np.diff(share[ends]) / np.diff(ends)


def _apply(schedule: Schedule, change: Change, ramp: Floats, base: Base, notes: list[str]) -> None:
    bands = np.isin(base.bands, change.bands or base.bands)
    origin, to = (np.isin(base.kinds, names or base.kinds) for names in (change.origin, change.to))
    cells = np.outer(bands, to if change.what == "entries" else origin)
    if change.what == "redirect":
        place = base.kinds.index(change.to[0])
        elsewhere = cells & (np.arange(len(base.kinds)) != place)
        schedule.redirect[..., place] += ramp[:, None, None] * elsewhere * (change.share or 0.0)
        return
    if change.what == "entries":
        scale, add, weight = schedule.entry_scale, schedule.entry_add, base.entries
        reached = cells
    else:
        scale, add, weight = schedule.scale, schedule.add, base.there.astype(float)
        out = np.append(np.zeros(len(base.kinds), dtype=bool), True)
        reached = cells[..., None] & (out if change.what == "leave" else np.append(to, False))
        reached[:, np.arange(len(base.kinds)), np.arange(len(base.kinds))] = False
    shape = (-1, *[1] * reached.ndim)
    if change.factor is not None:
        scale *= np.where(reached, 1 + (change.factor - 1) * ramp.reshape(shape), 1.0)
        return
    daily = (change.add_per_month or 0.0) / MONTH_DAYS
    total = (weight * cells).sum()
    if change.what == "entries":
        each = daily * (cells * weight / total if total > 0 else cells / cells.sum())
    elif total > 0:
        each = daily / total * reached / np.maximum(reached.sum(axis=-1, keepdims=True), 1)
    else:
        notes.append(f"Nobody is there to add {change.add_per_month:g} a month to ({change.what}); nothing was added.")
        return
    add += each * ramp.reshape(shape)


def _held(schedule: Schedule, base: Base, notes: list[str]) -> Schedule:
    """Return the schedule with redirected shares of a kind held to 1 together, and the notes."""
    total = schedule.redirect.sum(axis=-1, keepdims=True)
    over = total[..., 0] > 1 + 1e-12
    notes += [
        f"More than all entries into {base.kinds[kind]} would be redirected; all are."
        for kind in np.flatnonzero(over.any(axis=(0, 1)))
    ]
    return schedule._replace(redirect=schedule.redirect / np.maximum(total, 1.0), notes=tuple(notes))


def explain_held(rates: Rates, schedule: Schedule, base: Base, *, at: int) -> tuple[str, ...]:
    """Return a sentence for each band and kind whose daily chance of moving would pass 1 and is held at 1.

    Parameters
    ----------
    rates
        Base rates, one set per draw.
    schedule
        Changes to them.
    base
        The names of bands and kinds.
    at
        The night of the forecast, in days since 1970.
    """
    sentences: dict[tuple[int, int], str] = {}
    since = 0
    for stretch, until in enumerate(schedule.until):
        held = rates_in(rates, schedule, stretch)[2].mean(axis=0)
        for band, kind in zip(*np.nonzero(held), strict=True):
            whose = f"{base.kinds[kind]}, {base.bands[band]}"
            sentence = (
                f"From {date_of(at + since + 1):%d %B %Y} the chance of moving from {whose}, "
                f"would pass 1 a day in {held[band, kind]:.0%} of draws; there it is held at 1."
            )
            sentences.setdefault((band, kind), sentence)
        since = int(until)
    return tuple(sentences.values())
