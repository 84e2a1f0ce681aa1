"""The built site behind a server that watches each page, and the three browsers."""

from functools import partial
from http.server import ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browsers.drivers import MissingError
from tests.site import checks
from tests.site.conftest import SITE
from tests.site.server import Handler

IN_PAGE = Path(__file__).with_name("in_page.js").read_text(encoding="utf-8")
FRAME = (
    '<!DOCTYPE html><meta charset="utf-8"><title>A frame</title><body style="margin:0">'
    '<iframe src="{page}" style="width:{width}px;height:800px;border:0"></iframe>'
)


class Watched(Handler):
    """Serves each page with a script ahead of all others, and frames to show a page in."""

    def send_head(self):
        address = urlsplit(self.path)
        path = Path(self.translate_path(address.path))
        if path.name == "frame":
            asked = {name: value for name, [value] in parse_qs(address.query).items()}
            return self.send(FRAME.format(**asked))
        if path.suffix == ".html" and path.is_file():
            text = path.read_text(encoding="utf-8")
            return self.send(text.replace("<head>", f"<head><script>{IN_PAGE}</script>", 1))
        return super().send_head()

    def send(self, text):
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return BytesIO(body)


@pytest.fixture(scope="session")
def origin():
    if not (SITE / "index.html").is_file():
        pytest.fail(f"{SITE} holds no built book; run make book first")
    home = checks.home(SITE)
    handler = partial(Watched, directory=str(SITE), home=home)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}{home}"
    server.shutdown()


@pytest.fixture(scope="session")
def browser():
    """Return a function that starts a browser of a kind, once, or skips the test."""
    running = {}

    def browser(kind):
        if kind not in running:
            try:
                running[kind] = kind()
            except MissingError as missing:
                pytest.skip(str(missing))
        return running[kind]

    yield browser
    for each in running.values():
        each.close()
