"""Exercises of chapter 12: attention."""

import torch
from torch import Tensor

from lstm_lab.judge import Check, Trial, compare, seeded


def shapes() -> Check:
    """The shapes of the weights and of the context."""
    weights, context = (3, 6, 9), (3, 6, 20)
    return Check(
        (weights, context),
        "a weight for each said and read step; 2 × 10 features.",
        mistakes=[
            (((3, 9), (3, 20)), "that is one step; six are said."),
            (((3, 9, 6), context), "said steps first, then read ones."),
            ((weights, (3, 6, 10)), "output has both directions: 20."),
            ((weights, (3, 6, 24)), "the context is a mean of the encoder's output: 2 × 10."),
            ((weights, (3, 6, 44)), "that is the context beside the decoder's own 24."),
            ((weights, (3, 9, 20)), "a context for each said step, and six are said."),
            ((context, weights), "first the weights, then the context."),
        ],
    )


def errors() -> Check:
    """The phoneme and the word error rate of three words.

    Said are G OW Z, W IH N D AH and D AO G; right are G OW, W IH N D OW and D AO G.
    """
    return Check(
        (2 / 10, 2 / 3),
        "one insertion and one substitution, over all ten right phonemes.",
        mistakes=[
            (((1 / 2 + 1 / 5 + 0) / 3, 2 / 3), "that is the mean of three rates: add up first."),
            ((2 / 11, 2 / 3), "divide by the right phonemes, ten of them."),
            ((1 / 10, 2 / 3), "a phoneme too many is an error as well."),
            ((2 / 10, 1 / 3), "that is the share of right words; two have a mistake."),
            ((2 / 10, 1.0), "one of the three words is right."),
            ((2 / 3, 2 / 10), "first the phonemes, then the words."),
        ],
        tolerance=0.005,  # two decimals
    )


def attend() -> Trial:
    """The context of one query, padding left out."""

    def mixed(weigh):
        def run(query, output, mask):
            scores = (output @ query.unsqueeze(2)).squeeze(2)
            return (weigh(scores, mask).unsqueeze(1) @ output).squeeze(1)

        return run

    def right(scores, mask):
        return scores.masked_fill(~mask, -torch.inf).softmax(-1)

    return compare(
        mixed(right),
        _queries,
        "score, mask, softmax, mean.",
        mistakes=[
            (mixed(lambda scores, mask: scores.softmax(-1)), "the padding answers, too."),
            (mixed(lambda scores, mask: scores.softmax(-1) * mask), "mask before the softmax."),
            (
                mixed(lambda scores, mask: scores.masked_fill(~mask, 0).softmax(-1)),
                "0 is a score.",
            ),
            (
                mixed(lambda scores, mask: right(scores / 2, mask)),
                "the plain dot product; do not divide it.",
            ),
            (
                mixed(lambda scores, mask: right(scores, ~mask)),
                "the mask is True where a step is valid: fill where it is False.",
            ),
            (
                mixed(lambda scores, mask: mask / mask.sum(1, keepdim=True)),
                "that is the plain mean: the scores must weigh the steps.",
            ),
        ],
    )


def _queries() -> list[tuple[Tensor, Tensor, Tensor]]:
    with seeded(4):
        return [
            (
                2 * torch.randn(batch, 4),
                2 * torch.randn(batch, steps, 4),
                torch.arange(steps) < torch.tensor(lengths).unsqueeze(1),
            )
            for batch, steps, lengths in ((3, 5, [3, 2, 4]), (2, 6, [6, 1]))
        ]


EXERCISES = {"12.1": shapes, "12.2": errors, "12.3": attend}
