"""Child-level returns (SSDA903) in, frames without identifiers out; and invented ones."""

from cfwlib.data.returns.find import find_returns
from cfwlib.data.returns.frames import Returns
from cfwlib.data.returns.rates import TRUE_RATES, UASC_RATES, Rates, simulate_stays
from cfwlib.data.returns.read import read_returns
from cfwlib.data.returns.synthetic import synthetic_returns
from cfwlib.data.returns.write import write_returns

__all__ = [
    "TRUE_RATES", "UASC_RATES", "Rates", "Returns", "find_returns", "read_returns", "simulate_stays",
    "synthetic_returns", "write_returns",
]  # fmt: skip
