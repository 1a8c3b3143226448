"""Tell from a file's first bytes whether it is what its name says, or something saved in its place."""

from pathlib import Path

from cfwlib.errors import InputError
from cfwlib.reading import AGAIN, is_file, reading

_START_BYTES = 1 << 16
_BEGINS = {  # ending -> what such a file begins with
    ".parquet": b"PAR1", ".gz": b"\x1f\x8b", ".gpkg": b"SQLite format 3\0", ".shp": b"\0\0\x27\x0a", ".zip": b"PK",
    ".xlsx": b"PK", ".xlsm": b"PK",
}  # fmt: skip
_KINDS = {  # what else a file may turn out to be, by its first bytes
    b"PK\x03\x04": "a zip or an Excel workbook", b"\xd0\xcf\x11\xe0": "an old or a password-protected Excel workbook",
    b"PAR1": "Parquet", b"\x1f\x8b": "gzip", b"SQLite format 3": "a GeoPackage or another SQLite file",
    b"%PDF": "a PDF", b"7z\xbc\xaf": "a 7z archive", b"\x89PNG": "a picture",
}  # fmt: skip
_PAGES = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<title", b"<meta", b"<!--")
_POINTERS = (b"version https://git-lfs", b"/annex/objects/", b"../.git/annex/")
_TEXT = {".csv", ".geojson", ".json", ".osm", ".txt", ".tsv"}
_JSON = {".geojson", ".json"}
_PROGRAM = b"gdal_streamed_alg"  # JSON that tells the reader of geographical files to run a pipeline of commands


def refuse_stand_in(path: Path, suffix: str = "", *, name: str = "") -> None:
    """Refuse a file that is empty, an error page, a pointer, or of another kind than its ending says.

    Parameters
    ----------
    path
        The file; only its beginning and its end are read.
    suffix
        The ending it is going to have; empty = its own.
    name
        What messages call it; empty = its file name.

    Raises
    ------
    InputError
        What it is instead, and what to do.
    """
    name = name or path.name
    if not is_file(path):
        raise InputError(f"{name}: is not a file, or is not there any more. Put the file back.")
    with reading(name), path.open("rb") as file:
        start = file.read(_START_BYTES)
        file.seek(-min(_START_BYTES, path.stat().st_size), 2)
        end = file.read()
    if what := _instead(start, (suffix or path.suffix).lower()):
        raise InputError(f"{name}: {what}")
    if (suffix or path.suffix).lower() in _TEXT and any(mark in end.lower() for mark in _PAGES[:2]):
        raise InputError(f"{name}: ends in a web page, as where a download broke off. {AGAIN}")


def _instead(start: bytes, suffix: str) -> str:
    """What a file is instead of what its ending says, and the remedy; empty = nothing speaks against it."""
    if not start:
        return f"the file is empty (0 bytes). {AGAIN}"
    if start[:2] in (b"\xff\xfe", b"\xfe\xff") and suffix in _TEXT:
        if _first(start.decode("utf-16", errors="replace").encode())[:1] == b"<":
            return f"is a web page or XML. {AGAIN}"
        return "" if suffix in (".csv", ".gz") else "is UTF-16 text. Save it again as text in UTF-8."
    text = _first(start)
    if text.startswith(_POINTERS):
        return "is a pointer of Git LFS or git-annex, not the file itself. Fetch the file (git lfs pull)."
    if text[:1] == b"<" and not (suffix == ".osm" and b"<osm" in start):
        kind = "a web page" if text[:20].lower().startswith(_PAGES) else "XML, perhaps a server's message"
        return f"is {kind}, not {'a table' if suffix in ('.csv', '.gz') else 'the file'}. Download the file itself."
    begins = _BEGINS.get(suffix)
    if (begins and start.startswith(begins)) or (suffix == ".pbf" and b"OSMHeader" in start[:64]):
        return ""
    kind = next((kind for mark, kind in _KINDS.items() if start.startswith(mark)), "")
    if kind and (begins or suffix in _TEXT):
        return f"is {kind} under another name. Give it its own ending, or save it as what its name says."
    if text[:1] in (b"{", b"[") and suffix not in _JSON:
        return f"is JSON, perhaps a server's message, not what its name says. {AGAIN}"
    if begins or suffix == ".pbf":
        return f"does not begin as a {suffix[1:]} file does; it may be damaged, or something else. {AGAIN}"
    if not text and len(start) < _START_BYTES:
        return f"the file is empty (blanks and line ends only). {AGAIN}"
    if suffix in _JSON and text[:1] != b"{":
        return f"cannot be opened as a geographical file: it is not GeoJSON. {AGAIN}"
    if suffix in _JSON and _PROGRAM in start:
        return "is a program for geographical data, not data. Take it out of the folder."
    return ""


def _first(start: bytes) -> bytes:
    return start.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\0\x0b\x0c\xef\xbb\xbf")
