"""The kinds of file that a run reads: area files, decisions, calendars, returns, bus feeds, stores, records of runs."""

import json
import platform
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torture import county, forms
from torture.forms import Form
from torture.kinds import Kind, Loaded, digest, of, told

_TEXT = Form(forms.as_csv, text=True)


def run_kinds(home: Path, base: Any) -> list[Kind]:
    """Return every kind that a run, a comparison or a listing reads."""
    settings = [_area(home), _notebook(home), _lock(home), *_calendar(), _scenarios(), *_plans(base)]
    return [*settings, *_returns(), _carers(), *_buses(), *_store(home, base), *_records(home)]


def _run(*words: str) -> tuple[str, ...]:
    return ("run", *words, "--area", county.AREA, "--data", "sample")


def _area(home: Path) -> Kind:
    def load(path: Path) -> Loaded:
        from cfwlib.areas import read_area
        from cfwlib.runs.jobs import plan_jobs

        jobs = plan_jobs([], area=path.stem, data="sample", parameters={}, folder=home / "outputs")
        return of([read_area(path.stem), [dict(job.parameters) for job in jobs]])

    data = (home / "notebooks" / "areas" / f"{county.AREA}.toml").read_bytes()
    words = ("run", "01", "--area", "elsewhere", "--data", "sample")
    return Kind("area.toml", "notebooks/areas/elsewhere.toml", data, load, None, _TEXT, {}, words)


def _notebook(home: Path) -> Kind:
    """A notebook of the user's own: what is planned of it, before it runs."""

    def load(path: Path) -> Loaded:
        from cfwlib.runs import jobs

        planned = jobs.plan_jobs([path.stem], area=county.AREA, data="sample", parameters={}, folder=home / "outputs")
        return of([[job.title, dict(job.parameters), job.makes] for job in planned])

    data = (home / "notebooks" / "01_need.ipynb").read_bytes()
    return Kind("notebook.ipynb", "notebooks/90_own.ipynb", data, load, None, _TEXT)


def _lock(home: Path) -> Kind:
    """The lock of an area, left by a run that was killed: whatever it says, the next run ends in a message or runs."""

    def load(path: Path) -> Loaded:
        from cfwlib.runs import hold_area

        with hold_area(home / "outputs", path.parent.name):
            return of("held")

    text = json.dumps({"pid": 2**22 - 3, "host": platform.node(), "began": "x 1", "since": "2026-01-01 10:00:00"})
    return Kind(".lock.json", "outputs/there/.lock.json", text.encode(), load, None, _TEXT)


def _calendar() -> list[Kind]:
    def load(setting: str) -> Callable[[Path], Loaded]:
        def loaded(path: Path) -> Loaded:
            from cfwlib.data.days_off import days_off
            from cfwlib.settings import Settings

            found = days_off(Settings.read(**{setting: path.name, "cycle_start": "2026-09-07"}))
            mark, rows = digest([found.closures])
            return Loaded(mark, rows, "\n".join(found.notes))

        return loaded

    table = [["first", "last", "reason", "kind", "venue", "vehicle"],
             ["2026-10-26", "2026-10-30", "half term", "school holiday", "", ""],
             ["24/12/2026", "31/12/2026", "Christmas", "closed", "", "1"],
             ["2026-09-15", "", "training", "closed", "Carlisle Library", ""]]  # fmt: skip
    toml = (
        '[[closure]]\nfirst = 2026-10-26\nlast = 2026-10-30\nreason = "half term"\n[[closure]]\nfirst = "2026-12-24"\n'
    )
    events = [{"title": "Boxing Day", "date": f"{year}-12-{day}", "notes": "", "bunting": True}
              for year in (2026, 2027) for day in range(20, 29)]  # fmt: skip
    holidays = json.dumps({"england-and-wales": {"division": "england-and-wales", "events": events}}, indent=1)
    csv = Form(forms.as_csv, text=True)
    return [
        Kind("closures.csv", "data/calendar/closures.csv", forms.as_csv(table), load("closures"), table, csv,
             command=_run("03", "-p", "closures=closures.csv")),
        Kind("closures.toml", "data/calendar/closures.toml", toml.encode(), load("closures"), None, _TEXT,
             command=_run("03", "-p", "closures=closures.toml")),
        Kind("bank-holidays.json", "data/calendar/bank-holidays.json", holidays.encode(), load("bank_holidays"), None,
             _TEXT, command=_run("03", "-p", "bank_holidays=bank-holidays.json")),
    ]  # fmt: skip


