"""A report as a tagged PDF, printed by a browser that is installed; nothing is fetched."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from cfwlib.errors import CfwError
from cfwlib.report.write import atomic

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "msedge", "chrome")
_WINDOWS = ("Microsoft/Edge/Application/msedge.exe", "Google/Chrome/Application/chrome.exe")
_MACOS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
FLAGS = (
    "--headless", "--disable-gpu", "--no-first-run", "--no-default-browser-check", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # the page needs no network, and gets none
    "--no-pdf-header-footer", "--export-tagged-pdf", "--generate-pdf-document-outline",
)  # fmt: skip


def find_browser() -> str:
    """Return the path of an installed Chromium, Chrome or Edge: `CFW_BROWSER`, else the first that is found.

    Raises
    ------
    CfwError
        When none is found, or `CFW_BROWSER` names no program.
    """
    if wanted := os.environ.get("CFW_BROWSER"):
        if found := shutil.which(wanted):
            return found
        raise CfwError(f"CFW_BROWSER = '{wanted}': there is no such program. Set it to a Chromium, Chrome or Edge.")
    roots = [os.environ.get(name, "") for name in ("ProgramFiles(x86)", "ProgramFiles", "LOCALAPPDATA")]
    usual = [str(Path(root, place)) for place in _WINDOWS for root in roots if root] if sys.platform == "win32" else []
    for name in (*NAMES, *usual, *(_MACOS if sys.platform == "darwin" else ())):
        if found := shutil.which(name):
            return found
    raise CfwError(
        "--pdf: no Chromium, Chrome or Edge was found. Install one, or set CFW_BROWSER to its path. Without --pdf the "
        "reports are made as HTML, which any browser prints."
    )


def print_pdf(page: Path, target: Path, *, browser: str, timeout_s: float = 120) -> Path:
    """Print a page to a tagged PDF with an outline.

    Parameters
    ----------
    page
        The HTML file.
    target
        The PDF file to make or replace, whole or not at all.
    browser
        Path of a Chromium, Chrome or Edge.
    timeout_s
        Longest time to wait for the browser, in seconds.

    Returns
    -------
    path
        The file written.

    Raises
    ------
    CfwError
        When the browser cannot be started, takes too long or writes no PDF.
    """
    with atomic(target) as scratch, TemporaryDirectory(prefix="cfw-browser-", ignore_cleanup_errors=True) as profile:
        # a profile of its own: a browser that is open already would take the page over and print nothing
        places = [f"--user-data-dir={profile}", f"--print-to-pdf={scratch.resolve()}", page.resolve().as_uri()]
        try:
            told = subprocess.run(
                [browser, *FLAGS, *_as_root(), *places],
                capture_output=True, stdin=subprocess.DEVNULL, timeout=timeout_s, check=False, errors="replace",
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise CfwError(f"{page.name}: {browser} took more than {timeout_s:.0f} s to print it. Try again.") from None
        except OSError as error:
            raise CfwError(f"{page.name}: {browser} cannot be started ({error.strerror}). Set CFW_BROWSER.") from None
        if not scratch.is_file() or scratch.read_bytes()[:5] != b"%PDF-":
            said = (told.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise CfwError(f"{page.name}: {browser} made no PDF (exit code {told.returncode}): {said}")
    return target


def _as_root() -> list[str]:
    """Chromium refuses root its sandbox: as in a container."""
    return ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
