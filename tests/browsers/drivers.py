"""The three engines behind four methods: go, run, mouse, keys.

A page is shown in a frame at the corner of the window, since no window of Firefox or WebKit is as
narrow as a phone's; all that is asked and done happens inside that frame.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from marionette_driver.marionette import ActionSequence, Marionette
from playwright.sync_api import sync_playwright
from selenium import webdriver
from selenium.webdriver import ActionChains
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from tools import browser as installed

WINDOW = {"width": 1400, "height": 1000}


class MissingError(Exception):
    """A browser, or what drives it, is not on this machine."""


class Chromium:
    """Chromium or Chrome, driven by playwright."""

    def __init__(self):
        self.playwright = sync_playwright().start()
        try:
            self.browser = installed.launch(self.playwright)
        except SystemExit as missing:
            self.playwright.stop()
            raise MissingError(str(missing)) from None
        self.tab = self.browser.new_page(viewport=WINDOW)

    def go(self, address):
        self.tab.goto(address)
        self.frame = self.tab.frames[1]

    def run(self, name, *given):
        return self.frame.evaluate(f"given => inPage.{name}(...given)", given)

    def mouse(self, start, *others):
        self.tab.mouse.move(*start)
        self.tab.mouse.down()
        for place in others:
            self.tab.mouse.move(*place)
        self.tab.mouse.up()
        self.tab.mouse.move(0, 0)

    def keys(self, *keys):
        keyboard = self.tab.keyboard
        for key in keys:
            (keyboard.press if len(key) > 1 else keyboard.type)(key)

    def close(self):
        self.browser.close()
        self.playwright.stop()


class Firefox:
    """Firefox, driven by Mozilla's marionette."""

    def __init__(self):
        path = shutil.which("firefox-esr") or shutil.which("firefox")
        if not path:
            raise MissingError("No Firefox was found (Debian: apt install firefox-esr)")
        # Not os.devnull: marionette removes a log that is there before it writes one.
        self.logs = TemporaryDirectory()
        self.driver = Marionette(bin=path, port=0, headless=True, gecko_log=self.logs.name)
        self.driver.start_session()
        self.driver.set_window_rect(**WINDOW)

    def go(self, address):
        self.driver.switch_to_frame()
        self.driver.navigate(address)
        self.driver.switch_to_frame(self.driver.find_element("css selector", "iframe"))

    def run(self, name, *given):
        # Without a sandbox the script sees what the page's own scripts see.
        return self.driver.execute_script(
            f"return inPage.{name}(...arguments)", script_args=given, sandbox=None
        )

    def mouse(self, start, *others):
        actions = ActionSequence(self.driver, "pointer", "mouse", {"pointerType": "mouse"})
        actions.pointer_move(*start).pointer_down()
        for place in others:
            actions.pointer_move(*place)
        actions.pointer_up().pointer_move(0, 0).perform()

    def keys(self, *keys):
        actions = ActionSequence(self.driver, "key", "keyboard")
        actions.send_keys("".join(map(coded, keys))).perform()

    def close(self):
        self.driver.quit()
        self.driver.cleanup()
        self.logs.cleanup()


class WebKit:
    """WebKitGTK's small browser on a screen of its own, driven by selenium."""

    def __init__(self):
        path = next(Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser"), None)
        driver, screen = map(shutil.which, ("WebKitWebDriver", "Xvfb"))
        if not (path and driver and screen):
            raise MissingError("No WebKit was found (Debian: apt install webkit2gtk-driver xvfb)")
        # Two windows on one screen would take the keyboard, and the sight, from each other.
        number, tell = os.pipe()
        size = "{width}x{height}x24".format(**WINDOW)
        command = [screen, "-displayfd", str(tell), "-screen", "0", size, "-terminate"]
        self.screen = subprocess.Popen(command, pass_fds=[tell], stderr=subprocess.DEVNULL)
        os.close(tell)
        with os.fdopen(number) as told:
            display = f":{told.readline().strip()}"
        service = Service(driver, env={**os.environ, "DISPLAY": display})
        options = Options()
        options.binary_location = str(path)
        options.add_argument("--automation")
        self.driver = webdriver.WebKitGTK(options=options, service=service)
        self.driver.set_window_size(*WINDOW.values())

    def go(self, address):
        self.driver.switch_to.default_content()
        self.driver.get(address)
        self.driver.switch_to.frame(0)

    def run(self, name, *given):
        return self.driver.execute_script(f"return inPage.{name}(...arguments)", *given)

    def mouse(self, start, *others):
        actions = ActionBuilder(self.driver, duration=0)
        actions.pointer_action.move_to_location(*start).pointer_down()
        for place in others:
            actions.pointer_action.move_to_location(*place)
        actions.pointer_action.pointer_up().move_to_location(0, 0)
        actions.perform()

    def keys(self, *keys):
        ActionChains(self.driver).send_keys(*map(coded, keys)).perform()

    def close(self):
        self.driver.quit()
        self.screen.terminate()


def coded(key):
    """Return a key as WebDriver writes it: ArrowRight is ARROW_RIGHT among selenium's keys."""
    return key if len(key) == 1 else getattr(Keys, re.sub(r"\B(?=[A-Z])", "_", key).upper())
