"""The explorers, in use, show the same in Firefox and in WebKit as in Chromium."""

import re
from functools import cache, partial
from itertools import product

import pytest

from tests.browsers.drivers import Chromium, Firefox, WebKit
from tests.browsers.player import differences, played
from tests.browsers.scenario import SCENARIO
from tests.site import checks
from tests.site.conftest import SITE

WIDTHS = (1280, 390)
# The tests of one page share a worker, so that Chromium shows it once.
each_page = pytest.mark.parametrize(
    ("page", "width"),
    [
        pytest.param(*case, marks=pytest.mark.xdist_group(f"{case}"))
        for case in product(SCENARIO, WIDTHS)
    ],
)


def seen(browser, origin, kind, page, width):
    return played(browser(kind), origin, page, width, SCENARIO[page])


@pytest.fixture(scope="session")
def wanted(browser, origin):
    """Return a function that plays a page in Chromium, once."""
    return cache(partial(seen, browser, origin, Chromium))


def test_every_explorer_of_the_book_has_steps():
    explorer = re.compile(r'class="lab-explorer" id="([\w-]+)"')
    found = {
        page.relative_to(SITE).as_posix(): explorer.findall(page.read_text("utf-8"))
        for page in checks.pages(SITE)
    }
    assert {page: [*steps] for page, steps in SCENARIO.items()} == {
        page: idents for page, idents in found.items() if idents
    }


@each_page
@pytest.mark.parametrize("kind", [Firefox, WebKit], ids=["Firefox", "WebKit"])
def test_a_page_in_use_shows_what_it_shows_in_chromium(browser, origin, wanted, kind, page, width):
    got = seen(browser, origin, kind, page, width)
    found = differences(wanted(page, width), got)
    if found:
        pytest.fail("\n".join(found), pytrace=False)
