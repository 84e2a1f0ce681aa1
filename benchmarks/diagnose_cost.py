"""What ``diagnose`` costs beside one step of training, on a batch of eight.

    python benchmarks/diagnose_cost.py [--device cuda] [--rounds 15] [--threads 1]

A step is a call, a loss, a backward pass and Adam. Both are timed in turn within each round, so
that a busy machine slows both; the table shows medians of ratios within a round and quartiles.
"""

import statistics
from time import perf_counter

import torch
from command import begun
from torch.nn import functional as F

from lstm_lab import Decoder, Encoder, LSTMClassifier, Seq2Seq, diagnose

BATCH = 8
TOKENS = 60


def classifier(hidden_size, steps, layers):
    model = LSTMClassifier(32, hidden_size, 10, num_layers=layers, bidirectional=True)
    lengths = torch.linspace(steps // 2, steps, BATCH).long()
    valid = torch.arange(steps) < lengths.unsqueeze(1)
    x = torch.randn(BATCH, steps, 32) * valid.unsqueeze(-1)
    return model, (x, lengths), torch.randint(10, (BATCH,))


def translator(hidden_size, steps, layers):
    encoder = Encoder(TOKENS, 32, hidden_size, num_layers=layers)
    decoder = Decoder(TOKENS, 32, hidden_size, num_layers=layers, memory_size=hidden_size)
    model = Seq2Seq(encoder, decoder, start=1, stop=2)
    source, target = (torch.randint(3, TOKENS, (BATCH, steps)) for _ in range(2))
    lengths = torch.linspace(steps // 2, steps, BATCH).long()
    source = source * (torch.arange(steps) < lengths.unsqueeze(1))
    return model, (source, lengths, target), target


CASES = [
    (classifier, (32, 20, 1)),
    (classifier, (128, 100, 2)),
    (classifier, (256, 200, 2)),
    (translator, (64, 20, 1)),
    (translator, (256, 50, 2)),
]


def seconds(act) -> float:
    start = perf_counter()
    act()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return perf_counter() - start


def measured(model, inputs, target, rounds):
    optimizer = torch.optim.Adam(model.parameters())
    lengths, found = inputs[1], []

    def step():
        model.train()
        answer = model(*inputs)
        F.cross_entropy(answer.flatten(0, -2), target.flatten()).backward()
        optimizer.step()
        optimizer.zero_grad()

    def ask():
        found.append(diagnose(model, *inputs, lengths=lengths, target=target).forwards)

    times = [(seconds(ask), seconds(step)) for _ in range(rounds + 1)][1:]
    return [one / other for one, other in times], times, found[0]


def main() -> None:
    where, rounds = begun(__doc__, rounds=15)
    print("| model | hidden_size, steps, layers | a step | `diagnose` | calls | in steps |")
    print("| --- | --- | --- | --- | --- | --- |")
    for make, sizes in CASES:
        torch.manual_seed(0)
        model, inputs, target = make(*sizes)
        # Lengths stay on the CPU, where packing wants them.
        x, lengths, *rest = inputs
        inputs = (x.to(where), lengths, *(it.to(where) for it in rest))
        ratios, times, calls = measured(model.to(where), inputs, target.to(where), rounds)
        low, middle, high = statistics.quantiles(ratios, n=4)
        asked, step = (1e3 * statistics.median(each) for each in zip(*times, strict=True))
        sizes = ", ".join(map(str, sizes))
        row = (make.__name__, sizes, f"{step:.1f} ms", f"{asked:.0f} ms", str(calls))
        print(f"| {' | '.join(row)} | {middle:.1f} ({low:.1f} to {high:.1f}) |", flush=True)


if __name__ == "__main__":
    main()
