"""Typed settings: one frozen model, filled in one order whichever way a notebook is run."""

from collections.abc import Collection, Mapping
from typing import Any, Self

from pydantic import PrivateAttr, ValidationError

from cfwlib.errors import SettingsError
from cfwlib.settings.analysis import AccessSettings, BusSettings, NeedSettings, ReachSettings, SiteSettings
from cfwlib.settings.base import DAY_MIN, DataSettings, LimitSettings, SeedSettings
from cfwlib.settings.help import explain
from cfwlib.settings.homes import DisclosureSettings, ForecastSettings, HomesSettings, ReturnsSettings
from cfwlib.settings.hub import CalendarSettings, Frequency, HubSettings, Vehicle, VenueSettings
from cfwlib.settings.order import area_values, cell_values, settle


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

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)

    @property
    def origins(self) -> dict[str, str]:
        """Where each setting that is not the default comes from, by name."""
        return self._origins

    @classmethod
    def read(cls, **values: Any) -> Self:
        """Return validated settings over those of the area file's `[parameters]`, naming every wrong value at once.

        Parameters
        ----------
        values
            Parameter names and values, such as `area`; text is read as the parameter's type.

        Raises
        ------
        SettingsError
            One line per unknown name, wrong type or value out of range.
        """
        area = str(values.get("area", cls.model_fields["area"].default))
        said = {name: value for name, value in area_values(area).items() if name not in values}
        return cls._checked({**said, **values}, dict.fromkeys(said, f"{area}.toml"), [])

    @classmethod
    def _checked(cls, values: Mapping[str, Any], origins: Mapping[str, str], problems: list[str]) -> Self:
        try:
            settings = cls.model_validate({**values})
        except ValidationError as error:
            problems = problems + explain(cls, error, origins)
        if problems:
            raise SettingsError(problems)
        default = {name: field.get_default() for name, field in cls.model_fields.items()}
        settings._origins = {name: told for name, told in origins.items() if getattr(settings, name) != default[name]}
        return settings

    @classmethod
    def from_cell(cls, namespace: Mapping[str, Any], notebook: str) -> Self:
        """Return the settings of a notebook that is being run, by whatever means.

        Parameters
        ----------
        namespace
            `globals()` of the notebook, right after its parameters cell.
        notebook
            The notebook's name, such as `02_reach`.

        Raises
        ------
        SettingsError
            As `read`, and where the area file cannot be read.
        """
        cell, given = cell_values(namespace)
        return cls.settled(notebook, cell, given=given)

    @classmethod
    def settled(cls, notebook: str, cell: Mapping[str, Any], *, given: Collection[str] = ()) -> Self:
        """Return the settings that a notebook uses, in the order of `cfwlib.settings.order.settle`, with their origins.

        Parameters
        ----------
        notebook, cell, given
            As there.

        Raises
        ------
        SettingsError
            As `read`, and where the area file cannot be read.
        """
        return cls._checked(*settle(notebook, cell, given=given))
