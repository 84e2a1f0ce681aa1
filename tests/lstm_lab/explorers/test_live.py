"""A figure with ordinary controls: it follows them, and has a picture where no kernel is."""

from base64 import b64decode

import pytest
import torch

from lstm_lab import live, plot_states


def squared(size=2, sign="plus"):
    return size * size * (1 if sign == "plus" else -1)


def test_what_is_shown_follows_the_controls(capsys):
    shown = live(squared, size=(1, 5), sign=["plus", "minus"])
    assert shown.result == 4
    size, sign = shown.children[:2]
    size.value = 3
    assert shown.result == 9
    sign.value = "minus"
    assert shown.result == -9


def test_a_page_has_a_picture_of_the_first_state():
    shown = live(lambda steps=3: plot_states(torch.rand(2, steps)), steps=(1, 6))
    bundle, sizes = shown._repr_mimebundle_()
    assert bundle["text/plain"] == "live <lambda>(steps=3)"
    picture, size = shown.result._repr_png_()
    assert b64decode(bundle["image/png"]) == picture
    assert sizes["image/png"] == size
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_what_has_no_picture_has_its_words():
    class Told:
        def _repr_html_(self):
            return "<b>told</b>"

    bundle, _ = live(lambda size=2: Told(), size=(1, 5))._repr_mimebundle_()
    assert bundle["text/html"] == "<b>told</b>"
    assert (
        "image/png" not in live(squared, size=(1, 5), sign=["plus", "minus"])._repr_mimebundle_()[0]
    )


@pytest.mark.parametrize(
    ("choices", "told"),
    [
        ({"size": 3, "sign": ["plus", "minus"]}, "size is 3; expected"),
        (
            {"size": (1, 5)},
            "function has the arguments size, sign; expected those with choices, size",
        ),
        ({"size": (1, 5), "colour": ["red", "blue"]}, "expected those with choices, size, colour"),
    ],
)
def test_choices_that_fit_no_argument_are_refused(choices, told):
    with pytest.raises(ValueError, match=told):
        live(squared, **choices)
