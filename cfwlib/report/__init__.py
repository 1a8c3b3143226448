"""The page kit: maps, charts, tables, exports and one self-contained HTML file. It knows no subject."""

from cfwlib.report.classes import Classes, rounded_classes
from cfwlib.report.curves import curves
from cfwlib.report.exports import export_layers, export_tables
from cfwlib.report.figures import Chart, bars, interval_plot
from cfwlib.report.maps import add_areas, add_lines, add_points, area_map
from cfwlib.report.offline import OfflineMap, map_html
from cfwlib.report.recorder import Report
from cfwlib.report.symbols import CATEGORIES, DASHES, area_symbol, line_symbol, point_symbol
from cfwlib.report.tables import table_html

__all__ = [
    "CATEGORIES",
    "DASHES",
    "Chart",
    "Classes",
    "OfflineMap",
    "Report",
    "add_areas",
    "add_lines",
    "add_points",
    "area_map",
    "area_symbol",
    "bars",
    "curves",
    "export_layers",
    "export_tables",
    "interval_plot",
    "line_symbol",
    "map_html",
    "point_symbol",
    "rounded_classes",
    "table_html",
]
