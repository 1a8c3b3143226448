import contextlib
import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
import requests

from cfwlib.data import catalogue, transfer
from cfwlib.data.download import download
from cfwlib.errors import InputError

TABLE = b"geography code,Residence type: Total; measures: Value\nX01000001,5\n"


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("census2021-ts001-lsoa.csv", TABLE)
    return buffer.getvalue()


def zipped(content: bytes, how: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", how) as file:
        file.writestr("a.csv", content)
    return buffer.getvalue()


ZIP = zipped(TABLE)
BODIES = {  # path -> what is answered with status 200
    "/page.csv": b"\n <!DOCTYPE html><title>Sign in</title>", "/page.zip": b"<html>Sorry",
    "/denied.csv": b"<?xml?><Error/>", "/message.csv": b'{"error": "no"}', "/none.csv": b"",
    "/pointer.csv": b"version https://git-lfs.github.com/spec/v1",
    "/cut.zip": ZIP[:-30], "/text.zip": TABLE,
    "/locked.zip": ZIP.replace(b"PK\1\2\x14\3\x14\0\0\0", b"PK\1\2\x14\3\x14\0\1\0"),
    "/bomb.zip": zipped(b" " * (80 << 20)), "/damaged.zip": zipped(TABLE, 0).replace(b"X01000001", b"X01000009", 1),
}  # fmt: skip
LEADS = {  # path -> where it leads
    "/file.csv": "file:///etc/hostname", "/ftp.csv": "ftp://127.0.0.1/a.csv", "/round.csv": "/round.csv",
    "/away.csv": "http://localhost:9/a.csv", "/moved.csv": "/file7.csv",
}  # fmt: skip


class Server(BaseHTTPRequestHandler):
    """Serves tables and archives, sound or not; fails as often as told to first."""

    failures = 0
    requests = 0
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        type(self).requests += 1
        self.asked.append(self.headers.get("Range", ""))
        if self.path in LEADS:
            self.send_response(302)
            self.send_header("Location", LEADS[self.path])
            self.end_headers()
            return
        if self.path in BODIES:
            self.send_response(200)
            self.send_header("Content-Length", str(len(BODIES[self.path])))
            self.end_headers()
            self.wfile.write(BODIES[self.path])
            return
        if self.path.startswith("/half"):  # breaks off in the middle; goes on where it stopped if asked to
            start = int((self.headers.get("Range") or "bytes=0-")[6:-1])
            self.send_response(206 if start else 200)
            self.send_header("ETag", 'W/"one"' if "weak" in self.path else '"one"')
            self.send_header("Content-Length", str(len(TABLE) - start))
            self.end_headers()
            self.wfile.write(TABLE[start:] if start and "always" not in self.path else TABLE[start : start + 9])
            return
        if self.path == "/endless.csv":
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(OSError):
                for _ in range(1000):
                    self.wfile.write(TABLE * 100)
            return
        if type(self).failures > 0:
            type(self).failures -= 1
            self.send_error(503)
            return
        body = archive() if self.path.endswith(".zip") else TABLE
        self.send_response(404 if "missing" in self.path else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Keep the test output clean."""


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a server on this machine."""
    Server.failures = Server.requests = 0
    Server.asked.clear()
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_an_archive_is_fetched_and_unpacked(address: str, tmp_path: Path) -> None:
    """After a download the folder holds files that `cfw data import` can read."""
    lines = download(tmp_path, ["census_residents"], addresses={"census_residents": f"{address}/ts001.zip"})
    assert "unpacked" in lines[0]
    assert (tmp_path / "ts001" / "census2021-ts001-lsoa.csv").read_bytes() == TABLE


def test_a_server_that_fails_at_first_is_asked_again(address: str, tmp_path: Path) -> None:
    """Two failures do not stop a download."""
    Server.failures = 2
    download(tmp_path, ["iod2019_ranks"], addresses={"iod2019_ranks": f"{address}/file7.csv"})
    assert (tmp_path / "file7.csv").read_bytes() == TABLE
    assert Server.requests == 3


def test_a_wrong_checksum_keeps_nothing(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is not the registered one is refused, and no half of it stays."""
    entries = dict(catalogue.datasets())
    wrong = hashlib.sha256(b"something else").hexdigest()
    entries["iod2019_ranks"] = catalogue.Dataset(**{**vars(entries["iod2019_ranks"]), "sha256": wrong})
    monkeypatch.setattr("cfwlib.data.download.datasets", lambda: entries)
    with pytest.raises(InputError, match="iod2019_ranks: could not be downloaded"):
        download(tmp_path, ["iod2019_ranks"], addresses={"iod2019_ranks": f"{address}/file7.csv"})
    assert not list(tmp_path.iterdir())


def test_every_failure_is_told_and_the_rest_still_fetched(address: str, tmp_path: Path) -> None:
    """One missing file does not hide another problem, nor stop the good download."""
    addresses = {"iod2019_ranks": f"{address}/missing.csv", "census_residents": f"{address}/ts001.zip"}
    with pytest.raises(InputError) as caught:
        download(tmp_path, ["iod2019_ranks", "census_residents", "bread", "places"], addresses=addresses, retries=0)
    assert len(caught.value.problems) == 3
    assert (tmp_path / "ts001").is_dir()


def test_what_is_there_is_not_fetched_again(address: str, tmp_path: Path) -> None:
    """A second call costs no traffic."""
    for _ in range(2):
        download(tmp_path, ["iod2019_ranks"], addresses={"iod2019_ranks": f"{address}/file7.csv"})
    assert Server.requests == 1


def refused(address: str, name: str, folder: Path, retries: int = 0) -> str:
    with pytest.raises(InputError) as caught:
        download(folder, ["iod2019_ranks"], addresses={"iod2019_ranks": f"{address}/{name}"}, retries=retries)
    (problem,) = caught.value.problems
    assert "iod2019_ranks: could not be downloaded" in problem
    return problem


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("page.csv", "is a web page"), ("page.zip", "is a web page"), ("denied.csv", "is XML"),
        ("message.csv", "is JSON"),
        ("pointer.csv", "is a pointer"), ("none.csv", "is empty"), ("text.zip", "does not begin as a zip"),
        ("file.csv", "which is no web address"), ("ftp.csv", "which is no web address"),
        ("round.csv", "more than 5 times"),
        ("away.csv", "an unprotected address of 'localhost:9'"), ("half-always.csv", "broke off"),
    ],
)  # fmt: skip
def test_what_is_not_the_file_never_gets_its_name(address: str, tmp_path: Path, name: str, words: str) -> None:
    """Error pages with status 200, redirects out of the web or to elsewhere, cut transfers: told, and nothing stays."""
    told = refused(address, name, tmp_path)
    assert words in told
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "words"),
    [("cut.zip", "cannot be opened as a zip"), ("locked.zip", "protected by a password"),
     ("bomb.zip", "unpacks to 80 MB"), ("damaged.zip", "cannot be unpacked")],
)  # fmt: skip
def test_an_archive_is_unpacked_whole_or_not_at_all(address: str, tmp_path: Path, name: str, words: str) -> None:
    """A damaged, locked or overfull archive leaves no file of it behind."""
    assert words in refused(address, name, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_transfer_goes_on_where_it_broke_off(address: str, tmp_path: Path) -> None:
    """What has come is kept for the next try, of the same edition only; a file that has moved is followed."""
    download(tmp_path, ["iod2019_ranks"], addresses={"iod2019_ranks": f"{address}/half.csv"})
    assert (tmp_path / "half.csv").read_bytes() == TABLE
    assert Server.asked == ["", "bytes=9-"]
    download(tmp_path, ["iod2019_ranks"], addresses={"iod2019_ranks": f"{address}/moved.csv"})
    assert (tmp_path / "moved.csv").read_bytes() == TABLE


def test_what_may_be_of_two_editions_is_fetched_from_the_beginning(address: str, tmp_path: Path) -> None:
    """A weak mark says that two files are alike, not that they are the same: no half is asked for."""
    assert "broke off" in refused(address, "half-weak.csv", tmp_path, retries=1)
    assert Server.asked == ["", ""]


def test_nobody_is_led_from_a_protected_address_to_an_unprotected_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even within one host: what comes over http may be anybody's."""
    answer = requests.Response()
    answer.status_code, answer.raw = 302, io.BytesIO()
    answer.headers["Location"] = "http://example.org/a.csv"
    monkeypatch.setattr(requests.Session, "get", lambda *args, **more: answer)
    with pytest.raises(InputError, match=r"an unprotected address of 'example\.org'"):
        transfer.transfer("https://example.org/a.csv", tmp_path / "a.csv", retries=0)


def test_size_and_time_of_a_transfer_are_bounded(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a file without end nor one that drips is waited for."""
    with monkeypatch.context() as patch:
        patch.setattr(transfer, "MOST_BYTES", 1 << 20)
        assert "larger than 1 MB" in refused(address, "endless.csv", tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(transfer, "MOST_SECONDS", 0.0)
        assert "comes too slowly" in refused(address, "file7.csv", tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(transfer, "slow", lambda got, seconds: True)
        assert "comes too slowly" in refused(address, "file7.csv", tmp_path)
    assert not list(tmp_path.iterdir())
    assert transfer.slow(40, 40)
    assert not transfer.slow(10**6, 40)
    assert not transfer.slow(0, 29)  # a server may think for a while


def test_a_file_that_says_it_is_too_large_is_not_begun(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the server says of the size is enough: not a byte of it is written."""
    monkeypatch.setattr(transfer, "MOST_BYTES", len(TABLE) - 1)
    with pytest.raises(InputError, match="is larger than"):
        transfer.transfer(f"{address}/file7.csv", tmp_path / "a.csv")
    assert (tmp_path / "a.csv").stat().st_size == 0
