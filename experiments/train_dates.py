"""Train the two date writers that the explorer of chapters 11 and 12 runs, and write their weights.

    python experiments/train_dates.py [--steps 5000] [--hidden 24] [--embedding 10] [--seed 0]

Writes lstm_lab/models/files/dates.safetensors and dates.json: weights in half precision, small
enough to come with a page, and the share of the test's dates that each writes without a mistake.
"""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from stored import provenance
from torch.utils.data import DataLoader, TensorDataset

from lstm_lab import Decoder, Encoder, Seq2Seq, cross_entropy, dates, fit, greedy

FILES = Path(__file__).resolve().parent.parent / "lstm_lab/models/files"
WAYS = {"one state": False, "attention": True}


def trimmed(rows):
    x, lengths, y = (torch.stack(each) for each in zip(*rows, strict=True))
    return x[:, : int(lengths.max())], lengths, y, y


def exact(model, data) -> float:
    """Return the share of the test's dates that come out right, by the weights as they ship."""
    model.load_state_dict({name: w.half().float() for name, w in model.state_dict().items()})
    said = []
    for rows in torch.arange(len(data.test)).split(256):
        lengths = data.test.lengths[rows]
        tokens = greedy(model, data.test.x[rows, : int(lengths.max())], lengths, longest=11).tokens
        said += data.symbols.decode(tokens)
    pairs = zip(said, data.test.texts, strict=True)
    return sum(text in data.known[source] for text, source in pairs) / len(said)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--hidden", type=int, default=24)
    parser.add_argument("--embedding", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    data, weights, scores = dates(), {}, {}
    parts = TensorDataset(data.train.x, data.train.lengths, data.train.y)
    for way, attention in WAYS.items():
        torch.manual_seed(options.seed)
        sizes = options.embedding, options.hidden
        model = Seq2Seq(
            Encoder(len(data.letters), *sizes),
            Decoder(len(data.symbols), *sizes, memory_size=options.hidden if attention else None),
            start=data.start,
            stop=data.stop,
        )
        optimizer = torch.optim.Adam(model.parameters())
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=options.steps)
        optimizer.register_step_post_hook(lambda *_, schedule=schedule: schedule.step())
        batches = DataLoader(parts, 64, shuffle=True, collate_fn=trimmed)
        fit(model, batches, steps=options.steps, loss=cross_entropy, optimizer=optimizer)
        scores[way] = round(exact(model.eval(), data), 4)
        weights |= {f"{way}/{name}": w.half() for name, w in model.state_dict().items()}
        print(way, scores[way], sum(w.numel() for w in model.parameters()), flush=True)
    save_file(weights, FILES / "dates.safetensors")
    stored = {
        "provenance": provenance(__file__, packages=["torch"]),
        "made_from": data.train.fingerprint,
        "options": vars(options),
        "scores": scores,
    }
    (FILES / "dates.json").write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
