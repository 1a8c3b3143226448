"""Lay a long table out across the page, symbols and all."""

from collections.abc import Mapping, Sequence

import pandas as pd


def spread(
    table: pd.DataFrame, status: Mapping[str, Sequence[str]], *, across: str, value: str
) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """Return a table with one column per group of one of its columns, and the symbols that go with it.

    Parameters
    ----------
    table
        One row per group; what is neither `across` nor `value` names a row.
    status
        Column to the symbol of each row.
    across
        Column whose groups become columns, in the order in which they come.
    value
        Column of numbers that is shown; other numbers, those with symbols, are left out.

    Returns
    -------
    table, status
        Rows and columns in the order in which they came; a group a row lacks is missing.
    """
    symbols = list(status.get(value, [""] * len(table)))
    numbers = [name for name in status if name != value]
    keys = [name for name in table.columns if name not in {across, value, *numbers}]
    groups = list(dict.fromkeys(table[across].astype(str)))
    rows: dict[tuple[object, ...], dict[str, tuple[float, str]]] = {}
    for *labels, group, number, symbol in zip(
        *(table[name] for name in keys), table[across].astype(str), table[value], symbols, strict=True
    ):
        rows.setdefault(tuple(labels), {})[group] = number, symbol
    wide = pd.DataFrame(list(rows), columns=keys)
    found = {group: [cells.get(group, (float("nan"), "")) for cells in rows.values()] for group in groups}
    for group, cells in found.items():
        wide[group] = [number for number, _ in cells]
    return wide, {group: [symbol for _, symbol in cells] for group, cells in found.items()}
