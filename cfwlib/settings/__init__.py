"""Typed settings: one frozen model, filled in one order whichever way a notebook is run."""

import os
from collections.abc import Collection, Mapping
from typing import Any, Self

from pydantic import PrivateAttr, ValidationError

from cfwlib.errors import SettingsError
from cfwlib.reading import parse_json
from cfwlib.settings.analysis import AccessSettings, NeedSettings, ReachSettings, SiteSettings
from cfwlib.settings.base import DAY_MIN, DataSettings
from cfwlib.settings.help import explain
from cfwlib.settings.homes import DisclosureSettings, HomesSettings, ReturnsSettings
from cfwlib.settings.hub import CalendarSettings, Frequency, HubSettings, Vehicle, VenueSettings
from cfwlib.settings.order import PLANNED, area_values, cell_values, settle, unknown, used

_ONE_CELL = "Write each setting once, in one parameters cell of lines name = value."


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
        """Where each setting that somebody has given comes from, by name."""
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
        said, file = area_values(area), f"{area}.toml"
        problems = list(unknown([(file, said)], ""))
        said = {name: value for name, value in said.items() if name in used("") and name not in values}
        return cls._checked({**said, **values}, dict.fromkeys(said, file), problems)

    @classmethod
    def _checked(cls, values: Mapping[str, Any], origins: Mapping[str, str], problems: list[str]) -> Self:
        try:
            settings = cls.model_validate({**values})
        except ValidationError as error:
            problems = problems + explain(cls, error, origins)
        if problems:
            raise SettingsError(problems)
        settings._origins = dict(origins)
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
        settings = cls.settled(notebook, cell, given=given)
        found = settings.values()
        planned = parse_json(os.environ.get(PLANNED, "{}"), PLANNED, raises=SettingsError) or found
        if wrong := [name for name in {**found, **planned} if name != "out" and found.get(name) != planned.get(name)]:
            told = [f"{n} = {found.get(n)!r:.80}, the run was planned with {planned.get(n)!r:.80}" for n in wrong]
            raise SettingsError([f"the notebook would use {one}. {_ONE_CELL}" for one in told])
        return settings

    def values(self) -> dict[str, Any]:
        """Return the settings that were read, as they are written down; `out` is a folder of this machine."""
        return self.model_dump(mode="json", include=self.model_fields_set - {"out"})

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
