"""Every message of the appendix is raised, and says what all releases of torch say."""

import re

import pytest

from lstm_lab import errors
from lstm_lab.clinic.errors import ErrorMessage, _all

MESSAGES = _all()


@pytest.mark.parametrize("message", [it for it in MESSAGES if it.code], ids=lambda it: it.code)
def test_a_message_is_raised_and_says_what_it_should(message):
    assert re.search(message.stable, message.said())


def test_a_message_that_is_not_raised_or_says_something_else_is_told():
    calm = ErrorMessage("The input", "ValueError", "nn.LSTM(2, 3)", "size", "", "")
    with pytest.raises(AssertionError, match="raises nothing"):
        calm.said()
    other = ErrorMessage("The input", "TypeError", "nn.LSTM(2)", "no such words", "", "")
    with pytest.raises(AssertionError, match="hidden_size"):
        other.said()


def test_every_message_has_its_meaning_and_its_cure():
    assert all(it.meaning.endswith(".") and it.instead for it in MESSAGES)
    assert all(len(it.meaning.split()) <= 30 for it in MESSAGES)
    assert all(it.text for it in MESSAGES if it.code is None)
    with pytest.raises(ValueError, match="group is 'Else'; expected one of Making a layer"):
        errors("Else")


def test_the_list_shows_texts_codes_and_cures():
    shown = errors("The input")._repr_html_()
    assert shown.count('<div class="lab-entry">') == len(errors("The input").messages)
    assert "input.size(-1) must be equal to input_size" in shown
