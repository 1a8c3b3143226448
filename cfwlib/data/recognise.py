"""Find the files of a folder and tell which data set each is; a file that could be two is not guessed at."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cfwlib.data import catalogue, open_table
from cfwlib.data.catalogue import Dataset, Layout
from cfwlib.errors import InputError, printable
from cfwlib.reading import files_in

_SIDECARS = {".dbf", ".shx", ".prj", ".cpg", ".qix", ".sbn", ".sbx", ".md", ".txt", ".toml"}
_PACKED = (".zip", ".7z", ".osm.gz", ".osm.bz2")
_TOGETHER = {"schools", "childrens_centres"}  # one register holds both; the type of each establishment tells


@dataclass(frozen=True)
class Outcome:
    """What became of one file: the data set it supplied (`why`: the rows left out), or why it was not used.

    `rows` were kept of the `rows_in_file`. `notes`: what it replaces, and what else the reader of figures must know.
    """

    file: str
    dataset: str = ""
    used: bool = False
    rows: int = 0
    rows_in_file: int = 0
    vintage: str = ""
    why: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("file", "why"):  # a file's name may hold what no terminal can print
            object.__setattr__(self, name, printable(getattr(self, name)))


def recognise(
    folder: Path, registry: Mapping[str, Dataset]
) -> tuple[dict[str, list[tuple[Path, Layout]]], list[Outcome], list[str]]:
    """Return which files can supply which data set, what became of the others, and what is wrong with any.

    Parameters
    ----------
    folder
        Searched with its sub-folders.
    registry
        Every data set by its id, with the layouts to try.
    """
    recognised: dict[str, list[tuple[Path, Layout]]] = {}
    problems: list[str] = []
    near: list[tuple[Path, Dataset, Layout, list[str]]] = []
    files, others = files_in(folder)
    what = "no file: a link that leads nowhere, or a pipe"
    outcomes = [Outcome(str(path.relative_to(folder)), why=what) for path in others]
    for path in (one for one in files if one.suffix.lower() not in _SIDECARS and not one.name.startswith(".")):
        name, suffix = str(path.relative_to(folder)), path.suffix.lower()
        packed = name.lower().endswith(_PACKED)
        if packed or suffix not in catalogue.GEO_SUFFIXES | open_table.SUFFIXES or name == "MANIFEST.csv":
            why = "an archive: unpack it and import again" if packed else "not a kind of file the loader reads"
            outcomes.append(Outcome(name, why=why))
            continue
        try:
            heading = catalogue.header(path)
        except InputError as error:
            if suffix == ".json":  # many things are JSON
                outcomes.append(Outcome(name, why="not a geographical file"))
            else:
                problems += error.problems
            continue
        found, misses = catalogue.matches(heading, registry), catalogue.near_misses(heading, registry)
        found, doubts = _decide(found, path)
        problems += doubts
        for dataset, layout in found:
            recognised.setdefault(dataset.id, []).append((path, layout))
        near += [(path, *miss) for miss in misses]
        if not found:
            nearest = f"nearest: {misses[0][0].id}, but it lacks '{misses[0][2][0]}'" if misses else ""
            bar = catalogue.barred(heading, registry)
            other = f"holds '{bar}', so it is of another year or another data set with like columns" if bar else ""
            outcomes.append(Outcome(name, why=other or nearest or "its columns are of no known data set"))
    fitted = {layout.name for files in recognised.values() for _, layout in files}
    for dataset in registry.values():
        spare = [layout for layout in dataset.layouts if layout.own and layout.name not in fitted]
        outcomes += [Outcome(f"layout {one.name}", dataset.id, why="fits no file of the folder") for one in spare]
    return recognised, outcomes, problems + _lacking(near, recognised)


def _decide(found: list[tuple[Dataset, Layout]], path: Path) -> tuple[list[tuple[Dataset, Layout]], list[str]]:
    """A list of places, or a published table, is of one data set: the user's own layout says which, else it is asked.

    Tables of neighbourhoods may hold columns of several data sets, side by side.
    """
    problems = []
    for geography in ("point", "authority"):
        rivals = [one for one in found if one[0].geography == geography and one[0].area in ("buffer", "all")]
        if own := [one for one in rivals if one[1].own]:
            found = [one for one in found if one not in rivals or one in own]
            rivals = own
        names = [dataset.id for dataset, _ in rivals]
        if len(rivals) > 1 and not set(names) <= _TOGETHER:
            lines = " or ".join(f"[[{name}.layouts]]" for name in names)
            problems.append(
                f"{path.name}: its columns fit {' and '.join(names)}, and it is not guessed which it is. Say so in a "
                f"layout of your own ({lines}) and import with --layouts, or take out the columns of the other."
            )
            found = [one for one in found if one not in rivals]
    return found, problems


def _lacking(
    near: list[tuple[Path, Dataset, Layout, list[str]]], recognised: dict[str, list[tuple[Path, Layout]]]
) -> list[str]:
    """Name the files that would be a needed data set but for a column or two, where no other file is it."""
    told: dict[tuple[str, str], str] = {}
    for path, dataset, layout, missing in near:
        if dataset.id not in recognised and dataset.needed:
            columns = ", ".join(f"'{name}'" for name in missing[:3]) + (" ..." if len(missing) > 3 else "")
            told.setdefault(
                (path.name, dataset.id),
                f"{path.name}: looks like {dataset.title} ({layout.name}) but lacks the column {columns}. "
                "Download the file again, or give its columns their published names.",
            )
    return list(told.values())
