"""Say what a file would replace, and refuse a loss that nobody has asked for."""

import re
from collections.abc import Collection
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from cfwlib.data.catalogue import Dataset
from cfwlib.data.places import within

LOSS = 0.1  # a data set may lose this share of the area's rows; more must be asked for


@dataclass(frozen=True)
class Version:
    """One state of a data set: the rows kept, the file they came from and its vintage."""

    frame: pd.DataFrame
    rows: int
    file: str
    vintage: str

    @property
    def told(self) -> str:
        """The file and its date, as in a sentence."""
        return self.file if self.vintage == "unknown" else f"{self.file} of {self.vintage}"


def sentence(old: Version, new: Version) -> str:
    """Return "replaces 19 rows by 1 (a.csv of 2024 by b.csv of 2025)"."""
    return f"replaces {old.rows:,} rows by {new.rows:,} ({old.told} by {new.told})"


def is_older(new: str, old: str) -> bool:
    """Tell whether a vintage is before another, as far as both say."""
    dates = [re.search(r"(?:19|20)\d\d(?:-\d\d)*", vintage) for vintage in (new, old)]
    if not (dates[0] and dates[1]):
        return False
    length = min(len(dates[0].group()), len(dates[1].group()))
    return dates[0].group()[:length] < dates[1].group()[:length]


def loss(old: Version, new: Version, shapes: pd.DataFrame | None, authorities: Collection[str]) -> tuple[float, str]:
    """Return the greatest share that the new version lacks of the old, and of what.

    Rows are counted in all and of the area alone (within its outline, or of its authority); roads in kilometres.
    """
    measures = _measures(old.frame, new.frame, shapes, authorities)
    lost = [(1 - after / before, what) for what, before, after in measures if before > 0]
    return max([(0.0, "rows"), *lost], key=lambda one: one[0])


def _measures(
    old: pd.DataFrame, new: pd.DataFrame, shapes: pd.DataFrame | None, authorities: Collection[str]
) -> list[tuple[str, float, float]]:
    lines = isinstance(old, gpd.GeoDataFrame) and isinstance(new, gpd.GeoDataFrame) and len(old) > 0
    lines = lines and "Line" in str(old.geom_type.iloc[0])

    def size(frame: pd.DataFrame) -> float:
        return float(frame.geometry.length.sum()) if lines else float(len(frame))

    name = "kilometres of road" if lines else "rows"
    found = [(name, size(old), size(new))]
    if shapes is not None and ("easting" in old or lines):
        outline = gpd.GeoDataFrame(shapes)
        found.append((f"{name} in the area", size(old[within(old, outline)]), size(new[within(new, outline)])))
    if "authority" in old and "authority" in new:
        sizes = [float(frame["authority"].isin(authorities).sum()) for frame in (old, new)]
        found.append(("rows of the area", sizes[0], sizes[1]))
    return found


def refusal(
    dataset: Dataset, old: Version, new: Version, share: float, what: str, *, in_folder: bool = False
) -> list[str]:
    """Return why a replacement is refused: too great a loss, or an older file in place of a newer; else nothing.

    Parameters
    ----------
    dataset
        Of both.
    old, new
        What is there, and what would take its place.
    share, what
        As `loss` returns them.
    in_folder
        Both are files of the folder: the new one is preferred to the old.
    """
    remedy = (
        f"Take the file out of the folder that is not wanted; if this is right, import with --replace {dataset.id}."
    )
    doing = "is preferred to" if in_folder else "would replace"
    if share > LOSS:
        return [
            f"{new.file}: {doing} {old.told} as {dataset.id}, {old.rows:,} rows by {new.rows:,}: {share:.0%} of the "
            f"{what} would be lost. {remedy}"
        ]
    if not in_folder and is_older(new.vintage, old.vintage):
        return [f"{new.file}: is of {new.vintage}, and {doing} the newer {old.told} as {dataset.id}. {remedy}"]
    return []
