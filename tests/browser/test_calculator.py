"""The calculator of shapes in a browser: the call as a form, the tensors as boxes."""

import pytest

from lstm_lab import ShapeCalculator
from lstm_lab.style import PAGES
from tests.browser import bench
from tests.lstm_lab.test_style import contrast
from tests.site import checks

# What axe wants of a whole page.
BARE = ("page-has-heading-one", "region", "landmark-one-main")
WIDE = "#shape-calculator .lab-wide"
# Every colour of words at an edge, as the browser paints it.
INKS = """() => {
  const brush = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const words = document.querySelectorAll(".lab-edge text, tspan.lab-edge");
  return [...new Set([...words].map((each) => {
    brush.fillStyle = getComputedStyle(each).fill;
    brush.fillRect(0, 0, 1, 1);
    const [...rgb] = brush.getImageData(0, 0, 1, 1).data.slice(0, 3);
    return "#" + rgb.map((part) => part.toString(16).padStart(2, "0")).join("");
  }))];
}"""


@pytest.fixture
def at(open_page, tmp_path):
    def at(fragment="", **options):
        return open_page(bench.page(tmp_path, ShapeCalculator()) + fragment, **options)

    return at


def edges(tab, name):
    """Return the words at the edges of a tensor's box: width, height, depth."""
    box = tab.locator(f"{WIDE} .lab-box:has(> .lab-code:text-is('{name}')) > .lab-edge")
    return [" ".join(each.locator("text").all_text_contents()) for each in box.all()]


def test_only_what_has_an_edge_of_time_has_one(at):
    tab = at()
    assert edges(tab, "output") == ["20 units", "5 steps", "3 sequences"]
    assert edges(tab, "h_n") == edges(tab, "c_n") == ["20 units", "2 layers", "3 sequences"]
    bench.show(tab, "shape-calculator", bidirectional="true", batch_first="true")
    assert edges(tab, "output") == ["2 × 20 units", "5 steps", "3 sequences"]
    assert edges(tab, "h_n") == ["20 units", "2 × 2 layers × directions", "3 sequences"]
    bench.show(tab, "shape-calculator", call="packed")
    assert edges(tab, "output.data") == ["20 units", "10 steps in all"]


def test_a_link_shows_what_it_moves_and_no_more(at):
    tab = at()
    moved = tab.locator(f"{WIDE} .lab-edge.lab-moved > text")
    for key, value, wanted in (
        ("num_layers", 1, ["1", "layer"] * 2),
        ("bidirectional", "true", ["2 × 20 units", *["2 × 2", "layers ×", "directions"] * 2]),
        ("batch_first", "true", ["5", "steps", "3 sequences"] * 2),
        ("call", "unbatched", []),
    ):
        bench.show(tab, "shape-calculator", **{key: value})
        assert moved.all_text_contents() == wanted


def test_a_number_can_be_stepped_typed_and_rubbed_out(at):
    tab = at()
    number = tab.locator("input[data-key=hidden_size]")
    tab.get_by_role("button", name="more hidden_size").click()
    assert number.input_value() == "21"
    number.fill("")
    assert (number.input_value(), edges(tab, "h_n")[0]) == ("", "21 units")
    number.type("99")
    assert (number.input_value(), edges(tab, "h_n")[0]) == ("99", "64 units")
    tab.keyboard.press("Tab")
    assert number.input_value() == "64"
    assert tab.evaluate("document.activeElement.ariaLabel") == "more hidden_size"
    tab.keyboard.press("Enter")
    assert edges(tab, "h_n")[0] == "64 units"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_in_the_colour_of_an_axis_can_be_read(at, theme):
    tab = at("#shape-calculator:bidirectional=true", theme=theme)
    tab.evaluate("theme => (document.documentElement.dataset.theme = theme)", theme)
    inks = tab.evaluate(INKS)
    assert len(inks) == 5
    assert min(contrast(each, PAGES[theme == "dark"]) for each in inks) >= 4.5


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(
    "fragment",
    ["", "bidirectional=true,seq_len=64,batch=64,hidden_size=64,num_layers=4", "call=packed"],
)
def test_a_view_fits_the_screen_and_shuts_nobody_out(at, fragment, width):
    tab = at(f"#shape-calculator:{fragment}", width=width)
    if width == 1280:
        tab.add_style_tag(content="body { margin: auto; width: 688px }")
        assert tab.locator("#shape-calculator").bounding_box()["height"] <= 720
    tab.locator("summary").click()
    found = [each for each in checks.violations(tab) if not each.startswith(BARE)]
    assert [*found, *checks.too_wide(tab)] == []
    drawn = f"#shape-calculator .lab-{'wide' if width == 1280 else 'narrow'} svg"
    over = "it => it.getBBox().x + it.getBBox().width - it.viewBox.baseVal.width"
    assert tab.locator(drawn).evaluate(over) <= 1


def test_print_and_forced_colours_show_the_shapes(at):
    tab = at()
    tab.emulate_media(media="print")
    assert not tab.get_by_role("button", name="more hidden_size").is_visible()
    assert tab.locator("input[data-key=hidden_size]").is_visible()
    tab.emulate_media(media="screen", forced_colors="active")
    path = tab.locator(f"{WIDE} .lab-edge path").first
    assert path.evaluate("it => getComputedStyle(it).stroke") != "none"
