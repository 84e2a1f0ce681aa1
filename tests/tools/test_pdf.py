"""The book as one page of HTML: ids, links, folds and order; no browser is needed."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader, PdfWriter

from tools import browser, pdf

ROOT = Path(__file__).resolve().parents[2]


NAMES = ["intro", "chapters/one"]
COVER = pdf.Cover("A book", "of two pages", "Somebody", "1.0", date(2026, 1, 2))
FRONT = """
<h1 id="top">Front <code>h_n</code><a class="headerlink" href="#top">#</a></h1>
<a href="chapters/one.html#top">there</a> <a href="chapters/one.html">page</a>
<a href="https://pytorch.org">web</a> <a href="_sources/intro.md">source</a>
<img src="_images/a.png"><script>alert(1)</script><button>Copy</button>
"""
CHAPTER = """
<h1 id="top">One</h1><a href="../intro.html#top">back</a><a href="#content">here</a>
<section id="content">first</section><section id="content">second</section>
<section id="content">third</section>
<details class="hide above-input"><summary>Show code</summary><pre>x = 1</pre></details>
<details><summary>A hint</summary><p>Think.</p></details>
<div class="solution dropdown admonition" id="s/1">Solution</div>
<svg aria-labelledby="content"><rect clip-path="url(#clip)"/><clippath id="clip"/></svg>
<span class="katex"><span class="katex-mathml"><math><mi>h</mi></math></span>
<span class="katex-html" aria-hidden="true">h</span></span>
<style>#content { color: #abc }</style>
<img src="../_images/b.png"><img src="data:image/png;base64,AAAA">
"""


@pytest.fixture
def book(tmp_path):
    (tmp_path / "chapters").mkdir()
    for name, body in zip(NAMES, (FRONT, CHAPTER), strict=True):
        page = f"<html><nav id='top'></nav><article>{body}</article><footer>no</footer></html>"
        (tmp_path / f"{name}.html").write_text(page, encoding="utf-8")
    return tmp_path


@pytest.fixture
def whole(book):
    articles = {name: pdf.article(book, name, NAMES) for name in NAMES}
    return BeautifulSoup(pdf.compose(articles, COVER, {"chapters/one": 7}, ""), "html.parser")


def test_every_id_is_unique_and_every_inner_link_leads_to_one(whole):
    ids = Counter(tag["id"] for tag in whole.select("[id]"))
    assert set(ids.values()) == {1}
    inner = [tag["href"][1:] for tag in whole.select("a[href^='#']")]
    assert set(inner) <= set(ids)
    assert len(inner) == 2 + 4  # the contents, then the pages


def test_links_between_pages_become_anchors_and_the_web_stays(whole):
    to = {tag.get_text(): tag["href"] for tag in whole.select(".chapter a")}
    assert to == {
        "there": "#chapters-one--top",
        "page": "#page-chapters-one",
        "web": "https://pytorch.org",
        "back": "#intro--top",
        "here": "#chapters-one--content",
    }
    assert "source" in whole.get_text()


def test_what_names_an_id_goes_with_it(whole):
    assert whole.svg["aria-labelledby"] == "chapters-one--content"
    assert whole.rect["clip-path"] == "url(#chapters-one--clip)"
    assert whole.select_one("clippath")["id"] == "chapters-one--clip"
    assert whole.select(".chapter style")[0].string == "#chapters-one--content { color: #abc }"


def test_pictures_are_found_from_the_folder_of_the_pdf(whole):
    sources = [tag["src"] for tag in whole.select("img")]
    assert sources[:2] == ["../html/_images/a.png", "../html/_images/b.png"]
    assert sources[2].startswith("data:")


def test_folds_are_open_and_nothing_is_left_to_press(whole):
    assert not whole.select("details, summary, button, script, nav, footer, .headerlink, .dropdown")
    text = whole.get_text()
    assert "x = 1" in text
    assert "A hint" in text
    assert "Solution" in text
    assert "Show code" not in text


def test_an_explorer_is_printed_as_it_is_first_seen(tmp_path):
    explorer = (
        '<p><a href="#grid:step=2">at step 2</a></p><div class="lab-explorer" id="grid">'
        '<script type="application/json">{}</script><form class="lab-controls">layers</form>'
        '<button class="lab-number">0.14</button><button class="lab-copy">copy</button>'
        '<p class="lab-foot">Link to this view</p></div>'
    )
    page = f"<html><article>{explorer}</article></html>"
    (tmp_path / "intro.html").write_text(page, encoding="utf-8")
    section = pdf.article(tmp_path, "intro", ["intro"])
    assert section.get_text() == "at step 20.14"
    assert section.a["href"] == "#intro--grid"
    assert section.select_one("#intro--grid span").string == "0.14"


def test_the_book_has_a_title_its_contents_and_its_pages_in_order(whole):
    assert whole.title.string == "A book"
    assert whole.html["lang"] == "en"
    sections = [tag.get("id") or tag["class"][0] for tag in whole.body.find_all(recursive=False)]
    assert sections == ["title-page", "contents", "page-intro", "page-chapters-one"]
    assert [tag.get_text() for tag in whole.select(".contents li")] == ["Front h_n", "One7"]
    assert "2 January 2026" in whole.select_one(".book-version").get_text()
    assert pdf.headings(str(whole)) == ["Contents", "Front h_n", "One"]


def test_a_formula_is_printed_once_and_read_out(whole):
    assert whole.select_one(".katex").get_text().strip() == "h"
    assert "aria-hidden" not in whole.select_one(".katex-html").attrs


def test_bookmarks_say_what_the_headings_say(tmp_path):
    path = tmp_path / "book.pdf"
    writer = PdfWriter()
    writer.add_blank_page(width=100, height=100)
    outer = writer.add_outline_item(title="A titleA title", page_number=0)
    writer.add_outline_item(title="Twolines", page_number=0, parent=outer)
    writer.add_outline_item(title="Last", page_number=0)
    writer.write(path)
    assert pdf.finish(path, COVER, ["A title", "Two lines", "Last"]) == 1
    reader = PdfReader(path)
    first, inner, last = reader.outline
    assert [first.title, inner[0].title, last.title] == ["A title", "Two lines", "Last"]
    assert (reader.metadata.title, reader.metadata.author) == ("A book", "Somebody")
    with pytest.raises(ValueError, match="shorter"):
        pdf.finish(path, COVER, ["A title"])


def test_the_head_of_a_page_bears_its_title_whatever_it_holds():
    rules = pdf.running_heads({"a/b": r'Say "h\n"'})
    assert r'@top-right { content: "Say \"h\\n\"" }' in rules
    assert "#page-a-b { page: page-a-b }" in rules


def test_the_cover_says_what_the_citation_says(tmp_path):
    page = tmp_path / "page.html"
    page.write_text("", encoding="utf-8")
    cover = pdf.cover_of(ROOT, page)
    assert (cover.title, cover.version) == ("What your LSTM returns", "0.1.0")
    assert cover.subtitle == "output, h_n and c_n in PyTorch"


def test_a_book_that_is_not_built_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(pdf, "SITE", tmp_path)
    assert pdf.main() == 1
    assert "make book" in capsys.readouterr().out


def test_without_a_browser_one_line_says_how_to_get_one(monkeypatch):
    class Playwright:
        class chromium:  # noqa: N801
            executable_path = "/nowhere/chrome"

    monkeypatch.setattr(browser, "ON_A_MAC", "/nowhere/else")
    monkeypatch.setattr(browser, "BROWSERS", ("no-such-browser",))
    monkeypatch.delenv("CHROMIUM", raising=False)
    with pytest.raises(SystemExit, match=r"^No Chromium .*apt install chromium.*$"):
        browser.browser(Playwright)
    Playwright.chromium.executable_path = __file__
    assert browser.browser(Playwright) == __file__
    monkeypatch.setenv("CHROMIUM", "/nowhere/named")
    with pytest.raises(SystemExit, match="CHROMIUM is /nowhere/named"):
        browser.browser(Playwright)
