"""Read three trained models of Python source: what their states know, carry and cause (chapter 13).

    python experiments/read_source.py FOLDER FOLDER FOLDER [--skip 1050000]

Each folder holds what train_source.py wrote, one seed each. Probes are fitted on the validation
files and judged on the test files; units are chosen on the first and judged on the second. With
``--skip`` the files are those of another extract, and the results' names end in "-other". Five
minutes on one core.
"""

import argparse
import ast
import json
import warnings
from itertools import pairwise
from math import log
from pathlib import Path

import numpy as np
import torch
from extracts import source
from safetensors.torch import load_file
from scipy.sparse import csr_matrix
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score
from stored import store
from torch.nn import functional as F

from lstm_lab.data.source import labels, python_source, split_files
from lstm_lab.models.language import LanguageModel
from lstm_lab.states.trace import trace

STREAMS = 64
BEFORE, BEHIND = 200, 100  # characters that are read before a state is zeroed, and behind it
DISTANCES = (1, 2, 4, 8, 16, 32, 64)
TEMPERATURES = (0.25, 0.5, 0.75, 1.0, 1.25)
PUNCTUATION = set("=()[]{}:.,_+-*/%<>")


def loaded(folder: Path) -> LanguageModel:
    options = json.loads((folder / "source.json").read_text(encoding="utf-8"))["options"]
    weights = load_file(folder / "source.safetensors")
    model = LanguageModel(*weights["embedding.weight"].shape, options["hidden"])
    model.load_state_dict({name: weight.float() for name, weight in weights.items()})
    return model.eval()


def streams(alphabet, files):
    """Return a split as 64 streams, and its labels ``(characters, labels)``."""
    text = "".join(files.values())
    length = len(text) // STREAMS * STREAMS
    found = labels(text)
    rows = [found.string + found.comment, *(label for _, label in found.named())]
    rows = torch.stack([row[:length] for row in rows], dim=1)
    return alphabet.encode([text[:length]])[0].view(STREAMS, -1), rows.float()


@torch.no_grad()
def states(model, x):
    """Return h and c after every character, ``(characters, units)`` each."""
    seen = trace(model.layer, model.embedding(x))
    return seen.h[-1, 0].flatten(0, 1), seen.c[-1, 0].flatten(0, 1)


def last(x, count, vocab_size):
    """Return the last characters, one-hot, as a sparse matrix."""
    padded, rows = F.pad(x, (count - 1, 0)), []
    for k in range(count):
        shifted = padded[:, count - 1 - k : padded.shape[1] - k]
        rows.append(shifted.flatten() + k * vocab_size)
    columns = torch.stack(rows, dim=1).numpy()
    ends = range(0, columns.size + 1, count)
    shape = len(columns), count * vocab_size
    return csr_matrix((np.ones(columns.size, "f4"), columns.ravel(), ends), shape)


def readers(model, raw, slow, x):
    """Return what is given to a probe, by its name."""
    found = {}
    for name, each in (("", model), ("untrained ", raw), ("slow ", slow)):
        found[f"{name}h"], found[f"{name}c"] = states(each, x)
    found["embedding"] = model.embedding(x).detach().flatten(0, 1)
    size = model.head.out_features
    return found | {"last eight": last(x, 8, size), "last 64": last(x, 64, size)}


@torch.no_grad()
def remember(layer):
    """Let an untrained layer forget slowly: forget gates near 0.9."""
    layer.bias_ih_l0.view(4, -1)[1] += 2


def tamed(seen, like):
    """Return states in standard deviations of others', at most 3: a ridge trusts outliers."""
    if isinstance(seen, csr_matrix):
        return seen
    return ((seen - like.mean(0)) / (like.std(0) + 1e-9)).clamp(-3, 3).numpy()


def probes(model, raw, slow, valid, test):
    """Return R² on the test files by reader and label; a random bit and shuffled labels too."""
    (x, y), (x_test, y_test) = valid, test
    bits = torch.randint(2, (model.head.out_features, 1)).float()
    labels_of = {
        "": (y, y_test),
        "shuffled ": (y[torch.randperm(len(y))], y_test),
        "a random bit": (bits[x.flatten()], bits[x_test.flatten()]),
    }
    some = torch.randperm(len(y))[:40_000].numpy()
    fitted, judged = readers(model, raw, slow, x), readers(model, raw, slow, x_test)
    found = {}
    for name, seen in fitted.items():
        own, other = tamed(seen, seen), tamed(judged[name], seen)
        sparse = isinstance(seen, csr_matrix)
        for kind, (label, asked) in labels_of.items():
            probe = Ridge(solver="sparse_cg" if sparse else "auto")
            guess = probe.fit(own[some], label.numpy()[some]).predict(other)
            guess = guess.reshape(len(asked), -1)
            scores = r2_score(asked.numpy(), guess, multioutput="raw_values")
            names = NAMES if len(scores) > 1 else [""]
            found |= {f"{name}, {kind}{n}": r for n, r in zip(names, scores, strict=True)}
    return found


