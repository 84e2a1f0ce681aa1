"""The calculator of shapes: which options it takes, and how it tells them."""

import pytest

from lstm_lab import ShapeCalculator


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"call": "many"}, r"call is 'many'; expected one of batched, unbatched"),
        ({"hidden_size": 65}, r"hidden_size is 65; expected 1 to 64"),
        ({"batch": 0}, r"batch is 0; expected 1 to 64"),
        ({"dropout": 1.0}, r"dropout is 1.0; expected 0 to 0.9"),
        ({"lengths": "x"}, r"lengths is 'x'; expected up to twelve"),
        ({"proj_size": 30}, r"proj_size is 30; expected less than hidden_size=20"),
    ],
)
def test_options_that_it_cannot_show_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        ShapeCalculator(**options)


def test_a_slider_that_has_no_room_is_told_as_the_page_takes_it():
    made = ShapeCalculator(proj_size=5)
    made.kind = "GRU"
    assert repr(made) == "<ShapeCalculator nn.GRU(10, 20, num_layers=2), batched>"
    made.kind, made.proj_size = "LSTM", 30
    assert "proj_size=19" in repr(made)
