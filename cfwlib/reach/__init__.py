"""Who can get to what, in minutes."""

from cfwlib.reach.access import (
    access_to_fixed,
    fixed_services,
    mean_minutes,
    nearest_name,
    neighbourhood_access,
    unroutable,
)
from cfwlib.reach.area import REACH_FIGURES, AreaReach, area_isochrones, reach_area, reach_figures
from cfwlib.reach.calibration import YARDSTICK, Calibration, calibrate, sample_journeys
from cfwlib.reach.cautions import cautions
from cfwlib.reach.coverage import (
    border_effect,
    car_contrast,
    coverage,
    coverage_by_age,
    coverage_table,
    limits_with,
    speed_band,
)
from cfwlib.reach.equity import concentration_curve, equity_table
from cfwlib.reach.floating import balanced, gaussian, two_step, within
from cfwlib.reach.isochrones import isochrones
from cfwlib.reach.network import Network, build_network
from cfwlib.reach.session_hours import fixed_hours, hours_in_reach, with_fixed_hours
from cfwlib.reach.travel import Route, k_nearest, minutes_matrix, nearest, node_minutes, route, vehicle_legs

__all__ = [
    "REACH_FIGURES",
    "YARDSTICK",
    "AreaReach",
    "Calibration",
    "Network",
    "Route",
    "access_to_fixed",
    "area_isochrones",
    "balanced",
    "border_effect",
    "build_network",
    "calibrate",
    "car_contrast",
    "cautions",
    "concentration_curve",
    "coverage",
    "coverage_by_age",
    "coverage_table",
    "equity_table",
    "fixed_hours",
    "fixed_services",
    "gaussian",
    "hours_in_reach",
    "isochrones",
    "k_nearest",
    "limits_with",
    "mean_minutes",
    "minutes_matrix",
    "nearest",
    "nearest_name",
    "neighbourhood_access",
    "node_minutes",
    "reach_area",
    "reach_figures",
    "route",
    "sample_journeys",
    "speed_band",
    "two_step",
    "unroutable",
    "vehicle_legs",
    "with_fixed_hours",
    "within",
]
