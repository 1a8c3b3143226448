"""Disclosure: what of children's data may be shown, and the proof that the rest cannot be worked out."""

from cfwlib.disclosure.audit import audit_published, audit_table
from cfwlib.disclosure.difference import CHANGED, UNLIKE, Released, compare_runs, difference, read_released
from cfwlib.disclosure.forecast import protect_forecast
from cfwlib.disclosure.layout import Layout
from cfwlib.disclosure.protect import protect
from cfwlib.disclosure.released import Number, Protected, Public, Said, protect_number, say
from cfwlib.disclosure.suppress import Suppression, TooFewError, protect_cells

__all__ = [
    "CHANGED",
    "UNLIKE",
    "Layout",
    "Number",
    "Protected",
    "Public",
    "Released",
    "Said",
    "Suppression",
    "TooFewError",
    "audit_published",
    "audit_table",
    "compare_runs",
    "difference",
    "protect",
    "protect_cells",
    "protect_forecast",
    "protect_number",
    "read_released",
    "say",
]
