"""What is cut from the built site: rules, icons and colours that no page uses, and no other."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import tinycss2
import torch

from _ext import light, styles
from lstm_lab import new_figure

ROOT = Path(__file__).resolve().parents[2]


KNOWN = {"card", "open", "page"}
PAGE = """<html><head>
<link rel="stylesheet" href="../_static/theme/a.css?v=1" />
<link href="../_static/b.css" rel="stylesheet" />
<script src="../_static/documentation_options.js?v=2"></script>
</head><body class="card"><i class="fa-sun"></i></body></html>"""


def cut(css):
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    return styles.without_unused(rules, KNOWN)


@pytest.mark.parametrize(
    "css",
    [
        ".card{a:b}",
        "p{a:b}",
        "#page .card:not(.gone){a:b}",
        ".card:is(.gone,:not(.lost,p)){a:b}",
        'a[href=".gone"]{a:b}',
        "@media print{.card{a:b}}",
        "@font-face{font-family:x}",
        ":root{--x:1}",
    ],
)
def test_a_rule_that_may_be_used_stays_as_it_is(css):
    assert cut(css) == css


@pytest.mark.parametrize("css", [".gone{a:b}", ".card .gone{a:b}", "@media print{#gone{a:b}}"])
def test_a_rule_that_can_meet_nothing_goes(css):
    assert cut(css) == ""


def test_of_several_selectors_only_those_that_can_meet_something_stay():
    assert cut(".gone,.card:is(.x,.y),p.lost,.open{a:b}") == ".card:is(.x,.y),.open{a:b}"


@pytest.fixture
def site(tmp_path):
    files = {
        "sub/page.html": PAGE,
        "_static/basic.css": ".card{color:red}",
        "_static/theme/a.css": '@import "../basic.css";.card{background:url(img/x.svg)}.gone{a:b}',
        "_static/b.css": ".card{color:blue;background:url('data:,x')}",
        "_static/documentation_options.js": "const OPTIONS = {};",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    styles.bundle(SimpleNamespace(outdir=tmp_path, builder=SimpleNamespace(name="html")), None)
    return tmp_path


def test_a_page_has_one_sheet_with_all_rules_in_order(site):
    (sheet,) = site.glob("_static/styles-*.css")
    text = sheet.read_text(encoding="utf-8")
    assert text.replace("\n", "") == (
        ".card{color:red}.card{background:url(theme/img/x.svg)}"
        '.card{color:blue;background:url("data:,x")}'
    )
    page = (site / "sub/page.html").read_text(encoding="utf-8")
    assert page.count("<link") == page.count(f'href="../_static/{sheet.name}"') == 1


def test_the_options_stand_in_the_page_and_the_old_sheets_are_gone(site):
    page = (site / "sub/page.html").read_text(encoding="utf-8")
    assert "<script>const OPTIONS = {};</script>" in page
    assert not (site / "_static/theme/a.css").exists()
    assert not (site / "_static/b.css").exists()


def test_only_the_glyphs_of_icons_in_use_are_wanted():
    css = r'.fa-sun{--fa:"\f185"}.fa-moon{--fa:"\f186"}.plain::after{content:"\f107"}'
    assert light.glyphs(css, {"fa-sun"}) == {0xF185, 0xF107}


def test_a_figure_of_few_hues_is_stored_smaller_and_looks_the_same(tmp_path):
    from PIL import Image, ImageChops

    path = tmp_path / "figure.png"
    figure = new_figure(5, 3, "a curve")
    figure.subplots().plot(torch.linspace(-3, 3, 50).sin())
    figure.savefig(path, transparent=True)
    picture = Image.open(path).convert("RGBA")
    before = path.stat().st_size
    light.store_with_palette(path)
    assert path.stat().st_size < before
    change = ImageChops.difference(Image.open(path).convert("RGBA"), picture)
    assert max(high for _, high in change.getextrema()) <= 32  # of 255, at an edge
