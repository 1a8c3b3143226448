"""Make the embedded sample: a modelled county, invented children and carers. Not part of the installed library."""

from tools.sample.children import synthetic_returns
from tools.sample.returns import returns_texts
from tools.sample.write import SAMPLE, write_sample, write_texts

__all__ = ["SAMPLE", "returns_texts", "synthetic_returns", "write_sample", "write_texts"]
