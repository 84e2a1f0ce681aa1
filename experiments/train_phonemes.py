"""Train the letters-to-phonemes model that chapter 12 loads, and write its weights and scores.

    python experiments/train_phonemes.py [--steps 12000] [--hidden 128] [--seed 0]

Seed 0 writes lstm_lab/models/files/phonemes.safetensors and phonemes.json. The scores of every seed
go to lstm_lab/data/results/phonemes.json, one after the other from 0. About ten minutes on one core
each.
"""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from stored import provenance

from lstm_lab import (
    Decoder,
    Encoder,
    Seq2Seq,
    beam,
    cross_entropy,
    error_rates,
    fit,
    greedy,
    pronunciations,
)

LAB = Path(__file__).resolve().parent.parent / "lstm_lab"
FILES, RESULT = LAB / "models/files", LAB / "data/results/phonemes.json"
BATCH = 128


class Buckets:
    """Shuffled batches of words of nearly one length, so that little of them is padding."""

    def __init__(self, split, batch):
        self.split, self.batch = split, batch

    def __iter__(self):
        for pool in torch.randperm(len(self.split)).split(50 * self.batch):
            ordered = pool[self.split.lengths[pool].argsort()]
            chunks = ordered.split(self.batch)
            for k in torch.randperm(len(chunks)):
                yield self.one(chunks[k])

    def one(self, rows):
        lengths, y = self.split.lengths[rows], self.split.y[rows]
        y = y[:, : int((y != 0).sum(dim=1).max())]
        return self.split.x[rows, : int(lengths.max())], lengths, y, y


def rates(model, data, split, decode):
    said = []
    model.eval()
    for rows in torch.arange(len(split)).split(256):
        lengths = split.lengths[rows]
        found = decode(model, split.x[rows, : int(lengths.max())], lengths, longest=30)
        said += data.symbols.decode(found.tokens)
    return error_rates(said, [data.known[word] for word in split.texts])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=12000)
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    data = pronunciations()
    hidden = options.hidden
    model = Seq2Seq(
        Encoder(len(data.letters), 64, hidden, bidirectional=True),
        Decoder(len(data.symbols), 64, hidden, memory_size=2 * hidden),
        start=data.start,
        stop=data.stop,
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=options.steps)
    optimizer.register_step_post_hook(lambda *_: schedule.step())

    def check():
        found = rates(model, data, data.valid, greedy)
        print(f"phoneme error {found.symbols:.4f}, word error {found.texts:.4f}", flush=True)
        return -found.texts

    history = fit(
        model,
        Buckets(data.train, BATCH),
        steps=options.steps,
        loss=cross_entropy,
        optimizer=optimizer,
        check=check,
        every=1000,
    )
    scores = {
        name: rates(model, data, data.test, decode)
        for name, decode in (("greedy", greedy), ("beam", lambda *a, **k: beam(*a, **k)[0]))
    }
    made = provenance(__file__, packages=["torch"])
    scores = {
        name: {"phoneme": round(found.symbols, 4), "word": round(found.texts, 4)}
        for name, found in scores.items()
    }
    print(options.seed, scores)
    note(options, made, scores)
    if options.seed:
        return
    save_file(
        {name: weight.half() for name, weight in model.state_dict().items()},
        FILES / "phonemes.safetensors",
    )
    stored = {
        "provenance": made,
        "options": vars(options) | {"batch": BATCH, "best": history.best},
        "scores": scores,
    }
    (FILES / "phonemes.json").write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def note(options, made, scores) -> None:
    """Add a seed's scores to the results, as the next one."""
    runs = json.loads(RESULT.read_text(encoding="utf-8"))["runs"] if options.seed else {}
    for way, rates in scores.items():
        for kind, rate in rates.items():
            before = runs.setdefault(f"{way}, {kind} error", [])
            if len(before) != options.seed:
                raise SystemExit(f"seed {options.seed} follows {len(before)} seeds in {RESULT}")
            before.append([rate])
    stored = {
        "provenance": made,
        "quantity": "error rate",
        "made_from": pronunciations().train.fingerprint,
        "steps": [options.steps],
        "runs": runs,
    }
    RESULT.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
