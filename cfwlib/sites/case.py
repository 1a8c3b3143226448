"""What is asked of a choice of sites: checked, and reduced to the clients and candidates that differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from cfwlib.errors import InputError, refuse
from cfwlib.sites.search import Flags, Floats, Ints


@dataclass(frozen=True, eq=False)
class Case:
    """Clients, candidates and how many to open, as asked.

    Attributes
    ----------
    weight
        Of each client, (clients,).
    minutes
        From client to candidate, (clients, candidates); inf = no way.
    new
        Sites to open.
    fixed
        Candidates that are open already.
    """

    weight: Floats
    minutes: Floats
    new: int
    fixed: Ints

    @cached_property
    def counted(self) -> Flags:
        """Which clients count: of positive weight, and reached by some candidate."""
        return (self.weight > 0) & np.isfinite(self.minutes).any(axis=1)

    @property
    def unreachable(self) -> int:
        """How many clients of positive weight no candidate reaches."""
        return int((self.weight > 0).sum() - self.counted.sum())

    def reduce(self) -> "Reduced":
        """Leave out clients that do not count; merge clients, and candidates, that nothing tells apart."""
        counted = self.counted
        free = np.setdiff1d(np.arange(self.minutes.shape[1]), self.fixed)
        base = self.minutes[np.ix_(counted, self.fixed)].min(axis=1, initial=np.inf)
        near = np.column_stack([np.minimum(self.minutes[np.ix_(counted, free)], base[:, None]), base])
        client, group = _distinct(near)
        minutes = near[client, :-1].T
        site, _ = _distinct(minutes)
        amount = np.bincount(group, self.weight[counted], minlength=len(client)).astype(float)
        return Reduced(amount, minutes[site], near[client, -1], free[site], min(self.new, len(site)))

    def open(self, chosen: Ints) -> tuple[Ints, Ints, Floats]:
        """Fill up a choice to the number asked; return it, the site that serves each client, and the minutes to it."""
        free = np.setdiff1d(np.arange(self.minutes.shape[1]), np.append(self.fixed, chosen))
        sites = np.sort(np.append(chosen, free[: self.new - len(chosen)]))
        everything = np.append(self.fixed, sites)
        nearest = self.minutes[:, everything].argmin(axis=1)
        near = self.minutes[np.arange(len(nearest)), everything[nearest]]
        return sites, np.where(np.isfinite(near), everything[nearest], -1), near


@dataclass(frozen=True, eq=False)
class Reduced:
    """A case without what makes no difference: (sites, clients) as the search wants it.

    Attributes
    ----------
    weight
        Of each distinct client, (clients,).
    minutes
        From distinct free candidate to distinct client, (sites, clients), no more than `base`; inf = no way.
    base
        From the nearest fixed site, (clients,); inf = none.
    site
        Candidate that each row of `minutes` stands for, (sites,).
    new
        Sites to open.
    """

    weight: Floats
    minutes: Floats
    base: Floats
    site: Ints
    new: int


def _distinct(rows: Floats) -> tuple[Ints, Ints]:
    """Return the first of each distinct row, and which of them each row equals."""
    if not rows.size:
        return np.arange(min(len(rows), 1)), np.zeros(len(rows), dtype=np.int64)
    whole_rows = np.ascontiguousarray(rows).view(np.dtype((np.void, rows.shape[1] * rows.itemsize))).ravel()
    _, first, group = np.unique(whole_rows, return_index=True, return_inverse=True)
    order = np.argsort(first)  # as they came, so that ties are broken the same way whatever the bytes are
    return first[order], np.argsort(order)[group]


def read_case(
    weight: npt.ArrayLike | None, minutes: npt.ArrayLike, new: int, fixed: Sequence[int], time_limit_s: float
) -> Case:
    """Check and convert what the user gave; `weight` None counts every client once.

    Raises
    ------
    InputError
        With every problem found.
    """
    far = np.array(minutes, dtype=float)
    if far.ndim != 2 or not far.shape[1]:
        raise InputError(f"minutes: shape {far.shape}; give a table of clients by candidates (one at least).")
    problems = []
    if (far < 0).any():
        client, site = np.argwhere(far < 0)[0]
        problems.append(f"minutes: {far[client, site]:g} from client {client} to candidate {site} is negative.")
    amount = np.ones(len(far)) if weight is None else np.array(weight, dtype=float)
    if amount.shape != (len(far),):
        problems.append(f"weight: shape {amount.shape}; give one for each of the {len(far)} clients.")
    elif not (np.isfinite(amount) & (amount >= 0)).all():
        client = np.flatnonzero(~(np.isfinite(amount) & (amount >= 0)))[0]
        problems.append(f"weight: {amount[client]:g} of client {client}; give a number, zero or more.")
    problems += _problems_of_sites(new, fixed, far.shape[1])
    if not time_limit_s >= 0:
        problems.append(f"time_limit_s: {time_limit_s}; give seconds, zero or more.")
    refuse(problems)
    far[np.isnan(far)] = np.inf
    return Case(amount, far, int(new), np.unique(np.array(fixed, dtype=np.int64)))


def _problems_of_sites(new: int, fixed: Sequence[int], candidates: int) -> list[str]:
    sites = np.asarray(fixed if len(fixed) else np.zeros(0, dtype=np.int64))
    if not np.issubdtype(sites.dtype, np.integer) or sites.ndim != 1:
        return [f"fixed: {fixed!r}; give candidate numbers, 0 to {candidates - 1}."]
    problems = [
        f"fixed: {site} is not a candidate; they are numbered 0 to {candidates - 1}."
        for site in sites[(sites < 0) | (sites >= candidates)]
    ]
    left = candidates - len(np.unique(sites))
    if isinstance(new, bool) or not isinstance(new, int | np.integer) or new < 1:
        problems.append(f"new: {new!r}; give a whole number of sites to open, 1 or more.")
    elif new > left:
        problems.append(f"new: {new} sites to open, but only {left} candidates are not open yet; ask for fewer.")
    return problems
