"""Cases of damaged files: one damage of one kind of file, through its loader, and now and then through the command."""

import hashlib
import random
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from torture import county, kinds, kinds_more, mutators
from torture.kinds import Kind, Loaded
from torture.mutators import FORM, NONSENSE, Damage
from torture.tally import Verdict
from torture.watch import Ended, command, watched, watched_each

THROUGH_COMMAND = 12  # every so many cases the command reads the file too
LEAST_LEFT = 0.9  # of the area's rows, without being asked


@dataclass(frozen=True)
class Stage:
    """A project folder with the kinds of file in it, their sound content read, and a store to compare with."""

    home: Path
    base: Any
    kinds: list[Kind]
    sound: dict[str, Loaded]
    keep: Path


def make_stage(folder: Path, keep: Path) -> Stage:
    """Make the project folder, read every sound file once, and warm up what a command needs."""
    home = county.make_home(folder)
    base, outcomes = kinds.sound_store(folder / "county", county.county_files())
    made = [*kinds.import_kinds(base, outcomes, county.county_files()), kinds.own_layout(base)]
    made += kinds_more.run_kinds(home, base)
    kinds_more.fresh(home, base)
    _warm(home)
    sound = {}
    for kind in made:
        try:
            sound[kind.name] = kind.load(kind.put(home, kind.data))
        except Exception as error:
            if not _not_read_yet(error):
                raise RuntimeError(f"the sound file of {kind.name} is not read: {error}") from error
            sound[kind.name] = Loaded("", 0, str(error), used=False)
    return Stage(home, base, made, sound, keep)


def _not_read_yet(error: Exception) -> bool:
    from cfwlib.errors import CfwError

    return isinstance(error, CfwError)  # a packing that the loader does not know is refused, which is an answer


def _warm(home: Path) -> None:
    """Import what the commands import, so that a fork need not: this is most of a command's time."""
    import cfwlib.cli
    import cfwlib.runs
    from cfwlib.data import open_store
    from cfwlib.runs.jobs import declared_parameters, find_notebooks
    from cfwlib.settings import Settings

    assert cfwlib.cli.main
    for path in find_notebooks([]):
        declared_parameters(path)
    open_store(Settings())


def file_cases(stage: Stage, seed: int, numbers: Sequence[int]) -> list[Verdict]:
    """Damage files, one each, and see what their loaders make of them; what cannot be damaged so is no case."""
    cases = []
    for number in numbers:
        kind = stage.kinds[number % len(stage.kinds)]
        how, data = _damaged(random.Random(f"{seed} file {number}"), kind)
        if data is not None and data != kind.data:
            cases.append(_Case(number, kind, how, data))
    ended = watched_each([partial(_load, stage, case) for case in cases], stage.home / "scratch")
    if len(numbers) > 1 and seen(stage, frozenset(), ""):  # which of them ran something?
        return [verdict for number in numbers for verdict in file_cases(stage, seed, [number])]
    return [_judged(stage, case, one) for case, one in zip(cases, ended, strict=True)]


@dataclass(frozen=True)
class _Case:
    number: int
    kind: Kind
    how: Damage
    data: bytes


def _load(stage: Stage, case: _Case) -> dict[str, Any]:
    path = case.kind.put(stage.home, case.data)
    try:
        return vars(case.kind.load(path))
    finally:
        case.kind.put(stage.home, case.kind.data)


def _judged(stage: Stage, case: _Case, ended: Ended) -> Verdict:
    kind, number = case.kind, case.number
    said = f"{ended.said}\n{(ended.value or {}).get('said', '')}"
    columns = _columns(ended, kind, case.how, stage) | seen(stage, kind.secret, said)
    turn = number // len(stage.kinds)
    through = bool(kind.command) and turn % THROUGH_COMMAND == number % THROUGH_COMMAND
    if through:
        more, words = _command(stage, kind, kind.put(stage.home, case.data), ended)
        columns, said = columns | more, f"{said}\n{words}"
    kind.put(stage.home, kind.data)
    what = f"{case.how.name}{', by command' * through}"
    verdict = Verdict(f"file:{number}", kind.name, tuple(sorted(columns)), what, said)
    return (
        _kept(stage, verdict, Path(kind.place).name, case.data) if verdict.bad or "unexplained" in columns else verdict
    )


