"""The slides: alive, at home, readable from the last row, and printable."""

import re

import pytest

from tests.site import checks
from tools import slides

ROWS = sorted(path.stem for path in slides.RUN.glob("[0-9]*.ipynb"))
# How many letters are drawn smaller than a size, on the slide that is shown.
SMALL = """least => [...document.querySelectorAll("section.present *")].flatMap((it) => {
  const own = [...it.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const box = it.getBoundingClientRect();
  if (!own || !box.height || it.closest(".katex, .fragment:not(.visible), .lab-tip, .lab-heard")) {
    return [];
  }
  const svg = it.closest("svg");
  const [around, inside] = [svg?.getBoundingClientRect(), svg?.viewBox.baseVal];
  const scale = svg
    ? Math.min(around.width / inside.width, around.height / inside.height)
    : document.querySelector(".slides").getBoundingClientRect().width / 1280;
  const size = parseFloat(getComputedStyle(it).fontSize) * scale;
  // A grid of two directions is as tall as the slide, and has letters a little smaller.
  const fits = size >= least - (it.closest(".lab-explorer") ? 2.5 : 0.5);
  return fits ? [] : [`${Math.round(size)} px: ${it.textContent.slice(0, 30)}`];
})"""
# How far what a slide holds reaches below its lower edge, in its own pixels.
BELOW = """() => {
  const slide = document.querySelector("section.present");
  return Math.max(0, slide.scrollHeight - 720);
}"""


@pytest.fixture(scope="module")
def decks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("slides")
    assert slides.main(folder) == 0
    return folder


@pytest.fixture
def shown(decks, open_page):
    problems = []

    def shown(name, suffix="", **options):
        page = (decks / f"{name}.html").as_uri() + suffix
        tab = open_page(page, before=lambda tab: problems.append(checks.watch(tab)), **options)
        tab.set_viewport_size({"width": 1920, "height": 1080})
        tab.wait_for_function("() => Reveal.isReady()")
        return tab

    yield shown
    assert not any(problems), problems


@pytest.mark.parametrize("name", ROWS)
def test_every_slide_fits_and_is_read_from_the_last_row(shown, name):
    tab = shown(name)
    found, count = [], tab.evaluate("Reveal.getTotalSlides()")
    assert count >= 6
    for k in range(count):
        tab.evaluate("k => Reveal.slide(k)", k)
        tab.wait_for_timeout(30)
        small, below = tab.evaluate(SMALL, 24), tab.evaluate(BELOW)
        found += [
            f"slide {k}: {each}" for each in [*small[:2], *([f"{below} below"] * (below > 8))]
        ]
    assert found == []


@pytest.mark.parametrize("name", ROWS)
def test_nothing_raw_is_left_of_the_chapter_s_source(decks, name):
    words = checks.parsed(decks / f"{name}.html").select_one(".slides")
    for own in words.select("script, code, svg, .katex"):
        own.decompose()
    assert re.findall(r"\{\w+\}|:::|\*\*|`|\]\(", words.text) == []


def test_nothing_is_asked_of_another_host(decks, open_page):
    asked = []
    name = next(name for name in ROWS if name.startswith("01"))
    open_page(
        (decks / f"{name}.html").as_uri(),
        before=lambda tab: tab.on("request", lambda it: asked.append(it.url)),
    )
    assert asked
    assert all(url.startswith((decks.as_uri(), "data:")) for url in asked)


def turned_to(tab, selector):
    """Show the first slide that holds something; return its number."""
    slides = tab.locator(".slides > section")
    place = next(k for k in range(slides.count()) if slides.nth(k).locator(selector).count())
    tab.evaluate("k => Reveal.slide(k)", place)
    return place


def test_an_explorer_answers_and_keeps_its_keys(shown):
    tab = shown(next(name for name in ROWS if name.startswith("01")))
    place = turned_to(tab, ".lab-explorer")
    explorer = tab.locator("section.present .lab-explorer")
    before = explorer.locator(".lab-says").text_content()
    explorer.locator("[data-pick]:visible").first.click()
    assert explorer.locator(".lab-says").text_content() != before
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate("Reveal.getIndices().h") == place
    tab.evaluate("document.activeElement.blur()")
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate("Reveal.getIndices().h") == place + 1


def test_an_answer_comes_at_the_next_key(shown):
    tab = shown(next(name for name in ROWS if name.startswith("06")))
    turned_to(tab, ".fragment")
    answer = tab.locator("section.present .fragment")
    assert not answer.evaluate("it => it.classList.contains('visible')")
    tab.keyboard.press("ArrowRight")
    assert answer.evaluate("it => it.classList.contains('visible')")
    assert answer.text_content().strip().startswith("Right. ")


def test_slides_print_a_page_each(shown, tmp_path):
    name = next(name for name in ROWS if name.startswith("06"))
    tab = shown(name, "?print-pdf")
    count = tab.locator(".slides section").count()
    made = tab.pdf(prefer_css_page_size=True, print_background=True)
    assert count <= len(re.findall(rb"/Type\s*/Page\b", made)) <= count + 3
