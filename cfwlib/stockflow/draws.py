"""Possible futures, person by person and to the day.

A person in a band and kind with a daily chance r of moving waits a geometric time: the first day on which r's hazard,
-log(1 - r) a day, has used up an exponential budget. Birthdays change the band (and so the rate) on the day, the rest
of the budget goes on. Nobody is looked at on a day on which nothing happens to them, so the time taken does not grow
with the number of dates asked for, and the law is exactly that of the daily chain.

Random numbers belong to a person, not to a place in a queue: each is a hash of (seed, stream, draw, person, event). So
two futures with the same seed differ only where their rates do, and neither the order of rows nor the size of a batch
changes anything.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cfwlib.stockflow.entrants import Entrants, draw_entrants
from cfwlib.stockflow.rates import Rates, Schedule, rates_in

Keys = npt.NDArray[np.uint64]
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_BATCH = 50_000  # people times draws worked on at once: large enough for speed, small enough for memory
_STOCK = 0  # stream of random numbers
_CERTAIN = 1e6  # hazard a day of a move that is sure to come the next day


def mix(keys: Keys) -> Keys:
    """Scramble 64-bit numbers in place (the finaliser of SplitMix64) and return them."""
    keys ^= keys >> np.uint64(30)  # arrays wrap around silently, as they should
    keys *= np.uint64(0xBF58476D1CE4E5B9)
    keys ^= keys >> np.uint64(27)
    keys *= np.uint64(0x94D049BB133111EB)
    keys ^= keys >> np.uint64(31)
    return keys


def person_keys(seed: int, stream: int, draw: npt.NDArray[np.int64], person: npt.NDArray[np.int64]) -> Keys:
    """Return a key for each pair of draw and person (broadcast) in a stream."""
    root = np.random.SeedSequence([seed, stream]).generate_state(1, np.uint64)
    keys = root + _GOLDEN * ((draw.astype(np.uint64) << np.uint64(32)) + person.astype(np.uint64))
    return mix(keys)


def numbers(keys: Keys, event: int | npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return two independent uniform numbers in (0, 1), each of 32 bits, for an event of each key."""
    bits = mix(keys + _GOLDEN * np.asarray(event + 1).astype(np.uint64))
    scale = 2.0**-32
    high, low = (half.astype(np.float64) for half in (bits >> np.uint64(32), bits & np.uint64(0xFFFFFFFF)))
    return (high + 0.5) * scale, (low + 0.5) * scale


class Stock(NamedTuple):
    """People there on the night of the forecast: kinds (n,), bands (n,), days to the end of each band (n, bands)."""

    kind: Ints
    band: Ints
    edges: Ints


class Futures(NamedTuple):
    """Numbers of people, each (draws, dates, bands, kinds).

    Attributes
    ----------
    counts
        There on the night of each date.
    entered, left, aged_out
        Entered into, left from, or grew out at the last edge from, since the date before (the first: since the night
        of the forecast). The band and kind are those entered, or last in.
    """

    counts: npt.NDArray[np.int32]
    entered: npt.NDArray[np.int32]
    left: npt.NDArray[np.int32]
    aged_out: npt.NDArray[np.int32]


class _People(NamedTuple):
    """People on their way: `edge` is the row of the table of band ends, `shift` their day 0 in it."""

    draw: Ints
    who: Ints
    edge: Ints
    shift: Ints
    band: Ints
    kind: Ints
    day: Ints
    budget: Floats
    events: Ints

    def some(self, which: npt.NDArray[np.bool_]) -> "_People":
        places = np.flatnonzero(which)
        return self if places.size == which.size else _People._make(values.take(places) for values in self)


