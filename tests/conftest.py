"""Shared fixtures: a project folder of one's own, the modelled area, the published data where it is at
hand; and a county of twelve squares, with names that have broken reports before."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import settings as examples
from playwright.sync_api import Browser
from project import OPEN_DATA, ROOT, SAMPLE

from cfwlib.data import AreaData, load_area
from cfwlib.report import recorder
from cfwlib.settings import Settings

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
]  # fmt: skip

# No example is timed: a busy machine is no fault. In CI (.ci/run) the examples are the same every time.
examples.register_profile("here", deadline=None)
examples.register_profile("same", deadline=None, derandomize=True, database=None)
examples.load_profile("same" if os.environ.get("CI") else "here")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that the other cores have the rest to do meanwhile."""
    longest = [
        f"test_{name}.py"
        for name in ("reports_in_browser", "hostile_run", "torture", "cli_new", "data_complete", "front_door",
                     "hub_plan", "runs_resume", "pages_homes", "settings_order", "data_real")
    ]  # fmt: skip
    items.sort(key=lambda item: longest.index(item.path.name) if item.path.name in longest else len(longest))


@pytest.fixture(autouse=True)
def here_again() -> Iterator[None]:
    """Go back after each test: papermill leaves the process in the folder of a notebook that failed."""
    yield
    os.chdir(ROOT)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with the notebooks, area files and sample, and an empty store."""
    folder = tmp_path / "home"
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    (folder / "data").mkdir()
    (folder / "data" / "sample").symlink_to(SAMPLE)
    monkeypatch.setenv("CFW_HOME", str(folder))
    return folder


@pytest.fixture
def sample_copy(tmp_path: Path) -> Path:
    """A folder of the modelled files that a test may spoil."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "files"))


@pytest.fixture(scope="session")
def modelled(tmp_path_factory: pytest.TempPathFactory) -> AreaData:
    """The modelled area, loaded once."""
    folder = tmp_path_factory.mktemp("modelled")
    shutil.copytree(ROOT / "notebooks" / "areas", folder / "notebooks" / "areas")
    (folder / "data").mkdir()
    (folder / "data" / "sample").symlink_to(SAMPLE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CFW_HOME", str(folder))
        return load_area(Settings())


@pytest.fixture(scope="session")
def open_data() -> Path:
    """The folder of published files; tests that need it are skipped, loudly, where it is not at hand."""
    if not OPEN_DATA.is_dir():
        pytest.skip(f"PUBLISHED DATA NOT FOUND at {OPEN_DATA}: set CFW_OPEN_DATA to check against real figures")
    return OPEN_DATA


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of an installed Chromium; without one the browser tests are skipped, or fail under CFW_REQUIRE_BROWSER=1."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return str(Path(found))
    message = "NO CHROMIUM FOUND: the reports were not opened in a browser. Install the package 'chromium'."
    if os.environ.get("CFW_REQUIRE_BROWSER") == "1":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium for a module's tests."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield running
        running.close()


NASTY = "<script>alert('x')</script>"
NAMES = [
    NASTY,
    'Say "hello" / it\'s <b>bold</b> & more',
    "Ynys Môn, Dún Laoghaire, Ærøskøbing 🏔",
    "=SUM(A1:A9)",
    "A very long name " * 18,
    *[f"Neighbourhood {i}" for i in range(6, 13)],
]


@pytest.fixture(scope="session")
def county() -> gpd.GeoDataFrame:
    """Twelve squares of 10 km in EPSG:27700, the last without a drive time."""
    squares = [
        shapely.box(x, y, x + 10_000, y + 10_000)
        for y in range(500_000, 540_000, 10_000)
        for x in range(320_000, 350_000, 10_000)
    ]
    return gpd.GeoDataFrame(
        {
            "name": NAMES,
            "drive_min": [3.0, 6.5, 9.0, 12.0, 14.9, 15.0, 18.0, 21.0, 26.0, 31.0, 44.0, None],
            "children": range(100, 1300, 100),
        },
        geometry=squares,
        crs=27700,
    )


@pytest.fixture(scope="session")
def basemap() -> dict[str, gpd.GeoDataFrame]:
    """Roads, a lake and towns to recognise the county by."""
    roads = gpd.GeoDataFrame(
        {"road_class": ["motorway", "A road", "minor"]},
        geometry=[shapely.LineString([(318_000, y), (352_000, y + 9_000)]) for y in (505_000, 515_000, 525_000)],
        crs=27700,
    )
    lakes = gpd.GeoDataFrame(geometry=[shapely.Point(335_000, 518_000).buffer(1_500)], crs=27700)
    towns = gpd.GeoDataFrame(
        {"name": ["Bigtown", NASTY, "Smallplace"], "kind": ["City", "Town", "Village"]},
        geometry=gpd.points_from_xy([335_000, 325_000, 345_000], [535_000, 505_000, 520_000]),
        crs=27700,
    )
    return {"roads": roads, "lakes": lakes, "towns": towns}


@pytest.fixture
def places(county: gpd.GeoDataFrame) -> pd.DataFrame:
    """The county as a plain table."""
    return pd.DataFrame(county.drop(columns="geometry"))


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Everything a Report displays, as HTML."""
    markup: list[str] = []
    monkeypatch.setattr(recorder, "_show", markup.append)
    return markup
