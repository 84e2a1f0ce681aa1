"""Exercises of chapter 13: bits, a sampler, a probe with its control, and what h and c remember."""

from math import log2

import torch
from torch import Tensor

from lstm_lab.judge import Check, Trial, compare, seeded


def bits(chances: Tensor) -> Check:
    """The mean bits of characters that were given these chances."""
    mean = float(-chances.log2().mean())
    return Check(
        mean,
        "each character costs the negative logarithm of its chance, to the base 2.",
        mistakes=[
            (float(-chances.log().mean()), "those are nats: the logarithm is to the base 2."),
            (-mean, "the sign: a chance below 1 has a logarithm below 0."),
            (-log2(chances.mean()), "the mean of the bits is wanted, not the bits of the mean."),
            (float(-chances.log2().sum()), "that is the whole text: divide by its characters."),
        ],
    )


def sampler() -> Trial:
    """The chances of the ``k`` likeliest characters, at a temperature; padding has none."""
    return compare(
        _chances,
        _scores,
        "k characters are left, they add up to 1, and padding is none of them.",
        mistakes=[
            (lambda z, t, k: _chances(z, 1 / t, k), "divide the logits by the temperature."),
            (lambda z, t, k: _chances(z, 1.0, k), "where does the temperature come in?"),
            (lambda z, t, k: _chances(z, t, len(z) - 1), "more than k characters are left."),
            (_with_padding, "number 0 is padding: it is never written."),
            (_cut_late, "they must add up to 1: cut first, then take the softmax."),
            (
                lambda z, t, k: _kept(z, k).softmax(dim=-1).nan_to_num() / t,
                "the temperature divides logits, before the softmax.",
            ),
        ],
    )


def _kept(logits: Tensor, k: int) -> Tensor:
    """Return logits with all but the k largest at minus infinity, padding too."""
    logits = logits.clone()
    logits[0] = -torch.inf
    return logits.masked_fill(logits < logits.topk(k).values[-1], -torch.inf)


def _chances(logits: Tensor, temperature: float, k: int) -> Tensor:
    return (_kept(logits, k) / temperature).softmax(dim=-1)


def _with_padding(logits: Tensor, temperature: float, k: int) -> Tensor:
    kept = logits.masked_fill(logits < logits.topk(k).values[-1], -torch.inf)
    return (kept / temperature).softmax(dim=-1)


def _cut_late(logits: Tensor, temperature: float, k: int) -> Tensor:
    logits = logits.clone()
    logits[0] = -torch.inf
    chances = (logits / temperature).softmax(dim=-1)
    return chances * (chances >= chances.topk(k).values[-1])


def _scores() -> list[tuple[Tensor, float, int]]:
    with seeded(3):
        rows = 2 * torch.randn(3, 9)
    rows[:, 0] = torch.tensor([5.0, -5.0, 9.0])
    return [(rows[0].clone(), 0.5, 3), (rows[1].clone(), 2.0, 5), (rows[2].clone(), 1.5, 1)]


def probe() -> Trial:
    """How much more a probe explains from a state than from a control, on characters of its own."""
    return compare(
        _gain,
        _data,
        "both are judged on characters that no probe was fitted on.",
        mistakes=[
            (
                lambda h, other, y, *new: _score(h, y, h, y) - _score(other, y, other, y),
                "both are judged on the characters that they were fitted on.",
            ),
            (
                lambda h, other, y, h_new, other_new, y_new: _score(h, y, h_new, y_new),
                "without its control: how much does the other one explain?",
            ),
            (
                lambda h, other, y, h_new, other_new, y_new: _score(other, y, other_new, y_new),
                "that is the control alone.",
            ),
            (lambda *data: -_gain(*data), "the other way round: the state's share comes first."),
            (
                lambda h, other, y, *new: (
                    _score(*new[:1], new[2], *new[:1], new[2])
                    - _score(new[1], new[2], new[1], new[2])
                ),
                "both are fitted on the characters that judge them.",
            ),
        ],
        tolerance=1e-3,
    )


def _score(x, y, x_new, y_new) -> float:
    from sklearn.linear_model import Ridge

    return float(Ridge().fit(x, y).score(x_new, y_new))


def _gain(h, other, y, h_new, other_new, y_new) -> float:
    return _score(h, y, h_new, y_new) - _score(other, y, other_new, y_new)


def _data() -> list[tuple]:
    """Return two sets of states that hold a label together with a control that holds a part."""
    sets = []
    with seeded(4):
        for noise in (0.5, 2.0):
            h = torch.randn(80, 6)
            y = h @ torch.randn(6) + noise * torch.randn(80)
            other = torch.randn(80, 9)
            other[:, 0] += y
            h, other, y = (each.numpy() for each in (h, other, y))
            sets.append((h[:30], other[:30], y[:30], h[30:], other[30:], y[30:]))
    return sets


def zeroed() -> Check:
    """Which state costs more when it is zeroed: at the next character, and some twenty later."""
    return Check(
        ("h", "c"),
        "h steers the next step, c remembers.",
        mistakes=[
            (("c", "h"), "the other way round: look at the curves' two ends."),
            (("h", "h"), "h is made anew from c at every step: its loss heals soon."),
            (("c", "c"), "the next step's gates read h: without it they go wrong at once."),
        ],
    )


EXERCISES = {"13.1": bits, "13.2": sampler, "13.3": probe, "13.4": zeroed}