def simulate(
    stock: Stock,
    rates: Rates,
    *,
    entry_ages: tuple[Ints, ...],
    days: Ints,
    phi: float,
    schedule: Schedule,
    seed: int,
    growth: Floats | None = None,
) -> Futures:
    """Draw one future per set of rates.

    Parameters
    ----------
    stock
        People there at the start.
    rates
        One set per draw.
    entry_ages
        Per band and kind, days from entry to the end of each band, (ages, bands).
    days
        Days ahead to count on, rising, from 0.
    phi
        Over-dispersion of entries, at least 1.
    schedule
        Changes to rates.
    seed
        Seed.
    growth
        Factor on all entries in each 28 days, (draws, stretches of 28 days); None = the level holds.
    """
    draws, bands, kinds = rates.out.shape
    futures = Futures(*(np.zeros((draws, len(days), bands, kinds), dtype=np.int32) for _ in range(4)))
    horizon = int(schedule.until[-1])
    size = max(1, int(_BATCH / (len(stock.kind) + rates.entries.sum() / draws * horizon + 1)))
    table = np.concatenate([stock.edges, *entry_ages])
    for first in range(0, draws, size):
        some = slice(first, first + size)
        part_rates = Rates(*(part[some] for part in rates))
        entrants = draw_entrants(
            part_rates.entries, horizon=horizon, phi=phi, schedule=schedule, seed=seed,
            growth=None if growth is None else growth[some], first=first,
        )  # fmt: skip
        batch = _Batch(part_rates, table, days, schedule, (seed, first))
        coming = _coming(entrants, _rows(entrants, entry_ages) + len(stock.kind), kinds)
        for whole, part in zip(futures, batch.run(stock, coming), strict=True):
            whole[some] = part
    there = np.bincount(stock.band * kinds + stock.kind, minlength=bands * kinds).reshape(bands, kinds)
    futures.counts[...] += there.astype(np.int32)
    return futures


def _rows(entrants: Entrants, entry_ages: tuple[Ints, ...]) -> Ints:
    """Return the row of each entrant's age among all entry ages."""
    sizes = np.array([len(pool) for pool in entry_ages])
    return (np.cumsum(sizes) - sizes)[entrants.cell] + (entrants.age * sizes[entrants.cell]).astype(np.int64)


def _coming(people: Entrants, rows: Ints, kinds: int) -> _People:
    band, events = people.cell // kinds, np.zeros(len(rows), dtype=np.int64)
    return _People(people.draw, people.who, rows, people.day, band, people.kind, people.day, people.budget, events)


