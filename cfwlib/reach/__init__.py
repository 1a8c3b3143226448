"""Who can get to what, in minutes."""

from cfwlib.reach.access import (
    access_to_fixed,
    coverage,
    coverage_table,
    fixed_services,
    mean_minutes,
    nearest_name,
    neighbourhood_access,
    unroutable,
)
from cfwlib.reach.area import REACH_FIGURES, AreaReach, reach_area, reach_figures
from cfwlib.reach.floating import two_step
from cfwlib.reach.roads import Network, build_network
from cfwlib.reach.travel import minutes_matrix, nearest, vehicle_legs

__all__ = [
    "REACH_FIGURES",
    "AreaReach",
    "Network",
    "access_to_fixed",
    "build_network",
    "coverage",
    "coverage_table",
    "fixed_services",
    "mean_minutes",
    "minutes_matrix",
    "nearest",
    "nearest_name",
    "neighbourhood_access",
    "reach_area",
    "reach_figures",
    "two_step",
    "unroutable",
    "vehicle_legs",
]
