"""How the children in care live today: every table of them is one puzzle, and all of it is protected at once.

Tables of the same children give each other away: who is outside by placement, by distance and by rule. So all cells
that are shown, and those a reader can work out by subtraction, are protected together and then cut into tables. What
the Department published of the same day (`beside_published`) is known to every reader.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np
import pandas as pd

from cfwlib.data.social_care import SocialCare
from cfwlib.disclosure import Protected, TooFewError, protect
from cfwlib.disclosure.cells import is_small
from cfwlib.settings import Settings
from cfwlib.sufficiency.homes.fostering import OTHERS, OWN, RELATED, fostered_by
from cfwlib.sufficiency.homes.groups import (
    AGES,
    DISTANCES,
    LOCATIONS,
    NOT_KNOWN,
    PLACEMENTS,
    PROVIDERS,
    age_bands,
    distances,
)
from cfwlib.sufficiency.homes.nearer import COULD, RULES
from cfwlib.sufficiency.homes.published import published_cells
from cfwlib.sufficiency.homes.study import HomesStudy

ALL = "Total"
TOO_FEW = (
    "Too few children are in care in these returns for tables that protect each of them: only published figures are "
    "shown."
)
NOT_BESIDE = (
    "These returns do not have the counts that the Department for Education publishes of the same day. Who reads both "
    "could tell single children, so only published figures are shown. Use the returns as they were submitted, or "
    "count a day at least four weeks away (returns_end)."
)
KEYS = ["placement", "location", "distance", "provider", "age", "care", "need", "rule"]
NEAR = 0.1  # published totals further off than this share are not of the same children
_TABLE_OF = {"distance": "distance", "age": "age", "provider": "provider", "rule": "alone"}
Cells = tuple[str, ...]
OUTSIDE = "outside"
ALONE = "unaccompanied"
STAY, EARLY, LATE = "left out by a rule", "left out by an early rule", "left out by a late rule"
_RULES = tuple(RULES)
_UPTO = _RULES.index("kind not known") + 1  # nobody in an "other" placement gets past this rule
LOCATED = 0.8  # least share of children of whom it is known whether they live in the area, to speak of that
FEWEST = 20  # children in care, for any table of them
_FEW, OTHER = ("other", NOT_KNOWN), "other or not known"
CARE = (RELATED, OTHERS, OWN)
WAYS = ("age", "placement", "distance", "need")
_CROSSED = {
    "placement": ["placement", "location"],
    "distance": ["distance", "location"],
    "age": ["age", "location"],
    "provider": ["provider"],
}
_WITH = {name: ["rules", "nearer", "unshown"] for name in ("rules", "nearer", "unshown")}  # all or none
_SHOWN = {
    **_CROSSED,
    "care": ["placement", "care"],
    "alone": ["location", "rule"],
    "rules": ["location", "rule"],
    "nearer": ["location", "rule", *WAYS],
}
_MILES = {
    "could_over_20_miles": DISTANCES[1],
    "could_within_20_miles": DISTANCES[0],
    "could_miles_not_known": DISTANCES[2],
}


@dataclass(frozen=True)
class Beside:
    """What published tables mean for those of the returns.

    Attributes
    ----------
    known
        Cell (its label for each of `KEYS`) to the count that everybody knows, since the returns have the same.
    clash
        Tables that cannot be shown: the difference between the two would be 1 to 5 children. `placement` = none can.
    """

    known: Mapping[Cells, int] = field(default_factory=dict)
    clash: frozenset[str] = frozenset()


def beside_published(cells: pd.DataFrame, published: Iterable[tuple[Mapping[str, str], int]]) -> Beside:
    """Return what published counts of the same day mean for tables of the returns.

    A count that is also published is known, whatever the others are. Where a count is 1 to 5 apart from the published
    one, or what is left of all children without the groups published, the table that holds it cannot be shown; nor any,
    where that is so of all children, of those in the area, or of a placement. Where the totals are more than a tenth
    apart the returns are of other children, and a small difference tells of nobody.

    Parameters
    ----------
    cells
        Every cell of every table: `KEYS` and true `children`.
    published
        Labels of a group, by key, and its published number.
    """
    rows = cells[[*KEYS, "children"]].drop_duplicates(KEYS).itertuples(index=False, name=None)
    counted = {tuple(labels): int(count) for *labels, count in rows}
    theirs = {tuple(labels.get(key, ALL) for key in KEYS): int(number) for labels, number in published}
    theirs = {cell: number for cell, number in theirs.items() if cell in counted}
    total = tuple(ALL for _ in KEYS)
    known = {cell: number for cell, number in theirs.items() if number == counted[cell]}
    if total in theirs and abs(theirs[total] - counted[total]) > NEAR * theirs[total]:
        return Beside(known)
    apart = {cell: number - counted[cell] for cell, number in theirs.items()} | _left_over(theirs, counted)
    return Beside(known, frozenset(_table_of(cell) for cell, number in apart.items() if is_small(abs(number))))


def _left_over(theirs: Mapping[Cells, int], counted: Mapping[Cells, int]) -> dict[Cells, int]:
    """How far the rest of each whole is apart: the whole without those of its groups, of one kind, that are published.

    The rest stands under the name of one of those groups: it belongs to the same table.
    """
    apart: dict[Cells, int] = {}
    for place, _ in enumerate(KEYS):
        for whole in (cell for cell in theirs if cell[place] == ALL):
            parts = [cell for cell in theirs if cell[place] != ALL and _without(cell, place) == _without(whole, place)]
            if parts:
                difference = theirs[whole] - counted[whole] - sum(theirs[cell] - counted[cell] for cell in parts)
                apart |= {parts[0]: difference} if is_small(abs(difference)) else {}
    return apart


def _without(cell: Cells, place: int) -> Cells:
    return cell[:place] + cell[place + 1 :]


def _table_of(cell: Cells) -> str:
    """Return the table that a published cell stands in; those of all, of places and of placements are in every one."""
    keys = [key for key, label in zip(KEYS, cell, strict=True) if label != ALL and key != "location"]
    return _TABLE_OF.get(keys[0], "placement") if len(keys) == 1 else "placement"


def homes_now(study: HomesStudy, settings: Settings, care: SocialCare | None = None) -> dict[str, Protected]:
    """Return how the children in care live today, by name of the table, each number protected beside all others.

    `placement`, `distance`, `age` (each by location), `provider`, `care` (of those fostered), `alone` (unaccompanied,
    by location); `rules` (children placed outside: why they would stay there, and how many could live in the area),
    `nearer` (who those are). Nothing where there are too few children for tables that protect each of them. A table
    without rows is one that cannot be shown beside what is published, or protected at all.

    Parameters
    ----------
    study
        The study of the returns.
    settings
        Rounding, and the fewest children of a share.
    care
        The published tables: what they show of the same day is known to everybody. Where the returns differ from them
        by 1 to 5 children the difference would tell who, so that the table, or all of them, is left out.
    """
    if len(study.now) < max(FEWEST, settings.min_denominator):
        return {}
    tables = _tables(study)
    whole, left = _protected(tables, _beside(tables, study, care), study, settings)
    if whole is None or whole.number("children").value is None:
        return {}
    out = {name: _part(whole, tables[name], keys, shown=name not in left) for name, keys in _SHOWN.items()}
    out["rules"] = _told(out["rules"], tables["rules"], ["why"])
    out["nearer"] = _told(out["nearer"], tables["nearer"], ["by", "group"])
    return out


def why_nothing(study: HomesStudy, care: SocialCare) -> str:
    """Return why there is no table of today's children."""
    return NOT_BESIDE if "placement" in _beside(_tables(study), study, care).clash else TOO_FEW


