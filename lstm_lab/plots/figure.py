"""What every picture of the book shares: a Figure that shows itself, fixed scales.

A Figure is transparent, so that it suits a light and a dark page, and its text form says what it
shows, so that the test of a notebook compares numbers. Nothing here touches ``pyplot``.
"""

from io import BytesIO

import torch
from matplotlib import rc_context
from matplotlib.figure import Figure
from torch import Tensor

from lstm_lab.style import RC

DPI = 96  # CSS pixels per inch; the picture itself has twice as many
BOUNDED = {*"ifgorznh", "output"}  # by a sigmoid or a tanh, if by nothing else
WORDS = {
    "h": "hidden state h",
    "c": "cell state c",
    "i": "input gate i",
    "f": "forget gate f",
    "g": "cell gate g",
    "o": "output gate o",
    "r": "reset gate r",
    "z": "update gate z",
    "n": "new gate n",
}


class LabFigure(Figure):
    """A Figure that is its own PNG in a notebook, and one line of text in a test."""

    text_form = "without a text form"

    def subplots(self, *arguments, **options):
        """Add axes in the book's look; arguments as matplotlib's."""
        with rc_context(RC):
            return super().subplots(*arguments, **options)

    def legend(self, *arguments, **options):
        """Add a legend in the book's look; arguments as matplotlib's."""
        with rc_context(RC):
            return super().legend(*arguments, **options)

    def __repr__(self) -> str:
        return f"<Figure {self.text_form}>"

    __str__ = __repr__

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        picture = BytesIO()
        self.savefig(picture, format="png", dpi=2 * DPI)
        width, height = self.get_size_inches()
        return picture.getvalue(), {"width": round(width * DPI), "height": round(height * DPI)}


def new_figure(width: float, height: float, text_form: str) -> LabFigure:
    """Return an empty Figure in the book's look, for a picture of your own.

    Args:
        width, height: inches; a phone shows about 3.7 across.
        text_form: what the picture shows, in one line.

    >>> new_figure(4, 3, "loss over 200 steps")
    <Figure loss over 200 steps>
    """
    with rc_context(RC):
        figure = LabFigure(figsize=(width, height))
    figure.text_form = text_form
    return figure


def limit_of(quantity: str, values: Tensor) -> float:
    """Return the value of full colour: by meaning where there is a bound, else the largest."""
    finite = values[values.isfinite()]
    largest = float(finite.abs().max()) if finite.numel() else 0.0
    bounded = quantity in BOUNDED and largest <= 1
    return 1.0 if bounded or largest == 0 else largest


def label_of(quantity: str) -> str:
    """Return the words for a quantity, as an axis bears them."""
    return WORDS.get(quantity, quantity)


def on_cpu(states: Tensor) -> Tensor:
    """Return the numbers to draw: float32, detached, on the CPU."""
    return states.detach().to("cpu", torch.float32)
