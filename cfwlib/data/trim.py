"""Keep of a national file what belongs to one area, and account for every row that is left out."""

from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pandas as pd

from cfwlib.data import authorities, codes, read, road_files, schemas, status, venues
from cfwlib.data.catalogue import Dataset, Layout
from cfwlib.data.read import OtherDatasetError

BUFFER_M = 20_000  # services and roads this far outside the area are kept: families cross the border
_LSOA = {"lsoa11", "lsoa21"}
_ALL_CODES = {
    "upper_tier": {"authority": schemas.POINT_CODE, "upper_tier": schemas.POINT_CODE},
    "lsoa_wards": {"lsoa": schemas.LSOA_CODE, "authority": schemas.POINT_CODE},
    "lsoa_lookup": {"lsoa11": schemas.LSOA_CODE, "lsoa21": schemas.LSOA_CODE},
}
_CAUTION = 0.1  # rows left out for a reason that removes more of the area than this are told as a caution


@dataclass
class Trimmed:
    """What was kept of a file, texts found where numbers belong, and how many rows were left out for which reason.

    `rows` of the file are in the frame; a road cut at its junctions is one row of the file and several of the frame.
    """

    frame: pd.DataFrame
    not_numbers: list[schemas.Problem]
    left_out: dict[str, int]
    rows: int
    notes: list[str] = field(default_factory=list)  # what the reader of the figures must know


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
            # one that the lookup lacks is named later (complete.py): until then it is taken as unchanged
            self.lsoa11 = set(frame["lsoa11"]) | (self.lsoa21 - set(frame["lsoa21"]))
        elif dataset == "postcode_points":
            self.postcodes = frame
        elif dataset.startswith("lsoa_boundaries") and isinstance(frame, gpd.GeoDataFrame) and len(frame):
            west, south, east, north = frame.total_bounds
            self.bounds = (west - BUFFER_M, south - BUFFER_M, east + BUFFER_M, north + BUFFER_M)

    @property
    def codes(self) -> set[str]:
        """Every code of the area: its own, its districts' and their former ones."""
        now = self.authorities | {self.code}
        return now | {old for code in now for old in authorities.former_codes(code)}

    def trim(self, source: pd.DataFrame, dataset: Dataset, layout: Layout, path: Path) -> tuple[Trimmed, list[str]]:
        """Return the rows of the area, and the problems found in the codes of all rows.

        Raises
        ------
        OtherDatasetError
            When no row has a code of the right geography.
        """
        problems = _bad_codes(source, dataset, path) + self._wrong_vintage(source, dataset, path)
        problems += _unknown_words(source, dataset, layout, path)
        wanted = read.keep_wanted(source, layout)
        if wanted.empty and len(source):
            raise OtherDatasetError("has the columns, but no row of the wanted kind")
        published = dataset.geography == "authority" and dataset.area in ("all", "authority")
        inside = wanted if published else self._inside(wanted, dataset)
        not_numbers: list[schemas.Problem] = []
        if dataset.id == "venues":  # a list of the user's own: told of every bad row, wherever its venue may lie
            frame, wrong = venues.complete(inside, self.postcodes)
            problems += read.describe(wrong, path)
        elif dataset.statuses:
            frame, not_numbers = status.part(inside, dataset.statuses)
        else:
            frame, not_numbers = read.to_numbers(inside)
        notes: list[str] = []
        more: dict[str, int] = {}
        if published:
            frame, notes = authorities.joined(frame, dataset, self.code)
            if dataset.area == "authority":
                frame = frame[frame["authority"].isin(self.authorities | {self.code})]
                more = self._not_joined(wanted, frame, dataset)
            not_numbers = [one for one in not_numbers if one[0] in frame.index]
        elif dataset.area in ("lookup", *_LSOA):
            frame = frame.drop(columns="authority", errors="ignore")  # said whose the codes are, see complete.py
        if dataset.geography == "line" and layout.kind == "table":
            frame, no_place = road_files.draw(frame)
            told = {one[:2] for one in not_numbers}
            not_numbers += [one for one in no_place if one[:2] not in told]
        by_place = dataset.area == "buffer" and "easting" in frame
        placed = frame.dropna(subset=["easting", "northing"]) if by_place else frame
        near = self._near(placed, dataset)
        # a register may list a place twice, word for word; a neighbourhood given twice is an error
        distinct = near.drop_duplicates() if dataset.area == "buffer" and dataset.key else near
        if dataset.geography == "line":
            distinct, more, unlikely = road_files.finish(gpd.GeoDataFrame(distinct), layout, path)
            problems += unlikely
        if "postcode" in dataset.key:
            distinct = distinct.assign(postcode=distinct["postcode"].str.replace(" ", ""))
        left_out = {
            "closed, or not of the wanted kind": len(source) - len(wanted),
            "outside the area": len(wanted) - len(inside) + len(placed) - len(near),
            "without coordinates": len(frame) - len(placed),
            "given twice, word for word": 0 if published else len(near) - len(distinct) - sum(more.values()),
        } | more
        rows = len(source) - sum(left_out.values())
        for why, of in (("without coordinates", len(frame)), ("given twice, word for word", len(near))):
            if left_out[why] > _CAUTION * of:
                notes.append(f"caution: {left_out[why]:,} of {of:,} rows are {why} and left out")
        if layout.kind == "osm":
            distinct = road_files.cut_at_junctions(distinct)
        kept = _in_order(distinct, dataset)
        return Trimmed(kept, not_numbers, {why: n for why, n in left_out.items() if n}, rows, notes), problems

    def _inside(self, frame: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
        if dataset.area == "upper_tier":
            return frame[frame["upper_tier"] == self.code]
        if dataset.area == "authority":
            return frame[frame["authority"].isin(self.codes)]
        if dataset.area == "lookup":
            return frame[frame["lsoa21"].isin(self.lsoa21)]
        if dataset.area in _LSOA:
            return frame[frame["lsoa"].isin(self.lsoa21 if dataset.area == "lsoa21" else self.lsoa11)]
        return frame

    def _not_joined(self, wanted: pd.DataFrame, frame: pd.DataFrame, dataset: Dataset) -> dict[str, int]:
        """Rows of a published table that are not the area's, and those of its former districts that were not joined."""
        rest = wanted[~wanted.index.isin(frame.index)]
        former = rest[rest["authority"].isin(self.codes)]
        period = dataset.period or "period"
        lost = int((~former[period].isin(frame[period])).sum()) if period in former else len(former)
        return {"outside the area": len(rest) - len(former), "under a former code, and not joined": lost}

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
    """Codes, of any row, that are not of their form: a row whose code is spoiled would be nobody's."""
    columns = {"lsoa": schemas.LSOA_CODE} if dataset.area in _LSOA else _ALL_CODES.get(dataset.id, {})
    found: list[schemas.Problem] = []
    for column, pattern in columns.items():
        valid = frame[column].str.match(pattern)
        if dataset.area in _LSOA and not valid.any():
            # a bulk download holds one file per geography, all with the same columns
            raise OtherDatasetError(f"holds no LSOA code ('{frame[column].iloc[0][:20]}' first)")
        bad = frame.loc[~valid, column]
        found += [(row, column, f"is not a valid code ({str(code)[:20]})") for row, code in bad.items()]
    return read.describe(found, path)


def _unknown_words(frame: pd.DataFrame, dataset: Dataset, layout: Layout, path: Path) -> list[str]:
    """Blanks and unknown words in a column that decides whether a row is kept: neither kept nor dropped unasked."""
    found: list[schemas.Problem] = []
    for column in (*layout.keep, *layout.drop):
        wanted = [*layout.keep.get(column, ()), *layout.drop.get(column, ()), *layout.known.get(column, ())]
        text = codes.spell(frame[column], wanted)
        if "" not in wanted and dataset.area != "all":  # a published table has blanks of its own
            found += [(row, column, "is blank") for row in frame.index[text == ""]]
        if column in layout.known:
            odd = text[~text.isin(wanted) & (text != "")]
            found += [(row, column, f"is not one of the known values ({word[:30]})") for row, word in odd.items()]
    return read.describe(found, path)


def _in_order(frame: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """Neighbourhoods and figures in the order of their key, whatever the file's; lists of places keep their own."""
    return frame.sort_values(list(dataset.key), kind="stable") if dataset.key and dataset.area != "buffer" else frame
