"""The drawings in a browser: in both layouts, in both themes, and in a notebook's place."""

import pytest

from _ext import explorers
from lstm_lab.explorers.drawing import KINDS
from lstm_lab.explorers.scripts import styles
from tests.lstm_lab.explorers.made import drawings
from tests.site import checks

# Words that stick out of their picture, or that are too small to be read.
AMISS = """() => [...document.querySelectorAll(".lab-svg text")].flatMap((it) => {
  const [of, all] = [it.getBoundingClientRect(), it.closest("svg").getBoundingClientRect()];
  if (!of.width) return [];
  const out = of.left < all.left - 1 || of.right > all.right + 1 || of.top < all.top - 4;
  const size = parseFloat(getComputedStyle(it).fontSize) * it.getScreenCTM().a;
  return out || size < 10.9 ? [`${it.textContent} ${size} ${of.left} ${of.right}`] : [];
})"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    elements = "".join(drawing._repr_html_() for drawing in drawings().values())
    body = explorers.DRAWING.sub(
        lambda found: f"{found[1]}{explorers.drawn(found[2])}</div>", elements
    )
    file = tmp_path_factory.mktemp("drawings") / "page.html"
    file.write_text(
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Drawings</title><style>'
        "body { margin: 0 auto; max-width: 688px } [data-theme=dark] body { background: #121212 }"
        f"{styles()}</style></head><body><main>{body}</main></body></html>",
        encoding="utf-8",
    )
    return file.as_uri()


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_words_can_be_read_and_stay_inside(open_page, page, theme, width):
    tab = open_page(page, theme=theme, width=width)
    tab.evaluate("it => { document.documentElement.dataset.theme = it }", theme)
    assert tab.locator(".lab-svg[role=img]:visible").count() == len(KINDS)
    assert tab.evaluate(AMISS) == []
    assert checks.too_wide(tab) == []


def test_a_notebooks_browser_draws_what_the_book_shows(open_page, page):
    tab = open_page(page)
    drawing = drawings()["gap"]
    script = """async ([script, data]) => {
      const module = new Blob([script], { type: "text/javascript" });
      const { default: widget } = await import(URL.createObjectURL(module));
      const el = document.createElement("div");
      widget.render({ model: { get: () => data }, el });
      return el.innerHTML;
    }"""
    made = tab.evaluate(script, [drawing._esm, drawing.data])
    assert "Two ways to predict without peeking" in made
    given = explorers.DRAWING.search(drawing._repr_html_())[2]
    assert made == explorers.drawn(given)
