"""How things look: one colour per quantity in every figure, and a palette apart for classes.

The hues start from Okabe and Ito's; lightness and hue were then moved until each colour has a
contrast of at least 3:1 on the light and on the dark page, and those that meet in one picture stay
apart under the three kinds of colour blindness. ``tests/lstm_lab/test_style.py`` computes both.
"""

from typing import TYPE_CHECKING

from lstm_lab.checks import describe

if TYPE_CHECKING:
    import matplotlib.colors

COLORS = {
    "i": "#669c69",  # input gate, green
    "f": "#d70626",  # forget gate, red
    "g": "#c730c0",  # cell gate (candidate), magenta
    "o": "#506b17",  # output gate, olive
    "c": "#c97f1e",  # cell state, amber
    "h": "#4e7afa",  # hidden state, blue
    "r": "#9f4764",  # a GRU's reset gate, wine
    "z": "#469433",  # a GRU's update gate, leaf green
    "n": "#c475d1",  # a GRU's new gate (candidate), orchid
    "input": "#8c828f",  # grey
    "output": "#25729d",  # teal
    "attention": "#8046ce",  # violet
    "score": "#a74a04",  # the number of merit in a result (probability, accuracy), rust
}

# Fills of classes, such as languages; neighbours in this order, and the last and the first, are
# furthest apart, for they touch in a stack.
CLASSES = (
    "#2b568b",
    "#cf9a5e",
    "#823d38",
    "#9894d9",
    "#a0dda4",
    "#15898b",
    "#e6b6f5",
    "#917326",
)

PAGES = ("#ffffff", "#121212")  # the page in the light and in the dark theme
INK = "#797979"  # lines and letters: the grey that is equally far from both pages
PAPER = "#eceef0"  # the tile of a number that is 0
NEGATIVE = "#565b61"  # the tile of a number at the lower limit

RC = {
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "font.size": 11,
    "axes.titlesize": 11,
    "figure.constrained_layout.use": True,
}


def use_style() -> None:
    """Give matplotlib's figures the book's look: transparent, with ink for both themes.

    The functions of ``lstm_lab`` that plot do not need it; call it before figures of your own.

    >>> import matplotlib
    >>> with matplotlib.rc_context():
    ...     use_style()
    ...     matplotlib.rcParams["figure.facecolor"]
    'none'
    """
    import matplotlib

    matplotlib.rcParams.update(RC)


def colormap(quantity: str) -> "matplotlib.colors.LinearSegmentedColormap":
    """Return the map from grey (negative) over paper (0) to the quantity's colour (positive).

    Args:
        quantity: a key of ``COLORS``.
    Raises:
        ValueError: there is no such quantity.

    >>> from matplotlib.colors import to_hex
    >>> to_hex(colormap("f")(1.0)) == COLORS["f"]
    True
    """
    from matplotlib.colors import LinearSegmentedColormap

    _check_quantity(quantity)
    return LinearSegmentedColormap.from_list(quantity, [NEGATIVE, PAPER, COLORS[quantity]])


def ink(quantity: str, page: str) -> str:
    """Return the colour of words about a quantity: its own, mixed until it reads on the page.

    Towards black on the light page and towards white on the dark one, no further than a contrast
    of 4.6:1 asks.

    Args:
        quantity: a key of ``COLORS``.
        page: one of ``PAGES``.
    Raises:
        ValueError: there is no such quantity or page.

    >>> ink("output", PAGES[0]) == COLORS["output"]  # dark enough as it is
    True
    """
    _check_quantity(quantity)
    if page not in PAGES:
        raise ValueError(f"page {describe(page)}; expected one of {', '.join(PAGES)}")
    end = 0 if page == PAGES[0] else 255
    own = _channels(COLORS[quantity])
    mixed = ([round(c + (end - c) * percent / 100) for c in own] for percent in range(101))
    red, green, blue = next(c for c in mixed if _contrast(c, _channels(page)) >= 4.6)
    return f"#{red:02x}{green:02x}{blue:02x}"


def ink_on(color: str) -> str:
    """Return black or white, whichever is easier to read on a colour.

    >>> ink_on("#ffffff")
    '#000000'
    """
    return max("#000000", "#ffffff", key=lambda each: _contrast(_channels(color), _channels(each)))


def _check_quantity(quantity: str) -> None:
    if quantity not in COLORS:
        raise ValueError(f"quantity {describe(quantity)}; expected one of {', '.join(COLORS)}")


def _channels(color: str) -> list[int]:
    return list(bytes.fromhex(color[1:]))


def _contrast(one: list[int], other: list[int]) -> float:
    """Return the contrast ratio of two colours as WCAG 2 defines it."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(channels: list[int]) -> float:
    parts = [c / 255 for c in channels]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
