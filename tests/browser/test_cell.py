"""The live cell in a browser: the curve that scrubs, the gates that unfold, what is dragged."""

import re

import pytest
import torch
from torch import nn

from lstm_lab import CellExplorer, trace
from lstm_lab.explorers.scripts import joined
from tests.browser import bench
from tests.site import checks

TERM = "#cell-explorer .lab-sum [data-key='{}']"


@pytest.fixture
def cell(open_page, tmp_path):
    """Return a function that opens a page with a counter of letters, or with a cell of numbers."""

    def cell(module=None, x=None, *, theme="light", width=1280, **options):
        options |= {"alphabet": "aXb"} if x is None else {}
        made = CellExplorer(module or nn.LSTM(3, 2), x, **options)
        tab = open_page(bench.page(tmp_path, made), theme=theme, width=width)
        tab.evaluate("it => { document.documentElement.dataset.theme = it }", theme)
        return tab

    return cell


def says(tab):
    return tab.locator(".lab-says").text_content()


def chosen(tab):
    return tab.locator(".lab-scrub input").input_value()


def told(tab, name):
    """Return the number of c or of h that the sentence tells."""
    return bench.read_aloud(re.search(rf"\b{name} = (\S*\d)", says(tab))[1])


def test_a_text_of_one_letter_is_read_like_any_other(cell):
    tab = cell(text="aaXb")
    tab.locator("input[type=text]").fill("a")
    assert says(tab).startswith("After a:")
    assert "undefined" not in tab.locator(".lab-display").inner_html()


@pytest.mark.parametrize("width", [1280, 390])
def test_forty_letters_are_seen_at_once_and_each_is_reached(cell, width):
    text = "a" * 20 + "X" + "b" * 19
    tab = cell(text=text, step=0, width=width)
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = tab.locator(".lab-scrub input").bounding_box()
    assert 0 <= box["x"] <= box["x"] + box["width"] <= width
    assert box["height"] >= 24
    for step in (39, 20, 1):
        share = (step + 0.5) / len(text) * box["width"]
        tab.mouse.click(box["x"] + share, box["y"] + box["height"] / 2)
        assert chosen(tab) == str(step)
    tab.keyboard.press("ArrowRight")
    assert chosen(tab) == "2"
    layout = ".lab-wide" if width > 600 else ".lab-narrow"
    name = tab.locator(f".lab-scrub {layout} text").first.bounding_box()
    assert 0 <= name["x"] < width / 2


def test_a_click_and_a_drag_along_the_curve_choose_the_column_under_the_pointer(cell):
    tab = cell(text="aaaXbbb")
    box = tab.locator(".lab-scrub input").bounding_box()

    def place(step, share):
        return box["x"] + (step + share) * box["width"] / 7, box["y"] + 40

    for step in (0, 3, 6):
        for share in (0.1, 0.9):
            tab.mouse.click(*place(step, share))
            assert chosen(tab) == str(step)
    tab.mouse.down()
    tab.mouse.move(*place(2, 0.5))
    tab.mouse.up()
    assert chosen(tab) == "2"
    assert says(tab).startswith("After aaa: the forget gate keeps ")


@pytest.mark.parametrize("value", ["1e308", "-1e308", "1e309"])
def test_no_number_of_a_link_is_too_large_to_be_shown(cell, value):
    tab = cell(nn.LSTM(2, 2), torch.randn(1, 4, 2), step=1)
    edits = "%7B%22weight_ih_l0%2C2%2C0%22%3A" + value + "%7D"
    bench.show(tab, "cell-explorer", step=0, edits=edits, x=f"%5B%5B{value}%2C1%5D%5D")
    shown = tab.locator("#cell-explorer .lab-body").inner_text()
    assert not re.search(r"Infinity|NaN|e\+|\d{4}", shown)
    weight = tab.locator(TERM.format("weight_ih_l0,2,0") + " + output").text_content()
    assert abs(bench.read_aloud(weight)) <= 9


@pytest.mark.parametrize("text", [" aaa Xbbb ", "aaa\u200bX\u00a0bbb", "\ufeffaaaX\tbbb"])
def test_a_pasted_text_is_read_as_it_was_meant(cell, text):
    tab = cell()
    tab.locator("input[type=text]").fill(text)
    assert says(tab).startswith("After aaaXbbb: ")


def test_a_text_that_is_cut_says_so(cell):
    tab = cell()
    line = tab.locator("input[type=text]")
    line.fill("a" * 45)
    assert says(tab).endswith(" Only the first 40 letters are read.")
    assert chosen(tab) == "39"
    line.fill("a" * 40)
    assert "Only" not in says(tab)
    line.fill("aQ")
    assert says(tab) == 'The text has "Q"; expected letters of a, X, b, at least one.'
    assert tab.locator(".lab-stale .lab-sum").count() == 1
    line.fill(" ")
    assert says(tab) == "The text is empty; expected letters of a, X, b, at least one."


