"""A population that flows between kinds as it ages: drawn futures, back-tests and scenarios."""

from cfwlib.stockflow.ages import Ages
from cfwlib.stockflow.backtest import BackTest, backtest
from cfwlib.stockflow.evidence import Evidence, observe
from cfwlib.stockflow.forecast import Forecast, forecast
from cfwlib.stockflow.scenario import Change, Scenario, read_scenarios
