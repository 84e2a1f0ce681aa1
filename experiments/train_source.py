"""Train the character model of Python source that chapter 13 opens, and write its weights.

    python experiments/train_source.py [--seed 0] [--skip 0] [--to FOLDER]

64 streams run through the training files side by side, 100 characters a step; the state goes on
from step to step, detached. A fifth of ``output`` is dropped before the head, nothing of what goes
on. The weights are those that did best on the validation files. Writes source.safetensors, in half
precision, and source.json, with the bits per character of the test files. With ``--skip 1050000``
it trains on another extract of the same size. About ten minutes on one core.
"""

import argparse
import json
from math import log
from pathlib import Path

import torch
from extracts import source
from safetensors.torch import save_file
from stored import provenance
from torch import nn
from torch.nn import functional as F

from lstm_lab.data.source import python_source, split_files
from lstm_lab.models.language import LanguageModel

FILES = Path(__file__).resolve().parent.parent / "lstm_lab/models/files"
STREAMS, CHUNK = 64, 100


def numbers(alphabet, files):
    return alphabet.encode(["".join(files.values())])[0][0]


@torch.no_grad()
def bits(model, text) -> float:
    """Return bits per character of a text that is read in one go."""
    logits, _ = model.eval()(text[None, :-1])
    return float(F.cross_entropy(logits[0], text[1:])) / log(2)


def chunks(text):
    """Yield ``(x, y, begins)`` without end: all streams from a place of their own, then anew."""
    while True:
        text = text.roll(-int(torch.randint(len(text), ())))
        streams = text[: len(text) // STREAMS * STREAMS].view(STREAMS, -1)
        for t in range(0, streams.shape[1] - CHUNK, CHUNK):
            yield streams[:, t : t + CHUNK], streams[:, t + 1 : t + 1 + CHUNK], t == 0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--embedding", type=int, default=32)
    parser.add_argument("--lr", type=float, default=0.005)
    parser.add_argument("--dropout", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--to", type=Path, default=FILES)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    data = split_files(json.loads(source(options.skip))) if options.skip else python_source()
    train, valid, test = (
        numbers(data.alphabet, part) for part in (data.train, data.valid, data.test)
    )
    model = LanguageModel(len(data.alphabet), options.embedding, options.hidden)
    # What goes on from step to step is not dropped: only what the head reads.
    model.head.register_forward_pre_hook(
        lambda head, given: F.dropout(given[0], options.dropout, head.training)
    )
    optimizer = torch.optim.Adam(model.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, options.lr, total_steps=options.steps)
    best, kept, state = float("inf"), {}, ()
    for step, (x, y, begins) in zip(range(1, options.steps + 1), chunks(train), strict=False):
        state = None if begins else tuple(each.detach() for each in state)
        logits, state = model.train()(x, state)
        loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 250 == 0:
            now = bits(model, valid)
            print(step, f"train {loss.item() / log(2):.3f} valid {now:.3f}", flush=True)
            if now < best:
                best, kept = now, {k: w.half() for k, w in model.state_dict().items()}
    model.load_state_dict({name: weight.float() for name, weight in kept.items()})
    scores = {"valid": round(bits(model, valid), 4), "test": round(bits(model, test), 4)}
    print(scores)
    options.to.mkdir(parents=True, exist_ok=True)
    save_file(kept, options.to / "source.safetensors")
    stored = {
        "provenance": provenance(__file__, packages=["torch"]),
        "options": {k: v for k, v in vars(options).items() if k != "to"},
        "scores": scores,
    }
    (options.to / "source.json").write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
