"""Hostile text in every text field of a project's inputs, and where it may not be: the cases of test_hostile_run."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd
from project import ROOT, SAMPLE

from cfwlib.data import load_area
from cfwlib.data.store import Store, read_manifest, store_folder, write_store
from cfwlib.data.which_store import open_store
from cfwlib.hub import HubMinutes, HubSettings, plan_hub
from cfwlib.settings import Settings

PIECES = [
    "{{lipsum.__globals__.os.mkdir(dict(PWNED=1)|join)}}", "{{ 7919*7907 }}", "{{", "}}", "{% import 'os' as o %}",
    "{%", "{# a", "{#2}", "${7919*7907}", "{0.__class__}", "</script><script>planted()</script>", "</title><b>",
    "<img src=x onerror=planted()>", "\"><svg onload=planted()>", "' onmouseover='planted()", "--><i>", "<!--", "]]>",
    "=cmd|' /C calc'!A0", "$\\frac{", "[red]x[/]", "`__import__('os').mkdir('PWNED')`", "<style>*{display:none}",
    "<iframe srcdoc='<script>planted()</script>'>", "[a](javascript:planted())", "&lt;b&gt;", "\\", "\u202e\u2028",
]  # fmt: skip
ADDED = str(7919 * 7907)  # what a template engine would make of it

CODES = {  # text columns that are no text of anybody's: what they must be, or the row is not this row
    "lsoa lsoa11 lsoa21 point ward authority la urn code id": "codes: checked against a pattern, or a key",
    "n1 n2 n3 n4 n5 n6 n7 n8 n9 n10": "codes of the neighbours",
    "rural_code change": "codes of a few values, which decide",
    "year period": "sorted as dates",
    "level region topic item age_group": "words of the publisher that rows are found by",
    "number_status rate_status population_status percent_status places_status": "c, k, x or z",
    "place_kind road_class direction": "words of a list: anything else is left out, or refused",
    "care_providers.kind care_providers.sector registration": "words of the publisher that rows are found by",
    "parking step_free opening_hours": "yes or no, and hours: refused by row and column if anything else",
    "schools.type schools.group schools.phase schools.status": "words that make the kind of a school",
    "libraries.closed gp_practices.status": "whether it is open",
}
_CODES = {name for names in CODES for name in names.split()}
# Joined by the same words in several tables: planted alike in all of them.
JOINED = {"lsoa_name": "lsoa", "authority_name": "authority"}
_AREA = "Cumberland"
_KEPT = {"England", "North West"}  # rows are found by these words


def hostile(text: str, mark: str) -> str:
    """Return a text with a mark and one hostile piece behind it, always the same for the same text and mark."""
    return f"{text} {mark} {PIECES[crc32(f'{mark} {text}'.encode()) % len(PIECES)]}"


def all_pieces(mark: str) -> str:
    """Return every piece in one text."""
    return f"{mark} {' '.join(PIECES)}"


def is_code(dataset: str, column: str) -> bool:
    """Tell whether a column is known to be no text."""
    return bool({column, f"{dataset}.{column}"} & _CODES)


def text_columns(store: Store) -> Iterator[tuple[str, str]]:
    """Yield data set and column of everything in a store that is text and no code."""
    for dataset, frame in store.frames.items():
        for name in frame.columns:
            plain = name != "geometry" and not pd.api.types.is_numeric_dtype(frame[name])
            if plain and not is_code(dataset, name):
                yield dataset, name


def _mark(dataset: str, column: str) -> str:
    of_authority = dataset.startswith("care_") and column in ("name", "authority_name")
    return "at-authority" if of_authority else f"at-{JOINED.get(column) or f'{dataset}-{column}'}"


def plant_store(store: Store) -> dict[str, set[str]]:
    """Plant in every text column and every text of the manifest; return what was planted, by place."""
    planted: dict[str, set[str]] = {}
    for dataset, column in text_columns(store):
        frame, mark = store.frames[dataset], _mark(dataset, column)
        new = frame[column].map(lambda text, mark=mark: text if text in _KEPT else hostile(str(text), mark))
        store.frames[dataset] = frame.assign(**{column: new})
        planted[f"{dataset}.{column}"] = set(new) - _KEPT
    for key, entry in store.datasets.items():
        own = {
            name: hostile(text, f"at-{key}-{name}")
            for name, text in asdict(entry).items()
            if isinstance(text, str) and name not in ("id", "sha256")
        }
        left = entry.left_out | {all_pieces(f"at-{key}-why"): 1}
        notes = [all_pieces(f"at-{key}-note")]
        store.datasets[key] = replace(entry, **own, left_out=left, notes=notes)
        for name, text in own.items():
            planted.setdefault(f"manifest.{name}", set()).add(text)
        planted.setdefault("manifest.notes", set()).update(notes)
        planted.setdefault("manifest.left_out", set()).update(left)
    return planted


def plant_area(folder: Path) -> dict[str, set[str]]:
    """Write an area file whose every text is hostile, with text settings of the same kind."""
    name = hostile(_AREA, "at-authority")
    said = {key: all_pieces(f"at-said-{key}") for key in ("01_need", "02_reach", "03_mobile_hub")}
    settings = {key: all_pieces(f"at-{key}") for key in ("hub_name", "hub_contact")}
    settings["hub_url"] = "https://x.example/" + "%20".join(piece.replace(" ", "") for piece in PIECES[:-1])
    note, plan = all_pieces("at-area-note"), all_pieces("at-plan")
    toml = [
        f"[area]\nname = {json.dumps(name)}\ncode = 'E06000063'\n[parameters]",
        *(f"{key} = {json.dumps(text)}" for key, text in settings.items()),
        f"[published]\nauthority = 'E06000063'\nplan = {json.dumps(plan)}",
        f"residents = {{ value = 273200, expected = 100, precision = 100, note = {json.dumps(note)} }}",
        "[published.quotations]",
        *(f"{key} = {json.dumps(text)}" for key, text in said.items()),
    ]
    (folder / "cumberland.toml").write_text("\n".join(toml) + "\n", encoding="utf-8")
    return {
        "area.name": {name}, "area.note": {note}, "area.plan": {plan}, "area.quotations": set(said.values()),
        **{f"settings.{key}": {text} for key, text in settings.items()},
    }  # fmt: skip


def plant_files(data: Path) -> dict[str, set[str]]:
    """Write scenarios, closures and carers with hostile text; return what was planted."""
    for name in ("scenarios", "calendar", "returns", "decisions"):
        (data / name).mkdir(parents=True)
    one, two, why = (all_pieces(f"at-{name}") for name in ("scenario-name", "scenario-note", "closure"))
    change = "[[scenario.change]]\nwhat = 'leave'\nfactor = 1.1\n"
    scenario = f"[[scenario]]\nname = {json.dumps(one)}\nnote = {json.dumps(two)}\n{change}"
    (data / "scenarios" / "own.toml").write_text(scenario, encoding="utf-8")
    closure = f"[[closure]]\nfirst = 2026-09-08\nlast = 2026-09-25\nreason = {json.dumps(why)}\n"
    (data / "calendar" / "closed.toml").write_text(closure, encoding="utf-8")
    carer = all_pieces("at-carer")
    rows = pd.DataFrame({"carer": [f"{carer} {k}" for k in range(30)], "easting": range(340_000, 349_000, 300)})
    rows.assign(northing=555_900, can_host="yes", approved_places=2, filled_places=1, provider="own").to_csv(
        data / "returns" / "carers.csv", index=False
    )
    return {"scenarios.name": {one}, "scenarios.note": {two}, "closures.reason": {why}, "carers.carer": {carer}}


def plant_decisions(data: Path) -> dict[str, set[str]]:
    """Write decisions on two places of the planted store, and a last plan that stopped there; return what was planted.

    A last plan's names are read and not shown: the plan knows a stop by its id.
    """
    comment, run, made, last = (all_pieces(f"at-{name}") for name in ("comment", "reviewed", "made", "last-plan"))
    services = load_area(Settings()).services
    chosen = services[services["in_area"] & services["kind"].eq("own")].head(2)
    rows = [
        {"venue": venue, "name": name, "decision": decision, "comment": comment, "frequency": ""}
        for venue, name, decision in zip(chosen["service"], chosen["name"], ("must", "none"), strict=True)
    ]
    content = {"format": "cfwlib hub decisions 1", "area": run, "code": "E06000063", "run": run, "made": made,
               "decisions": rows}  # fmt: skip
    (data / "decisions" / "said.json").write_text(json.dumps(content), encoding="utf-8")
    at = np.array([0.0, 10.0, 20.0])
    far = np.abs(at[:, None] - at[None, :])
    places = pd.DataFrame({"easting": at[1:], "northing": 0.0})
    venues = places.assign(venue=chosen["service"].to_numpy(), name=last, kind=last, district=last)
    points = places.assign(point=["p", "q"], lsoa="L", need_count=5.0, no_car_share=0.0)
    points["served_drive"] = points["served_walk"] = False
    plan = plan_hub(points, venues, HubMinutes(far, far, far[1:, 1:], far[1:, 1:]), HubSettings())  # type: ignore[call-arg]
    (data / "decisions" / "last.json").write_text(json.dumps(plan.to_dict()), encoding="utf-8")
    return {"decisions.comment": {comment}, "decisions.run": {run}, "decisions.made": {made}, "last plan.name": {last}}


def plant_buses(folder: Path) -> dict[str, set[str]]:
    """Write a bus feed with hostile names of stops."""
    folder.mkdir(parents=True)
    name = all_pieces("at-bus-stop")
    quoted = '"' + name.replace('"', '""') + '"'
    stops = [f"s{k},{quoted},{54.65 + 0.02 * k:.2f},-3.30" for k in range(4)]
    times = [f"t{h},{h:02}:{5 * k:02}:00,{h:02}:{5 * k:02}:00,s{k},{k}" for h in (9, 10) for k in range(4)]
    week = "monday,tuesday,wednesday,thursday,friday,saturday,sunday"
    files = {
        "stops": ["stop_id,stop_name,stop_lat,stop_lon", *stops],
        "trips": ["route_id,service_id,trip_id", "r,w,t9", "r,w,t10"],
        "calendar": [f"service_id,{week},start_date,end_date", "w,1,1,1,1,1,0,0,20260302,20260331"],
        "stop_times": ["trip_id,arrival_time,departure_time,stop_id,stop_sequence", *times],
    }
    for file, lines in files.items():
        (folder / f"{file}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return {"bus.stop_name": {name}}


def plant_home(folder: Path) -> dict[str, set[str]]:
    """Make a project folder, which CFW_HOME names already, all of whose inputs are hostile."""
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    (folder / "data").mkdir()
    (folder / "data" / "sample").symlink_to(SAMPLE)
    store = open_store(Settings())
    print_of = (read_manifest(store_folder("sample")) or {})["fingerprint"]
    planted = plant_store(store)
    write_store(store, store_folder("sample"), fingerprint=print_of)
    planted |= plant_area(folder / "notebooks" / "areas")
    planted |= plant_files(folder / "data") | plant_decisions(folder / "data")
    return planted | plant_buses(folder / "data" / "gtfs" / "feed")
