"""The predictors: both right ends of a sequence, and every letter from all others."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from lstm_lab import BidirectionalPredictor, GapPredictor
from tests.lstm_lab.models.reached import letters_that_reach
from tests.lstm_lab.models.test_every_model import spoiled


@pytest.mark.parametrize("num_layers", [1, 2, 3])
def test_both_ends_of_the_top_layer_make_one_prediction(num_layers):
    model, lengths = BidirectionalPredictor(2, 3, 4, num_layers=num_layers), [4, 1, 6]
    x = spoiled(torch.randn(3, 6, 2), lengths)
    for row, length, found in zip(x, lengths, model(x, lengths), strict=True):
        output, _ = model.layer(row[:length].unsqueeze(0))
        assert_close(found, model.head(torch.cat([output[0, -1, :3], output[0, 0, 3:]])))


@pytest.mark.parametrize("length", [1, 2, 5, 8])
@pytest.mark.parametrize("sides", ["both", "left"])
def test_a_gap_is_filled_without_a_look_at_its_letter(sides, length):
    model = GapPredictor(9, 2, 4, sides=sides)
    letters = range(1, 9)  # all different, so that a letter stands for its step
    logits = model(torch.tensor([letters]), [length])[0]
    assert logits.shape == (8, 9)  # as long as the text, padding and all
    for t in range(length):
        seen = set(letters[:t]) | (set(letters[t + 1 : length]) if sides == "both" else set())
        assert letters_that_reach(model.embedding, logits[t]) == seen


@pytest.mark.parametrize("sides", ["both", "left"])
@given(t=st.integers(0, 5), change=st.integers(1, 5))
def test_another_letter_changes_the_predictions_of_its_neighbours_only(sides, t, change):
    model = GapPredictor(7, 2, 4, sides=sides).double()
    text = torch.randint(1, 7, (1, 6))
    other = text.clone()
    other[0, t] = (text[0, t] - 1 + change) % 6 + 1
    changed = (model(text) != model(other)).any(dim=2)[0].tolist()
    assert changed == [step > t or (sides == "both" and step < t) for step in range(6)]


def test_a_gap_joins_the_states_before_and_after_it():
    model, text = GapPredictor(7, 2, 3), torch.tensor([[3, 1, 6, 2]])
    forward, backward = model.layer(model.embedding(text))[0].split(3, dim=-1)
    edge = torch.zeros(3)
    for t in range(4):
        before, after = (forward[0, t - 1] if t else edge), (backward[0, t + 1] if t < 3 else edge)
        assert_close(model(text)[0, t], model.head(torch.cat([before, after])))


def test_a_zero_in_a_text_hides_a_letter():
    model = GapPredictor(7, 2, 3)
    assert model(torch.tensor([[3, 1, 2], [4, 0, 5]])).shape == (2, 3, 7)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: BidirectionalPredictor(2, 3, True), "output_size is True; expected a whole"),
        (lambda: GapPredictor(0, 2, 3), "vocab_size is 0; expected a whole number of at least 1"),
        (lambda: GapPredictor(7, 2, 3, sides="right"), "'right'; expected 'both' or 'left'"),
    ],
)
def test_a_predictor_that_cannot_be_is_refused_by_name(make, words):
    with pytest.raises(ValueError, match=words):
        make()
