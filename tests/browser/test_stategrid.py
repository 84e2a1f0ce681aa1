"""The unrolled stack in a browser: its frames, its walk, and what a reader does with it."""

import pytest
import torch
from torch import nn

from lstm_lab import StateGrid
from tests.browser import bench

TILE = ".lab-wide [data-pick=h-1-0-3]"


@pytest.fixture
def grid(open_page, tmp_path):
    """Return a function that opens a page with a grid of two layers and four steps."""

    def grid(module=None, *, sequences=1, theme="light", width=1280, **options):
        module = module or nn.LSTM(2, 3, 2)
        made = StateGrid(module, torch.randn(sequences, 4, 2), **options)
        tab = open_page(bench.page(tmp_path, made), theme=theme, width=width)
        tab.evaluate("it => { document.documentElement.dataset.theme = it }", theme)
        return tab

    return grid


def opacity(tab, selector):
    return tab.locator(selector).first.evaluate("it => Number(getComputedStyle(it).opacity)")


def test_what_is_not_returned_fades_and_frames_stand_around_the_rest(grid):
    tab = grid()
    lost = tab.locator(".lab-wide .lab-lost").evaluate_all("all => all.map(it => it.dataset.pick)")
    kept = {f"h-1-0-{step}" for step in range(4)} | {f"{q}-{k}-0-3" for q in "hc" for k in (0, 1)}
    every = {f"{q}-{k}-0-{step}" for q in "hc" for k in (0, 1) for step in range(4)}
    assert set(lost) == every - kept
    said = tab.locator(".lab-says").text_content()
    assert said.startswith("48 numbers were computed. 21 come back, 3 of them twice. 27 are gone")
    names = tab.locator(".lab-wide .lab-told").all_text_contents()
    assert {"h_n[0]", "h_n[1]", "c_n[0]", "c_n[1]"} <= set(names)


@pytest.mark.parametrize(
    ("want", "count"), [("output", 4), ("h_n", 2), ("c_n", 2), ("one", 1), ("later", 4)]
)
def test_a_wish_picks_out_what_it_asks_for(grid, want, count):
    tab = grid(want=want)
    assert tab.locator(".lab-wide .lab-tile:not(.lab-lost)").count() == count
    button = tab.locator(f"button[value={want}]").last
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    assert tab.locator(".lab-says").text_content().startswith("48 numbers")


def test_a_walk_ends_with_the_frames(grid):
    tab = grid(clock=0)
    assert tab.locator(".lab-wide .lab-shown").count() == 0
    assert opacity(tab, ".lab-wide .lab-frame") == 0
    for _ in range(3):
        tab.locator("summary").press("n")
    assert tab.locator(".lab-wide .lab-frame.lab-shown").count() == 5


def test_a_chosen_box_keeps_its_frame_after_a_click(grid):
    tab = grid()
    tab.locator(TILE).click()
    ink, stroke = tab.locator(f"{TILE} > .lab-paper").evaluate(
        "it => [getComputedStyle(document.querySelector('.lab-explorer')).color,"
        " getComputedStyle(it).stroke]"
    )
    assert stroke == ink
    assert tab.locator(TILE).get_attribute("aria-pressed") == "true"


def test_three_layers_are_read_by_names_that_the_page_has_shown(grid):
    made = [nn.LSTM(2, 3, depth, batch_first=True) for depth in (2, 3)]
    tab = grid(made, layers=3)
    codes = bench.codes(tab, "state-grid")
    assert codes[0] == "lstm = nn.LSTM(2, 3, num_layers=3, batch_first=True)"
    assert codes[1] == "output, (h_n, c_n) = lstm(x)"


@pytest.mark.parametrize("width", [1280, 390])
def test_what_is_under_the_pointer_is_named_beside_it(grid, width):
    tab = grid(width=width)
    tile = tab.locator(f"{'.lab-wide' if width > 600 else '.lab-narrow'} [data-pick=h-0-0-0]")
    tile.hover()
    tip, of = tab.locator(".lab-tip").bounding_box(), tile.bounding_box()
    assert tab.locator(".lab-tip").text_content() == (
        "hidden state of layer 0, step 0: not returned"
    )
    gap = max(of["y"] - tip["y"] - tip["height"], tip["y"] - of["y"] - of["height"])
    assert 0 <= gap < 20
    assert tip["x"] >= 0
    assert tip["x"] + tip["width"] <= width
    tab.keyboard.press("Escape")
    assert not tab.locator(".lab-tip").is_visible()


def test_forced_colours_leave_the_bars(grid):
    tab = grid()
    tab.emulate_media(forced_colors="active")
    fill = tab.locator(".lab-wide .q-c .lab-bar").first.evaluate("it => getComputedStyle(it).fill")
    assert fill == "rgb(201, 127, 30)"


def test_paper_is_white_whatever_the_theme(grid):
    tab = grid(theme="dark")
    ink = "it => getComputedStyle(it).fill"
    assert tab.locator(".lab-wide .lab-num").first.evaluate(ink) == "rgb(223, 228, 233)"
    tab.emulate_media(media="print")
    assert tab.locator(".lab-wide .lab-num").first.evaluate(ink) == "rgb(34, 40, 50)"


def test_nothing_of_a_figure_sticks_to_the_window_and_groups_have_their_name_beside(grid):
    tab = grid([nn.LSTM(2, 3, 2), nn.LSTM(2, 3, 2, bidirectional=True)], theme="dark", sequences=2)
    positions = tab.locator(".lab-explorer *").evaluate_all(
        "all => all.map(it => getComputedStyle(it).position)"
    )
    assert "sticky" not in positions
    assert tab.locator("legend").count() == 0  # WebKit lays it above its buttons
    assert (
        tab.locator("input[type=checkbox]").first.evaluate("it => getComputedStyle(it).colorScheme")
        == "dark"
    )


def test_a_backward_direction_is_drawn_backwards_and_promises_no_going_on(grid):
    tab = grid(nn.LSTM(2, 3, 2, bidirectional=True), want="later")
    assert "to start a decoder" in tab.locator(".lab-cards").text_content()
    assert "cannot itself go on" in tab.locator(".lab-says").text_content()
    heads = tab.locator(".lab-wide .lab-wire .lab-head").evaluate_all(
        "all => all.map(it => it.getAttribute('transform').split('rotate')[1])"
    )
    assert heads.count("(180)") == heads.count("(0)") == 2 * 2 * 5


def test_on_a_projector_numbers_have_16_pixels(grid):
    tab = grid()
    tab.locator("summary").click()
    tab.locator("[data-full]").click()
    tab.wait_for_function("document.fullscreenElement")
    number = tab.locator(".lab-wide .lab-num").first
    size = number.evaluate("it => parseFloat(getComputedStyle(it).fontSize) * it.getScreenCTM().a")
    assert size >= 16


def test_a_stack_fits_the_screen_of_a_laptop_and_of_a_phone(grid):
    for layers, directions in ((2, False), (3, False), (2, True)):
        module = nn.LSTM(2, 3, layers, bidirectional=directions)
        assert grid(module).locator(".lab-explorer").bounding_box()["height"] <= 720
        tab = grid(module, width=390)
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390
