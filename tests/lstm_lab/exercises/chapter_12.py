"""Chapter 12: right answers, and mistakes with their reasons."""

import torch

from lstm_lab import error_rates

SAID = ["G OW Z", "W IH N D AH", "D AO G"]
MEANT = ["G OW", "W IH N D OW", "D AO G"]
RATES = error_rates(SAID, [[each] for each in MEANT])
WEIGHTS, CONTEXT = (3, 6, 9), (3, 6, 20)


def attend(query, output, mask, divide=1, fill=-torch.inf):
    scores = torch.einsum("bh,bsh->bs", query, output) / divide
    weights = scores.masked_fill(~mask, fill).softmax(dim=-1)
    return torch.einsum("bs,bsh->bh", weights, output)


def one_by_one(query, output, mask):
    rows = []
    for q, states, valid in zip(query, output, mask, strict=True):
        kept = states[valid]
        rows.append((kept @ q).softmax(0) @ kept)
    return torch.stack(rows)


def zeroed(query, output, mask):
    weights = (output @ query.unsqueeze(2)).softmax(1) * mask.unsqueeze(2)
    return (weights * output).sum(1)


RIGHT = {
    "12.1": [(WEIGHTS, CONTEXT), [list(WEIGHTS), torch.zeros(CONTEXT).shape]],
    "12.2": [(0.2, 2 / 3), (0.2, 0.67), torch.tensor([0.2, 2 / 3]), (RATES.symbols, RATES.texts)],
    "12.3": [attend, one_by_one],
}
WRONG = {
    "12.1": [
        (((3, 9), (3, 20)), "that is one step"),
        (((3, 9, 6), CONTEXT), "said steps first"),
        ((WEIGHTS, (3, 6, 10)), "both directions"),
        ((WEIGHTS, (3, 6, 24)), "a mean of the encoder's output"),
        ((WEIGHTS, (3, 6, 44)), "beside the decoder's own"),
        ((WEIGHTS, (3, 9, 20)), "six are said"),
        ((CONTEXT, WEIGHTS), "first the weights"),
    ],
    "12.2": [
        ((0.2333, 2 / 3), "the mean of three rates"),
        ((2 / 11, 2 / 3), "ten of them"),
        ((0.1, 2 / 3), "a phoneme too many"),
        ((0.2, 1 / 3), "the share of right words"),
        ((0.2, 1), "one of the three words"),
        ((2 / 3, 0.2), "first the phonemes"),
    ],
    "12.3": [
        (lambda q, o, m: attend(q, o, torch.ones_like(m)), "the padding answers"),
        (zeroed, "mask before the softmax"),
        (lambda q, o, m: attend(q, o, m, fill=0), "0 is a score"),
        (lambda q, o, m: attend(q, o, m, divide=2), "do not divide"),
        (lambda q, o, m: attend(q, o, ~m), "True where a step is valid"),
        (lambda q, o, m: attend(0 * q, o, m), "the plain mean"),
        (lambda q, o, m: attend(q, o, m)[0], "call 1 of 2: the shape is (4,)"),
        (lambda q, o, m: (..., q), "three dots"),
    ],
}
