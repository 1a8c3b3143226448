"""Disclosure: what of children's data may be shown, and the proof that the rest cannot be worked out."""

from cfwlib.disclosure.difference import CHANGED, UNLIKE, compare_runs
from cfwlib.disclosure.protect import protect, protect_forecast
from cfwlib.disclosure.released import Number, Protected, Public, Said, protect_number, say
from cfwlib.disclosure.suppress import TooFewError
