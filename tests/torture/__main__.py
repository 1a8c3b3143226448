"""`python -m torture`: torture for some minutes, print the table, and end with 1 when anything bad was found."""

import argparse
import os
import pickle
import resource
import shutil
import sys
import tempfile
import time
import warnings
from pathlib import Path

from torture.families import FAMILIES, make_families
from torture.tally import Tally, Verdict
from torture.worker import SHORT, work


def main() -> int:
    """Read the command line, torture, tell."""
    parser = argparse.ArgumentParser(prog="make torture", description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0, help="how long, by the clock")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same cases")
    parser.add_argument("--case", default="", help="one case only, such as file:123, as the table names it")
    parser.add_argument("--only", default="", help=f"families only, by commas: {', '.join(FAMILIES)}")
    parser.add_argument("--short", action="store_true", help="a fixed few cases of each family, as the tests do")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes at once")
    parser.add_argument("--keep", default="", help="folder for what failed")
    asked = parser.parse_args()
    warnings.simplefilter("ignore", DeprecationWarning)  # newer Pythons warn of forks where a library has threads
    keep = Path(asked.keep or tempfile.mkdtemp(prefix="torture-")).resolve()
    scratch = Path(tempfile.mkdtemp(prefix="torture-work-"))
    began = time.monotonic()
    try:
        if asked.case:
            family, _, number = asked.case.partition(":")
            verdicts = make_families(scratch / "0", keep)[family](asked.seed, [int(number)])
            for one in verdicts:
                print(f"{one.case}: {one.kind}, {one.what}: {', '.join(one.columns)}\n{one.said}")
        elif asked.short:
            families = make_families(scratch / "0", keep)
            verdicts = [one for name, many in SHORT.items() for one in families[name](asked.seed, range(many))]
        else:
            verdicts = _at_once(asked, scratch, keep)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    tally = Tally(verdicts)
    print(tally.table())
    print(tally.told(asked.seed))
    used = sum(resource.getrusage(who).ru_utime + resource.getrusage(who).ru_stime
               for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))  # fmt: skip
    taken = time.monotonic() - began
    print(f"\nseed {asked.seed}: {len(verdicts):,} cases in {taken:.0f} s ({used:.0f} CPU seconds); "
          f"{tally.bad} bad. What failed is kept in {keep}")  # fmt: skip
    return 1 if tally.bad else 0


def _at_once(asked: argparse.Namespace, scratch: Path, keep: Path) -> list[Verdict]:
    """Share the cases out among processes, each with a project folder of its own."""
    until = time.monotonic() + 60 * asked.minutes
    only = [name for name in asked.only.split(",") if name] or list(FAMILIES)
    pipes = []
    for number in range(asked.workers):
        reading, writing = os.pipe()
        if pid := os.fork():
            os.close(writing)
            pipes.append((pid, reading))
            continue
        try:
            os.close(reading)
            families = make_families(scratch / str(number), keep)
            found = work(families, only, asked.seed, number, asked.workers, until)
            with os.fdopen(writing, "wb") as out:
                pickle.dump(found, out)
            os._exit(0)
        except BaseException:
            import traceback

            traceback.print_exc()
            os._exit(1)
    verdicts, failed = [], False
    for pid, reading in pipes:
        with os.fdopen(reading, "rb") as coming:
            data = coming.read()
        failed |= os.waitpid(pid, 0)[1] != 0
        verdicts += pickle.loads(data) if data else []
    if failed:
        raise SystemExit("a worker of the torture itself broke: see above")
    return verdicts


sys.exit(main())
