"""Floating catchments: how much service there is for each child, when services are shared by all in reach."""

import numpy as np
import numpy.typing as npt


def two_step(
    population: npt.NDArray[np.float64], within: npt.NDArray[np.bool_], supply: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return the supply per head at each client, by the two-step floating catchment (Luo and Wang 2003).

    Step one shares each service among all people within reach of it; step two adds up, for each client, the shares
    of the services within reach. Nothing is lost: Σ population × access = Σ supply of services with anyone in reach.

    Parameters
    ----------
    population
        People per client, shape (clients,).
    within
        Whether a service is within reach of a client, shape (clients, services).
    supply
        Amount of service, shape (services,), such as session hours a week.

    Returns
    -------
    access
        Supply units per person, shape (clients,); 0 where nothing is in reach.
    """
    demand = population @ within
    ratio = np.divide(supply, demand, out=np.zeros_like(supply, dtype=float), where=demand > 0)
    return within @ ratio
