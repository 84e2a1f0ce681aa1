"""The built site, and a server for it."""

import os
from pathlib import Path

import pytest

from tests.site.server import serve

ROOT = Path(__file__).resolve().parents[2]

SITE = Path(os.environ.get("SITE") or ROOT / "_build/html").resolve()


@pytest.fixture(scope="session")
def site():
    if not (SITE / "index.html").is_file():
        pytest.fail(f"{SITE} holds no built book; run make book first")
    return SITE


@pytest.fixture(scope="session")
def origin(site):
    server, address = serve(site)
    yield address
    server.shutdown()
