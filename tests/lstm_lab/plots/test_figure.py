"""What every figure shares: its own picture, a text form, the look."""

import pytest
import torch

from lstm_lab import new_figure, plot_states
from lstm_lab.style import INK


def test_a_figure_shows_itself_at_twice_its_size():
    png, size = plot_states(torch.randn(4, 3))._repr_png_()
    assert png.startswith(b"\x89PNG")
    width = int.from_bytes(png[16:20], "big")
    assert width == pytest.approx(2 * size["width"], abs=2)


def test_a_figure_of_one_s_own_has_the_look_and_a_text_form():
    figure = new_figure(4, 3, "a loss")
    assert repr(figure) == "<Figure a loss>"
    assert figure.get_facecolor()[3] == 0
    assert plot_states(torch.zeros(2, 3)).axes[0].xaxis.label.get_color() == INK
    assert tuple(figure.get_size_inches()) == (4, 3)
