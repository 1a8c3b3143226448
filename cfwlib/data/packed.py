"""Open what is packed (gzip, zip, workbooks) without being filled up by it: streamed, within limits of size."""

import gzip
import zipfile
from collections.abc import Iterator
from pathlib import Path

from cfwlib.errors import InputError
from cfwlib.reading import AGAIN, reading

MOST_BYTES = 8 << 30  # unpacked; OS Open Roads, the largest of the published files, has under 3 GB
MOST_TIMES = 200  # larger than it is packed; tables of counts reach 30
FREE_BYTES = 32 << 20  # unpacked, for which nobody asks how many times larger that is
MOST_MEMBERS = 20_000
_PART = 1 << 20


def parts(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file, unpacked if it is gzip, in parts.

    Raises
    ------
    InputError
        When it cannot be read to its end, or unpacks to more than any table has.
    """
    with reading(path, how="cannot be read to its end"):
        done, size = 0, path.stat().st_size
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
            while part := file.read(_PART):
                done += len(part)
                refuse_bomb(path.name, done, size)
                yield part


def refuse_bomb(name: str, unpacked: int, packed: int) -> None:
    """Raise InputError where an archive would unpack to more than any published file has."""
    if unpacked > MOST_BYTES or (unpacked > FREE_BYTES and unpacked > MOST_TIMES * packed):
        raise InputError(
            f"{name}: unpacks to {unpacked >> 20:,} MB or more from {packed >> 10:,} KB, which no published file does. "
            "Take it out of the folder."
        )


def open_zip(path: Path, name: str = "", *, how: str = "cannot be opened as a zip") -> zipfile.ZipFile:
    """Return a zip archive, open, after checking from its list of contents that it can be unpacked.

    What a member unpacks to is bounded by what the list says of it.

    Parameters
    ----------
    path
        The archive.
    name
        What messages call it; empty = its file name.
    how
        What is said of one that is damaged.

    Raises
    ------
    InputError
        When it is damaged, protected by a password, or unpacks to too much.
    """
    name = name or path.name
    with reading(name, how=how):
        archive = zipfile.ZipFile(path)
    members = archive.infolist()
    try:
        refuse_bomb(name, sum(member.file_size for member in members), path.stat().st_size)
        if len(members) > MOST_MEMBERS:
            raise InputError(f"{name}: holds {len(members):,} files, which no published archive does. {AGAIN}")
        if any(member.flag_bits & 1 for member in members):
            raise InputError(f"{name}: is protected by a password. Unpack it yourself, or save it without one.")
    except InputError:
        archive.close()
        raise
    return archive