def _damaged(r: random.Random, kind: Kind) -> tuple[Damage, bytes | None]:
    """Choose a damage that the form of a file can take, and do it."""
    ways = [("bytes", how) for how in mutators.of_bytes()]
    if kind.form and kind.form.text:
        ways += [("text", how) for how in mutators.of_text()]
    if kind.form and kind.table:
        ways += 2 * [("table", how) for how in mutators.of_tables()]
    level, how = r.choice(ways)
    if level != "table" or not kind.form:
        return how, how.apply(r, kind.data if level == "bytes" else kind.data.decode())
    try:
        made = how.apply(r, kind.table)
        return how, None if made is None else kind.form.pack(made)
    except Exception:  # what cannot be written in this form cannot come in it
        return how, None


def _columns(ended: Ended, kind: Kind, how: Damage, stage: Stage) -> set[str]:
    if ended.how != "done":
        return columns_of_end(ended, told=True)
    got, sound = Loaded(**ended.value), stage.sound[kind.name]
    if not got.used:
        return {"refused"}  # set aside, and told so
    if got.digest == sound.digest:
        return {"same"}
    lost = kind.command[:2] == ("data", "import") and got.rows < LEAST_LEFT * sound.rows
    told = got.said != sound.said  # of rows left out, or of what was noted
    return {"unexplained"} if lost or (how.group in (FORM, NONSENSE) and not told) else {"different"}


def seen(stage: Stage, secret: frozenset[str], said: str) -> set[str]:
    """Columns of what must never happen: a value of a return in what was said, a folder that a text has made."""
    found = {"value printed"} if any(value in said for value in secret) else set()
    for place in (stage.home / "scratch", stage.home / "outputs", stage.home):
        for made in place.glob("PWNED*"):
            shutil.rmtree(made) if made.is_dir() else made.unlink()
            found.add("code executed")
    return found


def _command(stage: Stage, kind: Kind, path: Path, loaded: Ended) -> tuple[set[str], str]:
    """Read the file by the command: what the loader refuses the command refuses, and leaves the store as it was."""
    words = [word.format(folder=path.parent, file=path) for word in kind.command]
    store, imports = stage.home / "data" / "store", kind.command[:2] == ("data", "import")
    before = tree(store)
    ended = watched(partial(begun, words), stage.home / "scratch")
    found = seen(stage, kind.secret, ended.said) | columns_of_end(ended) - {"same", "refused"}
    if ended.how == "done" and ended.value == 0 and loaded.how == "refused":
        found.add("unexplained")  # what cannot be read is found out only when the run is half done
    after = tree(store)
    refused = ended.how != "done" or ended.value != 0
    if after != before and (refused or not imports):
        found.add("store changed")
    if after != before:
        kinds_more.fresh(stage.home, stage.base)
    return found, f"cfw {' '.join(words)} -> {ended.value}\n{ended.said}"


def columns_of_end(ended: Ended, *, told: bool = False) -> set[str]:
    """Return the column of how a command ended, by its exit code; a loader (`told`) may refuse by an error."""
    if ended.how == "done":
        return {"same"} if told or ended.value == 0 else {"refused"} if ended.value in (2, 3) else {"traceback"}
    if ended.how == "refused" and told:
        return {"refused"}
    return {{"time": "over time", "memory": "over memory"}.get(ended.how, "traceback")}


def begun(words: list[str]) -> int:
    """Run the command up to where its notebooks would begin."""
    from cfwlib import runs

    def begin(*args: Any, **more: Any) -> Any:
        raise SystemExit(0)

    runs.run_batch = begin
    return command(words)()


def tree(folder: Path) -> dict[str, str]:
    """Return a checksum of every file of a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _kept(stage: Stage, verdict: Verdict, name: str, data: bytes) -> Verdict:
    folder = stage.keep / re.sub(r"\W+", "-", f"{verdict.case} {verdict.kind}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)
    (folder / "said.txt").write_text(f"{verdict.what}\n{verdict.said}", encoding="utf-8", errors="replace")
    return Verdict(*[getattr(verdict, key) for key in ("case", "kind", "columns", "what", "said")], str(folder))
