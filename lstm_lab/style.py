"""How things look: one colour per quantity in every figure, one form for numbers in print.

The hues start from Okabe and Ito's; lightness and hue were then moved until each colour has a
contrast of at least 3:1 on the light and on the dark page, and the eight stay apart under the
three kinds of colour blindness. ``tests/test_style.py`` computes both.
"""

from typing import TYPE_CHECKING

from torch import Tensor

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
        raise ValueError(f"quantity is {quantity!r}; expected one of {', '.join(COLORS)}")
    return LinearSegmentedColormap.from_list(quantity, [NEGATIVE, PAPER, COLORS[quantity]])


def show(*, decimals: int = 3, **tensors: Tensor) -> None:
    """Print tensors with their names, shapes and rounded numbers, whatever device they are on.

    Args:
        decimals: digits after the point.
        **tensors: any number of axes; the last one runs along the line.

    >>> show(h_n=torch.zeros(1, 3))
    h_n (1, 3)
       0.000   0.000   0.000
    """
    for name, tensor in tensors.items():
        print(name, tuple(tensor.shape))
        for line in _lines(tensor.detach().cpu(), decimals):
            print(line)


def number(value: float) -> str:
    """Return a number in two decimals, fewer when it is large.

    >>> number(-0.001), number(0.125), number(1234.5)
    ('0.00', '0.12', '1.23e+03')
    """
    # + 0.0 turns -0.0 into 0.0
    return f"{round(value, 2) + 0.0:.2f}" if abs(value) < 100 else f"{value:.3g}"


def span(values: Tensor) -> str:
    """Return the smallest and the largest number, in words.

    >>> span(torch.tensor([0.5, -1.0]))
    '-1.00 to 0.50'
    """
    return f"{number(float(values.min()))} to {number(float(values.max()))}"


def _lines(tensor: Tensor, decimals: int) -> list[str]:
    if tensor.numel() == 0:
        return []
    if tensor.dim() > 2:
        blocks = [_lines(part, decimals) for part in tensor]
        marked = [
            (f"[{k}]" if row == 0 else "", line)
            for k, block in enumerate(blocks)
            for row, line in enumerate(block)
        ]
        return [f"{mark:<4}{line}" for mark, line in marked]
    rows = tensor.reshape(-1, tensor.shape[-1] if tensor.dim() else 1).tolist()
    # + 0.0 turns -0.0 into 0.0; the space keeps large numbers apart
    return [
        "".join(f" {round(value, decimals) + 0.0:{decimals + 4}.{decimals}f}" for value in row)
        for row in rows
    ]
