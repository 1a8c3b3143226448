"""Floating catchments: how much service there is for each child, when services are shared by all in reach.

Weights say how much a service counts for a client: 1 or 0 (`within`), or less the longer the journey (`gaussian`).
`two_step` on the first are 2SFCA (Luo and Wang 2003), on the second E2SFCA (Luo and Qi 2009) in the continuous form of
Dai (2010); `balanced` is BFCA (Páez, Higgins and Vivona 2019).
"""

import numpy as np
import numpy.typing as npt

from cfwlib.errors import InputError

Floats = npt.NDArray[np.float64]


def within(minutes: npt.ArrayLike, limit_min: float) -> Floats:
    """Return weight 1 within a travel time and 0 beyond it.

    Parameters
    ----------
    minutes
        Minutes from clients to services, shape (clients, services); NaN = unreachable, weight 0.
    limit_min
        Longest journey in minutes; the limit itself counts.

    Returns
    -------
    weights
        Same shape.
    """
    return (np.asarray(minutes, dtype=float) <= limit_min).astype(float)


def gaussian(minutes: npt.ArrayLike, limit_min: float) -> Floats:
    """Return weights that fall from 1 at the door to 0 at the limit: (exp(−½ (t/limit)²) − exp(−½)) / (1 − exp(−½)).

    The continuous Gaussian of Dai (2010), without the jumps of the three time zones (1, 0.68, 0.22) of Luo and Qi
    (2009); at half the limit it is 0.70. Anyone who prefers zones can give `two_step` a matrix of theirs.

    Parameters
    ----------
    minutes
        Minutes from clients to services, shape (clients, services); NaN = unreachable, weight 0.
    limit_min
        Length of journey in minutes, more than 0, at which a service no longer counts.

    Returns
    -------
    weights
        Same shape.
    """
    times = np.asarray(minutes, dtype=float)
    edge = np.exp(-0.5)
    return np.where(times <= limit_min, (np.exp(-0.5 * (times / limit_min) ** 2) - edge) / (1 - edge), 0.0)


def two_step(population: npt.ArrayLike, weights: npt.ArrayLike, supply: npt.ArrayLike) -> Floats:
    """Return the supply per head at each client, by the two-step floating catchment.

    Step one shares each service among all people it counts for, in proportion to its weight; step two adds up each
    client's shares. Nothing is lost: Σ population × access = Σ supply of services that count for anyone.

    Parameters
    ----------
    population
        People per client, shape (clients,).
    weights
        How much each service counts for each client, shape (clients, services): from `within`, `gaussian`, or true
        and false.
    supply
        Amount of service, shape (services,), such as session hours a week.

    Returns
    -------
    access
        Supply units per person, shape (clients,); 0 where nothing is in reach.

    Raises
    ------
    InputError
        If the shapes do not fit together, or a number is negative or missing.
    """
    people, weight, amount = _checked(population, weights, supply)
    return weight @ _ratio(amount, people @ weight)


def balanced(population: npt.ArrayLike, weights: npt.ArrayLike, supply: npt.ArrayLike) -> Floats:
    """Return the level of service allotted to each client, by the balanced floating catchment (Páez et al. 2019).

    Each client's people are divided among services, and each service's level (supply per person allotted to it) among
    clients, in proportion to the weights: nobody is counted twice, Σ people allotted = Σ population with anything in
    reach, and Σ access = Σ levels of service. The definition does not keep Σ population × access = Σ supply, as
    `two_step` does, and a client cut in two has half the access in each: compare places of one set of clients with it,
    but state hours per child by `two_step`.

    Parameters
    ----------
    population
        People per client, shape (clients,).
    weights
        How much each service counts for each client, shape (clients, services).
    supply
        Amount of service, shape (services,), such as session hours a week.

    Returns
    -------
    access
        Share of the levels of service (supply units per person), shape (clients,); 0 where nothing is in reach.

    Raises
    ------
    InputError
        If the shapes do not fit together, or a number is negative or missing.
    """
    people, weight, amount = _checked(population, weights, supply)
    of_client = _ratio(weight, weight.sum(axis=1, keepdims=True))
    of_service = _ratio(weight, weight.sum(axis=0, keepdims=True))
    return of_service @ _ratio(amount, people @ of_client)


def _ratio(amount: Floats, base: Floats) -> Floats:
    """Return amount / base, and 0 where the base is 0."""
    base = np.broadcast_to(base, amount.shape)
    return np.divide(amount, base, out=np.zeros_like(amount), where=base > 0)


def _checked(population: npt.ArrayLike, weights: npt.ArrayLike, supply: npt.ArrayLike) -> tuple[Floats, Floats, Floats]:
    people, weight, amount = (np.asarray(values, dtype=float) for values in (population, weights, supply))
    problems = [
        f"{name}: a number is negative, missing or infinite. Leave such rows out, or set them to 0."
        for name, values in (("population", people), ("weights", weight), ("supply", amount))
        if not ((values >= 0) & np.isfinite(values)).all()
    ]
    if weight.shape != (*people.shape, *amount.shape) or weight.ndim != 2:
        problems.append(
            f"weights: the shape is {weight.shape}, but there are {people.size} clients and {amount.size} services."
        )
    if problems:
        raise InputError(problems)
    return people, weight, amount
