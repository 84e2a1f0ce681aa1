"""How fast ``trace`` is, beside the fused forward pass and beside a loop over cells.

    python benchmarks/trace_speed.py [--device cuda] [--rounds 15] [--threads 1]

The three are timed in turn within each round, on a fixed number of threads, so that a busy
machine slows all of them; the table shows medians of ratios within a round.
"""

import statistics
from time import perf_counter

import torch
from command import begun
from torch import nn

from lstm_lab import trace

SIZES = [(20, 4, 10, 20), (100, 32, 32, 64), (200, 64, 64, 128), (1000, 1, 8, 16)]
GATES = {nn.LSTM: 4, nn.GRU: 3}


def lstm_loop(module, x):
    """Return h, c, i, f, g, o of every step by a plain loop, as people write it."""
    weight_ih, weight_hh, bias_ih, bias_hh = module.all_weights[0]
    h = c = x.new_zeros(x.shape[1], module.hidden_size)
    steps = []
    for x_t in x:
        gates = x_t @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh
        i, f, g, o = gates.chunk(4, dim=-1)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        c = f * c + i * g
        h = o * c.tanh()
        steps.append((h, c, i, f, g, o))
    return [torch.stack(each) for each in zip(*steps, strict=True)]


def gru_loop(module, x):
    """Return h, r, z, n of every step by a plain loop."""
    weight_ih, weight_hh, bias_ih, bias_hh = module.all_weights[0]
    h = x.new_zeros(x.shape[1], module.hidden_size)
    steps = []
    for x_t in x:
        r_x, z_x, n_x = (x_t @ weight_ih.T + bias_ih).chunk(3, dim=-1)
        r_h, z_h, n_h = (h @ weight_hh.T + bias_hh).chunk(3, dim=-1)
        r, z = (r_x + r_h).sigmoid(), (z_x + z_h).sigmoid()
        n = (n_x + r * n_h).tanh()
        h = (1 - z) * n + z * h
        steps.append((h, r, z, n))
    return [torch.stack(each) for each in zip(*steps, strict=True)]


def seconds(call, *arguments) -> float:
    synchronize()
    start = perf_counter()
    call(*arguments)
    synchronize()
    return perf_counter() - start


def synchronize() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def ratios(module, x, rounds: int) -> tuple[float, float, float]:
    """Return trace over fused, loop over trace, and the spread of the first."""
    loop = lstm_loop if isinstance(module, nn.LSTM) else gru_loop
    calls = [(module, x), (trace, module, x), (loop, module, x)]
    for call in calls:
        seconds(*call)
    times = [[seconds(*call) for call in calls] for _ in range(rounds)]
    over_fused = [traced / fused for fused, traced, _ in times]
    over_trace = [looped / traced for _, traced, looped in times]
    spread = max(over_fused) - min(over_fused)
    return statistics.median(over_fused), statistics.median(over_trace), spread


def main() -> None:
    where, rounds = begun(__doc__, rounds=15)
    print("| module | seq_len, batch, input, hidden | gradients | trace / fused | loop / trace |")
    print("| --- | --- | --- | --- | --- |")
    for kind in GATES:
        for seq_len, batch, input_size, hidden_size in SIZES:
            torch.manual_seed(0)
            module = kind(input_size, hidden_size).to(where)
            x = torch.randn(seq_len, batch, input_size).to(where)
            for gradients in (False, True):
                with torch.set_grad_enabled(gradients):
                    fused, loop, spread = ratios(module, x, rounds)
                size = f"{seq_len}, {batch}, {input_size}, {hidden_size}"
                recorded = "recorded" if gradients else "off"
                cells = f"{fused:.2f} (spread {spread:.2f}) | {loop:.1f}"
                print(f"| nn.{kind.__name__} | {size} | {recorded} | {cells} |")


if __name__ == "__main__":
    main()
