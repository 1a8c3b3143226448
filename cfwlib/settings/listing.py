"""What settings there are, for `cfw settings` and docs/settings.md: from the fields themselves."""

import json
from collections.abc import Collection, Iterable
from typing import Any

from pydantic import BaseModel

from cfwlib.settings.base import Frozen
from cfwlib.settings.order import PARTS, USES, used

HEADINGS = ("Setting", "Default", "Allowed", "What it is")
_HEAD = """# Settings

Made by `make settings`. In a notebook, `more = {"name": value}` gives any of them; in an area or scenario file
`name = value` under `[parameters]` or `[notebooks.<name>]`; on the command line `-p name=value`. A list is written as
in TOML: `-p 'must=["own-1"]'`. `none` takes back a limit that the area file gives. Plain papermill takes a list by
`-y 'must: ["own-1"]'`, and text that looks like a number by `-r hub_contact 01228`.

A value comes from, weakest first: the default; the area file's `[parameters]`, then its `[notebooks.<name>]`; the
notebook's parameters cell where it differs from the default, then `more`, then what papermill itself is given; the
scenario files (`cfw run -f option-b.toml`), each `-f` over those before it; `-p`. It is the same in JupyterLab, under
papermill and in `cfw run`. `area`, `data` and `out` are set in the cell or by `--area`, `--data` and `--out` only.
"""


def settings_rows(parts: Iterable[type[BaseModel]]) -> list[tuple[str, str, str, str]]:
    """Return name, default, allowed values and meaning (with its unit) of the settings of some parts, each once.

    Parameters
    ----------
    parts
        Settings classes, as in `USES`.
    """
    rows = dict[str, tuple[str, str, str, str]]()
    for part in parts:
        for name, entry in part.model_json_schema().get("properties", {}).items():
            default = part.model_fields[name].get_default()
            rows.setdefault(name, (name, _shown(default), _allowed(entry), entry["description"]))
    return list(rows.values())


def settings_page() -> str:
    """Return docs/settings.md: every setting, part by part, and which notebooks use it."""
    lines, done = [_HEAD], set[str]()
    for part in [own for top in PARTS for own in reversed(top.__mro__) if issubclass(own, Frozen)]:
        rows = [row for row in settings_rows([part]) if row[0] not in done]
        done |= {row[0] for row in rows}
        if rows:
            users = [notebook for notebook in USES if rows[0][0] in used(notebook)]
            title = str(part.__doc__).splitlines()[0].rstrip(".")
            lines += [f"## {title}\n", f"Used by {', '.join(users)}.\n"]
            lines += [_row(HEADINGS), _row(["---"] * len(HEADINGS)), *map(_row, rows), ""]
    return "\n".join(lines)


def _row(cells: Collection[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, bool | tuple) or value == "" else str(value)


def _allowed(entry: dict[str, Any]) -> str:
    """Allowed values in words, from a field's JSON schema."""
    entry = {**entry, **entry.get("anyOf", [{}])[0]}
    if "enum" in entry:
        return " or ".join(str(value) or '""' for value in entry["enum"])
    told = {key: f"{value:,}".removesuffix(".0") for key, value in entry.items() if isinstance(value, int | float)}
    kinds = {"boolean": "true or false", "string": "text", "array": "a list", "integer": "whole, ", "number": ""}
    ends = {"minimum": "{} or more", "exclusiveMinimum": "more than {}", "maximum": "{} at most",
            "exclusiveMaximum": "less than {}"}  # fmt: skip
    return kinds[entry["type"]] + ", ".join(words.format(told[key]) for key, words in ends.items() if key in told)
