"""Typed run parameters: one frozen model, filled from an area file, the command line or a notebook's cell."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import ValidationError

from cfwlib.errors import SettingsError
from cfwlib.settings.analysis import AccessSettings, BusSettings, NeedSettings, ReachSettings, SiteSettings
from cfwlib.settings.base import AREA_NAME, DAY_MIN, DataSettings, LimitSettings, SeedSettings
from cfwlib.settings.homes import DisclosureSettings, ForecastSettings, HomesSettings, ReturnsSettings
from cfwlib.settings.hub import CalendarSettings, Frequency, HubSettings, Vehicle, VenueSettings

_LONGEST_SHOWN = 80

__all__ = [
    "AREA_NAME",
    "DAY_MIN",
    "AccessSettings",
    "BusSettings",
    "CalendarSettings",
    "DataSettings",
    "DisclosureSettings",
    "ForecastSettings",
    "Frequency",
    "HomesSettings",
    "HubSettings",
    "LimitSettings",
    "NeedSettings",
    "ReachSettings",
    "ReturnsSettings",
    "SeedSettings",
    "Settings",
    "SiteSettings",
    "Vehicle",
    "VenueSettings",
]


class Settings(
    DataSettings, NeedSettings, ReachSettings, HubSettings, VenueSettings, CalendarSettings, SiteSettings,
    AccessSettings, HomesSettings,
):  # fmt: skip
    """Every parameter of a run; each part of the library reads only its own.

    Examples
    --------
    >>> Settings(dwell_min=90, data="store")
    Settings: help(Settings) tells of all ... values
    dwell_min=90.0, data='store'
    >>> Settings.read(dwell_min=2)
    Traceback (most recent call last):
    cfwlib.errors.SettingsError: parameter 'dwell_min' = 2: input should be greater than or equal to 5 (session ...
    """

    @classmethod
    def read(cls, **values: Any) -> Self:
        """Return validated settings, naming every wrong value at once.

        Parameters
        ----------
        values
            Parameter names and values; text is read as the parameter's type.

        Raises
        ------
        SettingsError
            One line per unknown name, wrong type or value out of range.
        """
        try:
            return cls(**values)
        except ValidationError as error:
            raise SettingsError([_explain(item) for item in error.errors()]) from None

    @classmethod
    def from_cell(cls, namespace: Mapping[str, Any]) -> Self:
        """Return validated settings from a notebook's variables: those that are parameters, by name.

        Parameters
        ----------
        namespace
            `globals()` of the notebook, right after its parameters cell.

        Raises
        ------
        SettingsError
            As `read`.
        """
        return cls.read(**{name: namespace[name] for name in cls.model_fields if name in namespace})


def _explain(item: Any) -> str:
    name = ".".join(str(part) for part in item["loc"])
    if item["type"] == "extra_forbidden":
        return f"parameter '{name}' is unknown. See the parameters cell of the notebook, or cfwlib/settings.py."
    if not name:
        return f"parameters: {item['msg'].removeprefix('Value error, ')}."
    description = Settings.model_fields[name].description if name in Settings.model_fields else ""
    message = "this form is not allowed" if item["type"] == "string_pattern_mismatch" else item["msg"].lower()
    return f"parameter '{name}' = {_shown(item['input'])}: {message} ({description})."


def _shown(value: Any) -> str:
    """The value as it was given, if it is short: 5,000 digits say no more than the first of them."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # Python writes no whole number of more than 4,300 digits
        return f"a {type(value).__name__} too large to show"
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]} ..."
