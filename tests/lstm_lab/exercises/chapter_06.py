"""Chapter 6: right answers, and mistakes with their reasons."""

import torch
from torch import nn

from lstm_lab.judge import seeded

with seeded(1):
    ENDS = torch.randn(6, 5, 4)
    PAIR = nn.LSTM(3, 4, num_layers=2, batch_first=True, bidirectional=True)
PAIRS = torch.stack([torch.cat([ENDS[k], ENDS[k + 1]], -1) for k in (0, 2, 4)])


def part(k, suffix):
    module = nn.LSTM(8 if k else 3, 4, batch_first=True)
    ends = f"_l{k}{suffix}"
    own = {n: w for n, w in PAIR.state_dict().items() if n.endswith(ends)}
    module.load_state_dict({n.removesuffix(ends) + "_l0": w for n, w in own.items()})
    return module


def rebuild(x, flip=True, back=True, layers=2):
    for k in range(layers):
        backward, _ = part(k, "_reverse")(x.flip(1) if flip else x)
        x = torch.cat([part(k, "")(x)[0], backward.flip(1) if back else backward], dim=-1)
    return x


GIVEN = {"6.2": {"given": ENDS}, "6.3": {"pair": PAIR, "part": part}}
RIGHT = {
    "6.1": [(6, 15), [6, 15], torch.tensor([6, 15])],
    "6.2": [PAIRS, ENDS.unflatten(0, (3, 2)).transpose(1, 2).flatten(2), PAIRS.tolist()],
    "6.3": [rebuild, lambda x: PAIR(x)[0].detach()],
}
WRONG = {
    "6.1": [
        ((5, 15), "is read, too: 0"),
        ((6, 14), "has read step 5, too"),
        ((5, 14), "each half"),
        ((15, 6), "from the left"),
        ((20, 20), "with two layers"),
        ((6, 20), "not read steps 0 to 4"),
        ((6, 1), "the last step"),
        ((6, 16), "fifteen"),
    ],
    "6.2": [
        (ENDS.reshape(3, 5, 8), "mixes the sequences"),
        (torch.stack([torch.cat([ENDS[k], ENDS[k + 3]], -1) for k in range(3)]), "not all"),
        (ENDS.transpose(0, 1).reshape(3, 5, 8), "for one layer only"),
        (PAIRS.roll(4, -1), "forward first"),
    ],
    "6.3": [
        (lambda x: rebuild(x, back=False), "flip the backward output"),
        (lambda x: rebuild(x, flip=False, back=False), "read from the end"),
        (lambda x: rebuild(x, layers=1), "the first layer"),
        (lambda x: PAIR(torch.zeros(2, 5, 3))[0], "the numbers are others"),
        (lambda x: PAIR(x), "a tensor is wanted, and this is a tuple"),
        (lambda x: [..., x], "three dots"),
    ],
}
