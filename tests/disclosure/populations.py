"""Small councils made by chance: studies of a few children in care, and the folders their tables are released in."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from cfwlib.disclosure import Protected
from cfwlib.report.recorder import Report
from cfwlib.settings import Settings
from cfwlib.sufficiency.homes.groups import age_bands, distances
from cfwlib.sufficiency.homes.nearer import could_live_nearer, reasons
from cfwlib.sufficiency.homes.published import ALONE, CELLS
from cfwlib.sufficiency.homes.spells import Spells, clean, stock
from cfwlib.sufficiency.homes.study import history_start
from tools.sample import synthetic_returns

AREA = "E06000063"
KINDS = [f"{p}, {w}" for p in ("fostering", "residential", "supported", "other") for w in ("in area", "outside")]


def settings(**values: Any) -> Settings:
    return Settings.model_validate({"data": "sample", **values})


@cache
def everybody() -> Spells:
    return clean(synthetic_returns(seed=7, published=False), settings(), authorities={AREA})


def council(seed: int, *, without: int | None = None) -> Any:
    """Return what `homes_now` asks of a study: 60 to 200 children drawn by chance, perhaps one of them deleted."""
    rng, whole = np.random.default_rng(seed), everybody()
    there = stock(whole, whole.end)["child"].to_numpy()
    kept = rng.choice(there, size=int(rng.integers(60, 201)), replace=False)
    kept = kept if without is None else np.delete(kept, without)
    spells = replace(whole, frame=whole.frame[whole.frame["child"].isin(kept)].reset_index(drop=True))
    return SimpleNamespace(
        at=whole.end, spells=spells, now=stock(spells, whole.end), made=SimpleNamespace(kinds=KINDS),
        evidence=SimpleNamespace(start=history_start(whole, settings())),
        nearer=could_live_nearer(spells, whole.end), rules=reasons(spells, whole.end),
    )  # fmt: skip


def publish(study: Any) -> Any:
    """Return published tables of a study's day as the Department makes them: 1 to 5 hidden, and one more."""
    now = study.now.assign(
        location=study.now["where"], distance=distances(study.now["miles"]), rule=study.now["uasc"].map({True: ALONE}),
        age=age_bands(study.now["born"], study.at),
    )  # fmt: skip
    rows = []
    for (topic, item), labels in CELLS.items():
        there = np.ones(len(now), bool)
        for key, label in labels.items():
            there &= (now[key] == label).to_numpy()
        rows.append((topic, item, int(there.sum())))
    figures = pd.DataFrame(rows, columns=["topic", "item", "number"])
    hidden = figures["number"].between(1, 5)
    for _, group in figures.groupby("topic"):
        if hidden[group.index].sum() == 1 and len(group) > 1:
            hidden[group["number"].where(~hidden[group.index] & (group["number"] > 0)).idxmin()] = True
    figures = figures.assign(
        number=figures["number"].where(~hidden), number_status=np.where(hidden, "c", ""), authority=AREA,
        level="authority", year=f"{study.at.year}",
    )  # fmt: skip
    return SimpleNamespace(figures=figures, code=AREA)


def returns_of(study: Any, *, modelled: bool = True) -> Any:
    """Return what a claim asks of the returns of a study."""
    account = pd.DataFrame({"step": ["episodes"], "rule": ["invented"], "rows": [len(study.spells.frame)]})
    return SimpleNamespace(account=account, modelled=modelled)


def release(tables: Mapping[str, Protected], folder: Path) -> Path:
    """Write tables as the page of homes exports them, and return the run's folder."""
    report = Report("06_homes", folder, title="", area_name="", modelled=True, sources=[], parameters={}, private=True)
    for name, table in tables.items():
        report.export(table, name if name in {"rules", "nearer"} else f"now_{name}")
    report.close()
    return folder
