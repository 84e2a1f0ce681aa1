"""A string of digits written backwards, with and without attention, by length; three seeds each.

Both kinds are trained for 700 steps and, apart, for five times as many.

    python experiments/reverse.py

Writes lstm_lab/data/results/reverse.json. Chapter 12 trains seed 0 and compares itself with it.
"""

import torch
from stored import store

from lstm_lab import Decoder, Encoder, Seq2Seq, cross_entropy, fit, greedy

LENGTHS = (2, 4, 6, 8, 10, 12, 14)


def strings(count, low=1, high=14):
    """Return rows of 3 to 12, padded with 0, and the same reversed."""
    lengths = torch.randint(low, high + 1, (count,))
    x = torch.randint(3, 13, (count, high))
    x = x * (torch.arange(high) < lengths.unsqueeze(1))
    y = torch.zeros(count, high + 1, dtype=torch.long)
    for row, source, n in zip(y, x, lengths.tolist(), strict=True):
        row[:n], row[n] = source[:n].flip(0), 2  # 2 stops
    return x, lengths, y, y


class Strings:
    def __iter__(self):
        while True:
            yield strings(64)


def reverser(attention, seed, steps=700):
    torch.manual_seed(seed)
    model = Seq2Seq(
        Encoder(13, 16, 48),
        Decoder(13, 16, 48, memory_size=48 if attention else None),
        start=1,
        stop=2,
    )
    fit(model, Strings(), steps=steps, loss=cross_entropy, lr=0.01)
    return model.eval()


@torch.no_grad()
def by_length(model, n):
    x, lengths, y, _ = strings(200, n, n)
    said = greedy(model, x, lengths, longest=n + 1)
    right = torch.zeros(200, n, dtype=torch.long)
    right[:, : said.tokens.shape[1]] = said.tokens[:, :n]
    return round(float((right == y[:, :n]).all(dim=1).float().mean()), 4)


def main() -> None:
    runs = {}
    for times, longer in ((1, ""), (5, ", five times the steps")):
        for name, attention in (("attention", True), ("one state", False)):
            name += longer
            models = [reverser(attention, seed, times * 700) for seed in range(3)]
            runs[name] = [[by_length(model, n) for n in LENGTHS] for model in models]
            print(name, runs[name], flush=True)
    store(
        "reverse",
        __file__,
        packages=["torch"],
        quantity="strings right",
        axis="length of the string",
        steps=list(LENGTHS),
        runs=runs,
    )


if __name__ == "__main__":
    main()
