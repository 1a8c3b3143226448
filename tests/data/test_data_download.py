import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cfwlib.data import catalogue
from cfwlib.data.download import download
from cfwlib.errors import InputError

TABLE = b"geography code,Residence type: Total; measures: Value\nX01000001,5\n"


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("census2021-ts001-lsoa.csv", TABLE)
    return buffer.getvalue()


class Server(BaseHTTPRequestHandler):
    """Serves a table and an archive; fails as often as told to first."""

    failures = 0
    requests = 0

    def do_GET(self) -> None:
        type(self).requests += 1
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