def test_weights_and_inputs_are_dragged_in_place_and_python_follows(cell):
    lstm, x = nn.LSTM(2, 3, batch_first=True).requires_grad_(False), torch.randn(1, 4, 2)
    tab = cell(lstm, x, step=2, unit=1, gate="f", forget=1.5)
    for key in ("weight_ih_l0,4,1", "weight_hh_l0,4,0", "bias_ih_l0,4,0", "bias_hh_l0,4,0"):
        term, number = (tab.locator(TERM.format(key) + more) for more in ("", " + output"))
        before = bench.read_aloud(number.text_content())
        term.focus()
        for _ in range(10):
            tab.keyboard.press("ArrowRight")
        assert bench.read_aloud(number.text_content()) == pytest.approx(before + 0.5, abs=0.0301)
        assert term.evaluate("it => it === document.activeElement")
    tab.locator("[data-key='x:0']").press("ArrowLeft")
    lines = bench.codes(tab, "cell-explorer")
    assert len(lines) == 6
    for line in lines:
        exec(line, {"lstm": lstm, "x": x})
    seen = trace(lstm, x)
    for name in "ch":
        wanted = float(getattr(seen, name)[0, 0, 0, 2, 1])
        assert told(tab, name) == pytest.approx(wanted, abs=0.00501)


def test_the_gate_of_a_dial_unfolds(cell):
    tab = cell()
    gates = tab.locator(".lab-wide [data-panel] [data-pick]")
    gates.first.focus()
    for gate, word in (("i", "input"), ("g", "cell"), ("o", "output")):
        tab.keyboard.press("ArrowRight")
        assert tab.locator(":focus").get_attribute("data-pick") == gate
        assert tab.locator(".lab-wide [aria-pressed=true][data-pick]").count() == 1
        assert tab.locator(f"[aria-label='terms of the {word} gate']").count() == 1
        name = "tanh" if gate == "g" else "σ"
        assert tab.locator(".lab-unfolds > svg text").last.text_content().startswith(f"{name}(")
    tab.locator(".lab-wide [data-pick=f]").click()
    assert tab.locator(".lab-sum.q-f").count() == 1


def test_a_wire_is_as_wide_as_its_number(browser):
    numbers = {"before": {"c": 2, "h": [0.5, -0.5]}, "limit": 4, "unit": 1, "x": ""}
    numbers["now"] = {"i": 0.5, "f": 0.25, "g": -1, "o": 1, "c": 0, "h": 0}
    tab = browser.new_page()
    script = f"it => {{ {joined('cell')}\nreturn cell.cellPicture(it, 680); }}"
    tab.set_content(tab.evaluate(script, numbers))
    wires = tab.locator(".q-c.lab-wire > path:first-child")
    widths = [float(it.get_attribute("stroke-width")) for it in wires.all()]
    assert widths[0] == 7.5  # 2 of 4, on a scale of 15 px
    assert widths[1] == pytest.approx(15 * 0.5 / 4, abs=0.051)  # a quarter of it is kept
    assert tab.locator("svg[role=img] title").text_content() == "The cell of unit 1"
    assert tab.locator("[data-pick]").count() == 0
    tab.close()


def test_without_biases_there_is_no_row_for_them_and_no_forget_slider(cell):
    tab = cell(nn.LSTM(3, 2, bias=False))
    assert tab.locator(".lab-sum [data-key]").count() == 1 + 2
    assert tab.locator("[data-key=forget]").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_cell_shuts_nobody_out(cell, theme, width):
    tab = cell(nn.LSTM(1, 2), torch.randn(1, 24, 1), theme=theme, width=width, forget=1)
    dark = "body { background: #121212; color: #eee } a { color: inherit }"
    tab.add_style_tag(content=dark if theme == "dark" else "p {}")
    tab.locator("summary").click()
    found = [
        each for each in checks.violations(tab) if not re.match("landmark|region|page-has", each)
    ]
    assert found == []


def test_a_cell_stands_in_one_window(cell):
    tab = cell(text="aaaXbbb", head=nn.Linear(2, 2), classes=["b", "end"])
    tab.add_style_tag(content="body { font: 16px/1.5 sans-serif; width: 688px }")
    top, end = (tab.locator(each).bounding_box()["y"] for each in (".lab-title", ".lab-more"))
    assert end - top <= 720


def test_data_keep_their_colours_where_colours_are_forced_and_sliders_are_not_printed(cell):
    tab = cell()
    tab.emulate_media(forced_colors="active")
    bar = tab.locator(".lab-sum rect.lab-bar").first
    assert bar.evaluate("it => getComputedStyle(it).fill") == "rgb(215, 6, 38)"
    tab.emulate_media(media="print", forced_colors="none")
    assert not tab.locator(".lab-sum input").first.is_visible()
    assert tab.locator(".lab-sum .lab-gives").first.is_visible()


def test_what_is_returned_to_is_what_the_build_wrote(cell):
    tab = cell(text="aXb", head=nn.Linear(2, 2), classes=["b", "end"])
    drawn = "all => all.map((it) => it.innerHTML)"
    first = tab.locator(".lab-display .lab-wide").evaluate_all(drawn)
    tab.locator(".lab-wide [data-pick=o]").click()
    tab.locator(TERM.format("bias_hh_l0,6,0")).press("ArrowLeft")
    assert tab.locator(".lab-display .lab-wide").evaluate_all(drawn) != first
    tab.locator("summary").click()
    tab.locator("[data-reset]").click()
    assert tab.locator(".lab-display .lab-wide").evaluate_all(drawn) == first
