"""How things look: one colour per quantity in every figure.

The hues start from Okabe and Ito's; lightness and hue were then moved until each colour has a
contrast of at least 3:1 on the light and on the dark page, and the eight stay apart under the
three kinds of colour blindness. ``tests/test_style.py`` computes both.
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
    "input": "#79726c",  # grey
    "output": "#25729d",  # teal
}

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

    if quantity not in COLORS:
        raise ValueError(f"quantity {describe(quantity)}; expected one of {', '.join(COLORS)}")
    return LinearSegmentedColormap.from_list(quantity, [NEGATIVE, PAPER, COLORS[quantity]])
