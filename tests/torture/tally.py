"""What came of the cases, kind by kind: the table, the examples, and whether anything bad was found."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

SHOWN = ("tried", "refused", "same", "different", "unexplained")
BAD = ("traceback", "over time", "over memory", "store changed", "lost or left", "value printed", "code executed")
COLUMNS = (*SHOWN, *BAD)
_TELLS = re.compile(r"(?:[\w.]*(?:Error|Exception)\b|ended by signal|(?:traceback|store changed|lost or left): )")


@dataclass(frozen=True)
class Verdict:
    """What came of one case: the columns it counts in, and a line that says what was done and what came of it."""

    case: str
    kind: str
    columns: tuple[str, ...]
    what: str
    said: str = ""
    kept: str = ""

    @property
    def bad(self) -> bool:
        """True when a user would have been harmed, or left without an answer."""
        return any(column in BAD for column in self.columns)


class Tally:
    """Counts of verdicts by kind, and the first examples of each kind and column."""

    def __init__(self, verdicts: Iterable[Verdict] = ()) -> None:
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)
        self.examples: dict[tuple[str, str], list[Verdict]] = defaultdict(list)
        for verdict in verdicts:
            self.add(verdict)

    def add(self, verdict: Verdict) -> None:
        """Count a verdict."""
        self.counts[verdict.kind].update(("tried", *verdict.columns))
        for column in verdict.columns:
            if column in (*BAD, "unexplained"):
                self.examples[verdict.kind, column].append(verdict)

    @property
    def bad(self) -> int:
        """The number of bad things found."""
        return sum(count[column] for count in self.counts.values() for column in BAD)

    def table(self) -> str:
        """Return the counts as a table of text."""
        width = max([len("together"), *map(len, self.counts)])
        lines = [" ".join([" " * width, *(f"{name:>{max(7, len(name))}}" for name in COLUMNS)])]
        total: Counter[str] = Counter()
        for kind, counts in sorted(self.counts.items()):
            total.update(counts)
            lines.append(_line(kind, counts, width))
        return "\n".join([*lines, _line("all", total, width)])

    def told(self, seed: int, most: int = 3) -> str:
        """Return the examples: what to type to see each again, what was done, the last of what was said."""
        lines = []
        for (kind, column), found in sorted(self.examples.items(), key=lambda one: (one[0][1], one[0][0])):
            lines.append(f"\n{column}: {kind} ({len(found)})")
            for verdict in found[:most]:
                lines.append(f"  make torture SEED={seed} CASE={verdict.case}  # {verdict.what}")
                lines += [f"      {line[:300]}" for line in _telling(verdict.said)]
                lines += [f"      kept: {verdict.kept}"] if verdict.kept else []
        return "\n".join(lines)


def _telling(said: str) -> list[str]:
    """Return the one or two lines of what was said that tell the most."""
    lines = [line for line in said.splitlines() if line.strip()]
    marked = [line for line in lines if _TELLS.match(line)]
    return marked[-2:] or lines[-1:]


def _line(kind: str, counts: Counter[str], width: int) -> str:
    cells = [f"{counts[name] or '.':>{max(7, len(name))}}" for name in COLUMNS]
    return " ".join([f"{kind:<{width}}", *cells])
