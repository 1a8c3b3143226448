"""Who can get to what, in minutes."""

from cfwlib.reach.access import (
    access_to_fixed,
    fixed_services,
    mean_minutes,
    nearest_name,
    neighbourhood_access,
    unroutable,
)
from cfwlib.reach.area import REACH_FIGURES, AreaReach, reach_area, reach_figures
from cfwlib.reach.coverage import border_effect, coverage, coverage_by_age, coverage_table, speed_band
from cfwlib.reach.floating import two_step
from cfwlib.reach.roads import Network, build_network
from cfwlib.reach.travel import Route, minutes_matrix, nearest, node_minutes, route, vehicle_legs

__all__ = [
    "REACH_FIGURES",
    "AreaReach",
    "Network",
    "Route",
    "access_to_fixed",
    "border_effect",
    "build_network",
    "coverage",
    "coverage_by_age",
    "coverage_table",
    "fixed_services",
    "mean_minutes",
    "minutes_matrix",
    "nearest",
    "nearest_name",
    "neighbourhood_access",
    "node_minutes",
    "reach_area",
    "reach_figures",
    "route",
    "speed_band",
    "two_step",
    "unroutable",
    "vehicle_legs",
]
