"""Foster places against the children who need one: who would foster them, and how many households to recruit."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cfwlib.data.carers import Carers
from cfwlib.settings import Settings
from cfwlib.sufficiency.carers import (
    CarerScenario,
    RecruitsNeeded,
    foster_balance,
    foster_places,
    recruits_needed,
)
from cfwlib.sufficiency.study import HomesStudy, draws_of

RELATIVES = ("U1", "U2", "U3")  # placement codes of carers approved for a child they know


@dataclass(frozen=True)
class Fostering:
    """What recruiting and keeping carers does to foster places.

    Attributes
    ----------
    scenario
        The service as its list of households and the settings describe it.
    balance
        Children by date with own carers, with agencies, without a place, from `foster_balance`. Unprotected.
    needed
        Households to recruit a year for a place for every child on the last date, agencies as they are.
    with_relatives
        Children fostered by relatives or friends on the first night; they are left out of all of it. Unprotected.
    """

    scenario: CarerScenario
    balance: pd.DataFrame
    needed: RecruitsNeeded
    with_relatives: int


def study_fostering(study: HomesStudy, carers: Carers, settings: Settings) -> Fostering:
    """Hold the carers' places against the children who need one, by quarter.

    Children with relatives or friends need no place of the service: of the children forecast in foster care the share
    who lives with others today is taken. Agencies' places are held at the children who live in them today; the
    service's own households are taken to have the share of their approved places in use that they have today.

    Parameters
    ----------
    study
        From `study_homes`.
    carers
        The households; those of agencies are left out.
    settings
        Share that leaves, households recruited, probability wanted, seed.
    """
    fostered = study.now[study.now["placement"] == "fostering"]
    related = fostered["place"].isin(RELATIVES)
    agency = int((~related & fostered["provider"].isin(["private", "voluntary"])).sum())
    share = 1 - related.mean() if len(fostered) else 1.0
    own = carers.frame[carers.frame["provider"] != "agency"]
    approved = own["approved_places"].sum()
    usable = ((~related).sum() - agency) / approved if approved else CarerScenario.usable_share
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
    return Fostering(
        scenario,
        foster_balance(places, demand, dates, agency_places=agency, shown=shown),
        recruits_needed(
            scenario, demand[:, -1], by=dates[-1], at=at, probability=settings.bed_probability, agency_places=agency,
            seed=seed,
        ),
        int(related.sum()),
    )  # fmt: skip
