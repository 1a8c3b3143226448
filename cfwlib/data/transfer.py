"""Bring one file over HTTP: whole, in time, within a size, from where it was asked for, or not at all."""

import time
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests
from tqdm import tqdm
from urllib3.exceptions import HTTPError

from cfwlib.errors import InputError

MOST_BYTES = 8 << 30  # OS Open Roads, the largest, has 1 GB
MOST_SECONDS = 3600.0
SLOWEST_BYTES_PER_S = 2000.0
SILENCE_S = 30.0  # without a byte; and before the speed counts
_MOST_REDIRECTS = 5
_PART = 1 << 18
_BY_HAND = "Try again, or fetch it by hand."


class _BrokenOffError(Exception):
    """A transfer that may go on, or succeed, if it is tried again."""


def transfer(address: str, target: Path, *, retries: int = 3) -> None:
    """Write what an address gives into a file.

    A transfer that breaks off is tried again from where it stopped, if the server can, else from the beginning.

    Parameters
    ----------
    address
        http or https; it may redirect to https, or within its own host, a few times.
    target
        The file; what is in it when an error is raised is to be thrown away.
    retries
        Further tries after one that failed for a reason that may pass.

    Raises
    ------
    InputError
        Why the file did not come.
    """
    target.write_bytes(b"")
    deadline, mark = time.monotonic() + MOST_SECONDS, ""
    with requests.Session() as session:
        for attempt in range(retries + 1):
            try:
                with _open(session, address, target.stat().st_size if mark else 0, mark) as response:
                    mark = _mark(response)
                    _receive(response, target, deadline)
                return
            except (_BrokenOffError, requests.RequestException, HTTPError) as error:
                if attempt == retries:
                    why = f"no connection, or it broke off ({type(error).__name__})"
                    why = str(error) if isinstance(error, _BrokenOffError) else why
                    raise InputError(f"{why}. {_BY_HAND}") from None
                time.sleep(min(attempt + 1, 10))


def _open(session: requests.Session, address: str, have: int, mark: str) -> requests.Response:
    """Return the answer to a request, its redirects followed as far as they may lead."""
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-", "If-Range": mark} if have else {})
    for _ in range(_MOST_REDIRECTS + 1):
        if urlsplit(address).scheme not in ("http", "https"):
            raise InputError(f"leads to '{address[:100]}', which is no web address. {_BY_HAND}")
        response = session.get(address, headers=headers, stream=True, timeout=SILENCE_S, allow_redirects=False)
        if not response.is_redirect:
            break
        response.close()
        onward = urljoin(address, response.headers["location"])
        old, new = urlsplit(address), urlsplit(onward)
        if new.scheme == "http" and (old.scheme == "https" or new.netloc != old.netloc):
            raise InputError(f"is led on to an unprotected address of '{new.netloc[:60]}'. {_BY_HAND}")
        address = onward
    else:
        raise InputError(f"is led on more than {_MOST_REDIRECTS} times. {_BY_HAND}")
    if response.status_code >= 500 or response.status_code in (408, 416, 429):
        response.close()
        raise _BrokenOffError(f"the server answers {response.status_code}")
    if response.status_code not in (200, 206):
        response.close()
        raise InputError(f"the server answers {response.status_code}. Has the file moved? See `cfw data list`.")
    return response


def _mark(response: requests.Response) -> str:
    """What tells the edition of a file, so that two halves are of one; empty = it must come in one piece."""
    mark = response.headers.get("ETag", "")
    return mark if mark and not mark.startswith("W/") else ""


def _receive(response: requests.Response, target: Path, deadline: float) -> None:
    """Add what comes to the file, and check that it is all."""
    before = target.stat().st_size if response.status_code == 206 else 0
    length = response.headers.get("Content-Length", "")
    expected = before + int(length) if length.isdecimal() and len(length) < 16 else None
    if expected is not None:
        _refuse_large(expected)
    with target.open("r+b") as file, tqdm(total=expected, initial=before, unit="B", unit_scale=True) as bar:
        file.truncate(before)
        file.seek(before)
        started = time.monotonic()
        while part := response.raw.read1(_PART):  # what has come, be it little: a slow drip must not hold us up
            file.write(part)
            bar.update(len(part))
            _refuse_large(file.tell())
            now = time.monotonic()
            if now > deadline or slow(file.tell() - before, now - started):
                raise InputError(f"comes too slowly ({file.tell() >> 10:,} KB so far). {_BY_HAND}")
        got = file.tell()
    if expected is not None and got < expected:
        raise _BrokenOffError(f"broke off after {got:,} of {expected:,} bytes")


def _refuse_large(size: int) -> None:
    if size > MOST_BYTES:
        raise InputError(f"is larger than {MOST_BYTES >> 20:,} MB, which no such file is. {_BY_HAND}")


def slow(got: int, seconds: float) -> bool:
    """Tell whether so many bytes in so many seconds are too few to wait for the rest."""
    return seconds > SILENCE_S and got / seconds < SLOWEST_BYTES_PER_S
