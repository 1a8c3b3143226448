"""A population that flows between kinds as it ages: drawn futures, back-tests and scenarios."""

from cfwlib.stockflow.ages import Ages
from cfwlib.stockflow.backtest import BackTest, backtest
from cfwlib.stockflow.bands import crps
from cfwlib.stockflow.evidence import Evidence, observe
from cfwlib.stockflow.forecast import Forecast, forecast
from cfwlib.stockflow.rates import draw_rates, mean_rates, posterior
from cfwlib.stockflow.scenario import Change, Scenario, read_scenarios
from cfwlib.stockflow.trend import Trend, entry_trend

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