def _scenarios() -> Kind:
    def load(path: Path) -> Loaded:
        from cfwlib.data.named_files import read_named
        from cfwlib.settings import Settings
        from cfwlib.stockflow.scenario import read_scenarios

        return of([str(one) for one in read_scenarios(read_named(Settings.read(scenarios=path.name), "scenarios"))])

    data = (Path(__file__).resolve().parents[2] / "cfwlib" / "sufficiency" / "homes" / "scenarios.toml").read_bytes()
    return Kind("scenarios.toml", "data/scenarios/own.toml", data, load, None, _TEXT,
                command=_run("06", "-p", "scenarios=own.toml"))  # fmt: skip


def _plans(base: Any) -> list[Kind]:
    from hub.hub_cases import case

    from cfwlib.hub import plan_hub

    frame = base.frames["libraries"]
    places = [(f"library-{n:04d}", str(name)) for n, name in enumerate(frame["name"])]

    def decisions(path: Path) -> Loaded:
        import pandas as pd

        from cfwlib.data.named_files import read_named
        from cfwlib.hub.decisions import read_decisions
        from cfwlib.settings import Settings

        venues = pd.DataFrame(places, columns=["venue", "name"])
        text = read_named(Settings.read(decisions=path.name), "decisions")
        found = read_decisions(text, area=county.CODE, venues=venues)
        mark, rows = digest([found.table])
        return Loaded(mark, rows, "\n".join(found.notes))

    def last(path: Path) -> Loaded:
        from cfwlib.data.named_files import read_named
        from cfwlib.hub.stability import read_last_plan
        from cfwlib.settings import Settings

        return of(read_last_plan(read_named(Settings.read(last_plan=path.name), "last_plan"), path.name).to_dict())

    points, venues, minutes, rules = case(4)
    plan = json.dumps(plan_hub(points, venues, minutes, rules).to_dict(), indent=1)
    return [
        Kind("decisions.json", "data/decisions/said.json", county.decisions_file(places[:4]), decisions, None, _TEXT,
             command=_run("03", "-p", "decisions=said.json")),
        Kind("last plan.json", "data/decisions/plan.json", plan.encode(), last, None, _TEXT,
             command=_run("03", "-p", "last_plan=plan.json")),
    ]  # fmt: skip


def _returns() -> list[Kind]:
    tables = county.invented_returns()
    secret = county.identifiers(tables)

    def load(path: Path) -> Loaded:
        from cfwlib.data.returns import read_returns

        found = read_returns(path.parent)
        named = [frame.assign(child=[found.identifier(child) for child in frame["child"]])
                 for frame in (found.children, found.episodes.drop(columns=["file", "row"]))]  # fmt: skip
        mark, rows = digest([*named, found.postcodes])
        return Loaded(mark, rows, f"{found!r}\n{found.account.to_csv()}")

    made = []
    for name, table in tables.items():
        beside = {f"{other}.csv": forms.as_csv(rows) for other, rows in tables.items() if other != name}
        place, words = f"data/returns/{name}/{name}.csv", _run("06", "-p", f"returns={name}")
        made.append(Kind(f"returns {name}.csv", place, forms.as_csv(table), load, table, _TEXT, beside, words, secret))
    for sheet in ("episodes", "header"):
        pack = forms.as_workbook(sheet, {other: rows for other, rows in tables.items() if other != sheet})
        made.append(Kind(f"returns {sheet} sheet", f"data/returns/book-{sheet}/returns.xlsx", pack(tables[sheet]), load,
                         tables[sheet], Form(pack), {}, _run("06", "-p", f"returns=book-{sheet}"), secret))  # fmt: skip
    return made