def correlations(states, y):
    """Return r of every unit with every label, ``(units, labels)``."""
    states, y = ((each - each.mean(0)) / (each.std(0) + 1e-9) for each in (states, y))
    return states.T @ y / len(y)


def units(model, valid, test):
    """Return |r| on the test files of the best unit, and of the best of 128 random directions."""
    found = {}
    for quantity, own, other in zip(
        "hc", states(model, valid[0]), states(model, test[0]), strict=True
    ):
        size, middle, turned = own.std(0), own.mean(0), torch.randn(own.shape[1], 128)
        for name, way in (("unit", torch.eye(own.shape[1])), ("direction", turned)):
            seen, tested = ((each - middle) / size @ way for each in (own, other))
            best = correlations(seen, valid[1]).abs().argmax(0)
            r = correlations(tested, test[1]).abs()[best, range(len(NAMES))]
            found |= {
                f"{name} of {quantity}, {n}": x for n, x in zip(NAMES, r.tolist(), strict=True)
            }
    return found


@torch.no_grad()
def carried(model, x):
    """Return extra bits per character behind a state that was zeroed, by what was and distance."""
    x = x.flatten()
    x = x[: len(x) // (BEFORE + BEHIND + 1) * (BEFORE + BEHIND + 1)].view(-1, BEFORE + BEHIND + 1)
    _, (h, c) = model(x[:, :BEFORE])
    nothing, costs = torch.zeros_like(h), {}
    ways = {"kept": (h, c), "h": (nothing, c), "c": (h, nothing), "both": (nothing, nothing)}
    for name, state in ways.items():
        logits, _ = model(x[:, BEFORE:-1], state)
        loss = F.cross_entropy(logits.mT, x[:, BEFORE + 1 :], reduction="none")
        costs[name] = loss.mean(0) / log(2)
    ends = [*DISTANCES, BEHIND + 1]
    return {
        f"{name} zeroed": [
            float((costs[name] - costs["kept"])[a - 1 : b - 1].mean()) for a, b in pairwise(ends)
        ]
        for name in ("h", "c", "both")
    }


def written(model, alphabet, prompts, temperature, edit=None):
    length = 150 if edit else 300
    return alphabet.decode(model.write(prompts, length, temperature=temperature, edit=edit))


def lines_of(texts):
    """Return the whole lines of some texts that are neither empty nor a comment."""
    lines = [line for text in texts for line in text.split("\n")[1:-1]]
    return [line for line in lines if line.strip() and not line.strip().startswith("#")]


def parses(line):
    """Return whether a line is Python by itself, or the head of a block."""
    for form in ("{}", "{} pass", "if 1: pass\n{} pass", "try: pass\n{} pass"):
        try:
            ast.parse(form.format(line.strip()))
        except (SyntaxError, ValueError):
            continue
        return True
    return False


@torch.no_grad()
def bits(model, x):
    """Return bits per character of 64 streams, each read from a zero state."""
    logits, _ = model(x[:, :-1])
    return float(F.cross_entropy(logits.flatten(0, 1), x[:, 1:].flatten())) / log(2)


def writing(texts, train):
    """Return the share of lines that parse, and of passages of 20 that stand in the training."""
    lines = lines_of(texts)
    passages = [text[k : k + 20] for text in texts for k in range(0, len(text) - 20, 20)]
    return {
        "lines that parse": sum(map(parses, lines)) / len(lines),
        "passages copied": sum(each in train for each in passages) / len(passages),
    }


def measures(texts):
    """Return the mean indentation of lines, in characters, and the share of punctuation."""
    lines = [line for text in texts for line in text.split("\n")[1:-1] if line.strip()]
    indents = [len(line) - len(line.lstrip()) for line in lines]
    letters = "".join(texts)
    return {
        "indentation": sum(indents) / max(1, len(indents)),
        "punctuation": sum(map(PUNCTUATION.__contains__, letters)) / len(letters),
    }


def holds(model, alphabet, valid, prompts):
    """Return what is written while c of a unit is held: by label, and for every unit.

    A batch has the same prompts for each unit; in its rows that unit's c is held two standard
    deviations below its mean, or above.
    """
    _, c = states(model, valid[0])
    r, size, middle = correlations(c, valid[1]), c.std(0), c.mean(0)
    many, units = len(prompts), torch.arange(c.shape[1]).repeat_interleave(len(prompts))
    rows = torch.arange(len(units))
    free = measures(written(model, alphabet, prompts, 0.7))
    found, every = {f"free, {name}": value for name, value in free.items()}, {}
    for word, by in (("low", -2), ("high", 2)):
        values = (middle + by * size)[units]

        def edit(h, c_now, values=values):
            c_now[-1, rows, units] = values
            return h, c_now

        repeated = prompts.repeat(c.shape[1], 1)
        texts = written(model, alphabet, repeated, 0.7, edit)
        each = [measures(texts[k : k + many]) for k in range(0, len(texts), many)]
        for name in ("indentation", "punctuation"):
            every[f"{word}, {name}"] = [one[name] for one in each]
    best = r.abs().argmax(0)
    for k, name in enumerate(NAMES):
        unit = int(best[k])
        words = ("low", "high") if r[unit, k] > 0 else ("high", "low")
        for side, word in zip(("low", "high"), words, strict=True):
            for measure in ("indentation", "punctuation"):
                found[f"{name} {side}, {measure}"] = every[f"{word}, {measure}"][unit]
    for k, name in enumerate(NAMES):
        every[f"r with {name}"] = r[:, k].tolist()
    return found, every


NAMES = ["string or comment", *(name for name, _ in labels("x\n").named())]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--skip", type=int, default=0)
    options = parser.parse_args()
    warnings.simplefilter("ignore", SyntaxWarning)  # of what a network wrote
    data = split_files(json.loads(source(options.skip))) if options.skip else python_source()
    valid, test = (streams(data.alphabet, part) for part in (data.valid, data.test))
    train = "".join(data.train.values())
    prompts = torch.cat([valid[0][:, :200], valid[0][:, 450:650]])
    real = torch.cat([valid[0][:, 200:500], valid[0][:, 650:950]])
    runs = {name: [] for name in ("bits", "probes", "units", "carry", "writing", "holds", "held")}
    for seed, folder in enumerate(options.folders):
        torch.manual_seed(seed)
        model = loaded(folder)
        sizes = *model.embedding.weight.shape, model.layer.hidden_size
        raw, slow = LanguageModel(*sizes).eval(), LanguageModel(*sizes).eval()
        remember(slow.layer)
        texts = {"real": data.alphabet.decode(real)}
        for each in TEMPERATURES:
            texts[each] = written(model, data.alphabet, prompts, each)
        table = {key: writing(each, train) for key, each in texts.items()}
        held, every = holds(model, data.alphabet, valid, valid[0][:48, 140:200])
        found = {
            "bits": {"LSTM": bits(model, test[0])},
            "probes": probes(model, raw, slow, valid, test),
            "units": units(model, valid, test),
            "carry": carried(model, test[0]),
            "writing": {name: [table[key][name] for key in TEMPERATURES] for name in table["real"]}
            | {f"{name}, real": [x] * len(TEMPERATURES) for name, x in table["real"].items()},
            "holds": held,
            "held": every,
        }
        for kind, values in found.items():
            print(folder.name, kind, json.dumps(values, default=float), flush=True)
            runs[kind].append(values)
    scripts = {"script": __file__, "packages": ["torch", "scikit-learn"]}
    axes = {
        "carry": (DISTANCES, "characters since"),
        "writing": (TEMPERATURES, "temperature"),
        "held": (range(model.layer.hidden_size), "unit"),
    }
    quantities = {
        "bits": "bits per character",
        "probes": "explained share of the variance",
        "units": "correlation with the label",
        "carry": "extra bits per character",
        "writing": "share",
        "holds": "of what is written",
        "held": "of what is written",
    }
    for kind, seeds in runs.items():
        steps, axis = axes.get(kind, ([0], "nothing"))
        rows = {
            name: [
                [round(float(x), 4) for x in (each[name] if kind in axes else [each[name]])]
                for each in seeds
            ]
            for name in seeds[0]
        }
        more = {"quantity": quantities[kind], "steps": list(steps), "axis": axis}
        name = f"source-{kind}" + ("-other" if options.skip else "")
        store(name, **scripts, **more, runs=rows)


if __name__ == "__main__":
    main()