def _tables(study: HomesStudy) -> dict[str, pd.DataFrame]:
    """Return the unprotected tables, and the rows that a reader finds by subtraction."""
    people = _people(study)
    groups = _groups(people, study)
    tables = {name: crossed(people, {key: groups[key] for key in keys}) for name, keys in _CROSSED.items()}
    tables["care"] = crossed(people[people["placement"] == "fostering"], {"care": CARE}).assign(placement="fostering")
    tables["rules"], tables["nearer"] = _rules(study), _nearer(study)
    alone = people[people["uasc"].astype(bool)]
    tables["alone"] = crossed(alone, {"location": groups["location"]}).assign(rule=ALONE)
    tables["unshown"] = _left_out(study, tables)
    return tables


def _beside(tables: Mapping[str, pd.DataFrame], study: HomesStudy, care: SocialCare | None) -> Beside:
    every = pd.concat([_every_key(table) for table in tables.values()])
    return beside_published(every, published_cells(care, study.at) if care else [])


def _protected(
    tables: Mapping[str, pd.DataFrame], beside: Beside, study: HomesStudy, settings: Settings
) -> tuple[Protected | None, set[str]]:
    """Return all tables as one, protected, and the names of those left out; None where nothing can be shown."""
    left = {other for name in beside.clash for other in _WITH.get(name, [name])}
    while "placement" not in left:
        cells = pd.concat({n: _every_key(t) for n, t in tables.items() if n not in left}).drop_duplicates(KEYS)
        unshown = cells.index.get_level_values(0) == "unshown"
        cells = cells.astype({"children": int}).reset_index(drop=True)
        published = [beside.known.get(tuple(labels), np.nan) for labels in cells[KEYS].itertuples(index=False)]
        try:
            whole = protect(
                cells, of=f"children in care, {study.at:%Y-%m-%d}", keys=KEYS, counts=["children"], settings=settings,
                shares={"share": ("children", "")}, unshown=unshown.tolist(), published=published, unrounded=True,
                parts={"rule": {ALL: (COULD, STAY), STAY: (EARLY, LATE), EARLY: _RULES[:_UPTO], LATE: _RULES[_UPTO:]}},
            )  # fmt: skip
        except TooFewError as error:
            left |= _holding(error.cell, tables, left)
        else:
            return whole, left
    return None, left


