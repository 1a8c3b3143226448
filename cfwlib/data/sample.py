"""Write the embedded modelled Cumberland: the files an analyst would download, of our own making, in official layouts.

Run ``python -m cfwlib.data.sample [FOLDER]``. The bytes are the same on every machine.
"""

import sys
from pathlib import Path

from cfwlib.data import sample_layouts as layouts
from cfwlib.data.sample_people import make_county
from cfwlib.data.sample_services import services
from cfwlib.data.sample_social_care import social_care

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
_ABOUT = """# A modelled Cumberland

These files describe a county that looks and adds up like Cumberland, but every neighbourhood, road, service and
number in them is **modelled, not official**. They are here so that the whole suite runs, and can be tested, before
anyone has downloaded anything. Use published data for any decision. Codes beginning with X belong to no real area,
and the schools, centres, libraries and practices are invented. So are the authorities named "(modelled)" with which
children in care are compared, and the sizes of homes. In those tables the counts of the area, the totals of North West
and England, the weekly costs and the foster places are the printed ones.

They were made by `python -m cfwlib.data.sample` from what anyone who knows the county could jot down: place names,
rough positions and sizes, a hand-drawn outline, lakes and main roads. Whole numbers were then shared out so that the
figures the council has published come out exactly, for instance 177 neighbourhoods and 273,300 residents. The layouts
follow the official files, so the same loaders read both. Licence: MIT, the same as the project.
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
        "MODELLED.md": _ABOUT,
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode("utf-8"))
    return sorted(folder / name for name in texts)


if __name__ == "__main__":
    for path in write_sample(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE):
        print(path)
