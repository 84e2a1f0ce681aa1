"""The checks themselves: each finds what is spoiled on purpose, and nothing on a good page."""

import pytest

from tests.site import checks
from tests.site.server import serve

GOOD = """<!DOCTYPE html><html lang="en"><head><title>A page</title>
<meta name="viewport" content="width=device-width"/>
<meta name="description" content="A page that has nothing wrong with it."/></head>
<body><main><article><h1 id="top">A page</h1><p>It <a href="#top">links</a> to itself.</p>
</article></main></body></html>"""
SPOILED = {
    "foreign font": ("</head>", "<style>@font-face{font-family:f;src:url(https://x.test/f.woff2)}"),
    "foreign script": ("</head>", '<script src="https://x.test/a.js"></script></head>'),
    "alt text": ("</article>", '<img src="dot.png" width="1" height="1"/></article>'),
    "size of a picture": ("</article>", '<img src="dot.png" alt="A dot"/></article>'),
    "heavy picture": ("</article>", '<img src="big.png" alt="Much"/></article>'),
    "dead link": ("</article>", '<a href="gone.html">gone</a></article>'),
    "dead anchor": ("</article>", '<a href="#nowhere">nowhere</a></article>'),
    "id twice": ("</article>", '<p id="top">again</p></article>'),
    "no description": ('name="description"', 'name="other"'),
    "heavy page": ("</article>", None),
}
UNSEEN = {
    "unlabelled button": ("</article>", "<button></button></article>", "button-name"),
    "pale text": ("</article>", '<p style="color:#aaa">pale</p></article>', "color-contrast"),
    "wide page": ("</article>", '<pre style="width:2000px">wide</pre></article>', "wider"),
}


@pytest.fixture
def spoil(tmp_path):
    """Return a function that writes the good page with one thing changed."""

    def spoil(old="", new=""):
        (tmp_path / "dot.png").write_bytes(b"1")
        (tmp_path / "big.png").write_bytes(bytes(2 * 1024 * 1024))
        assert old in GOOD
        page = tmp_path / "page.html"
        page.write_text(GOOD.replace(old, new) if old else GOOD, encoding="utf-8")
        return page

    return spoil


def test_a_good_page_has_no_problem(tmp_path, spoil):
    assert checks.of_file(tmp_path, spoil(), {}) == []


@pytest.mark.parametrize("what", SPOILED)
def test_a_spoiled_file_is_found(tmp_path, spoil, what):
    old, new = SPOILED[what]
    if new is None:
        new = "".join(f"{number * 7919 % 100003:x}" for number in range(60_000)) + old
    assert len(checks.of_file(tmp_path, spoil(old, new), {})) >= 1


@pytest.mark.parametrize(("link", "problems"), [("/book/page.html", 0), ("/page.html#no", 1)])
def test_addresses_from_the_root_begin_where_the_site_is_published(tmp_path, spoil, link, problems):
    (tmp_path / "404.html").write_text('<link href="/book/_static/a.css"/>', encoding="utf-8")
    page = spoil("</article>", f'<a href="{link}">on</a></article>')
    assert len(checks.of_file(tmp_path, page, {})) == problems
    server, address = serve(tmp_path)
    server.shutdown()
    assert address.endswith("/book/")


@pytest.mark.parametrize("what", UNSEEN)
def test_a_browser_finds_what_is_spoiled(tmp_path, spoil, open_page, what):
    old, new, word = UNSEEN[what]
    tab = open_page(spoil(old, new).as_uri(), width=390)
    assert any(word in each for each in [*checks.violations(tab), *checks.too_wide(tab)])


def test_a_browser_finds_nothing_on_a_good_page(spoil, open_page):
    tab = open_page(spoil().as_uri(), width=390)
    assert [*checks.violations(tab), *checks.too_wide(tab)] == []


@pytest.mark.parametrize(
    "body", ['<script src="gone.js"></script>', "<script>throw Error('no')</script>"]
)
def test_what_goes_wrong_while_a_page_loads_is_written_down(tmp_path, spoil, open_page, body):
    spoil("</article>", f"{body}</article>")
    server, address = serve(tmp_path)
    problems = []
    open_page(f"{address}page.html", before=lambda tab: problems.append(checks.watch(tab)))
    server.shutdown()
    assert problems[0]
