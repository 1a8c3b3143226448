"""Write the embedded modelled Cumberland: what an analyst would download, of our own making, in official layouts."""

from collections.abc import Mapping
from pathlib import Path

from tools.sample import layouts
from tools.sample.carers import carers
from tools.sample.children import synthetic_returns
from tools.sample.people import make_county
from tools.sample.returns import returns_texts
from tools.sample.services import services
from tools.sample.social_care import social_care

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
_ABOUT = """# A modelled Cumberland

These files describe a county that looks and adds up like Cumberland, but every neighbourhood, road, service and
number in them is **modelled, not official**. They are here so that the whole suite runs, and can be tested, before
anyone has downloaded anything. Use published data for any decision. Codes beginning with X belong to no real area,
and the schools, centres, libraries and practices are invented. So are the authorities named "(modelled)" with which
children in care are compared, and the sizes of homes. In those tables the counts of the area, the totals of North West
and England, the weekly costs and the foster places are the printed ones.

They were made by `python -m tools.sample` from what anyone who knows the county could jot down: place names,
rough positions and sizes, a hand-drawn outline, lakes and main roads. Whole numbers were then shared out so that the
figures the council has published come out exactly, for instance 177 neighbourhoods and 273,300 residents. The layouts
follow the official files, so the same loaders read both. Licence: MIT, the same as the project.

`returns/invented/` holds child-level returns (SSDA903) and `returns/invented_carers.csv` a list of fostering
households, as a council would put them in data/returns. **Nobody is in them**: the children (`SYN...`), households
(`INVENTED-...`) and postcodes (`QQ...`, an area that does not exist) come from random numbers, chosen so that the last
day, 31 March 2025, and the year up to it have the counts that are published for Cumberland.
"""


def write_sample(folder: Path) -> list[Path]:
    """Write every file of the modelled county.

    Parameters
    ----------
    folder
        Where to write; made if missing. Files of the same names are replaced.

    Returns
    -------
    paths
        The files written, sorted by name.

    Raises
    ------
    OSError
        The folder cannot be made or written to.
    """
    county = make_county()
    returns = returns_texts(synthetic_returns(), layout="stacked", dates="iso")
    texts = {
        **layouts.boundaries(county),
        **layouts.lookups(county),
        **layouts.census(county),
        **layouts.indices_of_deprivation(county, 2019),
        **layouts.indices_of_deprivation(county, 2025),
        **layouts.output_areas(county),
        **layouts.road_links(county),
        **layouts.lake_shapes(),
        **layouts.place_names(county),
        **layouts.plans(),
        **services(county),
        **social_care(),
        **{f"returns/invented/{name}": text for name, text in returns.items()},
        **carers(county),
        "MODELLED.md": _ABOUT,
    }
    return write_texts(texts, folder)


def write_texts(texts: Mapping[str, str], folder: Path) -> list[Path]:
    """Write texts by their names in a folder, the same bytes on every machine, and return the paths sorted."""
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode("utf-8"))
    return sorted(folder / name for name in texts)
