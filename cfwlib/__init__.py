"""Needs analysis for children's services: who is far from help, and what to do about it."""

from cfwlib.errors import CfwError, InputError, PlanError, SettingsError

__version__ = "0.1.0"
__all__ = ["CfwError", "InputError", "PlanError", "SettingsError", "__version__"]