def _holding(cell: Hashable, tables: Mapping[str, pd.DataFrame], left: Collection[str]) -> set[str]:
    """Return the tables that are left out with a cell that cannot be protected; the first where none of them has it."""
    labels = dict(cell[2]) if isinstance(cell, tuple) else {}
    row = tuple(labels.get(key, ALL) for key in KEYS)
    held = {
        other
        for name, table in tables.items()
        if name not in left and row in {*_every_key(table)[KEYS].itertuples(index=False, name=None)}
        for other in _WITH.get(name, [name])
    }
    return held - {"placement"} or held or {"placement"}


def places_known(study: HomesStudy) -> bool:
    """Say whether it is known of enough children whether they live in the area, so that its share means anything."""
    return bool((study.now["where"] != NOT_KNOWN).mean() >= LOCATED)


def crossed(people: pd.DataFrame, groups: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Return the people in each combination of groups, nobody included, with every total: the keys and `children`."""
    rows = []
    for labels in product(*([*names, ALL] for names in groups.values())):
        there = np.ones(len(people), dtype=bool)
        for key, label in zip(groups, labels, strict=True):
            there &= (people[key] == label).to_numpy() | (label == ALL)
        rows.append((*labels, int(there.sum())))
    return pd.DataFrame(rows, columns=[*groups, "children"])


def _people(study: HomesStudy) -> pd.DataFrame:
    now = study.now.assign(provider=_providers(study.now["provider"]))
    miles, age = distances(now["miles"]), age_bands(now["born"], study.at)
    return now.assign(location=now["where"], distance=miles, age=age, care=fostered_by(now))


def _providers(providers: pd.Series) -> pd.Series:
    """Return the providers, other ones and those not known as one where either is few: others publish all the rest."""
    counts = [int((providers == name).sum()) for name in _FEW]
    return providers.replace(dict.fromkeys(_FEW, OTHER)) if min(counts) and any(map(is_small, counts)) else providers


def _groups(people: pd.DataFrame, study: HomesStudy) -> dict[str, list[str]]:
    """Return the groups of each key in their order; those that the forecast follows are there even with nobody in."""
    there = {key: {*people[key]} for key in ("location", "distance", "provider", "age")}
    there["location"] |= {kind.rsplit(", ", 1)[1] for kind in study.made.kinds}
    there["location"] |= {*LOCATIONS} - {NOT_KNOWN}
    there["distance"] |= {*DISTANCES} - {NOT_KNOWN}
    ages = (*AGES.names, NOT_KNOWN)
    there["age"] |= {*AGES.names}
    order = {"location": LOCATIONS, "distance": DISTANCES, "provider": (*PROVIDERS, OTHER), "age": ages}
    return {"placement": [*PLACEMENTS]} | {
        key: [name for name in names if name in there[key]] for key, names in order.items()
    }


def _rules(study: HomesStudy) -> pd.DataFrame:
    """Return why children placed outside would stay there, rules that meet nobody left out, and who could not."""
    rules = study.rules[(study.rules["children"] > 0) | (study.rules["rule"] == COULD)]
    total = pd.DataFrame({"rule": [ALL], "why": ["placed outside the area"], "children": [rules["children"].sum()]})
    return pd.concat([rules, total], ignore_index=True).assign(location=OUTSIDE)


def _nearer(study: HomesStudy) -> pd.DataFrame:
    """Return the children who could live in the area: all of them, then by each way, groups in their order."""
    could = study.nearer[study.nearer["could"] > 0]
    miles = could.loc[could["by"] == "all", [*_MILES]].sum()
    rows = [("all", "all", int(could.loc[could["by"] == "all", "could"].sum()))]
    for way in ("age", "placement", "need"):
        found = could[could["by"] == way]
        order = {name: place for place, name in enumerate([*AGES.names, *PLACEMENTS])}
        found = found.sort_values("group", key=lambda names: names.map(order).fillna(len(order)), kind="stable")
        rows += [(way, group, int(count)) for group, count in zip(found["group"], found["could"], strict=True)]
    rows += [("distance", name, int(miles[column])) for column, name in _MILES.items() if miles[column]]
    table = pd.DataFrame(rows, columns=["by", "group", "children"]).assign(location=OUTSIDE, rule=COULD)
    return table.assign(**{way: table["group"].where(table["by"] == way, ALL) for way in WAYS})


def _left_out(study: HomesStudy, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return those placed outside whom the rules leave out, by group and by part of the rules: found by subtraction."""
    rules = study.rules.set_index("rule")["children"]
    early, late = (int(rules[list(names)].sum()) for names in (_RULES[:_UPTO], _RULES[_UPTO:]))
    distance, placement = (tables[name].set_index([name, "location"])["children"] for name in ("distance", "placement"))
    could = study.nearer.loc[study.nearer["by"] == "all", [*_MILES]].sum()
    other = int(placement["other", OUTSIDE])
    rows: list[tuple[str, str, str, int]] = [("all", ALL, STAY, early + late), ("all", ALL, EARLY, early)]
    rows += [("all", ALL, LATE, late), ("placement", "other", EARLY, other)]
    rows.append(("placement", "all but other", EARLY, early - other))
    for by, group, out, could_here in study.nearer[["by", "group", "outside", "could"]].itertuples(index=False):
        if by in ("age", "placement"):
            rows.append((by, group, STAY, int(out - could_here)))
    for column, name in _MILES.items():
        rows.append(("distance", name, STAY, int(distance.get((name, OUTSIDE), 0) - could[column])))
    out = pd.DataFrame(rows, columns=["by", "group", "rule", "children"]).assign(location=OUTSIDE)
    return out.assign(**{way: out["group"].where(out["by"] == way, ALL) for way in WAYS[:3]})


def _every_key(table: pd.DataFrame) -> pd.DataFrame:
    """Return the keys and counts of a table, at the total of every key that it does not have."""
    return table.assign(**{key: ALL for key in KEYS if key not in table})[[*KEYS, "children"]]


def _part(whole: Protected, table: pd.DataFrame, keys: Sequence[str], *, shown: bool) -> Protected:
    """Return the rows of one table, in its order, or none; what readers know stays that of the whole."""
    wanted = pd.MultiIndex.from_frame(_every_key(table)[KEYS])
    at = pd.MultiIndex.from_frame(whole.frame[KEYS]).get_indexer(wanted) if shown else np.array([], dtype=int)
    return whole.part(at.tolist(), keys=keys)


def _told(part: Protected, table: pd.DataFrame, words: Sequence[str]) -> Protected:
    """Put words that say nothing of a child before the numbers, and leave the shares out."""
    keys, counts = part.frame[list(part.layout.keys)], part.frame[["children", "children_status"]]
    said = table[list(words)].reset_index(drop=True).loc[keys.index]
    return replace(part, frame=pd.concat([keys, said, counts], axis=1))
