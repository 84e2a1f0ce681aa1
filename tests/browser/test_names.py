"""The streams of belief: what they say is true, who can see it, and who can work it."""

import re

import pytest
import torch

from lstm_lab import LSTMClassifier, NameExplorer, name_reader
from tests.browser import bench
from tests.site import checks

ID = "#name-explorer"
TRUTHS = {"Deutschland": "German", "Rússia": "Portuguese", "suomi": "Finnish"}


@pytest.fixture(scope="module")
def reader():
    return name_reader()


@pytest.fixture
def at(open_page, tmp_path, reader):
    """Return a function that opens the reader of names, in a theme and at a width."""
    model, data = reader

    def at(text="Deutschland", *, theme="light", width=1280, **state):
        given = {"text": text, "examples": TRUTHS, **state}
        made = NameExplorer(model, data.alphabet, data.languages, **given)
        return bench.opened(open_page, tmp_path, made, theme=theme, width=width)

    return at


def headings(tab):
    return tab.locator(f"{ID} .lab-heading b").all_text_contents()


def said(tab):
    return tab.locator(f"{ID} .lab-says").text_content()


def test_each_stream_says_what_its_readout_believes_after_the_chosen_letter(at, reader):
    model, data = reader
    tab = at()
    for step in (0, 4, 10):
        bench.show(tab, "name-explorer", step=step)
        with torch.no_grad():
            logits = model(*data.alphabet.encode(["Deutschland"[: step + 1]]))
        for heading, each in zip(headings(tab), logits.values(), strict=True):
            chance, best = each[0].softmax(-1).max(-1)
            assert f"{data.languages[best]} {100 * chance:.0f} %" in heading


def test_the_truth_of_an_example_is_told_and_each_readout_marked(at):
    tab = at()
    words = tab.locator(f"{ID} .lab-heading [role=img]").evaluate_all(
        "all => all.map(it => `${it.textContent} ${it.ariaLabel}`)"
    )
    assert words == ["✗ wrong", "✗ wrong", "✓ right", "✓ right"]
    assert said(tab).endswith("It is German.")
    tab.locator(f"{ID} input[type=text]").fill("Deutschlands")
    assert tab.locator(f"{ID} .lab-heading [role=img]").count() == 0
    assert "It is" not in said(tab)


def test_a_class_wears_one_colour_in_all_streams_and_the_truth_the_first(at):
    tab = at()
    for text, truth in TRUTHS.items():
        bench.show(tab, "name-explorer", text=text)
        pairs = tab.locator(f"{ID} .lab-stream:has(+ .lab-called)").evaluate_all(
            "all => all.map(it => [it.nextSibling.textContent, it.classList[1]])"
        )
        named = {}
        for called, colour in pairs:
            named.setdefault(called, set()).add(colour)
        assert named.pop("others") == {"q-class--1"}
        assert all(len(colours) == 1 for colours in named.values())
        assert len(set.union(*named.values())) == len(named) <= 8
        assert named.get(truth, {"q-class-0"}) == {"q-class-0"}  # too thin to be named in "suomi"


def test_names_stand_inside_their_areas(at):
    tab = at()
    inside = """all => all.flatMap(it => {
      const { x, y, width, height } = it.getBBox();
      const area = it.previousSibling;
      return [[x + 2, y + 5], [x + width - 2, y + 5], [x + width / 2, y + height - 5]].map(
        ([x, y]) => area.isPointInFill(new DOMPoint(x, y)));
    })"""
    found = tab.locator(f"{ID} .lab-called").evaluate_all(inside)
    assert len(found) > 3 * 10
    assert all(found)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("  Rússia", "Rússia"),
        ("Ru\u0301ssia", "Rússia"),
        ("R\u200bú\u2060ssia\ufeff", "Rússia"),
        ("New\u00a0 Zealand", "New␣Zealand"),
    ],
)
def test_a_pasted_name_is_read_as_it_looks(at, typed, read):
    tab = at()
    tab.locator(f"{ID} input[type=text]").fill(typed)
    assert "".join(tab.locator(f"{ID} .lab-letters button").all_text_contents()) == read
    assert said(tab).startswith(f'After "{read.replace("␣", " ")}", ')


def test_a_name_that_is_too_long_is_cut_aloud(at):
    tab = at()
    line = tab.locator(f"{ID} input[type=text]")
    line.fill("a" * 40)
    assert "Only the first" not in said(tab)
    line.fill("a" * 41)
    assert said(tab).endswith(" Only the first 40 letters are read.")
    assert tab.locator(f"{ID} .lab-letters button").count() == 40
    assert line.input_value() == "a" * 41


