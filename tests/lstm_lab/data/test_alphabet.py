"""Letters to numbers and back."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lstm_lab import Alphabet

texts = st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=5)


@given(texts)
def test_decoding_undoes_encoding(texts):
    alphabet = Alphabet.of(texts)
    ids, lengths = alphabet.encode(texts)
    assert alphabet.decode(ids) == texts
    assert lengths.tolist() == [len(text) for text in texts]
    assert ids.shape == (len(texts), max(map(len, texts)))


@given(texts)
def test_numbers_are_below_the_size_and_zero_is_padding_alone(texts):
    alphabet = Alphabet.of(texts)
    ids, lengths = alphabet.encode(texts)
    valid = torch.arange(ids.shape[1]) < lengths.unsqueeze(1)
    assert (ids[valid] > 0).all()
    assert (ids[~valid] == 0).all()
    assert int(ids.max()) < len(alphabet)


def test_symbols_longer_than_a_letter_come_back_with_spaces():
    alphabet = Alphabet(("AE", "K", "T"))
    ids, lengths = alphabet.encode([["K", "AE", "T"], ("T",)])
    assert alphabet.decode(ids) == ["K AE T", "T"]
    assert lengths.tolist() == [3, 1]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Alphabet(""), "letters is ''; expected each letter once"),
        (lambda: Alphabet("aba"), "letters is 'aba'"),
        (lambda: Alphabet("ab").encode("ab"), "texts is 'ab'; expected a list of texts"),
        (lambda: Alphabet("ab").encode([]), r"texts is \[\]"),
        (lambda: Alphabet("ab").encode(["a", ""]), "that are not empty"),
        (lambda: Alphabet("ab").encode(["ax"]), r"letters \['x'\]; expected those of .*'ab'"),
        (lambda: Alphabet(("A B", "C")), r"letters is \('A B', 'C'\); expected symbols without"),
        (
            lambda: Alphabet.of([["AA", "T"]]),
            r"texts has what is \['AA', 'T'\]; expected texts only",
        ),
        (lambda: Alphabet.of(["a", 5]), "texts has what is 5; expected texts only"),
        (lambda: Alphabet(("AA", "")), "expected each letter once"),
        (lambda: Alphabet({"a", "b"}), "expected each letter once, in order"),
        (lambda: Alphabet(("B", "K")).encode(["BK"]), "a list of sequences of symbols"),
        (lambda: Alphabet("ab").encode({"a", "b"}), "expected a list of texts"),
        (lambda: Alphabet("ab").encode(["a", 5]), "expected a list of texts"),
        (lambda: Alphabet("ab").decode([[1]]), r"ids is \[\[1\]\]; expected whole"),
        (lambda: Alphabet("ab").decode(torch.tensor([[1, 0, 2]])), "padding before a letter"),
        (lambda: Alphabet("ab").decode(torch.tensor([1])), r"ids has shape \(1,\)"),
        (lambda: Alphabet("ab").decode(torch.tensor([[3]])), "expected 0 to 2"),
        (lambda: Alphabet("ab").decode(torch.tensor([[-1]])), "expected 0 to 2"),
        (lambda: Alphabet("ab").decode(torch.tensor([[1.0]])), "expected 0 to 2"),
    ],
)
def test_wrong_texts_and_numbers_are_refused_by_name(call, words):
    with pytest.raises(ValueError, match=words):
        call()
