"""Page 01: which neighbourhoods need help most, and how sure that is."""

import geopandas as gpd
import pandas as pd

from cfwlib.need import SELDOM, SURE, TOP
from cfwlib.words import capital, count_words, part_words, share_words

_CHILD = ("child", "children")


def need_answer(need: pd.DataFrame) -> str:
    """Return how many neighbourhoods are surely among those of most need, and which comes first.

    Parameters
    ----------
    need
        From `assess_need`.
    """
    first = f"{need['lsoa_name'].iloc[0]} comes first."
    if len(need) <= TOP:
        return f"There are {count_words(len(need), 'neighbourhood')}, too few to single out {TOP}; {first}"
    sure = int((need["certainty"] == "always").sum())
    be = "is" if sure == 1 else "are"
    told = part_words(sure, len(need), "neighbourhood")
    often = f"in at least {SURE:.0%} of the redraws of the weights"
    return f"{capital(told)} {be} among the {TOP} of most need {often}; {first}"


def certainty_title(need: pd.DataFrame) -> str:
    """Return the title of the chart of ranks: how many of the first stay among them."""
    sure = int((need["certainty"] == "always").sum())
    top = min(TOP, len(need))
    stay = "stays" if sure == 1 else "stay"
    return (
        f"{capital(count_words(sure, 'neighbourhood'))} {stay} in the first {top} in at least {SURE:.0%} of the redraws"
    )


def need_points(need: pd.DataFrame) -> list[str]:
    """Return what follows from the ranking: what the first hold, who comes and goes, how many live in the country."""
    likely, top = "likely to need help", min(TOP, len(need))
    total, first = need["need_count"].sum(), need["need_count"].head(TOP).sum()
    rural = need.loc[need["is_rural"], "need_count"].sum()
    if not total > 0:
        return [f"No child is counted as {likely}: there is nothing to rank."]
    share = share_words(first / total)
    rest = ": help placed only there misses the rest" if first < total else ""
    told = [f"The {top} neighbourhoods of most need hold {share} of the children {likely}{rest}."]
    if unsure := int(need["certainty"].isin(["usually", "sometimes"]).sum()):
        come = "comes and goes" if unsure == 1 else "come and go"
        told.append(
            f"{capital(count_words(unsure, 'neighbourhood'))} {come} from the first {top} as the weights move (in "
            f"{SELDOM:.0%} to {SURE:.0%} of the redraws): treat such alike."
        )
    where = part_words(rural, total, *_CHILD)
    live = "lives in a rural neighbourhood" if where.startswith("1 ") else "live in rural neighbourhoods"
    more = "; another weight for distance would move their ranks, not their number" if rural > 0 else ""
    return [*told, f"Of those {likely}, {where} {live}{more}."]


def need_table(need: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the neighbourhoods by rank of need, with the interval of the rank."""
    columns = ["lsoa_name", "lsoa", "ward_name", "rank", "rank_low", "rank_high", "certainty", "imd_decile"]
    return need[columns].assign(
        imd_decile=need["imd_decile"].astype(int),
        children_0_17=need["children_0_17"].round(),
        rate_share=need["need_rate"],
        need_count=need["need_count"].round(1),
    )
