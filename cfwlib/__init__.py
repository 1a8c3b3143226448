"""Needs analysis for children's services: who is far from help, and what to do about it.

The names an analyst types are at hand here, and loaded when they are first used. Their examples go on from these lines:

    from cfwlib import Settings, assess_need, load_area, reach_area, study_hub

    settings = Settings.read()
    region = load_area(settings)
    need = assess_need(region.neighbourhoods, settings)
    reach = reach_area(region, need, settings)
    plan = study_hub(region, reach, settings).plan
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cfwlib.errors import CfwError, InputError, PlanError, SettingsError

if TYPE_CHECKING:
    from cfwlib.data import load_area
    from cfwlib.data.returns import find_returns
    from cfwlib.hub import need_by, plan_figures, study_hub, timetable
    from cfwlib.hub.hours import hub_access
    from cfwlib.need import assess_need, headline_counts
    from cfwlib.pages.opening import open_report
    from cfwlib.reach import build_network, coverage_table, k_nearest, minutes_matrix, reach_area, route
    from cfwlib.settings import ReachSettings, Settings
    from cfwlib.sites import study_sites
    from cfwlib.sufficiency.homes.study import study_homes

__version__ = "0.1.0"
_ROOMS = {  # where the names are; the imports above, which only type checkers read, say the same
    "data": ["load_area"],
    "data.returns": ["find_returns"],
    "hub": ["need_by", "plan_figures", "study_hub", "timetable"],
    "need": ["assess_need", "headline_counts"],
    "reach": ["build_network", "coverage_table", "k_nearest", "minutes_matrix", "reach_area", "route"],
    "pages.opening": ["open_report"],
    "settings": ["ReachSettings", "Settings"],
    "sites": ["study_sites"],
    "hub.hours": ["hub_access"],
    "sufficiency.homes.study": ["study_homes"],
}
_ERRORS = ["CfwError", "InputError", "PlanError", "SettingsError"]
__all__ = sorted(["__version__", *_ERRORS, *(name for names in _ROOMS.values() for name in names)])


def __getattr__(name: str) -> Any:
    for room, names in _ROOMS.items():
        if name in names:
            return getattr(import_module(f"cfwlib.{room}"), name)
    where = f"try from cfwlib.settings import {name}" if name.endswith("Settings") else "see dir(cfwlib)"
    raise AttributeError(f"module 'cfwlib' has no attribute {name!r}: {where}.")


def __dir__() -> list[str]:
    return __all__
