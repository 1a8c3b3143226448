"""Open the report of a notebook on an area's data."""

from pathlib import Path

from cfwlib.areas import is_of
from cfwlib.data import AreaData
from cfwlib.report.recorder import Report
from cfwlib.settings import Settings


def open_report(
    notebook: str, settings: Settings, region: AreaData, *, title: str = "", private: bool = False
) -> Report:
    """Return the report that a notebook writes to, with the area's sources and the run's settings.

    Parameters
    ----------
    notebook
        Name of the notebook without its ending, such as `02_reach`.
    settings
        All settings of the run; `out` says where to write, empty = show only.
    region
        The data the notebook has loaded.
    title
        The question the notebook answers, if the page is to be named by it.
    private
        Whether it is about single children: then only what has gone through disclosure is shown or written.

    Examples
    --------
    >>> report = open_report("02_reach", settings, region)  # `out` is empty: shown here, nothing is written
    <IPython.core.display.HTML object>
    >>> report.bullets("Read the table beside the map.")
    <IPython.core.display.HTML object>
    """
    return Report(
        notebook, settings.out, title=title or notebook, area_name=region.name, modelled=region.modelled,
        sources=region.sources, parameters=settings.values(), origins=settings.origins,
        run_id=Path(settings.out).name if settings.out else "", private=private,
    )  # fmt: skip


def plan_says(region: AreaData, notebook: str) -> list[str]:
    """Return what the area's own plan says on a page's question, word for word; nothing where none is given.

    Parameters
    ----------
    region
        The area; a plan of another authority is not quoted.
    notebook
        Name of the page, such as `02_reach`.
    """
    quoted = region.published.get("quotations", {}).get(notebook, "")
    if not quoted or not is_of(region.published, region.code):
        return []
    plan = region.published.get("plan", "")
    return [f"{plan or 'The plan'} ({region.name}): “{quoted}”."]