class _Batch:
    """Some draws, and what happens in them; `seeds` are the seed and the number of the first draw."""

    def __init__(self, rates: Rates, table: Ints, days: Ints, schedule: Schedule, seeds: tuple[int, int]) -> None:
        self.rates, self.table, self.schedule = rates, table.ravel(), schedule
        self.draws, self.bands, self.kinds = rates.out.shape
        self.dates, self.seeds = len(days), seeds
        self.slot = np.searchsorted(days, np.arange(schedule.until[-1] + 1))
        self.seen: dict[str, list[Ints]] = {"came": [], "went": [], "entered": [], "left": [], "aged": []}

    def run(self, stock: Stock, coming: _People) -> Futures:
        """Return the counts of these draws; `counts` are changes since the start."""
        self._note("came", coming)
        self._note("entered", coming)
        last = len(self.schedule.until) - 1
        alive, since = self._standing(stock, everyone=last > 0), 0
        for stretch, until in enumerate(self.schedule.until):
            new = coming if last == 0 else coming.some((coming.day > since) & (coming.day <= until))
            alive = self._advance(_join([alive, new]), int(until), stretch, keep=stretch < last)
            since = until
        entered, left, aged, came, went = (self._tally(what) for what in ("entered", "left", "aged", "came", "went"))
        return Futures(np.cumsum(came - went, axis=1, dtype=np.int32), entered, left, aged)

    def _standing(self, stock: Stock, *, everyone: bool) -> _People:
        """Return those there at the start: everyone, or only those to whom something happens in the days ahead."""
        seed, first = self.seeds
        size, horizon = len(stock.kind), self.schedule.until[-1]
        budget = np.empty((self.draws, size))
        for draw in range(self.draws):
            np.random.default_rng([seed, _STOCK, first + draw]).standard_exponential(out=budget[draw])
        edge = stock.edges[np.arange(size), stock.band] if size else stock.kind
        used = self._hazards(0)[0].reshape(self.draws, -1).take(stock.band * self.kinds + stock.kind, axis=1)
        active = (budget <= used * np.minimum(edge, horizon)) | (edge <= horizon) | everyone
        lines, who = np.nonzero(active)
        none = np.zeros_like(who)
        return _People(lines, who, who, none, stock.band[who], stock.kind[who], none, budget[active], none)

    def _hazards(self, stretch: int) -> tuple[Floats, Floats]:
        """Return the hazard a day of each draw, band and kind (flat), and the cumulative shares of where to."""
        out, split, _ = rates_in(self.rates, self.schedule, stretch)
        with np.errstate(divide="ignore"):
            hazards = np.minimum(-np.log1p(-out).ravel(), _CERTAIN)
        return hazards, np.cumsum(split, axis=-1).reshape(-1, self.kinds + 1)[:, :-1]

    def _advance(self, people: _People, until: int, stretch: int, *, keep: bool) -> _People:
        """Take everyone to a day; return those still there if they are to go on."""
        hazards, reach = self._hazards(stretch)
        resting = []
        while people.day.size:
            cell = self._cell(people)
            edge = self.table.take(people.edge * self.bands + people.band) + people.shift
            hazard = hazards.take(cell)
            days = np.minimum(edge, until) - people.day
            ends = (people.band == self.bands - 1) & (edge <= until)  # who comes of age that day does not move
            moved = people.budget <= hazard * (days - ends)
            grown = ~moved & (edge <= until)
            left = np.maximum(people.budget - hazard * days, 1e-300)
            if keep:
                rest = ~moved & ~grown
                resting.append(people._replace(budget=left, day=np.full_like(people.day, until)).some(rest))
            go = np.flatnonzero(moved)
            people = _join(
                [
                    self._move(people.some(moved), hazard[go], days[go], reach.take(cell[go], axis=0)),
                    self._grow(people._replace(budget=left, day=edge).some(grown)),
                ]
            )
        return _join(resting) if resting else people

    def _move(self, people: _People, hazard: Floats, days: Ints, reach: Floats) -> _People:
        """Move people to another kind, or out, on the day their budget is used up."""
        wait = np.minimum(np.ceil(people.budget / hazard).astype(np.int64), days)  # min: only against rounding
        people = people._replace(day=people.day + wait)
        seed, first = self.seeds
        turn, chance = numbers(person_keys(seed, _STOCK, people.draw + first, people.who), people.events)
        to = (turn[:, None] >= reach).sum(axis=1)
        self._note("went", people)
        here = to < self.kinds
        self._note("left", people.some(~here))
        people = people._replace(kind=to, budget=-np.log(chance), events=people.events + 1).some(here)
        self._note("came", people)
        return people

    def _grow(self, people: _People) -> _People:
        """Let people grow into the next band, or past the last."""
        self._note("went", people)
        here = people.band < self.bands - 1
        self._note("aged", people.some(~here))
        people = people._replace(band=people.band + 1).some(here)
        self._note("came", people)
        return people

    def _cell(self, people: _People) -> Ints:
        return (people.draw * self.bands + people.band) * self.kinds + people.kind

    def _note(self, what: str, people: _People) -> None:
        place = (people.draw * (self.dates + 1) + self.slot[people.day]) * self.bands + people.band
        self.seen[what].append(place * self.kinds + people.kind)

    def _tally(self, what: str) -> npt.NDArray[np.int32]:
        size = self.draws * (self.dates + 1) * self.bands * self.kinds
        total = np.bincount(np.concatenate(self.seen[what]), minlength=size).astype(np.int32)
        return total.reshape(self.draws, self.dates + 1, self.bands, self.kinds)[:, :-1]


def _join(groups: list[_People]) -> _People:
    groups = [people for people in groups if people.day.size] or groups[:1]
    return (
        groups[0] if len(groups) == 1 else _People._make(np.concatenate(parts) for parts in zip(*groups, strict=True))
    )
