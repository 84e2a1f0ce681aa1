"""What all tests share: fixed seeds, hypothesis' profiles, and a browser for those that want it."""

import os

import pytest
import torch
from hypothesis import HealthCheck, settings

QUIET = {"deadline": None, "database": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("lab", max_examples=60, **QUIET)
settings.register_profile("thorough", max_examples=600, **QUIET)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "lab"))


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    from tools import browser as installed

    with sync_playwright() as playwright:
        try:
            chromium = installed.launch(playwright)
        except SystemExit as missing:
            if os.environ.get("CHROMIUM"):  # one that was named must be there
                raise
            pytest.skip(f"nothing was tried in a browser. {missing}")
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
        tab.goto(address)
        return tab

    yield open_page
    for context in contexts:
        context.close()
