"""Where the project is, and what its area files say."""

import math
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cfwlib.errors import SettingsError
from cfwlib.reading import is_file, parse_toml, read_text

AREA_NAME = r"^[a-z0-9_-]+$"
AGREES, NOT_EXPLAINED = "agrees", "not explained"
_PRINTED = ("published", "published_homes")  # tables of figures that somebody has printed
_TABLES = ("area", "parameters", "notebooks", *_PRINTED)
WHERE = "Write settings under [parameters] or [notebooks.<name>]."
_ABOUT = ("authority", "plan", "quotations")  # keys of [published] that are no figures


def project_root() -> Path:
    """Return the folder that holds notebooks/areas: `CFW_HOME`, else the nearest from here upwards.

    Raises
    ------
    SettingsError
        When there is none.
    """
    if home := os.environ.get("CFW_HOME"):
        return Path(home).resolve()
    here = Path.cwd().resolve()
    for folder in (here, *here.parents):
        if (folder / "notebooks" / "areas").is_dir():
            return folder
    raise SettingsError("there is no project here. Go to its folder, make one (cfw new FOLDER), or set CFW_HOME to it.")


def read_area(area: str) -> dict[str, Any]:
    """Return an area file: `area` (name, code), `parameters`, `notebooks` and `published` figures.

    Raises
    ------
    SettingsError
        When there is no such file, it is not valid TOML, or it lacks the area's name or code.
    """
    if not re.fullmatch(AREA_NAME, area) or area == "sample":
        raise SettingsError(f"area '{area}': use small letters, digits, - and _ only, and not the name 'sample'.")
    folder = project_root() / "notebooks" / "areas"
    path = folder / f"{area}.toml"
    if not is_file(path):
        known = ", ".join(sorted(p.stem for p in folder.glob("*.toml"))) or "none"
        raise SettingsError(
            f"area '{area}': there is no notebooks/areas/{area}.toml (known: {known}). Copy one and edit it."
        )
    content = parse_toml(read_text(path, raises=SettingsError), path.name, raises=SettingsError)
    problems = _area_problems(path.name, content)
    if problems:
        raise SettingsError(problems)
    return content


def _area_problems(file: str, content: Mapping[str, Any]) -> list[str]:
    problems = [
        f"{file}: {key} must be a table, written [{key}]."
        for key in _TABLES
        if not isinstance(content.get(key, {}), dict)
    ]
    problems += [f"{file}: '{key}' is read by nothing. {WHERE}" for key in content if key not in _TABLES]
    if not problems:
        area, keys = content.get("area", {}), ("name", "code")
        odd = [key for key in keys if not isinstance(area.get(key, ""), str)]
        problems += [f"{file}: [area] lacks '{key}'." for key in keys if key not in area]
        problems += [f"{file}: [area] '{key}' is read by nothing. {WHERE}" for key in area if key not in keys]
        problems += [f"{file}: [area] {key} must be text in quotation marks." for key in odd]
        for key in _PRINTED:
            problems += [f"{file}: [{key}] {problem}" for problem in _printed_problems(content.get(key, {}))]
        problems += [
            f"{file}: [notebooks] {name} must be a table, written [notebooks.{name}]."
            for name, entry in content.get("notebooks", {}).items()
            if not isinstance(entry, dict)
        ]
    return problems


def is_of(published: Mapping[str, Any], code: str) -> bool:
    """Say whether printed figures are of an authority: those that name none are taken for the area file's own.

    Parameters
    ----------
    published
        An area file's `[published]` or `[published_homes]`.
    code
        The authority's code.
    """
    return str(published.get("authority", code)).strip().upper() == code.strip().upper()


def printed_figures(published: Mapping[str, Any], code: str) -> dict[str, Mapping[str, Any]]:
    """Return the figures that are printed of an authority, by name, each with that `authority` where it is named.

    Parameters
    ----------
    published
        As `is_of`; a figure may name an authority of its own. Another's figures are left out.
    code
        The authority's code.
    """
    whose = {"authority": published["authority"]} if "authority" in published else {}
    figures = {name: {**whose, **entry} for name, entry in published.items() if name not in _ABOUT}
    return {name: entry for name, entry in figures.items() if is_of(entry, code)}


def why_different(entry: Mapping[str, Any], difference: float, *, lsoa_vintage: int | None = None) -> str:
    """Return why a figure differs from what is printed: agrees, its note, or that it is not explained.

    A note counts only for the difference it was written for: of the size expected, of the authority that the table
    names, and with the setting it speaks of.

    Parameters
    ----------
    entry
        From `printed_figures`: `value`, and perhaps `authority` (without which no note counts), `precision` (1 if not
        given), `note`, `expected` (the difference computed less printed that the note explains, a number or [least,
        most]), `lsoa_vintage` (of a run that it speaks of).
    difference
        Computed less printed.
    lsoa_vintage
        That of the run, where there is one.
    """
    half = entry.get("precision", 1) / 2
    if abs(difference) < half:
        return AGREES
    expected, vintage = entry.get("expected"), entry.get("lsoa_vintage", lsoa_vintage)
    if "authority" not in entry or expected is None or not entry.get("note") or vintage != lsoa_vintage:
        return NOT_EXPLAINED
    least, most = expected if isinstance(expected, list) else (expected, expected)
    room = 0.0 if isinstance(expected, list) else half
    return str(entry["note"]) if least - room <= difference <= most + room else NOT_EXPLAINED


def _printed_problems(published: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a table of printed figures."""
    problems = [f"{key} must be text." for key in ("authority", "plan") if not isinstance(published.get(key, ""), str)]
    quotations = published.get("quotations", {})
    if not isinstance(quotations, dict) or not all(isinstance(text, str) for text in quotations.values()):
        problems.append("quotations must be a table of texts, one for each notebook.")
    for name, entry in published.items():
        if name in _ABOUT:
            continue
        if not isinstance(entry, dict) or not _is_number(entry.get("value")):
            problems.append(f"{name} must be written {{ value = number, note = text }}.")
            continue
        texts = {key: entry.get(key, "") for key in ("note", "authority")}
        problems += [f"{name}: {key} must be text." for key, text in texts.items() if not isinstance(text, str)]
        expected = entry.get("expected", 0)
        ends = expected if isinstance(expected, list) else [expected, expected]
        if len(ends) != 2 or not all(map(_is_number, ends)) or ends[0] > ends[1]:
            problems.append(f"{name}: expected must be a difference, or two as [least, most].")
        if not _is_number(entry.get("precision", 1)) or entry.get("precision", 1) <= 0:
            problems.append(f"{name}: precision must be a number above 0.")
        if entry.get("lsoa_vintage", 2021) not in (2011, 2021):
            problems.append(f"{name}: lsoa_vintage must be 2011 or 2021.")
    return problems


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
