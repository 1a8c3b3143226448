"""Settings that explain themselves: unit, range and default of each in `help`, and at a prompt what was changed."""

import inspect
import re
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic._internal._model_construction import ModelMetaclass  # pydantic exports it nowhere
from pydantic.fields import FieldInfo

from cfwlib.showing import Shown

_UNIT = re.compile(r"(?:^|_)(hours|kmh|km|min|m|s|weeks|years|gbp)(_per_week)?$")
_UNITS = {"kmh": "km/h", "min": "minutes", "m": "metres", "s": "seconds", "gbp": "pounds"}
_BOUNDS = {"gt": "over", "ge": "from", "lt": "to under", "le": "to"}


def unit_of(name: str) -> str:
    """Return the unit that a setting's name ends in, in words; empty where it has none.

    Examples
    --------
    >>> unit_of("dwell_min"), unit_of("cost_fostering_gbp_per_week"), unit_of("vehicles")
    ('minutes', 'pounds per week', '')
    """
    found = _UNIT.search(name)
    return _UNITS.get(found[1], found[1]) + (found[2] or "").replace("_", " ") if found else ""


def range_of(field: FieldInfo) -> str:
    """Return what a setting may be: "from 5 to 720", "over 0", "2 or 4"; empty where its kind is all that counts."""
    if get_origin(field.annotation) is Literal:
        return " or ".join(map(repr, get_args(field.annotation)))
    told = [(word, getattr(one, key, None)) for one in field.metadata for key, word in _BOUNDS.items()]
    return " ".join(f"{word} {bound:,.10g}" for word, bound in told if bound is not None)


def line_of(name: str, field: FieldInfo) -> str:
    """Return a setting in one line: name, default, unit, range and what it means."""
    unit, allowed = unit_of(name), range_of(field)
    told = str(field.description).removesuffix(f", {unit}") if unit else field.description
    number = isinstance(field.default, int | float)
    return f"{name} = {field.default!r}{f' {unit}' * (bool(unit) and number)}{f' [{allowed}]' * bool(allowed)}: {told}"


class _Quiet(ModelMetaclass):
    """Leaves out of `help` and `dir` what every pydantic class has: 490 lines that say nothing of the settings."""

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if not (name.startswith("_") or hasattr(BaseModel, name))]


class Explained(Shown, BaseModel, metaclass=_Quiet):
    """Values whose class tells in `help(...)` what each means, and which tell at a prompt what is not the default."""

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Write the values under the class's docstring, and its signature without what only checks them."""
        lines = "\n".join(f"    {line_of(name, field)}" for name, field in cls.model_fields.items())
        cls.__doc__ = f"{inspect.getdoc(cls)}\n\nname = default unit [range]: what it means\n\n{lines}"
        given = inspect.signature(cls).parameters.values()
        cls.__signature__ = inspect.Signature([one.replace(annotation=one.empty) for one in given])

    def _says(self) -> tuple[str, ...]:
        fields = type(self).model_fields
        values = {name: getattr(self, name) for name in fields}
        changed = [f"{name}={value!r}" for name, value in values.items() if value != fields[name].default]
        return f"help({type(self).__name__}) tells of all {len(fields)} values", ", ".join(
            changed
        ) or "all as by default"

    def __str__(self) -> str:
        return repr(self)
