"""Cases of several runs and imports of one area at once."""

import random
import time
from collections.abc import Callable

from torture import aftermath, county
from torture.aftermath import Found
from torture.damage import Stage
from torture.stand_in import quick
from torture.tally import Verdict
from torture.watch import finish, start


def crowd_case(stage: Stage, seed: int, number: int) -> Verdict:
    """Begin two to four commands at once: each ends well or says it is not its turn; the store is one of theirs."""
    r = random.Random(f"{seed} crowd {number}")
    aftermath.begin(stage)
    made = aftermath.folders(stage, 3)
    runs = [aftermath.RUN, [word.replace("sample", "store") for word in aftermath.RUN]]
    commands = [r.choice([*map(aftermath.words, made), *runs]) for _ in range(r.randint(2, 4))]
    begun = [start([_late(words, r.uniform(0, 0.2))], stage.home / "scratch") for words in commands]
    found = Found()
    for words, one in zip(commands, begun, strict=True):
        ended = finish(one)[0]
        store = any("store" in word for word in words)  # may find that another has changed what it reads
        found.ended(ended, 0, 3, *((2,) if words[0] == "data" or store else ()))
    aftermath.look_at_store(stage, aftermath.marks(stage, made), found)
    aftermath.look_at_next(stage, made[0], found)
    said = " and ".join(f"{words[0]} {words[1] if words[0] == 'data' else words[-2]}" for words in commands)
    return Verdict(f"crowd:{number}", "several at once", tuple(sorted(found.columns)), f"{said} of {county.AREA}",
                   "\n".join(found.said))  # fmt: skip


def _late(words: list[str], seconds: float) -> Callable[[], int]:
    def act() -> int:
        time.sleep(seconds)
        return quick(words)()

    return act