def _carers() -> Kind:
    table = county.invented_carers()

    def load(path: Path) -> Loaded:
        from cfwlib.data.carers import read_carers

        found = read_carers(path)
        mark, rows = digest([found.frame])
        return Loaded(mark, rows, f"{found!r}\n{found.account.to_csv()}")

    words, secret = _run("06", "-p", "carers=carers.csv"), county.identifiers({"carers": table})
    return Kind("carers.csv", "data/returns/carers.csv", forms.as_csv(table), load, table, _TEXT, {}, words, secret)


def _buses() -> list[Kind]:
    feed = county.bus_feed()

    def load(path: Path) -> Loaded:
        from cfwlib.data.gtfs import read_timetable

        found = read_timetable(path if path.suffix == ".zip" else path.parent)
        rides = found.connections.assign(
            dep_stop=found.stops["stop"].to_numpy()[found.connections["dep_stop"]],
            arr_stop=found.stops["stop"].to_numpy()[found.connections["arr_stop"]],
        ).drop(columns="trip")
        mark, rows = digest([found.stops, rides])
        return Loaded(mark, rows, told(found.left_out))

    made = []
    for name in ("stops.txt", "trips.txt", "calendar.txt", "stop_times.txt", "calendar_dates.txt"):
        table, others = forms.parse(feed[name]), {other: data for other, data in feed.items() if other != name}
        made.append(Kind(f"bus {name}", f"data/gtfs/{name[:-4]}/{name}", feed[name], load, table,
                         Form(forms.as_csv, text=True), others))  # fmt: skip
    pack = forms.as_zip("stop_times.txt", {name: data for name, data in feed.items() if name != "stop_times.txt"})
    table = forms.parse(feed["stop_times.txt"])
    return [*made, Kind("bus feed.zip", "data/gtfs/feed.zip", pack(table), load, table, Form(pack))]


def _store(home: Path, base: Any) -> list[Kind]:
    from cfwlib.data.store import write_store

    write_store(base, home / "data" / "store" / "spoilt")

    def load(path: Path) -> Loaded:
        from cfwlib.data.store import read_store

        found = read_store(path.parent)
        mark, rows = digest(found.frames[key] for key in sorted(found.frames))
        return Loaded(mark, rows, told([found.area_code, sorted(found.datasets)]))

    made = []
    for name in ("manifest.json", "census_cars.parquet", "lsoa_boundaries_2021.parquet"):
        stem, _, ending = name.rpartition(".")
        path = next((home / "data" / "store" / "spoilt").glob(f"{stem}*.{ending}"))  # its name may hold a checksum
        form = _TEXT if ending == "json" else None
        made.append(Kind(f"store {name}", str(path.relative_to(home)), path.read_bytes(), load, None, form))
    return made


def _records(home: Path) -> list[Kind]:
    """Records and figures of two runs that never were, as `cfw runs`, `cfw compare` and the index read them."""
    from runs.run_cases import figure, made_run

    outputs = home / "told"
    for day in ("20260101-100000", "20260102-100000"):
        made_run(outputs, day, figure("need", 12 if day < "20260102" else 30, low=8, high=15), figure("stops", 5))

    def load(path: Path) -> Loaded:
        from cfwlib.runs import compare_runs, read_runs, write_index

        runs = read_runs(outputs)
        write_index(outputs)
        if len(runs) == 2:
            return of(compare_runs(runs[1], runs[0]).rows.to_csv(), (outputs / "index.html").read_text("utf-8"))
        return Loaded("", len(runs), used=False)

    made = []
    listed, compared = ["runs", "--area", "here"], ["compare", "previous", "latest", "--area", "here"]
    for name, words in (("run.json", listed), ("figures.json", compared)):
        place, words = f"told/here/20260102-100000/{name}", (*words, "--outputs", str(outputs))
        made.append(Kind(name, place, (home / place).read_bytes(), load, None, _TEXT, command=words))
    return made


def fresh(home: Path, base: Any) -> None:
    """Put the store of the county (back) where the commands look for it."""
    from cfwlib.data.store import write_store

    shutil.rmtree(home / "data" / "store" / county.AREA, ignore_errors=True)
    write_store(base, home / "data" / "store" / county.AREA)
