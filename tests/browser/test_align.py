"""The encoder and decoder as a reader meets them: what is typed, pointed at, printed, spoken."""

import io

import pytest
from matplotlib.image import imread

from lstm_lab import COLORS, AlignExplorer, date_writers
from tests.browser import bench

DATE = "Sep 26, 2041"
WIDE = "#align-explorer .lab-wide"


@pytest.fixture
def shown(open_page, tmp_path):
    """Return a function that opens a page with the writers of dates, in a view."""

    def shown(width=1280, **state):
        models, data = date_writers()
        view = {"model": "attention", "text": DATE, "clock": 19} | state
        made = AlignExplorer(models, data.letters, data.symbols, examples=[DATE], **view)
        return open_page(bench.page(tmp_path, made), width=width)

    return shown


def says(tab):
    return tab.locator("#align-explorer .lab-says").text_content()


def test_blanks_that_were_pasted_do_not_change_the_answer(shown):
    tab = shown(text="")
    for text in (f" {DATE} ", "Sep\u00a026,\u00a02041", f"\u200b{DATE}\ufeff", "Sep  26,\t2041"):
        tab.locator("input[type=text]").fill(text)
        assert says(tab).startswith("The decoder has said 2041-09-26;"), text


def test_a_blank_stays_where_a_reader_types_on(shown):
    tab = shown(text="Sep")
    line = tab.locator("input[type=text]")
    line.press("End")
    for key in (" ", "2", "6"):
        tab.keyboard.press(key)
    assert line.input_value() == "Sep 26"
    assert tab.locator(f"{WIDE} [aria-label='the blank, letter 3']").count() == 1


def test_a_text_that_is_cut_says_so(shown):
    tab = shown()
    tab.locator("input[type=text]").fill("1" * 60)
    assert says(tab).endswith("Only the first 40 letters are read.")
    assert tab.locator(f"{WIDE} [aria-label*='letter 39']").count() == 1
    assert tab.locator(f"{WIDE} [aria-label*='letter 40']").count() == 0
    tab.locator("input[type=text]").fill("1" * 40)
    assert "Only the first" not in says(tab)


def test_a_symbol_looks_at_a_letter_by_a_ribbon_in_the_colour_of_attention(shown):
    tab = shown()
    strong = tab.locator(f"{WIDE} .lab-look.lab-now > path")
    assert strong.count() == 1
    assert strong.get_attribute("data-tip") == '"9" looks at "p" (letter 2): more than 99 %'
    color = strong.evaluate("it => getComputedStyle(it).stroke")
    assert color == f"rgb{tuple(bytes.fromhex(COLORS['attention'][1:]))}"
    assert tab.locator(f"{WIDE} .lab-look:empty").count() == 4  # "-", "2", "6" and the stop


def test_without_attention_the_state_is_the_only_way_through(shown):
    tab = shown(model="one state")
    assert tab.locator(f"{WIDE} .lab-ribbon").count() == 0
    assert "the only way through" in tab.locator(WIDE).text_content()
    tab.locator("input[value=attention]").click()
    assert tab.locator(f"{WIDE} .lab-ribbon").count() > 10
    assert "the only way through" not in tab.locator(WIDE).text_content()


def test_arrow_keys_walk_from_the_letters_through_the_hand_over_to_the_symbols(shown):
    tab = shown(clock=11)
    tab.locator(f"{WIDE} [data-pick='11']").focus()
    tab.keyboard.press("ArrowRight")
    assert "are handed over: 48 numbers" in says(tab)
    tab.keyboard.press("ArrowRight")
    assert says(tab).startswith('The decoder has said 2; "2" had')
    assert tab.locator(".lab-tip").text_content() == '"2" looks at "0" (letter 9): 99 %'
    tab.keyboard.press("End")
    assert "the stop symbol had" in says(tab)
    assert tab.locator(f"{WIDE} [tabindex='0']").count() == 1


def test_the_longest_text_has_room_for_fingers(shown):
    tab = shown(text="1" * 40, clock=999)
    for width, layout in ((1280, "wide"), (390, "narrow")):
        tab.set_viewport_size({"width": width, "height": 900})
        buttons = tab.locator(f"#align-explorer .lab-{layout} [data-pick]")
        sides = "all => all.map((each) => each.getBoundingClientRect()).flatMap("
        sizes = buttons.evaluate_all(f"{sides}({{ width, height }}) => [width, height])")
        assert len(sizes) > 2 * 42
        assert min(sizes) >= 24
        assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_the_map_keeps_its_colours_where_colours_are_forced(shown):
    tab = shown()
    tab.emulate_media(forced_colors="active")
    tab.locator("summary").click()
    cells = tab.locator(".lab-map tr:nth-child(8) td")
    assert cells.all_text_contents()[:4] == ["0", "0", "100", "0"]
    high, low = (imread(io.BytesIO(cells.nth(k).screenshot()))[4, 1, :3] for k in (2, 3))
    assert low.min() == 1  # white, as the system's ground
    assert high[1] < high[0] < high[2] < 1  # violet


def test_the_map_follows_the_moment(shown):
    tab = shown()
    tab.locator("summary").click()
    assert tab.locator(".lab-map tr").count() == 1 + 7
    tab.locator("[data-key=clock]").fill("14")
    assert tab.locator(".lab-map tr").count() == 1 + 2
