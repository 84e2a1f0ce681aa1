"""What the explorers share: what they say, carry and refuse."""

import json
import re

import pytest
import torch
from torch import nn

from lstm_lab import StateGrid
from lstm_lab.explorers.scripts import EXPLORERS
from tests.lstm_lab.explorers.made import MADE, align, cell, grid, reader


@pytest.mark.parametrize("name", EXPLORERS)
def test_an_explorer_says_what_it_is_and_carries_its_data(name):
    made = MADE[name]()
    bundle, _ = made._repr_mimebundle_()
    assert bundle["text/plain"] == repr(made)
    assert re.fullmatch(rf"<{name} .+>", repr(made))
    (given,) = re.findall(r'json">(.*?)</script>', bundle["text/html"])
    assert json.loads(given) == {"data": made.data, "state": made.state}
    assert f'id="{made.id}"' in bundle["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_a_text_cannot_end_the_script_that_holds_it():
    made = MADE["NameExplorer"]()
    made.text = "<!--<script></script><b>"
    assert made._repr_html_().count("<script") == made._repr_html_().count("</script>") == 1
    assert "<!--" not in made._repr_html_()
    (given,) = re.findall(r'json">(.*?)</script>', made._repr_html_())
    assert json.loads(given)["state"]["text"] == made.text


def test_a_trait_that_is_not_there_is_refused_by_name():
    with pytest.raises(ValueError, match=r"speed is no trait of StateGrid; expected batch_f"):
        grid(speed=3)


def test_numbers_keep_every_digit_of_float32():
    x = torch.randn(1, 4, 2)
    given = torch.tensor(StateGrid(nn.LSTM(2, 3), x).data["x"])
    assert torch.equal(given, x)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: cell(text="aQ"), "Q"),
        (lambda: reader(text="Q"), "Q"),
        (lambda: align(examples=["a" * 41]), r"expected at most 40 letters"),
        (lambda: reader(text=None), r"text is None; expected letters"),
        (lambda: grid(id="my grid"), r"id is 'my grid'; expected letters, digits and hyphens"),
    ],
)
def test_what_is_shown_first_must_be_there(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("view", [{"layer": 9}, {"layer": "top"}])
def test_a_widget_that_was_refused_is_closed_with_its_layout(view):
    from ipywidgets.widgets.widget import _instances

    before = len(_instances)
    with pytest.raises(ValueError, match="layer"):
        grid(**view)
    assert len(_instances) == before


@pytest.mark.parametrize("value", [torch.nan, torch.inf, 1e300])
def test_no_number_that_json_has_not_comes_into_a_page(value):
    x = torch.full((1, 4, 2), value, dtype=torch.float64)
    with pytest.raises(ValueError, match="x has nan or inf, or is beyond float32; expected finite"):
        StateGrid(nn.LSTM(2, 3), x)
    with pytest.raises(ValueError, match="module has weight_ih_l0 with nan or inf"):
        grid(nn.LSTM(2, 3).double().apply(lambda m: nn.init.constant_(m.weight_ih_l0, value)))
