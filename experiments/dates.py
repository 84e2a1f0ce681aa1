"""Dates to ISO 8601: the hand-over made right and wrong, and attention; three seeds each.

    python experiments/dates.py

Writes lstm_lab/data/results/dates.json a way at a time, and dates-twice.json and dates-longer.json
for two ways that may only need more steps; what stands there is not run again. Chapters 11 and 12
compare themselves with them.
"""

import json
from pathlib import Path

import torch
from stored import provenance
from torch.nn.utils.rnn import pack_padded_sequence
from torch.utils.data import DataLoader, TensorDataset

from lstm_lab import Decoder, Encoded, Encoder, Seq2Seq, cross_entropy, dates, fit, greedy

RESULTS = Path(__file__).resolve().parent.parent / "lstm_lab/data/results"
STEPS, UNITS = 800, 96
MORE = {"twice": 1600, "longer": 4800}


class HOnly(Encoder):
    """Hands over h, and zeros for c."""

    def forward(self, source, lengths=None):
        encoded = super().forward(source, lengths)
        h, c = encoded.state
        return Encoded(encoded.output, (h, torch.zeros_like(c)), encoded.mask)


class COnly(Encoder):
    """Hands over c, and zeros for h."""

    def forward(self, source, lengths=None):
        encoded = super().forward(source, lengths)
        h, c = encoded.state
        return Encoded(encoded.output, (torch.zeros_like(h), c), encoded.mask)


class Padded(Encoder):
    """Hands over the state after the padding."""

    def forward(self, source, lengths=None):
        output, state = self.layer(self.embedding(source))
        return Encoded(output, state, source != 0)


class Sliced(Encoder):
    """Two layers, two directions, and the first two rows: layer 0 twice, and no top layer."""

    def forward(self, source, lengths=None):
        encoded = super().forward(source, lengths)
        packed = pack_padded_sequence(self.embedding(source), lengths, True, enforce_sorted=False)
        _, state = self.layer(packed)
        rows = tuple(each[: self.layer.num_layers].contiguous() for each in state)
        return Encoded(encoded.output, rows, encoded.mask)


class Squeezed(Encoder):
    """A bridge with a tanh on c as well."""

    def forward(self, source, lengths=None):
        encoded = super().forward(source, lengths)
        h, c = encoded.state
        return Encoded(encoded.output, (h, c.tanh()), encoded.mask)


class Plain(Encoder):
    """A bridge without a tanh, on h neither."""

    def forward(self, source, lengths=None):
        encoded = super().forward(source, lengths)
        packed = pack_padded_sequence(self.embedding(source), lengths, True, enforce_sorted=False)
        _, (h_n, _) = self.layer(packed)
        h = self.bridges[0](torch.cat([h_n[0::2], h_n[1::2]], dim=-1))
        return Encoded(encoded.output, (h, encoded.state[1]), encoded.mask)


class Unshifted(Seq2Seq):
    """Feeds the target itself."""

    def shifted(self, target):
        return target


def make(data, encoder=Encoder, model=Seq2Seq, *, layers=1, two=False, attention=False):
    memory = UNITS * (1 + two) if attention else None
    return model(
        encoder(len(data.letters), 32, UNITS, num_layers=layers, bidirectional=two),
        Decoder(len(data.symbols), 32, UNITS, num_layers=layers, memory_size=memory),
        start=data.start,
        stop=data.stop,
    )


def batches(split):
    def trimmed(rows):
        x, lengths, y = (torch.stack(each) for each in zip(*rows, strict=True))
        return x[:, : int(lengths.max())], lengths, y, y

    parts = TensorDataset(split.x, split.lengths, split.y)
    return DataLoader(parts, 64, shuffle=True, collate_fn=trimmed)


def train(data, model, steps):
    optimizer = torch.optim.Adam(model.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.006, total_steps=steps)
    optimizer.register_step_post_hook(lambda *_: schedule.step())
    fit(model, batches(data.train), steps=steps, loss=cross_entropy, optimizer=optimizer)
    return model.eval()


def exact(data, model):
    right = 0
    for rows in torch.arange(len(data.test)).split(64):
        lengths = data.test.lengths[rows]
        said = greedy(model, data.test.x[rows, : int(lengths.max())], lengths, longest=11)
        for row, text in zip(rows.tolist(), data.symbols.decode(said.tokens), strict=True):
            right += text in data.known[data.test.texts[row]]
    return round(right / len(data.test), 4)


WAYS = {
    "(h, c)": {},
    "c only": {"encoder": COnly},
    "h only": {"encoder": HOnly},
    "after the padding": {"encoder": Padded},
    "targets not shifted": {"model": Unshifted},
    "two directions, bridge": {"two": True},
    "two directions, tanh on c": {"encoder": Squeezed, "two": True},
    "two directions, no tanh": {"encoder": Plain, "two": True},
    "2 layers, bridge": {"layers": 2, "two": True},
    "2 layers, h_n[:2]": {"encoder": Sliced, "layers": 2, "two": True},
    "attention": {"attention": True},
    "two directions, attention": {"two": True, "attention": True},
}


def measure(data, file, ways, steps) -> None:
    stored = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {"runs": {}}
    if stored.get("made_from") != data.train.fingerprint:
        stored["runs"] = {}
    for name in ways:
        if name in stored["runs"]:
            continue
        scores = []
        for seed in range(3):
            torch.manual_seed(seed)
            scores.append([exact(data, train(data, make(data, **WAYS[name]), steps))])
        print(name, steps, scores, flush=True)
        runs = stored["runs"] | {name: scores}
        stored = {
            "provenance": provenance(__file__, packages=["torch", "babel"]),
            "quantity": "exact match",
            "made_from": data.train.fingerprint,
            "steps": [steps],
            "runs": {way: runs[way] for way in ways if way in runs},
        }
        file.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    data = dates()
    measure(data, RESULTS / "dates.json", WAYS, STEPS)
    for name, steps in MORE.items():
        slow = ["h only", "two directions, tanh on c"]
        measure(data, RESULTS / f"dates-{name}.json", slow, steps)


if __name__ == "__main__":
    main()
