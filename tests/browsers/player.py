"""Play a page's steps in a browser, and tell two browsers' results apart."""

import difflib
import textwrap
import time
from itertools import pairwise
from urllib.parse import urlencode

PATIENCE = 60  # seconds for a figure to come to rest
SHOWN = 5  # differences of one kind that are told


def played(driver, origin, page, width, explorers):
    """Return each step of a page's explorers, and what the page shows after it."""
    player = Player(driver, f"{origin}frame?", page, width)
    player.go()
    shown = [("at first", player.seen())]
    for player.ident, steps in explorers.items():
        for player.step in steps:
            verb, *given = player.step
            getattr(player, verb)(*given)
            shown.append((player.step, player.seen()))
    return shown


class Player:
    """What can be done on one page, in a frame of some width; a method for each verb of a step."""

    def __init__(self, driver, frame, page, width):
        self.driver, self.frame, self.page, self.width = driver, frame, page, width
        self.step = "at first"

    def open(self, view):
        self.go(f"#{self.ident}:{view}")

    def follow(self, view):
        self.mouse(self.place(f'a[href="#{self.ident}:{view}"]:not(.lab-link)'))

    def click(self, css):
        self.mouse(self.place(self.inside(css)))

    def drag(self, css, onto):
        end = self.place(self.inside(onto))
        self.mouse(self.place(self.inside(css)), end)

    def slide(self, css, share):
        css = self.inside(css)
        self.mouse(self.place(css), self.place(css, share))

    def type(self, css, text):
        self.click(css)
        self.driver.run("selectAll")
        self.keys(*text)

    def choose(self, css, value):
        self.driver.run("choose", self.inside(css), value)

    def press(self, key):
        self.keys(key)

    def walk(self):
        self.click("[data-play]")

    def go(self, fragment=""):
        asked = {"page": self.page + fragment, "width": self.width}
        self.driver.go(self.frame + urlencode(asked))

    def seen(self):
        """Return what the page shows, once nothing moves any more."""
        next(filter(None, self.asked("rests")))
        problems = self.driver.run("problems")
        assert not problems, self.told(problems)
        return self.driver.run("dump")

    def place(self, css, x=0.5):
        """Return a point of what a selector finds, as soon as it lies still."""
        pairs = pairwise(self.asked("place", css, x))
        found = next(now for before, now in pairs if now == before)
        assert not isinstance(found, str), self.told(found)
        return found

    def inside(self, css):
        return f"#{self.ident} :is({css})"

    def mouse(self, *places):
        self.hand(self.driver.mouse, places, 1)

    def keys(self, *keys):
        self.hand(self.driver.keys, keys, len(keys))

    def hand(self, act, given, ups):
        """Act, and wait until the page has heard it: a driver may return before."""
        before = self.driver.run("heard")
        act(*given)
        next(heard for heard in self.asked("heard") if heard >= before + ups)

    def asked(self, name, *given):
        """Yield what a function of the page gives, again and again."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            yield self.driver.run(name, *given)
            time.sleep(0.02)
        raise AssertionError(self.told(f"{name} is not at rest after {PATIENCE} s"))

    def told(self, problem):
        return f"{self.page}, {self.width} pixels, {self.step}: {problem}"


def differences(wanted, got):
    """Return what differs from what is wanted, a line each."""
    lines = []
    for (step, one), (_, other) in zip(wanted, got, strict=True):
        for part, kinds in one.items():
            for kind, values in kinds.items():
                changes = changed(values, other[part][kind])
                where = f"{step}, {part}, {kind}: "
                lines += [where + change for change in changes[:SHOWN]]
                if len(changes) > SHOWN:
                    lines.append(f"{where}and {len(changes) - SHOWN} more")
    return lines


def changed(wanted, got):
    """Return where two lists differ, each place as one line."""
    places = difflib.SequenceMatcher(None, wanted, got, autojunk=False).get_opcodes()
    return [
        f"{joined(wanted[a:b])} became {joined(got[c:d])}"
        for verb, a, b, c, d in places
        if verb != "equal"
    ]


def joined(values):
    return repr(textwrap.shorten(" ".join(map(str, values)), 200))
