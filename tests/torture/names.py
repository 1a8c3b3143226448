"""Cases of hostile names and parameters: text that a template, shell, browser, path or terminal takes for its own."""

import html
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from torture import county, forms
from torture.damage import Stage, begun, columns_of_end, seen, tree
from torture.mutators import TEMPLATE
from torture.stand_in import quick
from torture.tally import Verdict
from torture.watch import watched

TEMPLATES = [
    "{{ 7919*7907 }}", TEMPLATE, "Hall {#2}", "{% import 'os' as os %}", "{% raw %}", "${7919*7907}", 
    "{0.__class__}", "%(a)s %s", "{{", "}}", "{%",
]  # fmt: skip
MARKUP = [
    "</script><script>document.title='PWNED'</script>", "<img src=x onerror=alert(1)>", "<!--", "]]>", "&lt;b&gt;",
    "\"><svg onload=alert(1)>", "' onmouseover='alert(1)", "[bold red]x[/]", "[/]", "<style>*{display:none}",
]  # fmt: skip
SHELL = [
    "$(touch PWNED)", "`touch PWNED`", "; touch PWNED", "| touch PWNED", "'; __import__('os').mkdir('PWNED') #",
    '"""\n__import__("os").mkdir("PWNED")\n"""', "!touch PWNED", "%system touch PWNED", "=cmd|'/c calc'!A1",
]  # fmt: skip
PATHS = [
    "..", ".", "/", "../../etc/passwd", "/etc/passwd", "/dev/zero", "/dev/null", "~", "~root", "C:\\Windows", "con",
    "nul.csv", ".hidden", "a/b", "a\\b", "-", "--help", "-p", "--", "x" * 300, "{area}", "*", "?", "file:///etc/passwd",
]  # fmt: skip
LETTERS = [
    "", " ", "\t", "\n", "a\nb", "\r\n", "\u202eabc", "\u2066x", "\ufeff", "\u00a0", "\u200b", "😀", "e\u0301", "ﷺ",
    "\udcff", "a\0b", "x" * 10_000, "'", '"', "\\", "a;b", "a=b", "=", "#", "\x1b[31mred", "\x07",
]  # fmt: skip
NUMBERS = [
    "nan", "inf", "-inf", "1e999", "-1", "0", "-0.0", "1e-320", "9" * 5000, "1_000", "٣", "0x10", "1,5", "true",
    "[1,2]", "[" * 3000, "{a=1}", "2026-02-30", "9999-12-31", "0001-01-01", "1e308", "None",
]  # fmt: skip
ALL = [*TEMPLATES, *MARKUP, *SHELL, *PATHS, *LETTERS, *NUMBERS]
_RAN = ("<script>document.title='PWNED'", "<img src=x onerror", "<svg onload", str(7919 * 7907))
FIRST = [*TEMPLATES, *MARKUP]  # what pages are tried with before chance decides
_PLACES = ["setting"] * 6 + ["area", "data", "out", "notebook", "compare", "runs", "folder", "layouts", "file name"]
_PLACES += ["venue"] * 2 + ["page"] * 4


