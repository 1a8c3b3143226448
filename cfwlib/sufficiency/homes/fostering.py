"""Foster places against the children who need one: who would foster them, and how many households to recruit."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cfwlib.data.carers import Carers
from cfwlib.settings import Settings
from cfwlib.sufficiency.homes.foster_places import (
    CarerScenario,
    RecruitsNeeded,
    foster_balance,
    foster_places,
    recruits_needed,
)
from cfwlib.sufficiency.homes.study import HomesStudy, draws_of

RELATIVES = ("U1", "U2", "U3")  # placement codes of carers approved for a child they know
RELATED, OWN, OTHERS = "with relatives or friends", "with the service's own carers", "with others' carers"
_WITHHELD = "How many new households would be enough is not shown: past forecasts of foster care were wrong too often."


@dataclass(frozen=True)
class Fostering:
    """What recruiting and keeping carers does to foster places.

    Attributes
    ----------
    scenario
        The service as its list of households and the settings describe it.
    balance
        Children by date with own carers, with others' (agencies and other authorities), without a place, from
        `foster_balance`. Unprotected.
    needed
        Households to recruit a year for a place for every child on the last date, others' places as they are; withheld
        where past forecasts of foster care were wrong too often.
    """

    scenario: CarerScenario
    balance: pd.DataFrame
    needed: RecruitsNeeded


def fostered_by(now: pd.DataFrame) -> pd.Series:
    """Return who fosters each of the children in foster care: `RELATED`, `OWN` or `OTHERS`, the provider not known too.

    Parameters
    ----------
    now
        Spells of children in care on a night, from `stock`.
    """
    fostered = now[now["placement"] == "fostering"]
    own = fostered["provider"].map({"own": OWN}).fillna(OTHERS)
    return own.mask(fostered["place"].isin(RELATIVES), RELATED)


def study_fostering(study: HomesStudy, carers: Carers, settings: Settings) -> Fostering:
    """Hold the carers' places against the children who need one, by quarter.

    Children with relatives or friends need no place of the service: of the children forecast in foster care the share
    who lives with others today is taken. Places of agencies and of other authorities are held at the children who live
    in them today; the service's own households are taken to have the share of their approved places in use that they
    have today.

    Parameters
    ----------
    study
        From `study_homes`.
    carers
        The households; those of agencies are left out.
    settings
        Share that leaves, households recruited, probability wanted, seed.
    """
    by = fostered_by(study.now)
    related, others, with_own = (int((by == who).sum()) for who in (RELATED, OTHERS, OWN))
    share = 1 - related / len(by) if len(by) else 1.0
    own = carers.frame[carers.frame["provider"] != "agency"]
    approved = own["approved_places"].sum()
    usable = with_own / approved if approved else CarerScenario.usable_share
    scenario = CarerScenario(
        households=len(own),
        leave_per_year=settings.carers_leave_per_year,
        recruits_per_year=settings.carers_recruits_per_year,
        places_per_household=float(own["approved_places"].mean()) if len(own) else CarerScenario.places_per_household,
        usable_share=float(np.clip(usable, 0.01, 1)),
    )
    demand = np.rint(draws_of(study.made, "fostering") * share).astype(int)
    dates, at, seed = study.made.dates, study.at, settings.seed
    shown = not study.test.failed("fostering")
    places = foster_places(scenario, dates, at=at, draws=len(demand), seed=seed)
    needed = RecruitsNeeded(None, np.nan, _WITHHELD)
    if shown:
        needed = recruits_needed(
            scenario, demand[:, -1], by=dates[-1], at=at, probability=settings.bed_probability, agency_places=others,
            seed=seed,
        )  # fmt: skip
    balance = foster_balance(places, demand, dates, agency_places=others, shown=shown)
    return Fostering(scenario, balance, needed)
