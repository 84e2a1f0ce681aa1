"""The Chromium or Chrome of this machine: it prints the PDF and opens the pages in the tests."""

import os
import shutil
import sys
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ON_A_MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
NO_BROWSER = (
    "No Chromium or Chrome was found. Install one (Debian: apt install chromium; any system: "
    ".venv/bin/playwright install chromium), or name it: CHROMIUM=/path/to/chrome"
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]


def launch(playwright):
    """Return this machine's browser, started; or end with one line on how to get one."""
    return playwright.chromium.launch(executable_path=browser(playwright), args=FLAGS)


def browser(playwright) -> str:
    """Return the path of a Chromium, or end with one line on how to get one."""
    named = os.environ.get("CHROMIUM")
    installed = [*map(shutil.which, BROWSERS), ON_A_MAC, playwright.chromium.executable_path]
    for path in [named] if named else installed:
        if path and Path(path).is_file():
            return path
    sys.exit(f"CHROMIUM is {named}, and there is no such file." if named else NO_BROWSER)