def name_case(stage: Stage, seed: int, number: int) -> Verdict | None:
    """Give one hostile text as one kind of name, and see what comes of it."""
    r = random.Random(f"{seed} name {number}")
    where, text = r.choice(_PLACES), r.choice(ALL)
    if r.random() < 0.2:
        text = f"{r.choice(ALL)}{text}"[:12_000]
    if number % 2 == 0 and number < 2 * len(FIRST):
        where, text = "page", FIRST[number // 2]
    what = {"venue": _venue, "page": _page, "file name": _file_name}.get(where, _word)
    setting = r.choice(_settings())
    outside = {path.name for path in stage.home.parent.iterdir()}
    before = tree(stage.home / "data" / "store")
    columns, said = what(stage, where, text, setting)
    if tree(stage.home / "data" / "store") != before:
        columns.add("store changed")
    columns |= seen(stage, frozenset(), said)
    if {path.name for path in stage.home.parent.iterdir()} - outside:
        columns.add("code executed")
    shown = f"-p {setting}={text[:60]!r}" if where == "setting" else f"{where} {text[:60]!r}"
    return Verdict(f"name:{number}", f"hostile {where}", tuple(sorted(columns)), shown, said)


def _settings() -> list[str]:
    from cfwlib.settings import Settings

    return sorted(set(Settings.model_fields) - {"area", "data", "out"})


def _notebooks(setting: str) -> list[str]:
    """Return the number of a notebook that has the setting, for a quicker plan; none = all of them."""
    from cfwlib.settings.order import USES, used

    return next(([notebook] for notebook in USES if setting in used(notebook)), [])


def _word(stage: Stage, where: str, text: str, setting: str) -> tuple[set[str], str]:
    """Give the text as a word of a command, up to where notebooks would begin."""
    empty = stage.home / "in" / "nothing"
    empty.mkdir(parents=True, exist_ok=True)
    words = {
        "setting": ["run", *_notebooks(setting), "-p", f"{setting}={text}"],
        "area": ["run", "01", "--area", text],
        "data": ["run", "01", "--data", text],
        "out": ["run", "01", "--out", text],
        "notebook": ["run", text],
        "compare": ["compare", text, "latest"],
        "runs": ["runs", "--area", text],
        "folder": ["data", "import", text],
        "layouts": ["data", "import", str(empty), "--layouts", text],
    }[where]
    if where == "folder" and text in ("/", "..", ".", "~", "../..", "", "file:///etc/passwd"):
        return {"refused"}, "not tried: a whole disk would be read"
    ended = watched(partial(begun, words), stage.home / "scratch")
    return columns_of_end(ended), f"cfw {words!r:.200} -> {ended.value}\n{ended.said}"


def _venue(stage: Stage, where: str, text: str, setting: str) -> tuple[set[str], str]:
    """Give the text as a name of a venue, by the loader."""
    kind = next(kind for kind in stage.kinds if kind.name == "venues.csv")
    table = [*(kind.table or [])]
    table[1] = [text.replace("\0", ""), *table[1][1:]]
    path = kind.put(stage.home, forms.as_csv(table))
    ended = watched(lambda: vars(kind.load(path)), stage.home / "scratch")
    kind.put(stage.home, kind.data)
    return columns_of_end(ended, told=True), ended.said


def _file_name(stage: Stage, where: str, text: str, setting: str) -> tuple[set[str], str]:
    """Give the text as the name of a file to import: the file is sound, so it is read, or set aside."""
    folder = stage.home / "in" / "named"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{text.replace('/', '-').replace(chr(0), '')[:100]}.csv"
    try:
        path.write_bytes(stage.kinds[0].data)
    except OSError:
        return {"refused"}, "no file can be called so"
    words = ["data", "import", str(folder), "--area", county.AREA]
    ended = watched(_not_written(words), stage.home / "scratch")
    path.unlink()
    return columns_of_end(ended), f"{ended.value}\n{ended.said}"


def _not_written(words: list[str]) -> Callable[[], int]:
    def act() -> int:
        from cfwlib import data

        data.write_store = lambda *given, **more: None  # type: ignore[assignment]
        return quick(words)()

    return act


def _page(stage: Stage, where: str, text: str, setting: str) -> tuple[set[str], str]:
    """Draw a map and a table, and write a report, an index and a comparison, with the text in every name."""
    text = text.replace("\0", "").encode("utf-8", "replace").decode()
    ended = watched(partial(draw, stage.home / "drawn", text), stage.home / "scratch")
    columns = columns_of_end(ended, told=True)
    if ended.how == "done":
        columns |= set(ended.value)
    return columns, ended.said


def draw(folder: Path, text: str) -> list[str]:
    """Write the pages; return the columns for what they should not hold, or should and do not."""
    import geopandas as gpd
    import nbformat
    import pandas as pd
    import shapely
    from runs.run_cases import figure, made_run

    from cfwlib.report import add_points, area_map
    from cfwlib.report.html import export_html
    from cfwlib.report.offline import map_html
    from cfwlib.report.tables import table_html
    from cfwlib.runs import write_comparison, write_index

    named = pd.DataFrame({"name": [text, "Plain"], "kind": [text, "hall"]})
    spots = gpd.GeoDataFrame(named, geometry=gpd.points_from_xy([330000, 331000], [550000, 551000]), crs="EPSG:27700")
    area = gpd.GeoDataFrame(named[:1], geometry=[shapely.box(320000, 540000, 340000, 560000)], crs="EPSG:27700")
    drawn = area_map(area, title=f"Places {text}", credit=text)
    add_points(drawn, spots, layer_name=f"Halls {text}", tooltip={"name": "Hall", "kind": "Kind"})
    made, parts = nbformat.v4.new_notebook(), (map_html(drawn), table_html(named, caption=text))
    shown = [nbformat.v4.new_output("display_data", {"text/html": part}) for part in parts]
    made.cells = [nbformat.v4.new_markdown_cell("# Where?"), nbformat.v4.new_code_cell("", outputs=shown)]
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, folder / "page.ipynb")
    pages = [export_html(folder / "page.ipynb", folder / "page.html", title=f"Title {text}", run={"area_name": text})]
    outputs = folder / "outputs"
    runs = []
    for number, day in enumerate(("20260101-100000", "20260102-100000")):
        if not (outputs / "here" / day).exists():
            made_run(outputs, day)
        one = figure("need", number, label=text, unit=text)
        runs.append(_renamed(outputs, day, text, one))
    write_index(outputs)
    write_comparison(runs[0], runs[1], outputs)
    pages += sorted(outputs.glob("*.html"))
    found: set[str] = set()
    for page in pages:
        content = page.read_text("utf-8")
        if any(mark in content for mark in _RAN):
            found.add("code executed")
        plain = html.unescape(html.unescape(html.unescape(content))).replace("\\u003c", "<").replace("\\u003e", ">")
        if text in TEMPLATES and text not in plain and "index" not in page.name:
            found.add("unexplained")
    return sorted(found)


def _renamed(outputs: Path, day: str, text: str, one: dict[str, Any]) -> Any:
    import json

    from cfwlib.runs import read_run

    folder = outputs / "here" / day
    record = json.loads((folder / "run.json").read_text("utf-8"))
    record["notebooks"][0] |= {"title": text, "error": text}
    record["inputs"][0]["title"] = text
    record["parameters"] = {"01_need": {"hub_name": text, "lsoa_vintage": 2021}}
    (folder / "run.json").write_text(json.dumps(record))
    (folder / "figures.json").write_text(json.dumps([one]))
    return read_run(folder)
