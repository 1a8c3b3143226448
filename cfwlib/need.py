"""How much need there is, where, and how sure the ranking is."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from cfwlib.areas import printed_figures, why_different
from cfwlib.data import AreaData
from cfwlib.errors import InputError, SettingsError
from cfwlib.settings import NeedSettings

RANKED = {name: f"{name}_rank" for name in ("income", "children_young_people", "geographical_barriers")}
TOP = 20
SURE, SELDOM = 0.95, 0.05  # shares of the redraws of a rank: nearly always, hardly ever
PHASES = {"nursery": "Nursery schools", "pru": "Pupil referral units", "primary": "Primary schools",
          "secondary": "Secondary schools", "special": "Special schools"}  # fmt: skip
COUNTS = {  # name in figures.json -> what it is, its unit, and the data set it is counted from
    "neighbourhoods": ("Neighbourhoods (LSOAs)", "", "lsoa_boundaries"),
    "neighbourhoods_most_deprived_tenth": ("Neighbourhoods in England's most deprived tenth", "", "iod"),
    "residents": ("Residents", "people", "census_residents"),
    "residents_0_25": ("Residents aged 0 to 25", "people", "population_single_year"),
    "children_0_17": ("Children aged 0 to 17", "children", "population_single_year"),
    "area_sq_km": ("Area", "sq_km", "lsoa_boundaries"),
    "rural_share": ("Residents in rural areas", "share", "demand_points"),
    "no_car_households_share": ("Households without a car or van", "share", "census_cars"),
    "ehc_plans": ("Education, health and care plans", "plans", "ehc_plans"),
    "schools": ("State schools", "", "schools"),
    **{f"schools_{phase}": (label, "", "schools") for phase, label in PHASES.items()},
    "childrens_centres": ("Children's centres", "", "childrens_centres"),
    "family_hubs": ("Family hubs", "", "childrens_centres"),
}
# Share of households without a car: the 0th, 2.5th, 5th ... 100th percentile of England's 33,755 LSOAs
# (computed from Census 2021 TS045), so that this indicator too is scored within England.
_NO_CAR_ENGLAND = [
    0.0042, 0.0453, 0.0545, 0.0617, 0.0681, 0.0746, 0.0805, 0.0869, 0.0932, 0.0993, 0.1059, 0.1127, 0.1201, 0.1272,
    0.1346, 0.1427, 0.1507, 0.1593, 0.1685, 0.1781, 0.1881, 0.1982, 0.2083, 0.2201, 0.2324, 0.2447, 0.2571, 0.2710,
    0.2857, 0.3002, 0.3166, 0.3342, 0.3535, 0.3748, 0.3992, 0.4282, 0.4621, 0.5024, 0.5622, 0.6408, 0.8976,
]  # fmt: skip


def need_rate(neighbourhoods: pd.DataFrame) -> pd.DataFrame:
    """Return each LSOA's expected share of children needing family help, and where it comes from.

    IDACI where published; else the published IDACI count over children aged 0 to 15; where that is suppressed
    (blank is not zero), the Income score of the whole population.

    Parameters
    ----------
    neighbourhoods
        One row per LSOA: `income_score`, `children_0_15`, `children_0_17`, and `idaci_rate` or `idaci_count`.

    Returns
    -------
    rates
        Same index: `need_rate` (0 to 1), `need_rate_source`, `need_count` (rate × residents aged 0 to 17).

    Raises
    ------
    InputError
        When an LSOA has neither an IDACI nor an Income score.
    """
    blank = pd.Series(np.nan, index=neighbourhoods.index)
    published = neighbourhoods.get("idaci_rate", blank)
    count = neighbourhoods.get("idaci_count", blank)
    estimated = (count / neighbourhoods["children_0_15"].where(lambda children: children > 0)).clip(upper=1)
    income = neighbourhoods.get("income_score", blank)
    rate = published.fillna(estimated).fillna(income)
    if rate.isna().any():
        names = ", ".join(neighbourhoods.loc[rate.isna(), "lsoa"].head(3).astype(str))
        raise InputError(
            f"{int(rate.isna().sum())} neighbourhoods have no income-deprivation rate ({names} ...). "
            "Import a file with the Income score (IoD File 7), or the IoD counts and denominators."
        )
    told = ["IDACI", "IDACI count over children 0-15"]
    source = np.select([published.notna(), estimated.notna()], told, "Income score (IDACI suppressed)")
    return pd.DataFrame(
        {"need_rate": rate, "need_rate_source": source, "need_count": rate * neighbourhoods["children_0_17"]}
    )


def normal_scores(neighbourhoods: pd.DataFrame) -> pd.DataFrame:
    """Return the within-England normal score of each indicator; higher means more need.

    A rank r of n becomes the upper-tail normal quantile at (r − 0.5)/n, as in the Indices of Deprivation, so that
    one extreme does not dominate. Households without a car are placed among England's LSOAs by their share.
    """
    ranked = {
        name: -ndtri((neighbourhoods[column] - 0.5) / neighbourhoods["areas_ranked"]) for name, column in RANKED.items()
    }
    steps = np.linspace(0, 1, len(_NO_CAR_ENGLAND))
    place = np.interp(neighbourhoods["no_car_share"], _NO_CAR_ENGLAND, steps)
    half = 0.5 / neighbourhoods["areas_ranked"]
    return pd.DataFrame(ranked).assign(no_car=ndtri(np.clip(place, half, 1 - half)))


def need_index(scores: pd.DataFrame, weights: Mapping[str, float]) -> pd.Series:
    """Return the weighted mean of the indicators' normal scores.

    Raises
    ------
    SettingsError
        When a weight is negative or not a number, names no indicator, or they do not sum to 1.
    """
    problems = [f"weight '{name}' = {value}: must be 0 or more." for name, value in weights.items() if not value >= 0]
    problems += [
        f"weight '{name}': no such indicator (known: {', '.join(map(str, scores.columns))})."
        for name in weights
        if name not in scores
    ]
    if not problems and abs(sum(weights.values()) - 1) > 1e-9:
        problems = [f"weights must sum to 1; they sum to {sum(weights.values()):g}."]
    if problems:
        raise SettingsError(problems)
    return scores[list(weights)].mul(pd.Series(weights)).sum(axis=1)


def rank_certainty(scores: pd.DataFrame, settings: NeedSettings) -> pd.DataFrame:
    """Return how each LSOA's rank moves when the weights are redrawn around the chosen ones.

    Parameters
    ----------
    scores
        Normal scores, one row per LSOA, one column per indicator.
    settings
        Weights; number, concentration and seed of the Dirichlet draws.

    Returns
    -------
    ranks
        Same index: `rank` (1 = most need), `rank_low` and `rank_high` (90% interval), `top_share` (share of draws
        among the 20 of most need) and `certainty`: always (at least 95%), usually (half), sometimes (5%), or rarely.
    """
    chosen = {name: weight for name, weight in settings.weights.items() if weight > 0}
    random = np.random.default_rng(settings.seed)
    draws = random.dirichlet(np.array(list(chosen.values())) * settings.weight_concentration, settings.weight_draws)
    drawn = scores[list(chosen)].to_numpy() @ draws.T
    ranks = (-drawn).argsort(axis=0, kind="stable").argsort(axis=0) + 1
    low, high = np.percentile(ranks, [5, 95], axis=1)
    top = (ranks <= TOP).mean(axis=1)
    return pd.DataFrame(
        {
            "rank": need_index(scores, settings.weights).rank(ascending=False, method="first").astype(int),
            "rank_low": np.floor(low).astype(int),
            "rank_high": np.ceil(high).astype(int),
            "top_share": top,
            "certainty": np.select(
                [top >= SURE, top >= 0.5, top >= SELDOM], ["always", "usually", "sometimes"], "rarely"
            ),
        },
        index=scores.index,
    )


def assess_need(neighbourhoods: pd.DataFrame, settings: NeedSettings) -> pd.DataFrame:
    """Return the neighbourhoods with need rate, count, index, rank and its certainty added, most need first.

    Parameters
    ----------
    neighbourhoods
        One row per LSOA, as `load_area` gives them.
    settings
        Weights of the index (each 0 to 1), and how often they are redrawn.

    Returns
    -------
    need
        Also `need_rate` (0 to 1), `need_count` (children), `rank` (1 = most need), `rank_low` and `rank_high` (90%
        interval), `top_share` (of redraws, 0 to 1), `certainty` (always, usually, sometimes, rarely) and
        `deprivation_fifth` (1 = most deprived).

    Examples
    --------
    >>> need = assess_need(region.neighbourhoods, settings)
    >>> need[["lsoa_name", "rank", "certainty"]].head(2)
                     lsoa_name  rank certainty
    0   Modelled Ewanrigg 024B     1    always
    1  Modelled Woodhouse 036B     2    always
    """
    scores = normal_scores(neighbourhoods)
    index = need_index(scores, settings.weights).rename("need_index")
    found = pd.concat([need_rate(neighbourhoods), index, rank_certainty(scores, settings)], axis=1)
    out = neighbourhoods.join(found)
    out["deprivation_fifth"] = np.ceil(out["imd_decile"] / 2).astype(int)
    return out.sort_values("rank", ignore_index=True)


def headline_counts(region: AreaData) -> dict[str, float | None]:
    """Return the area's plain counts, named as in `figures.json` and described in `COUNTS`.

    `rural_share` and `no_car_households_share` are 0 to 1; the rural share is of residents, by the class of the finest
    building block (the demand points). None where it is not known: a data set was not imported, or has no row.

    Examples
    --------
    >>> counts = headline_counts(region)
    >>> counts["residents"], counts["schools"], counts["family_hubs"]
    (273300, 172, 1)
    """
    neighbourhoods, points = region.neighbourhoods, region.points
    inside = region.services[region.services["in_area"]]
    schools = inside[inside["kind"] == "school"]
    households = neighbourhoods["households"].sum()
    return {
        "neighbourhoods": len(neighbourhoods),
        "neighbourhoods_most_deprived_tenth": int((neighbourhoods["imd_decile"] == 1).sum()),
        "residents": round(neighbourhoods["residents"].sum()),
        "residents_0_25": round(neighbourhoods["residents_0_25"].sum()),
        "children_0_17": round(neighbourhoods["children_0_17"].sum()),
        "area_sq_km": neighbourhoods.geometry.area.sum() / 1e6,
        "rural_share": _share(points.loc[points["is_rural"], "residents"].sum(), points["residents"].sum()),
        "no_car_households_share": _share(neighbourhoods["households_no_car"].sum(), households),
        "ehc_plans": region.ehc_plans,
        "schools": len(schools) or None,  # no authority is without: none is in the data
        **{f"schools_{phase}": _phase(schools, phase) for phase in PHASES},
        "childrens_centres": int((inside["kind"] == "childrens_centre").sum()),
        "family_hubs": int((inside["kind"] == "family_hub").sum()),
    }


def _share(part: float, whole: float) -> float | None:
    return float(part / whole) if whole > 0 else None


def _phase(schools: pd.DataFrame, phase: str) -> int | None:
    """Return the schools of a phase; None where there are no schools in the data, or their phases are not."""
    return int((schools["phase"] == phase).sum()) if len(schools) and "phase" in schools else None


RECONCILED = ["figure", "unit", "published", "computed", "difference", "why"]


def reconcile(
    computed: Mapping[str, float | None],
    published: Mapping[str, Any],
    *,
    code: str = "",
    lsoa_vintage: int | None = None,
) -> pd.DataFrame:
    """Return published figures beside computed ones, with the difference and the reason for it.

    Two figures agree when they are the same at the precision printed. A note counts only for the difference it was
    written for (`areas.why_different`); a difference without one is not explained. A published figure that was not
    computed stays in the table, marked so. Figures of another authority are left out.

    Parameters
    ----------
    computed
        From `headline_counts`.
    published
        The area file's `[published]`: the `authority` it is of, and for each name its `value` (a share in per cent),
        the `precision` to which it is printed, if not 1, and perhaps a `note` with the difference `expected`.
    code
        The authority of the run.
    lsoa_vintage
        That of the run.

    Returns
    -------
    table
        `figure`, `unit`, `published`, `computed` and `difference` (NaN where not computed), `why`; no row where nothing
        is published.
    """
    code = code or str(published.get("authority", ""))
    rows: list[tuple[str, str, float, float, float, str]] = []
    for name, entry in printed_figures(published, code).items():
        label, unit, _ = COUNTS.get(name, (name, "", ""))
        value, printed = computed.get(name), float(entry["value"])
        found = np.nan if value is None else value * (100 if unit == "share" else 1)
        if np.isfinite(found):
            why = why_different(entry, found - printed, lsoa_vintage=lsoa_vintage)
        elif name in COUNTS:
            why = "not computed: what it is counted from is not there"
        else:
            why = "no figure of this name is computed"
        unit = {"share": "%", "sq_km": "sq km"}.get(unit, unit)
        rows.append((label, unit, printed, found, found - printed, why))
    return pd.DataFrame(rows, columns=RECONCILED)
