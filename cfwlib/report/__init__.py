"""The page kit: maps, charts, tables, exports and one self-contained HTML file. It knows no subject."""

from cfwlib.report.classes import rounded_classes
from cfwlib.report.curves import curves
from cfwlib.report.figures import bars, interval_plot
from cfwlib.report.maps import add_areas, add_lines, add_points, area_map
