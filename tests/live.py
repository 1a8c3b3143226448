"""What would run, or call home, if the escaping had failed: raw markup, and a server that counts who calls."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RAN = "window.RAN = (window.RAN ?? '') + ' {0}';"


@contextmanager
def counting_server() -> Iterator[tuple[str, list[str]]]:
    """Give the address of a server on this machine, and the list of the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            self.wfile.write(b"window.RAN = 'from outside';" if self.path.endswith(".js") else b"x")

        do_POST = do_GET

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def raw_plants(home: str) -> str:
    """Return markup that runs a script in every way that is known, or asks the server for something.

    Two ways are left out as no policy can refuse them: a reader who follows a link to elsewhere, and the redirection of
    a whole page by `<meta http-equiv=refresh>`. Neither runs anything in the page, nor takes anything out of it.
    """
    names = ["script", "module", "handler", "load", "toggle", "focus", "link", "frame", "svg", "button"]
    runs = {name: RAN.format(name) for name in names}
    inside = f"<script>{runs['frame']}parent.RAN = 'from a frame'</script>"
    refresh = f"<meta http-equiv=refresh content='0;url={home}/refreshed'>"
    return f"""
<base href="{home}/based/">
<script>{runs["script"]}</script><script type="module">{runs["module"]}</script>
<script nonce="" src="{home}/outside.js"></script>
<script data-cfw-runtime="script">{runs["script"]}</script>
<img src="x" alt="" onerror="{runs["handler"]}"><img src="{home}/picture.png" alt="">
<svg width="9" height="9" onload="{runs["load"]}"><script>{runs["svg"]}</script><image href="{home}/svg.png"/></svg>
<details open ontoggle="{runs["toggle"]}"><summary>x</summary></details>
<input class="planted" aria-label="x" onfocus="{runs["focus"]}">
<a class="planted" href="javascript:{runs["link"]}void 0">planted link</a>
<button class="planted" onclick="{runs["button"]}">planted button</button>
<iframe class="cfw-map" title="x" srcdoc="{inside.replace('"', "&quot;")}"></iframe>
<iframe title="x" srcdoc="{refresh}"></iframe>
<iframe title="x" src="javascript:parent.RAN = 'from a frame'"></iframe>
<iframe title="x" src="data:text/html,<script src='{home}/data.js'></script>"></iframe>
<iframe title="x" src="{home}/framed.html"></iframe>
<object data="{home}/object.html"></object><embed src="{home}/embed.html">
<video src="{home}/film.mp4"></video><audio src="{home}/tone.mp3"></audio>
<link rel="stylesheet" href="{home}/sheet.css"><link rel="preload" as="script" href="{home}/preload.js">
<link rel="prefetch" href="{home}/prefetch"><link rel="modulepreload" href="{home}/module.js">
<link rel="icon" href="{home}/icon.png">
<style>@import url({home}/import.css); @font-face {{ font-family: p; src: url({home}/font.woff) }}
.planted {{ background: url({home}/back.png); font-family: p }}</style>
<form class="planted" action="{home}/form" method="post" target="_self"><button>send</button></form>
"""


CALLS = """async home => {
  const tried = [() => fetch(home + "/fetch"), () => navigator.sendBeacon(home + "/beacon", "x"),
    () => { new Image().src = home + "/image.png" }, () => new Worker("data:text/javascript,0"),
    () => { const made = document.createElement("script"); made.src = home + "/made.js"; document.body.append(made) },
    () => { document.body.insertAdjacentHTML("beforeend", "<img src=x onerror=\\"window.RAN = 'made'\\">") }];
  for (const call of tried) { try { await call() } catch { /* refused */ } }
}"""
CLICKS = """() => {
  const parts = document.querySelectorAll("input.planted, button.planted, a.planted");
  for (const part of parts) { part.focus(); part.click() }
  for (const form of document.querySelectorAll("form.planted")) form.submit();
}"""
