"""Every page of the built book: files, links, weights, and what a browser makes of it."""

import inspect
import json
import pydoc
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from sphinx.search.en import SearchEnglish

from tests.site import checks
from tests.site.conftest import ROOT, SITE

PAGES = [page.relative_to(SITE).as_posix() for page in checks.pages(SITE)]
each_page = pytest.mark.parametrize("name", PAGES)
# Pages of source are all of one form, and so are those of the package: in a browser the index and
# the longest stand for all.
FORMS = [[name for name in PAGES if name.startswith(room)] for room in ("_modules/", "api/")]
STAND = {max(form, key=lambda name: (SITE / name).stat().st_size) for form in FORMS if form}
SEEN = [
    name
    for name in PAGES
    if name in STAND or name == "_modules/index.html" or not any(name in form for form in FORMS)
]
each_seen_page = pytest.mark.parametrize("name", SEEN)
IDS: dict[Path, set[str]] = {}


def test_the_site_is_there_with_all_its_chapters(site):
    chapters = {f"chapters/{path.stem}.html" for path in ROOT.glob("chapters/*.ipynb")}
    assert chapters
    assert chapters <= set(PAGES)
    assert {"intro.html", "search.html", "404.html"} <= set(PAGES)


@each_page
def test_a_page_is_whole_described_and_light(site, name):
    assert checks.of_file(site, site / name, IDS) == []


@pytest.mark.parametrize("name", [name for name in PAGES if name.startswith("api/")])
def test_every_function_class_and_method_leads_to_its_source(site, name):
    heads = "dl.py:is(.function, .class, .method) > dt"
    for head in checks.parsed(site / name).select(heads):
        link = head.select_one("a:has(> .viewcode-link)")
        assert link, head["id"]
        path, _, anchor = link["href"].partition("#")
        made = pydoc.locate(head["id"])
        page = (site / name).parent.joinpath(path).resolve()
        assert page == site / f"_modules/{made.__module__.replace('.', '/')}.html"
        shown = checks.parsed(page).find(id=anchor).get_text().replace("[docs]", "")
        assert inspect.getsource(made).strip() in shown


@each_seen_page
def test_a_page_is_from_one_host_light_accessible_and_fits_the_screen(
    site, origin, open_page, name
):
    asked, problems = [], []

    def before(tab):
        tab.on("request", lambda it: asked.append(it.url))
        problems.append(checks.watch(tab))

    tab = open_page(origin + name, width=390, before=before)
    assert problems == [[]]
    own = {url for url in asked if not url.startswith(("data:", "blob:"))}
    assert [url for url in own if not url.startswith(origin)] == []
    files = [site / unquote(urlsplit(url.removeprefix(origin)).path) for url in own]
    limit = checks.WITH_A_LANGUAGE_MODEL if "13-" in name else checks.WIRE_LIMIT
    assert checks.wire(files) <= limit
    assert tab.title()
    # What a small screen adds is the frame of a page, the same on all, and what does not fit.
    rules = None if name == "intro.html" else ["scrollable-region-focusable", "target-size"]
    assert [*checks.violations(tab, rules), *checks.too_wide(tab)] == []
    tab.set_viewport_size({"width": 1280, "height": 900})
    assert [*checks.violations(tab), *checks.too_wide(tab)] == []
    # Another theme has other colours, and nothing else that is another.
    tab.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert checks.violations(tab, ["color-contrast", "link-in-text-block"]) == []


@pytest.mark.parametrize("name", [name for name in SEEN if name != "404.html"])
def test_a_page_opens_from_disk(site, open_page, name):  # only a server sends the page 404
    problems = []
    open_page((site / name).as_uri(), before=lambda tab: problems.append(checks.watch(tab)))
    assert problems == [[]]


@pytest.mark.parametrize("width", [1280, 390])
def test_a_figure_has_its_room_before_it_is_fetched(origin, open_page, width):
    tab = open_page(f"{origin}chapters/04-what-c-knows.html", width=width)
    sizes = tab.locator("article img[loading=lazy]").evaluate_all(
        "all => all.filter(img => !img.complete).map(img => [img.clientWidth / img.clientHeight,"
        " img.getAttribute('width') / img.getAttribute('height')])"
    )
    assert sizes
    assert all(shown == pytest.approx(wanted, rel=0.02) for shown, wanted in sizes)


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_the_search_lists_chapters(site, origin, open_page, scheme):
    home = origin if scheme == "http" else f"{site.as_uri()}/"
    tab = open_page(f"{home}search.html?q=padding")
    results = tab.locator("#search-results li a")
    results.first.wait_for()
    assert any("07-padding" in link.get_attribute("href") for link in results.all())


def test_the_theme_button_changes_the_theme(origin, open_page):
    tab = open_page(f"{origin}intro.html")
    before = tab.evaluate("document.documentElement.dataset.theme")
    tab.locator(".theme-switch-button").first.press("Enter")
    modes = {tab.evaluate("document.documentElement.dataset.mode")}
    assert modes != {before}


def test_a_folded_cell_opens_by_keyboard(origin, open_page):
    tab = open_page(f"{origin}{next(name for name in PAGES if '08-' in name)}")
    fold = tab.locator("details").first
    fold.locator("summary").focus()
    tab.keyboard.press("Enter")
    assert fold.get_attribute("open") is not None


def test_every_question_is_found_by_the_site_s_search(site):
    text = (site / "searchindex.js").read_text(encoding="utf-8")
    index = json.loads(text.removeprefix("Search.setIndex(").rstrip(";)"))
    page = index["docnames"].index("questions")
    known = {
        word
        for part in ("terms", "titleterms")
        for word, found in index[part].items()
        if page in (found if isinstance(found, list) else [found])
    }
    language = SearchEnglish({})
    for question in checks.parsed(site / "questions.html").select("article p > strong:only-child"):
        words = map(language.stem, map(str.lower, language.split(question.get_text())))
        asked = set(filter(language.word_filter, words))
        assert asked <= known, asked - known
