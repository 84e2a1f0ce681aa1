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

import torch
from extracts import source
from safetensors.torch import load_file
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
    rows = torch.stack([label[:length] for _, label in labels(text).named()], dim=1)
    return alphabet.encode([text[:length]])[0].view(STREAMS, -1), rows.float()


@torch.no_grad()
def states(model, x):
    """Return h and c after every character, ``(characters, units)`` each."""
    seen = trace(model.layer, model.embedding(x))
    return seen.h[-1, 0].flatten(0, 1), seen.c[-1, 0].flatten(0, 1)


def last_eight(x, vocab_size):
    """Return the last eight characters, one-hot."""
    padded = F.pad(x, (7, 0))
    shifted = [padded[:, 7 - k : padded.shape[1] - k] for k in range(8)]
    return torch.cat([F.one_hot(each, vocab_size).float() for each in shifted], -1).flatten(0, 1)


def readers(model, raw, x):
    """Return what is given to a probe, by its name."""
    h, c = states(model, x)
    raw_h, raw_c = states(raw, x)
    embedded = model.embedding(x).detach().flatten(0, 1)
    eight = last_eight(x, model.head.out_features)
    return {
        "h": h,
        "c": c,
        "embedding": embedded,
        "last eight": eight,
        "untrained h": raw_h,
        "untrained c": raw_c,
    }


def probes(model, raw, valid, test):
    """Return R² on the test files by reader and label; a random bit and shuffled labels too."""
    (x, y), (x_test, y_test) = valid, test
    bits = torch.randint(2, (model.head.out_features, 1)).float()
    shuffled = y[torch.randperm(len(y))]
    some = torch.randperm(len(y))[:40_000]
    fitted, judged = readers(model, raw, x), readers(model, raw, x_test)
    found = {}
    for name in fitted:
        for kind, own, other in (
            ("", y, y_test),
            (", shuffled", shuffled, y_test),
            (", a random bit", bits[x.flatten()], bits[x_test.flatten()]),
        ):
            probe = Ridge().fit(fitted[name][some].numpy(), own[some].numpy())
            guess = probe.predict(judged[name].numpy())
            scores = r2_score(other.numpy(), guess, multioutput="raw_values")
            names = NAMES if len(scores) > 1 else [""]
            found |= {
                f"{name}, {n}{kind}".replace(", ,", ","): s
                for n, s in zip(names, scores, strict=True)
            }
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
    return alphabet.decode(model.write(prompts, 300, temperature=temperature, edit=edit))


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


def held(unit, value):
    """Return an edit that keeps c of a unit at a value."""

    def edit(h, c):
        c[-1, :, unit] = value
        return h, c

    return edit


def measures(texts):
    """Return the mean indentation of lines, in characters, and the share of punctuation."""
    lines = [line for text in texts for line in text.split("\n")[1:-1] if line.strip()]
    indents = [len(line) - len(line.lstrip()) for line in lines]
    letters = "".join(texts)
    return {
        "indentation": sum(indents) / len(indents),
        "punctuation": sum(map(PUNCTUATION.__contains__, letters)) / len(letters),
    }


def holds(model, alphabet, valid, prompts):
    """Return the measures of what is written while nothing, a unit, or another one is held."""
    _, c = states(model, valid[0])
    r, size, middle = correlations(c, valid[1]), c.std(0), c.mean(0)
    chosen = {name: int(r[:, k].abs().argmax()) for k, name in enumerate(NAMES)}
    chosen = {name: (u, r[u, NAMES.index(name)].sign()) for name, u in chosen.items()}
    chosen["no label"] = (int(r.abs().amax(1).argmin()), 1)
    found = {f"free, {n}": x for n, x in measures(written(model, alphabet, prompts, 0.7)).items()}
    for name, (unit, sign) in chosen.items():
        for word, by in (("low", -2), ("high", 2)):
            edit = held(unit, float(middle[unit] + by * sign * size[unit]))
            texts = written(model, alphabet, prompts, 0.7, edit)
            found |= {f"{name} {word}, {n}": x for n, x in measures(texts).items()}
    return found


NAMES = [name for name, _ in labels("x\n").named()]


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
    runs = {name: [] for name in ("bits", "probes", "units", "carry", "writing", "holds")}
    for seed, folder in enumerate(options.folders):
        torch.manual_seed(seed)
        model = loaded(folder)
        raw = LanguageModel(*model.embedding.weight.shape, model.layer.hidden_size).eval()
        texts = {"real": data.alphabet.decode(real)}
        for each in TEMPERATURES:
            texts[each] = written(model, data.alphabet, prompts, each)
        table = {key: writing(each, train) for key, each in texts.items()}
        found = {
            "bits": {"LSTM": bits(model, test[0])},
            "probes": probes(model, raw, valid, test),
            "units": units(model, valid, test),
            "carry": carried(model, test[0]),
            "writing": {name: [table[key][name] for key in TEMPERATURES] for name in table["real"]}
            | {f"{name}, real": [x] * len(TEMPERATURES) for name, x in table["real"].items()},
            "holds": holds(model, data.alphabet, valid, prompts),
        }
        for kind, values in found.items():
            print(folder.name, kind, json.dumps(values, default=float), flush=True)
            runs[kind].append(values)
    scripts = {"script": __file__, "packages": ["torch", "scikit-learn"]}
    axes = {"carry": (DISTANCES, "characters since"), "writing": (TEMPERATURES, "temperature")}
    quantities = {
        "bits": "bits per character",
        "probes": "explained share of the variance",
        "units": "correlation with the label",
        "carry": "extra bits per character",
        "writing": "share",
        "holds": "of what is written",
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
