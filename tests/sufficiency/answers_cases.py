"""Spells made by hand, for the tests of what is answered from them."""

from typing import Any

import pandas as pd

from cfwlib.sufficiency.homes.spells import Spells

START, END = pd.Timestamp("2022-04-01"), pd.Timestamp("2025-03-31")
USUAL: dict[str, Any] = {
    "start": "2024-06-01", "end": None, "born": "2014-01-15", "place": "U6", "placement": "fostering",
    "provider": "own", "where": "in area", "miles": 5.0, "uasc": False, "uasc_until": None, "need": "N1",
    "legal_status": "C2", "began_care": True, "left_care": False, "same_carer": False, "reason_change": "",
    "reason_ended": "",
}  # fmt: skip
DATES = ["start", "end", "born", "uasc_until"]


def spells(*rows: dict[str, Any]) -> Spells:
    """Return spells, each the usual one but for what is given; children are numbered unless `child` is given."""
    frame = pd.DataFrame([{"child": number, **USUAL, **row} for number, row in enumerate(rows)])
    for name in DATES:
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    frame["miles"] = frame["miles"].astype(float)
    account = pd.DataFrame(columns=["fate", "rule", "rows"])
    return Spells(frame.sort_values(["child", "start"], ignore_index=True), account, START, END)
