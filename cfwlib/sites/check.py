"""Check a choice of sites with loads from what was asked alone, sharing no code with the search."""

from collections.abc import Sequence
from math import inf, isfinite

import numpy as np
import numpy.typing as npt

from cfwlib.sites.capacitated import CapacitatedChoice

_NEAR = 1e-6  # sums of the same numbers in another order


def check_capacitated(
    choice: CapacitatedChoice,
    minutes: npt.ArrayLike,
    new: int,
    *,
    least: int = 0,
    most: int,
    weight: npt.ArrayLike | None = None,
    limit_min: float = inf,
    fixed: Sequence[int] = (),
    own: npt.ArrayLike | None = None,
    everyone: bool = False,
) -> list[str]:
    """Re-derive every rule and figure of a choice, client by client.

    The bound cannot be re-derived without solving; it is checked to be on the right side of the value, and the gap and
    proof to follow from the two.

    Parameters
    ----------
    choice
        From `choose_capacitated`.
    minutes, new, least, most, weight, limit_min, fixed, own, everyone
        As they were asked; minutes from client to candidate.

    Returns
    -------
    problems
        One sentence per broken rule; empty when the choice passes.
    """
    rows = [[float(number) for number in row] for row in np.asarray(minutes)]
    amounts = [1.0] * len(rows) if weight is None else [float(number) for number in np.asarray(weight)]
    themselves = (
        {} if own is None else {int(client): site for site, client in enumerate(np.asarray(own)) if client >= 0}
    )
    problems = [f"site {site} is fixed, but not open." for site in fixed if site not in choice.sites]
    if (count := len(set(choice.sites) - set(fixed))) > new:
        problems.append(f"{count} sites are opened, more than {new}.")
    if sorted(set(choice.sites)) != list(choice.sites):
        problems.append("a site is listed twice, or out of order.")
    loads, total, weighted, served = dict.fromkeys(choice.sites, 0), 0.0, 0.0, 0.0
    for client, site in enumerate(choice.assigned):
        itself = themselves.get(client)
        if site < 0:
            if everyone and itself not in loads:
                problems.append(f"client {client} is served by no site.")
            continue
        if site not in loads:
            problems.append(f"client {client} is served by site {site}, which is not open.")
            continue
        if itself in loads:
            problems.append(f"client {client} is an open site itself, and served by another.")
        if not rows[client][site] <= limit_min or not isfinite(rows[client][site]):
            problems.append(f"client {client} is farther than {limit_min:g} minutes from site {site}.")
        loads[site] += 1
        total += rows[client][site]
        weighted += rows[client][site] * amounts[client]
        served += amounts[client]
    problems += [f"site {at} serves {load}, fewer than {least}." for at, load in loads.items() if load < least]
    problems += [f"site {at} serves {load}, more than {most}." for at, load in loads.items() if load > most]
    return problems + _figures(choice, weighted if everyone else served, weighted if everyone else total, everyone)


def _figures(choice: CapacitatedChoice, value: float, minutes: float, everyone: bool) -> list[str]:
    problems = []
    for name, said, found in (("value", choice.value, value), ("minutes", choice.minutes, minutes)):
        if abs(said - found) > _NEAR * max(1.0, abs(found)):
            problems.append(f"{name} is given as {said:g}, but is {found:g}.")
    if (choice.bound - choice.value) * (-1 if everyone else 1) < 0 or choice.minutes_bound > choice.minutes:
        problems.append("a bound is on the wrong side of its value.")
    apart = abs(choice.bound - choice.value)
    gap = apart / choice.value if choice.value else (inf if apart else 0.0)
    if abs(gap - choice.gap) > _NEAR and gap != choice.gap:
        problems.append(f"the gap is given as {choice.gap:g}, but is {gap:g}.")
    if choice.proven != (gap <= 1e-4):
        problems.append("proven does not follow from the gap.")
    over = choice.minutes - choice.minutes_bound
    if choice.shortest != (choice.proven and over <= 1e-4 * choice.minutes):
        problems.append("shortest does not follow from the bound of the minutes.")
    return problems