def test_forced_colours_leave_the_streams_their_colours(at):
    tab = at()
    colours = """() => [[".lab-stream:not(.q-class--1)", "fill"], [".lab-heading b",
      "backgroundColor"]].flatMap(([kind, key]) =>
      [...document.querySelectorAll(kind)].map(it => getComputedStyle(it)[key]))"""
    before = tab.evaluate(colours)
    tab.emulate_media(forced_colors="active")
    assert tab.evaluate(colours) == before
    assert len(set(before)) > 4
    # On a ground of its own a letter keeps its own ink; else both would be the text's colour.
    chosen = tab.locator(f"{ID} .lab-letters [aria-pressed=true]")
    assert chosen.evaluate("it => getComputedStyle(it).forcedColorAdjust") == "none"


def test_the_letters_are_moved_through_by_keys_and_by_a_pointer(at):
    tab = at()
    tab.locator(f"{ID} .lab-letters [tabindex='0']").focus()
    for key, letters in (("ArrowLeft", "Deutschlan"), ("Home", "D"), ("ArrowRight", "De")):
        tab.keyboard.press(key)
        assert said(tab).startswith(f'After "{letters}", ')
        assert tab.locator(f"{ID} .lab-letters :focus").get_attribute("aria-pressed") == "true"
    tab.keyboard.press("n")
    assert said(tab).startswith('After "Deu", ')
    box = tab.locator(f"{ID} .lab-beliefs .lab-svg").nth(2).bounding_box()
    tab.mouse.move(box["x"] + 5, box["y"] + 40)
    tab.mouse.down()
    tab.mouse.move(box["x"] + box["width"] - 5, box["y"] + 40, steps=30)
    assert said(tab).startswith('After "Deutschland", ')


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
@pytest.mark.parametrize("text", ["Deutschland", "ab c" * 10])
def test_the_streams_are_accessible_and_fit(at, text, theme, width):
    tab = at(text, theme=theme, width=width, step=5)
    for _ in range(2):
        found = [each for each in checks.violations(tab) if not each.startswith(bench.BARE)]
        assert [*found, *checks.too_wide(tab)] == []
        tab.locator(f"{ID} summary").click()
    sizes = tab.locator(f"{ID} .lab-letters button").evaluate_all(
        "all => all.map(it => Math.min(it.offsetWidth, it.offsetHeight))"
    )
    assert min(sizes) >= 24


def test_the_whole_fits_on_a_screen(at):
    assert at(width=688).locator(ID).bounding_box()["height"] <= 720
    tab = at(width=358)
    last = tab.locator(f"{ID} .lab-beliefs .lab-svg").last.bounding_box()
    top = tab.locator(ID).bounding_box()["y"]
    assert last["y"] + last["height"] - top <= 844


def test_the_first_view_is_the_one_that_the_script_makes(at):
    tab = at()
    display = tab.locator(f"{ID} .lab-display")
    written = display.inner_html()
    tab.locator(f"{ID} .lab-letters button").first.click()
    assert display.inner_html() != written
    tab.locator(f"{ID} summary").click()
    tab.locator(f"{ID} [data-reset]").click()
    assert display.inner_html() == written


@pytest.mark.alone
def test_a_letter_is_answered_within_a_frame(at):
    tab = at("Deutschland " * 3)
    tab.evaluate(bench.TIMED)
    for k in range(10):
        tab.locator(f"{ID} .lab-letters button").nth(k % 2).click()
    assert min(tab.evaluate("spent")) < bench.FRAME


def test_a_classifier_of_ones_own_has_one_stream(open_page, tmp_path, reader):
    alphabet = reader[1].alphabet
    model = LSTMClassifier(len(alphabet), 8, 2, vocab_size=len(alphabet), readout="max")
    made = NameExplorer(model, alphabet, ["x<y", "z"], text="abc", examples={"abc": "z"})
    tab = open_page(bench.page(tmp_path, made))
    (heading,) = headings(tab)
    assert re.search(r"(x<y|z) \d+ %", heading)
    assert tab.locator(f"{ID} .lab-heading code").text_content() == "max"
    assert tab.locator(f"{ID} .lab-heading").get_attribute("data-tip").startswith("a vector of sh")
