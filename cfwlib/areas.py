"""Where the project is, and what its area files say."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cfwlib.errors import SettingsError
from cfwlib.reading import is_file, parse_toml, read_text
from cfwlib.settings import AREA_NAME


def project_root() -> Path:
    """Return the folder that holds notebooks/areas: `CFW_HOME`, else the nearest above here, else the checkout."""
    if home := os.environ.get("CFW_HOME"):
        return Path(home).resolve()
    here = Path.cwd().resolve()
    for folder in (here, *here.parents):
        if (folder / "notebooks" / "areas").is_dir():
            return folder
    return Path(__file__).resolve().parents[1]


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
        for key in ("area", "parameters", "notebooks", "published")
        if not isinstance(content.get(key, {}), dict)
    ]
    if not problems:
        area = content.get("area", {})
        problems += [f"{file}: [area] lacks '{key}'." for key in ("name", "code") if key not in area]
        problems += [
            f"{file}: [area] {key} must be text in quotation marks."
            for key in ("name", "code")
            if not isinstance(area.get(key, ""), str)
        ]
        problems += [
            f"{file}: [published] {name} must be written {{ value = number, note = text }}."
            for name, entry in content.get("published", {}).items()
            if not isinstance(entry, dict)
            or not isinstance(entry.get("value"), int | float)
            or isinstance(entry["value"], bool)
        ]
        problems += [
            f"{file}: [notebooks] {name} must be a table, written [notebooks.{name}]."
            for name, entry in content.get("notebooks", {}).items()
            if not isinstance(entry, dict)
        ]
    return problems
