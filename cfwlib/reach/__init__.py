"""Who can get to what, in minutes."""

from cfwlib.reach.access import fixed_services, mean_minutes, unroutable
from cfwlib.reach.area import REACH_FIGURES, AreaReach, area_isochrones, cautions, reach_area, reach_figures
from cfwlib.reach.calibration import YARDSTICK, Calibration, calibrate, sample_journeys
from cfwlib.reach.coverage import border_effect, car_contrast, coverage_by_age, coverage_table, limits_with, speed_band
from cfwlib.reach.equity import concentration_curve, equity_table
from cfwlib.reach.network import build_network
from cfwlib.reach.session_hours import fixed_hours, hours_in_reach, with_fixed_hours
from cfwlib.reach.travel import k_nearest, minutes_matrix, route, vehicle_legs
