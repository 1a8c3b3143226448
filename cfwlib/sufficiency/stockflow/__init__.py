"""A population that flows between kinds as it ages: drawn futures, back-tests and scenarios."""

from cfwlib.sufficiency.stockflow.ages import Ages
from cfwlib.sufficiency.stockflow.backtest import BackTest, backtest
from cfwlib.sufficiency.stockflow.bands import crps
from cfwlib.sufficiency.stockflow.evidence import Evidence, observe
from cfwlib.sufficiency.stockflow.forecast import Forecast, forecast
from cfwlib.sufficiency.stockflow.rates import draw_rates, mean_rates, posterior
from cfwlib.sufficiency.stockflow.scenario import Change, Scenario, read_scenarios
from cfwlib.sufficiency.stockflow.trend import Trend, entry_trend

__all__ = [
    "Ages",
    "BackTest",
    "Change",
    "Evidence",
    "Forecast",
    "Scenario",
    "Trend",
    "backtest",
    "crps",
    "draw_rates",
    "entry_trend",
    "forecast",
    "mean_rates",
    "observe",
    "posterior",
    "read_scenarios",
]
