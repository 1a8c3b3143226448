"""Keep of a national file what belongs to one area, and account for every row that is left out."""

from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pandas as pd

from cfwlib.data import links, read, schemas, status, venues
from cfwlib.data.catalogue import Dataset, Layout
from cfwlib.data.read import OtherDatasetError

BUFFER_M = 20_000  # services and roads this far outside the area are kept: families cross the border
_LSOA = {"lsoa11", "lsoa21"}


@dataclass
class Trimmed:
    """What was kept of a file, texts found where numbers belong, and how many rows were left out for which reason.

    `rows` of the file are in the frame; a road cut at its junctions is one row of the file and several of the frame.
    """

    frame: pd.DataFrame
    not_numbers: list[schemas.Problem]
    left_out: dict[str, int]
    rows: int


@dataclass
class Area:
    """What is known of the area so far: its authorities, its neighbourhoods, surroundings and postcodes."""

    code: str
    authorities: set[str] = field(default_factory=set)
    lsoa21: set[str] = field(default_factory=set)
    lsoa11: set[str] = field(default_factory=set)
    bounds: tuple[float, float, float, float] | None = None
    postcodes: pd.DataFrame | None = None

    def learn(self, dataset: str, frame: pd.DataFrame) -> None:
        """Take from a data set what the trimming of later ones needs."""
        if dataset == "upper_tier" and len(frame):
            self.authorities = set(frame["authority"])
        elif dataset == "lsoa_wards":
            self.lsoa21 = set(frame["lsoa"])
        elif dataset == "lsoa_lookup":
            self.lsoa11 = set(frame["lsoa11"])
        elif dataset == "postcode_points":
            self.postcodes = frame
        elif dataset.startswith("lsoa_boundaries") and isinstance(frame, gpd.GeoDataFrame) and len(frame):
            west, south, east, north = frame.total_bounds
            self.bounds = (west - BUFFER_M, south - BUFFER_M, east + BUFFER_M, north + BUFFER_M)

    def trim(self, source: pd.DataFrame, dataset: Dataset, layout: Layout, path: Path) -> tuple[Trimmed, list[str]]:
        """Return the rows of the area, and the problems found in the codes of all rows.

        Raises
        ------
        OtherDatasetError
            When no row has a code of the right geography.
        """
        problems = _bad_codes(source, dataset, path) + self._wrong_vintage(source, dataset, path)
        wanted = read.keep_wanted(source, layout)
        if wanted.empty and len(source):
            raise OtherDatasetError("has the columns, but no row of the wanted kind")
        inside = self._inside(wanted, dataset)
        not_numbers: list[schemas.Problem] = []
        if dataset.id == "venues":  # a list of the user's own: told of every bad row, wherever its venue may lie
            frame, wrong = venues.complete(inside, self.postcodes)
            problems += read.describe(wrong, path)
        elif dataset.statuses:
            frame, not_numbers = status.part(inside, dataset.statuses)
        else:
            frame, not_numbers = read.to_numbers(inside)
        if dataset.geography == "line" and layout.kind == "table":
            frame, no_place = links.draw(frame)
            told = {one[:2] for one in not_numbers}
            not_numbers += [one for one in no_place if one[:2] not in told]
        placed = (
            frame.dropna(subset=["easting", "northing"]) if dataset.area == "buffer" and "easting" in frame else frame
        )
        near = self._near(placed, dataset)
        # a register may list a place twice, word for word; a neighbourhood given twice is an error
        distinct = near.drop_duplicates() if dataset.area == "buffer" and dataset.key else near
        more: dict[str, int] = {}
        if dataset.geography == "line":
            distinct, more, unlikely = links.finish(gpd.GeoDataFrame(distinct), layout, path)
            problems += unlikely
        left_out = more | {
            "closed, or not of the wanted kind": len(source) - len(wanted),
            "outside the area": len(wanted) - len(inside) + len(placed) - len(near),
            "without coordinates": len(frame) - len(placed),
            "given twice, word for word": len(near) - len(distinct) - sum(more.values()),
        }
        rows = len(distinct)
        if layout.kind == "osm":
            distinct = links.cut_at_junctions(distinct)
        return Trimmed(distinct, not_numbers, {why: n for why, n in left_out.items() if n}, rows), problems

    def coverage_problems(self, frame: pd.DataFrame, dataset: Dataset, path: Path) -> list[str]:
        """Return what a trimmed frame lacks: neighbourhoods of the area, or any row at all."""
        if dataset.area in _LSOA and dataset.whole_area:
            inside = self.lsoa21 if dataset.area == "lsoa21" else self.lsoa11
            missing = sorted(inside - set(frame["lsoa"]))
            if missing:
                return [
                    f"{path.name}: {len(missing)} of the area's {len(inside)} neighbourhoods (20{dataset.area[-2:]} "
                    f"codes) are not in it, '{missing[0]}' first. Download the whole file for England; "
                    "is it of the right vintage?"
                ]
        if dataset.needed and frame.empty:
            return [f"{path.name}: no row of it lies in or near {self.code}. Does it cover the area?"]
        return []

    def _inside(self, frame: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
        if dataset.area == "upper_tier":
            return frame[frame["upper_tier"] == self.code]
        if dataset.area == "authority":
            return frame[frame["authority"].isin(self.authorities | {self.code})]
        if dataset.area == "lookup":
            return frame[frame["lsoa21"].isin(self.lsoa21)]
        if dataset.area in _LSOA:
            return frame[frame["lsoa"].isin(self.lsoa21 if dataset.area == "lsoa21" else self.lsoa11)]
        return frame

    def _near(self, frame: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
        if dataset.area != "buffer" or self.bounds is None:
            return frame
        west, south, east, north = self.bounds
        if isinstance(frame, gpd.GeoDataFrame):
            return frame.cx[west:east, south:north]
        return frame[frame["easting"].between(west, east) & frame["northing"].between(south, north)]

    def _wrong_vintage(self, frame: pd.DataFrame, dataset: Dataset, path: Path) -> list[str]:
        if dataset.area not in _LSOA:
            return []
        own, expected = (self.lsoa21, "2021") if dataset.area == "lsoa21" else (self.lsoa11, "2011")
        wrong = frame.loc[frame["lsoa"].isin((self.lsoa11 | self.lsoa21) - own), "lsoa"]
        if wrong.empty or not own:
            return []
        return [
            f"{path.name}, row {wrong.index[0]}: LSOA '{wrong.iloc[0]}' is not a {expected} code, and {dataset.title} "
            f"is read as {expected} codes ({len(wrong)} such rows). Did you mix vintages? Import the {expected} file; "
            f"to plan on the other vintage set lsoa_vintage = {2011 if expected == '2021' else 2021}."
        ]


def _bad_codes(frame: pd.DataFrame, dataset: Dataset, path: Path) -> list[str]:
    if dataset.area not in _LSOA:
        return []
    valid = frame["lsoa"].str.match(schemas.LSOA_CODE)
    if not valid.any():  # a bulk download holds one file per geography, all with the same columns
        raise OtherDatasetError(f"holds no LSOA code ('{frame['lsoa'].iloc[0][:20]}' first)")
    bad = frame.loc[~valid, "lsoa"]
    return read.describe([(row, "lsoa", f"is not a valid code ({str(code)[:20]})") for row, code in bad.items()], path)
