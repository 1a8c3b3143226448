import re
import sys
import zlib
from pathlib import Path

import pytest
from run_cases import command, notebook

from cfwlib.errors import CfwError
from cfwlib.runs import find_browser, print_pdf


@pytest.mark.browser
def test_a_report_becomes_a_tagged_pdf(chromium: str, tmp_path: Path) -> None:
    """The file has pages, text, a structure for screen readers and an outline, and nothing of the printing is left."""
    page = tmp_path / "a page.html"
    page.write_text(
        '<!doctype html><html lang="en-GB"><title>Who?</title><h1>Who is far?</h1><h2>So what</h2><p>Alston'
    )
    pdf = print_pdf(page, tmp_path / "a page.pdf", browser=chromium).read_bytes()
    content = pdf + b"".join(_inflated(pdf))
    assert re.search(rb"/MarkInfo <<.*?/Marked true", content, flags=re.DOTALL)
    for word in (b"/StructTreeRoot", b"/Outlines", b"/Type /Page\n", b"/H1", b"BT\n", b"en-GB"):
        assert word in content
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a page.html", "a page.pdf"]


def _inflated(pdf: bytes) -> list[bytes]:
    streams = re.findall(rb"/FlateDecode.*?stream\r?\n(.*?)\r?\nendstream", pdf, flags=re.DOTALL)
    return [zlib.decompressobj().decompress(stream) for stream in streams]


def test_without_a_browser_nothing_is_run(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`cfw run --pdf` says what is missing before any notebook starts."""
    notebook(bare, "00_ok", "print(1)")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CFW_BROWSER", raising=False)
    assert command(monkeypatch, "run", "--pdf", "--out", str(tmp_path / "o")) == 2
    assert "no Chromium, Chrome or Edge was found" in capsys.readouterr().err
    assert not (tmp_path / "o").exists()
    monkeypatch.setenv("CFW_BROWSER", "nosuchbrowser")
    with pytest.raises(CfwError, match="'nosuchbrowser': there is no such program"):
        find_browser()


@pytest.mark.parametrize(
    ("script", "message"), [("import time; time.sleep(60)", "took more than 1 s"), ("print('x', 1)", "made no PDF")]
)
def test_a_browser_that_does_not_print_is_told(tmp_path: Path, script: str, message: str) -> None:
    """It is not waited for without end, and no empty file is left."""
    browser = tmp_path / "browser"
    browser.write_text(f"#!{sys.executable}\n{script}\n")
    browser.chmod(0o755)
    page = tmp_path / "page.html"
    page.write_text("x")
    with pytest.raises(CfwError, match=message):
        print_pdf(page, tmp_path / "page.pdf", browser=str(browser), timeout_s=1)
    assert not (tmp_path / "page.pdf").exists()
