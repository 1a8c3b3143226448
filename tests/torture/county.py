"""A project folder of one's own with a county of a dozen neighbourhoods, and invented returns that nobody may see."""

import json
import os
import random
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from project import ROOT, SAMPLE

from torture.forms import as_csv, as_geojson, features, parse
from torture.mutators import Table

AREA, CODE = "cumberland", "E06000063"
NEIGHBOURHOODS = 12
_WIDE = ("cla_", "children_mid_year", "ofsted", "edubase", "os_open_names")  # cut to their first rows: time is short
_ROWS = 90


def make_home(folder: Path) -> Path:
    """Make a project folder (notebooks, area file, the modelled sample), and make it the project of this process."""
    shutil.copytree(ROOT / "notebooks", folder / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    for name in ("gtfs", "calendar", "decisions", "returns", "scenarios", "store"):
        (folder / "data" / name).mkdir(parents=True)
    (folder / "data" / "sample").symlink_to(SAMPLE)
    (folder / "outputs").mkdir()
    os.environ["CFW_HOME"], os.environ["CFW_OUTPUTS"] = str(folder), str(folder / "outputs")
    return folder


def county_files() -> dict[str, bytes]:
    """Return the files of the sample, cut to the first neighbourhoods of the county and what lies near them."""
    wards = parse((SAMPLE / "LSOA21_WD24_LAD24_Lookup.csv").read_bytes())
    codes = {row[0] for row in wards[1 : NEIGHBOURHOODS + 1]}
    return {path.name: _cut(path, codes) for path in sorted(SAMPLE.iterdir()) if path.suffix in (".csv", ".geojson")}


def _cut(path: Path, codes: set[str]) -> bytes:
    data = path.read_bytes()
    if path.suffix == ".geojson":
        table, rest = features(data)
        if "LSOA" in path.name:
            table = [table[0], *[row for row in table[1:] if row[0] in codes]]
        return as_geojson(rest)(table[: 1 + _ROWS])
    table = parse(data)
    of_lsoas = [n for n in range(len(table[-1])) if table[-1][n].startswith("X010")]
    if of_lsoas and not path.name.startswith("edubase"):
        return as_csv([table[0], *[row for row in table[1:] if codes & {row[n] for n in of_lsoas}]])
    if path.name.startswith(_WIDE):
        own = [row for row in table[_ROWS:] if "Cumberland" in row][:20]
        return as_csv([*table[:_ROWS], *own])
    return data


def invented_returns(seed: int = 7, children: int = 30) -> dict[str, Table]:
    """Return the tables of a return of invented children, whose every identifier can be known again in any output."""
    r = random.Random(seed)
    ids = [f"ZQX{r.randrange(10**6, 10**7)}" for _ in range(children)]
    born = [date(2008, 1, 1) + timedelta(days=r.randrange(6000)) for _ in ids[::2] for _ in (1, 2)]  # twins
    header = [["CHILD", "SEX", "DOB", "ETHNIC", "UPN", "MOTHER", "MC_DOB"]]
    header += [[child, r.choice("12"), f"{day:%d/%m/%Y}", "WBRI", f"UQZ{r.randrange(10**9, 10**10)}", "0", ""]
               for child, day in zip(ids, born, strict=True)]  # fmt: skip
    episodes = [["CHILD", "DECOM", "RNE", "LS", "CIN", "PLACE", "PLACE_PROVIDER", "DEC", "REC", "REASON_PLACE_CHANGE",
                 "HOME_POST", "PL_POST", "URN", "PL_LOCATION", "PL_DISTANCE", "YEAR"]]  # fmt: skip
    for n, (child, day) in enumerate(zip(ids, born, strict=True)):
        came = max(date(2024, 4, 2), day + timedelta(days=20)) + timedelta(days=r.randrange(200))
        left = f"{came + timedelta(days=r.randrange(20, 100)):%d/%m/%Y}" if n % 3 == 0 else ""
        episodes.append([child, f"{came:%d/%m/%Y}", "S", "C2", "N1", r.choice(["U4", "K2", "U6"]), "PR1", left,
                         "E4A" if left else "", "", f"QQ{n}7ZX", f"QQ{n}8ZX", f"SC{r.randrange(10**5, 10**6)}",
                         r.choice(["IN", "OUT"]), f"{r.uniform(1, 40):.1f}", "2025"])  # fmt: skip
    uasc = [["CHILD", "SEX", "DOB", "DUC"], *[[row[0], row[1], row[2], ""] for row in header[1:4]]]
    points = [["postcode", "easting", "northing", "authority"]]
    points += [[f"QQ{n}{k}ZX", str(340000 + 10 * n), str(555000 + k), CODE] for n in range(children) for k in (7, 8)]
    return {"episodes": episodes, "header": header, "uasc": uasc, "postcodes": points}


def identifiers(tables: dict[str, Table]) -> frozenset[str]:
    """Return the values of the tables that nobody may see: references, dates of birth, postcodes and the like."""
    secret = {"CHILD", "DOB", "UPN", "HOME_POST", "PL_POST", "DECOM", "DEC", "URN", "carer", "postcode"}
    return frozenset(_secrets(tables, secret))


def _secrets(tables: dict[str, Table], secret: set[str]) -> Iterator[str]:
    for table in tables.values():
        for name, *texts in zip(*table, strict=True):
            if name in secret:
                yield from (text for text in texts if len(text) > 5)


def invented_carers(households: int = 20) -> Table:
    """Return a list of foster carers' households, invented."""
    head = ["carer", "postcode", "easting", "northing", "can_host", "approved_places", "filled_places", "provider"]
    return [head, *[[f"ZQH{n:04d}7", f"QQ{n}9ZX", str(330000 + n), str(550000 + n), "yes" if n % 3 else "no", "2", "1",
                     "own"] for n in range(households)]]  # fmt: skip


def bus_feed() -> dict[str, bytes]:
    """Return the tables of a small GTFS feed."""
    week = "monday,tuesday,wednesday,thursday,friday,saturday,sunday"
    stops = "".join(f"S{n},Stop {n},{54.8 + n / 100:.3f},{-3.0 - n / 100:.3f}\n" for n in range(8))
    trips = "".join(f"r,week,T{n}\n" for n in range(12))
    times = "".join(
        f"T{n},{8 + n % 12:02d}:{5 * k:02d}:00,{8 + n % 12:02d}:{5 * k:02d}:30,S{k},{k + 1}\n"
        for n in range(12)
        for k in range(8)
    )
    texts = {
        "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\na,Buses,https://example.org,Europe/London\n",
        "routes.txt": "route_id,agency_id,route_short_name,route_type\nr,a,1,3\n",
        "stops.txt": f"stop_id,stop_name,stop_lat,stop_lon\n{stops}",
        "trips.txt": f"route_id,service_id,trip_id\n{trips}",
        "calendar.txt": f"service_id,{week},start_date,end_date\nweek,1,1,1,1,1,0,0,20260302,20260331\n",
        "stop_times.txt": f"trip_id,arrival_time,departure_time,stop_id,stop_sequence\n{times}",
        "calendar_dates.txt": "service_id,date,exception_type\nweek,20260309,2\n",
    }
    return {name: text.encode() for name, text in texts.items()}


def decisions_file(places: list[tuple[str, str]]) -> bytes:
    """Return a decisions file about some places (id, name)."""
    from cfwlib.hub.decisions import FORMAT

    said = ["must", "ban", "none", "none"]
    rows = [
        {"venue": venue, "name": name, "decision": what, "comment": "as agreed", "frequency": "weekly"}
        for (venue, name), what in zip(places, said, strict=False)
    ]
    content = {"format": FORMAT, "area": "Cumberland", "code": CODE, "run": "20260101-000000", "made": "2026-01-01",
               "decisions": rows}  # fmt: skip
    return json.dumps(content, indent=1).encode()
