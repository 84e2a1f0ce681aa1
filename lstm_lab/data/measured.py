"""Measurements over several seeds that take longer than a chapter may, as they are stored.

A script under ``experiments/`` makes each of them and writes where its numbers come from.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from lstm_lab.checks import describe
from lstm_lab.printing import count

FOLDER = Path(__file__).parent / "results"


@dataclass(frozen=True, eq=False)
class Curves:
    """A measured number after some steps of training, for each way and seed.

    Args:
        provenance: script, date, versions and machine, in one line.
        quantity: what was measured.
        steps: ``(points,)`` where it was measured.
        runs: ``(seeds, points)`` by the name of the way.
        made_from: the fingerprint of the training set, where it has one.
        axis: what the steps are.

    >>> curves = Curves("by hand", "accuracy", torch.tensor([10, 20]), {"one": torch.ones(3, 2)})
    >>> curves.at(20)["one"].shape
    torch.Size([3])
    """

    provenance: str
    quantity: str
    steps: Tensor
    runs: Mapping[str, Tensor]
    made_from: str = ""
    axis: str = "optimiser steps"

    def __repr__(self) -> str:
        seeds = count(len(next(iter(self.runs.values()))), "seed")
        return f"Curves({self.quantity}: {', '.join(self.runs)}; {seeds}; {self.provenance})"

    def at(self, step: int) -> dict[str, Tensor]:
        """Return ``(seeds,)`` by name, after so many optimiser steps.

        Raises:
            ValueError: nothing was measured there.
        """
        if step not in self.steps.tolist():
            raise ValueError(f"step {describe(step)}; expected one of {self.steps.tolist()}")
        point = self.steps.tolist().index(step)
        return {name: values[:, point] for name, values in self.runs.items()}


def measured(name: str) -> Curves:
    """Return a stored measurement.

    Args:
        name: its file under ``lstm_lab/data/results``, without the ending.
    Raises:
        ValueError: there is no such measurement.

    >>> measured("names-padding").quantity
    'test accuracy'
    """
    known = sorted(path.stem for path in FOLDER.glob("*.json"))
    if name not in known:
        raise ValueError(f"name {describe(name)}; expected one of {', '.join(known)}")
    stored = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    runs = {way: torch.tensor(values, device="cpu") for way, values in stored["runs"].items()}
    return Curves(
        provenance=stored["provenance"],
        quantity=stored["quantity"],
        steps=torch.tensor(stored["steps"], device="cpu"),
        runs=runs,
        made_from=stored.get("made_from", ""),
        axis=stored.get("axis", Curves.axis),
    )
