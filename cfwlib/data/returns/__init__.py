"""Child-level returns (SSDA903) in, frames without identifiers out."""

from cfwlib.data.returns.frames import Returns
from cfwlib.data.returns.read import find_returns, read_returns
