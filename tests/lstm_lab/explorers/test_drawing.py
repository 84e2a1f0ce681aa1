"""Drawings take tensors and layers, refuse what they are not made of, and stand without script."""

import re
from base64 import b64decode

import pytest
import torch
from torch import nn

from _ext import explorers
from lstm_lab import Drawing
from lstm_lab.explorers.drawing import KINDS
from tests.lstm_lab.explorers.made import drawings


def svg(drawing):
    """Return the picture that the book puts in a drawing's place, in its wide layout."""
    given = explorers.DRAWING.search(drawing._repr_html_())[2]
    return re.search(r"<svg .*?</svg>", explorers.drawn(given), re.DOTALL)[0]


def test_there_is_a_drawing_of_each_kind_with_a_title_and_a_description():
    made = drawings()
    assert set(made) == set(KINDS)
    for kind, drawing in made.items():
        assert repr(drawing) == f"<Drawing {kind}>"
        assert re.search(r'role="img"><title>.{15,}</title><desc>.{15,}</desc>', svg(drawing)), kind


def test_a_stack_has_the_numbers_of_its_layer():
    lstm, x = nn.LSTM(2, 3, 2, batch_first=True), torch.randn(1, 4, 2)
    output, (h_n, c_n) = lstm(x)
    drawn = re.findall(r">(\N{MINUS SIGN}?\d\.\d\d)<", svg(Drawing("stack", network=lstm, x=x)))
    drawn = sorted(float(each.replace("\N{MINUS SIGN}", "-")) for each in drawn)
    wanted = torch.cat([each.flatten() for each in (output, h_n, c_n, x)]).sort().values
    torch.testing.assert_close(torch.tensor(drawn), wanted, atol=0.00501, rtol=0)


def test_a_tree_says_what_greedy_decoding_and_a_beam_find():
    first, then = {"a": 0.6, "b": 0.4}, {"a": {"a": 0.5, "b": 0.5}, "b": {"a": 0.1, "b": 0.9}}
    for kept, found in ((1, "aa, with probability 0.300"), (2, "bb, with probability 0.360")):
        drawn = svg(Drawing("tree", first=first, then=then, kept=kept))
        assert "writes aa" in drawn
        assert f"finds {found}" in drawn


def test_what_a_drawing_is_not_made_of_is_refused():
    with pytest.raises(ValueError, match="kind is 'house'; expected one of attention, bands"):
        Drawing("house")
    with pytest.raises(ValueError, match="gap is given word; expected word, place"):
        Drawing("gap", word="change")
    with pytest.raises(ValueError, match="data is None; expected tensors, layers, numbers"):
        Drawing("gap", word="change", place=None)


def test_where_nobody_can_draw_a_picture_stands_in():
    stored = explorers.pictured(drawings()["gap"]._repr_html_())
    title, source = re.search(
        r'<img alt="(.*?)" src="data:image/svg\+xml;base64,(.*?)"', stored
    ).groups()
    assert title == "Two ways to predict without peeking"
    picture = b64decode(source).decode()
    assert picture.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert "--lab-ground: #fff" in picture
    assert "<script" not in picture


def test_a_stream_has_a_dot_an_hour_and_its_file_behind_the_hour_that_is_saved():
    drawn = svg(Drawing("stream", degrees=[3.0, 5, 9, 8, 7, 4], now=3, saved=1))
    spots = re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', drawn)
    across, down = zip(*[(float(x), float(y)) for x, y in spots], strict=True)
    assert list(across) == sorted(across)
    assert sorted(range(6), key=lambda t: -down[t]) == [0, 5, 1, 4, 3, 2]  # the coldest is lowest
    file = float(re.search(r'x="([\d.]+)"[^>]*>file<', drawn)[1])
    assert across[1] < file < across[2]
