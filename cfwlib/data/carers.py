"""Foster carers' households: a council's own list, or the sample's, without names or addresses in what is said."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from cfwlib.areas import project_root
from cfwlib.data.codes import misspelt
from cfwlib.data.load import AreaData
from cfwlib.data.named_files import named_path
from cfwlib.data.open_table import POSTCODE
from cfwlib.data.read import describe
from cfwlib.data.returns.guard import private
from cfwlib.data.returns.open_tables import WORKBOOK, open_text, open_workbook
from cfwlib.data.schemas import Problem
from cfwlib.data.which_store import open_store
from cfwlib.errors import InputError
from cfwlib.reading import own_toml
from cfwlib.settings import Settings

_WORDS = own_toml("data/carers.toml")
HEADINGS: dict[str, list[str]] = _WORDS["headings"]
_NEEDED = ("carer", "can_host", "approved_places")
_YES, _NO = {"yes", "y", "true", "1", "1.0"}, {"no", "n", "false", "0", "0.0"}
_PROVIDERS = {word: provider for provider, words in _WORDS["providers"].items() for word in words}
_MOST_PLACES, _MOST_YEARS = 20, 70
_GRID = {"easting": (0, 700_000), "northing": (0, 1_300_000)}  # metres of the National Grid
_SHOWN = 3
_LIST = "the list of carers"
"""How messages call the file, which may be named after somebody."""


@dataclass(frozen=True, repr=False, eq=False)
class Carers:
    """Households that foster, as numbers; who they are is known to `identifier` alone.

    Attributes
    ----------
    frame
        One row per household: `carer` (0, 1, ...), `easting`, `northing` (m; NaN = not known), `can_host` (may be a hub
        home), `approved_places`, `filled_places` (NaN = not known), `provider` (own, agency or not known),
        `years_approved` (NaN = not known). Where somebody lives is personal: show nothing finer than a neighbourhood.
    account
        `rule`, `rows`: what became of each row of the file.
    modelled
        True for an invented list.
    """

    frame: pd.DataFrame
    account: pd.DataFrame
    modelled: bool
    _identifiers: tuple[str, ...] = ()

    def __repr__(self) -> str:
        made = "invented" if self.modelled else "read"
        return f"Carers({len(self.frame)} households {made}, {int(self.frame['can_host'].sum())} may be a hub home)"

    def identifier(self, carer: int) -> str:
        """Return the household's own reference, for the caller's worklist only: never for a report."""
        return self._identifiers[carer]


@private("the list of carers cannot be read")
def find_carers(settings: Settings, region: AreaData) -> Carers | None:
    """Return the households of the file that the settings name; else those of the sample, invented; else None.

    Raises
    ------
    InputError
        When there is no such file in data/returns, or by `read_carers`.
    """
    if not settings.carers:
        invented = project_root() / "data" / "sample" / "returns" / "invented_carers.csv"
        return replace(read_carers(invented), modelled=True) if settings.data == "sample" else None
    path = named_path("carers", settings.carers, "returns", "Put the list of households there.")
    postcodes = open_store(settings).frames.get("postcodes")
    if postcodes is not None:
        places = region.points.set_index("point")[["easting", "northing"]]
        postcodes = postcodes[["postcode", "point"]].join(places, on="point").drop(columns="point").dropna()
    return read_carers(path, postcodes)


@private("the list of carers cannot be read")
def read_carers(path: Path, postcodes: pd.DataFrame | None = None) -> Carers:
    """Read a list of households: CSV or other text, or the first sheet of a workbook.

    Columns are known by several headings (`HEADINGS`). Needed are a reference, `can_host`
    (yes or no; blank counts as no), `approved_places`, and a postcode or easting and northing (m). A household without
    coordinates stands where its postcode is; one whose postcode is not in or near the area is kept without a place.

    Parameters
    ----------
    path
        The file.
    postcodes
        `postcode`, `easting`, `northing` (m); None = none were imported.

    Raises
    ------
    InputError
        Every problem found, by row and column; no reference, postcode or other value of the file is repeated.
    """
    source = _table(path)
    account = [("rows in the file", len(source))]
    source = source[~source.duplicated()]
    account.append(("left out: given twice, word for word", account[0][1] - len(source)))
    found: list[Problem] = []
    blank = source["carer"] == ""
    again = source["carer"].str.casefold().duplicated() & ~blank
    found += [(row, "carer", "is blank") for row in source.index[blank]]
    found += [(row, "carer", "is a household given above, with other values") for row in source.index[again]]
    frame = pd.DataFrame({"carer": np.arange(len(source), dtype=np.int64)}, index=source.index)
    host = source["can_host"].str.lower()
    found += [(row, "can_host", "is neither yes nor no") for row in source.index[~host.isin(_YES | _NO | {""})]]
    provider = source["provider"].str.lower().map(_PROVIDERS)
    found += [(row, "provider", "is neither own nor agency") for row in source.index[provider.isna()]]
    frame = frame.join(_places(source, postcodes, found))
    frame["can_host"] = host.isin(_YES)
    for column, most in (("approved_places", _MOST_PLACES), ("filled_places", _MOST_PLACES)):
        frame[column] = _number(source, column, (0, most), found, whole=True)
    found += [(row, "approved_places", "is blank") for row in source.index[source["approved_places"] == ""]]
    frame["provider"] = provider.fillna("").astype("str")
    frame["years_approved"] = _number(source, "years_approved", (0, _MOST_YEARS), found)
    if found:
        raise InputError(describe(found, _LIST, _SHOWN))
    if frame["easting"].isna().all():
        raise InputError(f"{_LIST}: no household's postcode is in or near the area. Is it this area's list?")
    lost = int(frame["easting"].isna().sum())
    account += [("used, with a place", len(frame) - lost), ("used, but the postcode is not in or near the area", lost)]
    account.append(("of those used: whether it can host is blank, taken as no", int((host == "").sum())))
    frame["approved_places"] = frame["approved_places"].astype(int)
    told = pd.DataFrame(account, columns=["rule", "rows"])
    return Carers(frame.reset_index(drop=True), told, False, tuple(source["carer"]))


def _table(path: Path) -> pd.DataFrame:
    """Return the known columns as stripped text, blank where the file lacks them, by row of the file."""
    book = path.suffix.lower() in WORKBOOK
    table = next(open_workbook(path, _LIST, kind=_is_list), None) if book else open_text(path, _LIST, kind=_is_list)
    if table is None or table.empty:
        raise InputError(f"{_LIST}: is empty. Give a row of headings and a row per household.")
    known = {column: [name for name in names if name.upper() in table.columns] for column, names in HEADINGS.items()}
    problems = [f"{_LIST}: column '{column}' is missing." for column in _NEEDED if not known[column]]
    if not known["postcode"] and not (known["easting"] and known["northing"]):
        problems.append(f"{_LIST}: give a column 'postcode', or 'easting' and 'northing'.")
    several = [" and ".join(names) for names in known.values() if len(names) > 1]
    problems += [f"{_LIST}: the columns {names} mean the same. Keep one." for names in several]
    problems += [
        f"{_LIST}: has no column '{name}', but one that is almost so written. Correct its heading."
        for name in misspelt(table.columns, [one for one, names in known.items() if not names])
    ]
    if not problems and not len(table):
        problems.append(f"{_LIST}: has headings, but no row.")
    if problems:
        raise InputError(problems)
    texts = {column: table.columns[names[0].upper()].to_pandas() for column, names in known.items() if names}
    frame = pd.DataFrame(texts, dtype="str").reindex(columns=list(HEADINGS), fill_value="")
    return frame.set_axis(table.numbers).fillna("").astype("str").apply(lambda column: column.str.strip())


def _is_list(names: Collection[str]) -> str:
    """Return what some headings are of: a list of households, where two of the needed columns are among them."""
    known = [column for column in _NEEDED if any(name.upper() in names for name in HEADINGS[column])]
    return "households" if len(known) > 1 else ""


def _number(
    source: pd.DataFrame, column: str, within: tuple[float, float], found: list[Problem], *, whole: bool = False
) -> "pd.Series[float]":
    """Return a column as numbers, blank = NaN; note what is no number, or one that cannot be."""
    number = pd.to_numeric(source[column], errors="coerce").astype(float)
    given = source[column] != ""
    wrong = given & ~number.between(*within)
    wrong |= given & (number != number.round()) if whole else False
    kind = "whole number" if whole else "number"
    found += [(row, column, f"is no {kind} from {within[0]:,} to {within[1]:,}") for row in source.index[wrong]]
    return number.mask(wrong)


def _places(source: pd.DataFrame, postcodes: pd.DataFrame | None, found: list[Problem]) -> pd.DataFrame:
    """Return easting and northing of each row: its own, else those of its postcode."""
    code = _tight(source["postcode"])
    xy = pd.DataFrame({column: _number(source, column, _GRID[column], found) for column in _GRID})
    degrees = (xy.abs() < 1000) & xy.notna()
    found += [(row, column, "is not in metres") for column in _GRID for row in source.index[degrees[column]]]
    half = (source["easting"] == "") != (source["northing"] == "")
    found += [(row, "easting", "or northing is blank, while the other is not") for row in source.index[half]]
    bare = (source["easting"] == "") & (source["northing"] == "")
    form = code.str.fullmatch(POSTCODE)
    found += [(row, "postcode", "is blank, and so are the coordinates") for row in source.index[bare & (code == "")]]
    found += [(row, "postcode", "is not a postcode") for row in source.index[(code != "") & ~form]]
    if postcodes is None:
        found += [(row, "postcode", "cannot be placed: no postcodes were imported. Give easting and northing")
                  for row in source.index[bare & form]]  # fmt: skip
    for column in _GRID:
        known = {} if postcodes is None else dict(zip(_tight(postcodes["postcode"]), postcodes[column], strict=True))
        xy[column] = xy[column].mask(bare, code.map(known).astype(float))
    return xy


def _tight(postcodes: "pd.Series[str]") -> "pd.Series[str]":
    return postcodes.str.upper().str.replace(r"\s", "", regex=True)
