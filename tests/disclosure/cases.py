"""Tables to hide things in."""

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import pandas as pd

from cfwlib.disclosure.audit import audit_table
from cfwlib.disclosure.cells import Sum, build
from cfwlib.disclosure.suppress import complete

OF = "children in care, 2025-03-31"
Counts = dict[Hashable, int]


class Suppression(NamedTuple):
    """Which cells are hidden, and the interval audit of each."""

    hidden: frozenset[Hashable]
    audit: pd.DataFrame


def protect_cells(values: Counts, sums: Sequence[Sum], **rules: Any) -> Suppression:
    """Choose the cells to hide in any table of counts that add up."""
    cells = build(values, sums, **rules)
    hidden = complete(cells)
    names = frozenset(name for name, out in zip(cells.names, hidden, strict=True) if out)
    return Suppression(names, audit_table(cells, hidden))


def two_way(rows: list[list[int]]) -> tuple[Counts, list[Sum]]:
    """Return a table with both margins and its grand total as cells and sums; "T" is a margin."""
    high, wide = range(len(rows)), range(len(rows[0]))
    counts: Counts = {(i, j): rows[i][j] for i in high for j in wide}
    counts |= {(i, "T"): sum(rows[i]) for i in high} | {("T", j): sum(row[j] for row in rows) for j in wide}
    counts["T", "T"] = sum(map(sum, rows))
    sums: list[Sum] = [((i, "T"), tuple((i, j) for j in wide)) for i in high]
    sums += [(("T", j), tuple((i, j) for i in high)) for j in wide]
    sums += [(("T", "T"), tuple((i, "T") for i in high)), (("T", "T"), tuple(("T", j) for j in wide))]
    return counts, sums


def listing(counts: dict[str, int], *, key: str = "group") -> pd.DataFrame:
    """Return groups with a total row."""
    return pd.DataFrame({key: [*counts, "Total"], "children": [*counts.values(), sum(counts.values())]})


def ages_by_place() -> pd.DataFrame:
    """Return children by age and place, long, with both margins: 3 infants in homes, 4 young ones elsewhere."""
    inner = {
        ("0 to 4", "fostering"): 60, ("0 to 4", "homes"): 3, ("0 to 4", "other"): 20,
        ("5 to 15", "fostering"): 190, ("5 to 15", "homes"): 35, ("5 to 15", "other"): 24,
        ("16 and 17", "fostering"): 70, ("16 and 17", "homes"): 23, ("16 and 17", "other"): 33,
    }  # fmt: skip
    rows = [(*labels, n) for labels, n in inner.items()]
    for age in ("0 to 4", "5 to 15", "16 and 17"):
        rows.append((age, "Total", sum(n for (a, _), n in inner.items() if a == age)))
    for place in ("fostering", "homes", "other"):
        rows.append(("Total", place, sum(n for (_, p), n in inner.items() if p == place)))
    rows.append(("Total", "Total", sum(inner.values())))
    return pd.DataFrame(rows, columns=["age", "place", "children"])
