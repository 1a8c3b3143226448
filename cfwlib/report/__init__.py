"""From results to a page a planner trusts: maps, charts, tables, exports and one self-contained HTML file."""

from cfwlib.report.charts import calibration_chart, equity_chart, sites_chart
from cfwlib.report.classes import Classes, rounded_classes
from cfwlib.report.curves import curves
from cfwlib.report.exports import export_layers, export_tables
from cfwlib.report.figures import Chart, bars, interval_plot
from cfwlib.report.handouts import hub_files
from cfwlib.report.hub_charts import (
    ages_table,
    by_hand_table,
    frontier_chart,
    frontier_table,
    frontier_words,
    more_table,
    robustness_map,
    robustness_table,
    robustness_words,
    stops_table,
    worth_words,
)
from cfwlib.report.listings import (
    accounts_table,
    bus_table,
    equity_listing,
    hard_table,
    journeys_table,
    left_out_table,
    need_table,
    network_table,
    proof_table,
    reconciliation_table,
    services_table,
    sites_table,
    venues_table,
    visits_table,
)
from cfwlib.report.maps import add_areas, add_lines, add_points, area_map
from cfwlib.report.offline import OfflineMap, map_html
from cfwlib.report.opening import open_report
from cfwlib.report.recorder import Report
from cfwlib.report.review import decisions_table, review_venues
from cfwlib.report.symbols import CATEGORIES, DASHES, area_symbol, line_symbol, point_symbol
from cfwlib.report.tables import table_html
from cfwlib.report.views import (
    change_map,
    need_map,
    reach_map,
    round_lines,
    rounds_map,
    services_map,
    sites_map,
    stop_points,
)

__all__ = [
    "CATEGORIES",
    "DASHES",
    "Chart",
    "Classes",
    "OfflineMap",
    "Report",
    "accounts_table",
    "add_areas",
    "add_lines",
    "add_points",
    "ages_table",
    "area_map",
    "area_symbol",
    "bars",
    "bus_table",
    "by_hand_table",
    "calibration_chart",
    "change_map",
    "curves",
    "decisions_table",
    "equity_chart",
    "equity_listing",
    "export_layers",
    "export_tables",
    "frontier_chart",
    "frontier_table",
    "frontier_words",
    "hard_table",
    "hub_files",
    "interval_plot",
    "journeys_table",
    "left_out_table",
    "line_symbol",
    "map_html",
    "more_table",
    "need_map",
    "need_table",
    "network_table",
    "open_report",
    "point_symbol",
    "proof_table",
    "reach_map",
    "reconciliation_table",
    "review_venues",
    "robustness_map",
    "robustness_table",
    "robustness_words",
    "round_lines",
    "rounded_classes",
    "rounds_map",
    "services_map",
    "services_table",
    "sites_chart",
    "sites_map",
    "sites_table",
    "stop_points",
    "stops_table",
    "table_html",
    "venues_table",
    "visits_table",
    "worth_words",
]
