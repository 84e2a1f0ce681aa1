"""Colours that are told apart by everyone, on both pages."""

import itertools

import pytest
import torch

from lstm_lab import COLORS, colormap, use_style
from lstm_lab.style import CLASSES, INK, NEGATIVE, PAGES, PAPER, ink

# The colours that meet in one picture.
PICTURES = {
    "LSTM cell": ("i", "f", "g", "o", "c", "h", "input", "output"),
    "GRU cell": ("r", "z", "n", "h", "input", "output"),
    "attention": ("input", "h", "c", "output", "attention", "score"),
    "result": ("score", "ink"),
}

# Viénot, Brettel and Mollon (1999) for the two common kinds, Machado (2009) for the rare third.
BLINDNESS = {
    "none": torch.eye(3),
    "protan": torch.tensor([[0.1124, 0.8876, 0], [0.1124, 0.8876, 0], [0.0040, -0.0040, 1]]),
    "deutan": torch.tensor([[0.2928, 0.7072, 0], [0.2928, 0.7072, 0], [-0.0223, 0.0223, 1]]),
    "tritan": torch.tensor(
        [[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]]
    ),
}
TO_LMS = torch.tensor(
    [[0.41222, 0.53633, 0.05145], [0.21190, 0.68070, 0.10740], [0.08830, 0.28172, 0.62998]]
)
TO_LAB = torch.tensor(
    [[0.21045, 0.79362, -0.00407], [1.97800, -2.42859, 0.45059], [0.02590, 0.78277, -0.80868]]
)


def linear(color):
    """Return linear RGB of ``#rrggbb``."""
    rgb = torch.tensor([int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    return torch.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """Return the WCAG contrast ratio of two colours."""
    weights = torch.tensor([0.2126, 0.7152, 0.0722])
    low, high = sorted(float(linear(color) @ weights) + 0.05 for color in (one, other))
    return high / low


def oklab(color, blindness):
    """Return the colour as an eye of that kind sees it, in Oklab."""
    seen = (BLINDNESS[blindness] @ linear(color)).clamp(0, 1)
    return TO_LAB @ (TO_LMS @ seen).pow(1 / 3)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("quantity", COLORS)
def test_each_colour_stands_out_on_both_pages(quantity, page):
    assert contrast(COLORS[quantity], page) >= 3


@pytest.mark.parametrize("page", PAGES)
def test_letters_are_readable_on_both_pages(page):
    # 4.33 is the most that one grey can have against both; WCAG asks 3 of graphics.
    assert contrast(INK, page) > 4.2


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("quantity", COLORS)
def test_words_in_the_ink_of_a_quantity_are_readable(quantity, page):
    assert contrast(ink(quantity, page), page) >= 4.5


def test_an_ink_that_does_not_exist_is_named():
    with pytest.raises(ValueError, match="quantity is 'x'; expected one of i, f, g"):
        ink("x", PAGES[0])
    with pytest.raises(ValueError, match="page is 'dark'; expected one of #ffffff, #121212"):
        ink("h", "dark")


def nearest(colors, blindness):
    """Return the distance of the two colours that are most alike, and the two."""
    seen = {color: oklab(color, blindness) for color in colors}
    pairs = itertools.combinations(colors, 2)
    return min((float((seen[one] - seen[other]).norm()), one, other) for one, other in pairs)


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("picture", PICTURES)
def test_no_two_colours_of_a_picture_are_mistaken_for_one_another(picture, blindness):
    colors = [COLORS.get(name, INK) for name in PICTURES[picture]]
    assert nearest(colors, blindness) > (0.06,)


def test_each_quantity_has_a_colour_of_its_own():
    assert set().union(*PICTURES.values()) == {*COLORS, "ink"}
    assert nearest([*COLORS.values(), INK], "none") > (0.045,)
    # A grey beside a grey, and two that stand for unlike things, must be far apart.
    assert nearest([COLORS["input"], NEGATIVE], "none") > (0.12,)
    assert nearest([COLORS["attention"], COLORS["o"]], "none") > (0.12,)


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_no_two_classes_are_mistaken_for_one_another(blindness):
    assert nearest(CLASSES, blindness) > (0.1,)
    for one, other in zip(CLASSES, CLASSES[1:] + CLASSES[:1], strict=True):  # they touch in a stack
        assert nearest([one, other], blindness) > (0.15,)


@pytest.mark.parametrize("color", CLASSES)
def test_a_class_can_be_seen_and_written_on_and_is_no_quantity(color):
    assert min(contrast(color, page) for page in PAGES) >= 1.5
    assert max(contrast(color, text) for text in ("#000000", "#ffffff")) >= 4.5
    assert min(nearest([color, other], "none") for other in COLORS.values()) > (0.06,)


def test_a_colormap_runs_from_grey_over_paper_to_the_quantity():
    from matplotlib.colors import to_rgb

    cmap = colormap("c")
    for value, color in ((0.0, NEGATIVE), (0.5, PAPER), (1.0, COLORS["c"])):
        assert cmap(value)[:3] == pytest.approx(to_rgb(color), abs=0.01)
    with pytest.raises(ValueError, match="quantity is 'x'; expected one of i, f, g, o, c, h"):
        colormap("x")


def test_use_style_is_the_only_thing_that_touches_rcparams():
    import matplotlib

    from lstm_lab import plot_states

    with matplotlib.rc_context():
        before = dict(matplotlib.rcParams)
        plot_states(torch.zeros(2, 3))
        assert dict(matplotlib.rcParams) == before
        use_style()
        for name in ("text.color", "axes.labelcolor", "xtick.color", "ytick.color"):
            assert matplotlib.rcParams[name] == INK
        for name in ("figure.facecolor", "axes.facecolor", "savefig.facecolor"):
            assert matplotlib.rcParams[name] == "none"
