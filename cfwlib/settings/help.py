"""Settings that explain themselves: unit, range and default of each in `help`, and what is wrong with a value."""

import difflib
import inspect
import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal, cast, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic._internal._model_construction import ModelMetaclass  # pydantic exports it nowhere
from pydantic.fields import FieldInfo

from cfwlib.areas import AREA_NAME
from cfwlib.errors import SettingsError
from cfwlib.showing import Shown

_UNIT = re.compile(r"(?:^|_)(hours|kmh|km|min|m|s|weeks|years|gbp)(_per_week)?$")
_UNITS = {"kmh": "km/h", "min": "minutes", "m": "metres", "s": "seconds", "gbp": "pounds"}
_BOUNDS = {"gt": "over", "ge": "from", "lt": "to under", "le": "to"}
_LONGEST_SHOWN = 80
COMMAND, DATED = "command line", "run's date"
FILE_NAME, DATE, WEEKDAYS = r"^(\w[\w .()-]*)?$", r"^(\d{4}-\d\d-\d\d)?$", "^[1-5]*$"
_FORMS = {  # pattern -> what is asked for
    FILE_NAME: "give a name alone, without folders, such as 'own-1.toml'",
    DATE: "write a date as 2027-04-05",
    WEEKDAYS: "write weekdays as digits, 1 = Monday: '135' is Monday, Wednesday and Friday",
    AREA_NAME: "write it as the file's name without .toml: small letters, digits, - and _",
}

_KINDS = {  # what pydantic misses -> what is asked for
    "tuple_type": 'input should be a list, such as ["a", "b"] (papermill: -y \'name: ["a", "b"]\')',
    "string_type": "input should be text: write it in quotation marks (papermill: -r name value)",
    "extra_forbidden": "it has no such part",
}


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


def no_setting(name: str, known: Iterable[str]) -> str:
    """Return a sentence on a name that is no setting, with the nearest that is."""
    close = difflib.get_close_matches(name, known, n=1)
    return f"'{name}' is no setting. {f'Did you mean {close[0]!r}?' if close else 'cfw settings lists them.'}"


def explain(part: type[BaseModel], error: ValidationError, origins: Mapping[str, str]) -> list[str]:
    """Return what is wrong with values as sentences, each with what the setting means and where the value is from.

    Parameters
    ----------
    part
        The class of settings that refused them.
    error
        What it said.
    origins
        Where values come from, by name, as far as known.
    """
    return [_sentence(part, item, origins) for item in error.errors()]


def _sentence(part: type[BaseModel], item: Any, origins: Mapping[str, str]) -> str:
    name, field = ".".join(str(one) for one in item["loc"]), str(item["loc"][0]) if item["loc"] else ""
    if item["type"] == "extra_forbidden" and name == field:
        return no_setting(name, part.model_fields)
    if not name:
        return f"parameters: {item['msg'].removeprefix('Value error, ')}."
    told = [str(part.model_fields[field].description)] if field in part.model_fields else []
    told += [f"from {'the ' * (origins[field] in (COMMAND, DATED))}{origins[field]}"] if field in origins else []
    message = _KINDS.get(item["type"], item["msg"][:1].lower() + item["msg"][1:])
    if item["type"] == "string_pattern_mismatch":
        message = _FORMS.get(item["ctx"]["pattern"], "this form is not allowed")
    return f"parameter '{name}' = {_shown(item['input'])}: {message} ({', '.join(told)})."


def _shown(value: Any) -> str:
    """The value as it was given, if it is short: 5,000 digits say no more than the first of them."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # Python writes no whole number of more than 4,300 digits
        return f"a {type(value).__name__} too large to show"
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]} ..."


class _Quiet(ModelMetaclass):
    """Leaves out of `help` and `dir` what every pydantic class has: 490 lines that say nothing of the settings."""

    def __call__(self, *args: Any, **values: Any) -> Any:
        try:
            return super().__call__(*args, **values)
        except ValidationError as error:  # who types a class by hand is told in the same words as a run
            raise SettingsError(explain(cast(type[BaseModel], self), error, {})) from None

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
        told = ", ".join(changed) or "all at their defaults"
        return f"help({type(self).__name__}) tells of all {len(fields)} values", told

    def __str__(self) -> str:
        return repr(self)
