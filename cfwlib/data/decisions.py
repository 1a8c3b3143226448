"""How a planners' decisions file gets into data/decisions."""

import hashlib
import os
import re
from pathlib import Path

from cfwlib.areas import project_root
from cfwlib.errors import InputError
from cfwlib.reading import decode, is_file, read_bytes


def keep_decisions(given: str) -> str:
    """Put a decisions file from anywhere into data/decisions and return its name there, which a report may print.

    Parameters
    ----------
    given
        A path; or the name of a file in data/decisions, which is returned as it is, there or not, as empty text is.

    Returns
    -------
    name
        The name in data/decisions; a file of the same name and other content keeps its own, and the new one gets a
        name that ends in a checksum.

    Raises
    ------
    InputError
        When there is no file at the path, or it is not text.
    """
    path = Path(given)
    if path.name == given and (is_file(_folder() / given) or not is_file(path)):
        return given
    if not is_file(path):
        raise InputError(f"decisions: there is no file '{path.name}' at the path given. Check the path.")
    content = read_bytes(path)
    decode(content, path.name)
    name = re.sub(r"[^\w .()-]", "-", path.name).lstrip(" .()-") or "decisions.json"
    target = _folder() / name
    if is_file(target) and read_bytes(target) != content:
        target = target.with_name(f"{target.stem}-{hashlib.sha256(content).hexdigest()[:8]}{target.suffix}")
    if not is_file(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = target.with_name(f".{target.name}.{os.getpid()}")
        scratch.write_bytes(content)
        scratch.replace(target)
    return target.name


def _folder() -> Path:
    return project_root() / "data" / "decisions"
