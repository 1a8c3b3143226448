"""What a browser would find on a page, its frames and the data of its maps: text, and everything that could run."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

from bs4 import BeautifulSoup, Tag

_RUNS = {"base", "object", "embed", "applet", "form", "link", "frame", "frameset", "portal"}
_PICTURES = re.compile(r"data:image/(png|jpeg|svg\+xml|gif)[;,]")


def found_on(page: str, policy: str = "") -> tuple[str, list[str]]:
    """Return all text of a page, its frames and its data, and what could run that the page's policy does not name."""
    soup = BeautifulSoup(page, "html.parser")
    head = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
    policy = policy or (str(head["content"]) if isinstance(head, Tag) else "")
    wrong = [] if policy else ["no policy"]
    texts, policies = [], 0
    for tag in soup.find_all(True):
        if tag.name in _RUNS:
            wrong.append(f"<{tag.name}>")
        if tag.name == "meta" and "http-equiv" in tag.attrs:
            policies += 1
        for name, value in tag.attrs.items():
            value = " ".join(value) if isinstance(value, list) else str(value)
            wrong += _attribute(tag.name, name, value)
            if name == "srcdoc":
                inside, more = found_on(value, policy)
                texts.append(inside)
                wrong += more
            else:
                texts.append(value)
        if tag.name == "script":
            told, more = _script(tag, policy)
            texts += told
            wrong += more
    if policies > 1:
        wrong.append("more than one <meta http-equiv>")
    texts += [str(text) for text in soup.find_all(string=True) if text.parent and text.parent.name != "script"]
    texts.append(soup.get_text())
    return "\n".join(texts), wrong


def _attribute(tag: str, name: str, value: str) -> Iterator[str]:
    address = re.sub(r"[\x00-\x20]", "", value).casefold()
    if not re.fullmatch(r"[a-zA-Z][\w:.-]*", name) or name.startswith("on"):
        yield f"<{tag} {name}=...>"
    if name in ("href", "xlink:href", "src", "action", "formaction", "data", "ping", "poster"):
        bad = address.startswith(("javascript:", "vbscript:", "data:")) and not _PICTURES.match(address)
        if bad or (name != "href" and not address.startswith(("data:image/", "#"))):
            yield f"<{tag} {name}={value[:40]}>"


def _script(tag: Tag, policy: str) -> tuple[list[str], list[str]]:
    text = "".join(map(str, tag.contents))
    kind = str(tag.get("type", ""))
    if kind == "application/json":
        return list(_strings(json.loads(text))), []
    if kind in ("text/plain", "application/gpx+xml", "text/calendar"):
        return [text], []
    named = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return [], [] if f"'sha256-{named}'" in policy else [f"<script> {text[:60]!r}"]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        if "<" in value or "&" in value:  # a tooltip's escaped words
            yield BeautifulSoup(value, "html.parser").get_text()
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)


def words(text: str) -> str:
    """Return a text as it is compared: blanks are one, capital letters small."""
    return " ".join(text.split()).casefold()
