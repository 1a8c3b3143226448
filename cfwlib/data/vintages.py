"""Bring counts from one LSOA vintage to the other through the official lookup, losing nobody."""

import pandas as pd

IOD = {2011: 2019, 2021: 2025}  # edition of the Indices by LSOA vintage

AGE_GROUPS = {  # Census 2021 band -> its first age
    "Aged 15 years and under": 0,
    "Aged 16 to 24 years": 16,
    "Aged 25 to 34 years": 25,
    "Aged 35 to 49 years": 35,
    "Aged 50 to 64 years": 50,
    "Aged 65 years and over": 65,
}


def transfer(
    counts: pd.DataFrame, lookup: pd.DataFrame, weights: pd.Series, *, source: str, target: str
) -> pd.DataFrame:
    """Return counts by the target vintage's LSOAs; column totals are preserved.

    An unchanged LSOA (U) is copied, merged ones (M) are summed, a split one (S) or an irregular one (X) is shared
    out in proportion to the residents of its target LSOAs.

    Parameters
    ----------
    counts
        One row per source LSOA (index), count columns.
    lookup
        Pairs of codes in columns `lsoa11` and `lsoa21`.
    weights
        Residents of each target LSOA (index).
    source, target
        Which lookup column is which: `"lsoa11"` and `"lsoa21"`, or the reverse.
    """
    pairs = lookup[lookup[source].isin(counts.index)].copy()
    pairs["weight"] = pairs[target].map(weights).fillna(0)
    group = pairs.groupby(source)["weight"]
    total, targets = group.transform("sum"), group.transform("size")
    share = (pairs["weight"] / total).where(total > 0, 1 / targets)
    moved = counts.loc[pairs[source]].mul(share.to_numpy(), axis=0)
    return moved.groupby(pairs[target].to_numpy()).sum().rename_axis("lsoa")


def scale_to_bands(ages: pd.DataFrame, bands: pd.DataFrame) -> pd.DataFrame:
    """Return single years of age scaled so that every band's total is met in every LSOA.

    Where an LSOA has nobody in a band by the single years but the band says otherwise, the area's own age profile
    within that band is used (an even one, where nobody in the area is known to be of those ages).

    Parameters
    ----------
    ages
        Residents by LSOA (index) and single year (columns `age_0` ... `age_90`, the last open-ended).
    bands
        Residents by LSOA (index) and band; columns are the first age of each band, ascending, from 0.
    """
    first = sorted(int(name) for name in bands.columns)
    out = ages.copy()
    for low, high in zip(first, [*first[1:], 91], strict=True):
        columns = [f"age_{age}" for age in range(low, high)]
        profile = ages[columns].copy()
        area = profile.sum() if profile.to_numpy().sum() > 0 else pd.Series(1.0, index=columns)
        profile.loc[profile.sum(axis=1) == 0] = area.to_numpy()
        out[columns] = profile.mul(bands[low].reindex(ages.index) / profile.sum(axis=1), axis=0)
    return out
