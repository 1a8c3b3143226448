"""What each village and hamlet is told: how far help is today, which plan comes near, or why none does."""

import numpy as np
import pandas as pd

from cfwlib.data import AreaData
from cfwlib.hub.names import settlements_in
from cfwlib.hub.options import HubOptions
from cfwlib.hub.study import HubStudy
from cfwlib.reach import AreaReach, fixed_services, k_nearest, minutes_matrix
from cfwlib.settings import Settings


def place_answers(
    region: AreaData, reach: AreaReach, study: HubStudy, options: HubOptions, settings: Settings
) -> pd.DataFrame:
    """Return, for every town, village and hamlet of the area, how far help is and which of the plans comes near.

    Parameters
    ----------
    region, reach, study
        The area, its network and its plan; names are as in the study.
    options
        From `hub_options`.
    settings
        The drive limit, and which services are fixed help.

    Returns
    -------
    places
        The farthest from help first: `place`, `kind`, `minutes_today` (by car to the nearest fixed help; NaN = no way),
        `nearest_help`, one column per named plan of the page's cycle with the minutes by car to its nearest stop (NaN =
        none within the limit), and `why` (where no plan comes near: whether a place to stop was considered near it).
    """
    places = settlements_in(region)
    ids = list(places["service"])
    fixed = fixed_services(region.services, settings)
    nearest = k_nearest(reach.network, ids, list(fixed["service"]), settings, k=1).set_index("origin")
    kept = study.candidates[study.candidates["kept"]]
    drive = minutes_matrix(
        reach.network, ids, list(kept["venue"]), settings, limit_min=settings.limit_drive_min
    ).to_numpy()
    told = pd.DataFrame({"place": places["name"], "kind": places["kind"]})
    told["minutes_today"] = nearest["minutes"].reindex(ids).to_numpy(float)
    told["nearest_help"] = nearest["service"].reindex(ids).map(fixed.set_index("service")["name"]).to_numpy()
    own = {name: plan for (name, weeks), plan in options.named.items() if weeks == settings.cycle_weeks}
    for name, plan in own.items():
        stops = kept["venue"].isin(plan.visits["venue"]).to_numpy()
        best = np.where(np.isnan(drive[:, stops]), np.inf, drive[:, stops]).min(axis=1, initial=np.inf)
        told[name] = np.where(np.isfinite(best), best, np.nan)
    near, no_plan = ~np.isnan(drive).all(axis=1), told[list(own)].isna().all(axis=1)
    helped = told["minutes_today"] <= settings.limit_drive_min
    told["why"] = np.select(
        [~no_plan, helped, near],
        ["", "help is near today", "a place to stop was considered, and no plan of these takes it"],
        "no place to stop that was considered lies within the limit",
    )
    return told.sort_values("minutes_today", ascending=False, na_position="first", ignore_index=True)
