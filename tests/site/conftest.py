"""The built site, a server for it, and a browser."""

import os
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import checks
import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import browser as installed  # noqa: E402

SITE = Path(os.environ.get("SITE") or ROOT / "_build/html").resolve()


@pytest.fixture(scope="session")
def site():
    if not (SITE / "index.html").is_file():
        pytest.fail(f"{SITE} holds no built book; run make book first")
    return SITE


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder below the path at which it will be published, and keeps no log."""

    def __init__(self, *arguments, home, **options):
        self.home = home
        super().__init__(*arguments, **options)

    def translate_path(self, path):
        return super().translate_path("/" + path.removeprefix(self.home))

    def log_message(self, *_):
        pass


def serve(folder):
    """Serve a folder on a free port, and return the server and its address."""
    home = checks.home(folder)
    handler = partial(Handler, directory=str(folder), home=home)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}{home}"


@pytest.fixture(scope="session")
def origin(site):
    server, address = serve(site)
    yield address
    server.shutdown()


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        try:
            chromium = installed.launch(playwright)
        except SystemExit as missing:
            # A check that CI does not run must not look as if it had passed.
            (pytest.fail if os.environ.get("CI") else pytest.skip)(str(missing))
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser):
    """Return a function that opens an address in a theme and at a width, and never leaves home."""
    contexts = []

    def open_page(address, *, theme="light", width=1280, before=None):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce"
        )
        contexts.append(context)
        context.add_init_script(
            f"localStorage.setItem('mode', '{theme}'); localStorage.setItem('theme', '{theme}')"
        )
        tab = context.new_page()
        if before is not None:
            before(tab)
        tab.goto(address, wait_until="networkidle")
        return tab

    yield open_page
    for context in contexts:
        context.close()
