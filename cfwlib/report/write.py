"""Write files whole or not at all, under names that any system accepts."""

import contextlib
import hashlib
import os
import platform
import re
import shutil
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from cfwlib.locks import alive

_SCRATCH = re.compile(r"\.writing-([0-9a-f]{6})-(\d{1,9})-")
_DAY_S = 86_400
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


@contextmanager
def atomic(path: str | Path) -> Iterator[Path]:
    """Give a scratch path to write to, and move it to `path` only if the block succeeds.

    Parameters
    ----------
    path
        Where the finished file belongs; its folder is made. An existing file stays untouched if the block fails.

    Yields
    ------
    scratch
        A path of the same name in a temporary folder beside the target (the same disk, so the move is one step).
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".writing-{_machine()}-{os.getpid()}-", dir=target.parent) as folder:
        scratch = Path(folder) / target.name
        yield scratch
        os.replace(scratch, target)


def write_text(path: str | Path, text: str, *, durable: bool = False) -> None:
    """Write text as UTF-8 with plain line feeds, whole or not at all.

    Parameters
    ----------
    path
        The file to make or replace.
    text
        Its whole content.
    durable
        As in `write_bytes`.
    """
    write_bytes(path, sound(text).encode("utf-8"), durable=durable)


def write_bytes(path: str | Path, content: bytes, *, durable: bool = False) -> None:
    """Write bytes, whole or not at all.

    Parameters
    ----------
    path
        The file to make or replace.
    content
        Its whole content.
    durable
        Whether it must be on the disk before it takes its place: a power cut then leaves the old file or the new one.
    """
    with atomic(path) as scratch, scratch.open("wb") as file:
        file.write(content)
        if durable:
            file.flush()
            os.fsync(file.fileno())


def sweep(folder: Path) -> None:
    """Remove scratch folders whose writer was killed, in a folder and below; what cannot be removed stays.

    Parameters
    ----------
    folder
        Where to look. A scratch folder of another machine is left for a day: whether its writer lives is not known.
    """
    for path in list(folder.rglob(".writing-*")):
        with contextlib.suppress(OSError):
            owner = _SCRATCH.match(path.name)
            here = owner is not None and owner[1] == _machine()
            if (here and owner and not alive(int(owner[2]))) or abs(time.time() - path.stat().st_mtime) > _DAY_S:
                shutil.rmtree(path, ignore_errors=True)


def _machine() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:6]


def sound(text: str) -> str:
    """Return text as any file and page can hold it: half a surrogate pair, as JSON may bring, becomes `?`."""
    return text.encode("utf-8", "replace").decode("utf-8")


def safe_name(name: str, *, longest: int = 80) -> str:
    """Return a file name without folders, spaces or signs, for any text.

    Parameters
    ----------
    name
        Any text, also from data: accents are dropped, everything but letters, digits, `.`, `_` and `-` becomes `-`.
    longest
        Most characters to keep.

    Returns
    -------
    safe
        Never empty, never starting with a dot, never the name of a device, such as CON or COM1, which Windows keeps.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip("-.")
    safe = safe[:longest].rstrip("-.") or "unnamed"
    return f"_{safe}"[:longest] if _DEVICE.fullmatch(safe) else safe
