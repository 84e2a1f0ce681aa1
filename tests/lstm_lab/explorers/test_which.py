"""Which tensor do I want: every answer is run, and read against the sequences one by one."""

from itertools import product
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence, pad_packed_sequence

from lstm_lab import WhichTensor
from lstm_lab.explorers.which import KINDS, TASKS, reading

EVERY = list(product(TASKS, (1, 2), (False, True), KINDS))
GIVEN = {
    each.__name__: each
    for each in (torch, nn, F, pack_padded_sequence, pack_sequence, pad_packed_sequence)
} | {"F": F, "nn": nn}
LENGTHS = [5, 2, 3, 4]


def written(task, directions, padded, kind):
    """Return what the lines leave behind, and the results of each sequence alone."""
    torch.manual_seed(0)
    names = GIVEN | {"input_size": 3, "hidden_size": 4, "embedding_dim": 2, "classes": 6}
    names |= {"batch": 4, "queries": 2, "x": torch.randn(4, 5, 3)}
    names |= {"lengths": torch.tensor(LENGTHS), "following": torch.randn(4, 2, 3)}
    names["target"] = torch.randn(4, 3, 2) if task == "decoder" else torch.arange(20).view(4, 5) % 6
    given, lines, _ = vars(reading(task, directions, padded, kind)).values()
    exec("\n".join(given), names)
    layer, whole = names[kind.lower()], names["x"]
    length = LENGTHS if padded else [5] * 4
    alone = [layer(whole[k : k + 1, :n]) for k, n in enumerate(length)]
    exec("\n".join(lines), names)
    return SimpleNamespace(**names, layer=layer, alone=alone, length=length)


def ends(got):
    """Return the top layer's state of each sequence where each direction ends."""
    both = got.layer.bidirectional
    parts = [(output[0, -1, :4], output[0, 0, 4:]) for output, _ in got.alone]
    return torch.stack([torch.cat(each) if both else each[0] for each in parts])


def sequence(got, case):
    torch.testing.assert_close(got.vector, ends(got))
    assert got.answer.shape == (4, 6)


def step(got, case):
    for answer, (output, _), n in zip(got.answer, got.alone, got.length, strict=True):
        torch.testing.assert_close(answer[:n], got.head(output[0]))
    if not case[2]:
        wanted = F.cross_entropy(got.answer.flatten(0, 1), got.target.flatten())
        torch.testing.assert_close(got.loss, wanted)


def pooled(got, case):
    wanted = torch.cat([output.mean(dim=1) for output, _ in got.alone])
    torch.testing.assert_close(got.vector, wanted)


def attention(got, case):
    for context, query, (output, _) in zip(got.context, got.query, got.alone, strict=True):
        weights = (query @ output[0].T / output.size(2) ** 0.5).softmax(dim=-1)
        torch.testing.assert_close(context, weights @ output[0])


def states(hx):
    return hx if isinstance(hx, tuple) else (hx,)


def decoder(got, case):
    for k, (_, hx) in enumerate(got.alone):
        begun = [each.unflatten(0, (2, -1)).transpose(1, 2).flatten(2) for each in states(hx)]
        hx = tuple(begun) if case[3] == "LSTM" else begun[0]
        output, last = got.decoder(got.target[k : k + 1], hx)
        torch.testing.assert_close(got.output[k : k + 1], output)
        for each, wanted in zip(states(got.hx), states(last), strict=True):
            torch.testing.assert_close(each[:, k : k + 1], wanted)


def next_piece(got, case):
    for k, n in enumerate(got.length):
        whole = torch.cat([got.x[k : k + 1, :n], got.following[k : k + 1]], dim=1)
        wanted, hx = got.layer(whole)
        if case[1] == 1:
            torch.testing.assert_close(got.output[k], wanted[0, n:])
            assert not any(each.requires_grad for each in states(got.hx))
        elif case[2]:
            torch.testing.assert_close(got.output[k, : n + 2], wanted[0])
        else:
            torch.testing.assert_close(got.later[k], wanted[0, n:])
        torch.testing.assert_close(got.h_n[:, k : k + 1], states(hx)[0])


SHOWN = dict(zip(TASKS, (sequence, step, pooled, attention, decoder, next_piece), strict=True))


@pytest.mark.parametrize("case", EVERY, ids=lambda case: "-".join(map(str, case)))
def test_every_answer_reads_what_it_says(case):
    SHOWN[case[0]](written(*case), case)


@pytest.mark.parametrize("case", EVERY, ids=lambda case: "-".join(map(str, case)))
def test_every_answer_has_three_short_lines_and_a_reason(case):
    given, lines, why = vars(reading(*case)).values()
    assert len(lines) == 3
    assert all(len(line) <= 104 for line in (*given, *lines))
    assert why.endswith(".")
    assert 5 <= len(why.split()) <= 36
    assert f"{case[3].lower()}(" in " ".join(lines)
    assert ("c_n" in " ".join(lines)) == (case[3] == "LSTM")


@pytest.mark.parametrize(("name", "value"), [("task", "sort"), ("directions", 3), ("kind", "S4")])
def test_another_choice_is_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} is {value!r}; expected one of"):
        WhichTensor(**{name: value})


def test_the_page_says_how_many_answers_are_run():
    page = Path(__file__).resolve().parents[3] / "which-tensor.md"
    assert f"Each of the {len(EVERY)} answers is run" in page.read_text(encoding="utf-8")
