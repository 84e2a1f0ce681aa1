"""Train the reader of names that the explorer of chapter 8 runs, and write its weights.

    python experiments/train_names.py [--steps 1500] [--hidden 64] [--embedding 32] [--seed 0]

One LSTM is trained under four heads at once, so that its four readouts can be compared on one
name. Writes lstm_lab/models/files/names.safetensors and names.json: weights in half precision, and
the share of the test's names that each readout gets right. A few minutes on one core.
"""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from stored import provenance
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from lstm_lab import fit, names
from lstm_lab.models.trained import NameReader

FILES = Path(__file__).resolve().parent.parent / "lstm_lab/models/files"


def shares(model, split) -> dict[str, float]:
    """Return the share of right answers of each readout."""
    logits = model(split.x, split.lengths)
    return {
        name: float((each.argmax(-1) == split.y).float().mean()) for name, each in logits.items()
    }


def loss(logits, y):
    return torch.stack([F.cross_entropy(each, y) for each in logits.values()]).mean()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument("--embedding", type=int, default=32)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    data = names()
    model = NameReader(len(data.alphabet), options.embedding, options.hidden, len(data.languages))

    def check():
        found = shares(model, data.valid)
        print({name: round(share, 3) for name, share in found.items()}, flush=True)
        return sum(found.values())

    parts = TensorDataset(data.train.x, data.train.lengths, data.train.y)
    batches = DataLoader(parts, 64, shuffle=True)
    optimizer = torch.optim.Adam(model.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.008, total_steps=options.steps)
    optimizer.register_step_post_hook(lambda *_: schedule.step())
    fit(model, batches, steps=options.steps, loss=loss, optimizer=optimizer, check=check, every=250)
    weights = {name: weight.half() for name, weight in model.state_dict().items()}
    model.load_state_dict({name: weight.float() for name, weight in weights.items()})
    with torch.no_grad():
        scores = {name: round(share, 4) for name, share in shares(model.eval(), data.test).items()}
    print(scores)
    save_file(weights, FILES / "names.safetensors")
    stored = {
        "provenance": provenance(__file__, packages=["torch", "babel"]),
        "made_from": data.train.fingerprint,
        "options": vars(options),
        "scores": scores,
    }
    (FILES / "names.json").write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
