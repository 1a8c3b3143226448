"""The small pieces of a report: headline cards and the facts about a run."""

import html
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from numbers import Real
from typing import Any

import pandas as pd

import cfwlib
from cfwlib.report.numbers import MISSING, plain_number, unit_words, with_unit
from cfwlib.report.tables import table_html

PACKAGES = ("pandas", "geopandas", "numpy", "scipy", "highspy", "folium", "matplotlib", "nbconvert")
FACTS = {"title": "Title", "publisher": "Publisher", "vintage": "Vintage", "licence": "Licence"}


def card(figure: Mapping[str, Any]) -> str:
    """Return a headline card as HTML: the number large, then its unit, label, interval and reason.

    Parameters
    ----------
    figure
        A recorded figure: `value`, `unit`, `label`, `low`, `high`, `disclosure`.
    """
    value, unit = figure["value"], figure["unit"]
    numeric = isinstance(value, Real)
    large = with_unit(value, unit) if unit in {"share", "gbp"} else plain_number(value, unit=unit)
    small = unit_words(unit) if numeric and unit not in {"share", "gbp"} else ""
    notes = []
    if figure["low"] is not None and figure["high"] is not None:
        notes.append(f"{with_unit(figure['low'], unit)} to {with_unit(figure['high'], unit)}")
    if figure["disclosure"] not in {"", "none"}:
        notes.append(figure["disclosure"])
    tail = "".join(f'<span class="cfw-card-note">{html.escape(note)}</span>' for note in notes)
    return (
        f'<div class="cfw-card"><span class="cfw-card-value">{html.escape(large)}'
        f"{f' <small>{html.escape(small)}</small>' if small else ''}</span>"
        f'<span class="cfw-card-label">{html.escape(figure["label"])}</span>{tail}</div>'
    )


def about(
    sources: Sequence[Mapping[str, Any]],
    parameters: Mapping[str, Any],
    *,
    origins: Mapping[str, str] | None = None,
    run: str = "",
) -> str:
    """Return what a run rests on as HTML: data with attribution, settings, software.

    Parameters
    ----------
    sources
        Per data set: title, publisher, vintage, licence, attribution; each may be missing.
    parameters
        Settings by name.
    origins
        Where those come from that somebody has given, by name; they stand first.
    run
        A sentence that names the run, if there is one.
    """
    data = pd.DataFrame([{head: _text(source.get(key)) for key, head in FACTS.items()} for source in sources])
    origins = origins or {}
    names = sorted(parameters, key=lambda name: name not in origins)
    rows = [(name, _text(parameters[name]), origins.get(name, "default")) for name in names]
    settings = pd.DataFrame(rows, columns=["Setting", "Value", "Where from"])
    software = pd.DataFrame(_versions(), columns=["Software", "Version"])
    credits = dict.fromkeys(str(source["attribution"]) for source in sources if source.get("attribution"))
    notes = [f'<p class="cfw-note">{html.escape(text)}</p>' for text in [*credits, run] if text]
    tables = [table_html(data, caption="Data used")] if len(data) else []
    tables += [table_html(settings, caption="Settings of this run"), table_html(software, caption="Software versions")]
    return f'<div class="cfw-about">{"".join(tables)}{"".join(notes)}</div>'


def _text(value: Any) -> str:
    return MISSING if value in ("", None, []) else str(value)


def _versions() -> list[tuple[str, str]]:
    found = [("cfwlib", cfwlib.__version__), ("Python", platform.python_version())]
    for package in PACKAGES:
        try:
            found.append((package, version(package)))
        except PackageNotFoundError:
            continue
    return found
