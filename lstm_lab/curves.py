"""Measurements over several seeds that take longer than a chapter may: stored, read, drawn.

A script under ``benchmarks/`` makes each of them and writes where its numbers come from.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from matplotlib import rc_context
from torch import Tensor

from lstm_lab.figure import LabFigure, count
from lstm_lab.style import COLORS, INK, RC

FOLDER = Path(__file__).parent / "results"
LINES = (("-", "o"), ("--", "s"), ("-.", "^"), (":", "D"))


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
    Raises:
        ValueError: the steps do not rise, or a way has another number of points or of seeds.

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

    def __post_init__(self) -> None:
        points = tuple(self.steps.shape)
        if not self.runs or len(points) != 1 or 0 in points:
            raise ValueError("curves have no runs or no steps; expected (points,) and some ways")
        if not self.steps.isfinite().all() or not (self.steps.diff() > 0).all():
            raise ValueError(f"steps is {self.steps.tolist()}; expected finite numbers that rise")
        sizes = (*next(iter(self.runs.values())).shape[:1], *points)
        for name, values in self.runs.items():
            shape = tuple(values.shape)
            if len(shape) != 2 or shape != sizes or 0 in shape or not values.isfinite().all():
                wanted = f"finite numbers (seeds, points={points[0]}), as many seeds for each way"
                raise ValueError(f"runs has {name!r} of shape {shape}; expected {wanted}")

    def __repr__(self) -> str:
        seeds = count(len(next(iter(self.runs.values()))), "seed")
        return f"Curves({self.quantity}: {', '.join(self.runs)}; {seeds}; {self.provenance})"

    def at(self, step: int) -> dict[str, Tensor]:
        """Return ``(seeds,)`` by name, after so many optimiser steps.

        Raises:
            ValueError: nothing was measured there.
        """
        if step not in self.steps.tolist():
            raise ValueError(f"step is {step}; expected one of {self.steps.tolist()}")
        place = self.steps.tolist().index(step)
        return {name: values[:, place] for name, values in self.runs.items()}


def measured(name: str) -> Curves:
    """Return a stored measurement.

    Args:
        name: its file under ``lstm_lab/results``, without the ending.
    Raises:
        ValueError: there is no such measurement.

    >>> measured("names-padding").quantity
    'test accuracy'
    """
    known = sorted(path.stem for path in FOLDER.glob("*.json"))
    if name not in known:
        raise ValueError(f"name is {name!r}; expected one of {', '.join(known)}")
    stored = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    runs = {way: torch.tensor(values) for way, values in stored["runs"].items()}
    return Curves(
        provenance=stored["provenance"],
        quantity=stored["quantity"],
        steps=torch.tensor(stored["steps"]),
        runs=runs,
        made_from=stored.get("made_from", ""),
        axis=stored.get("axis", Curves.axis),
    )


def plot_curves(curves: Curves) -> LabFigure:
    """Draw each way's mean over the seeds, with a band from the lowest to the highest.

    Args:
        curves: of one to four ways; the first, the right one, is drawn in colour.
    Returns:
        One closed Figure.
    Raises:
        ValueError: there are no ways, or more than four.

    >>> curves = Curves("by hand", "accuracy", torch.tensor([10, 20]), {"one": torch.ones(3, 2)})
    >>> plot_curves(curves)
    <Figure accuracy at 20 optimiser steps: one 1.00>
    """
    if not 1 <= len(curves.runs) <= len(LINES):
        raise ValueError(f"curves has {len(curves.runs)} ways; expected 1 to {len(LINES)}")
    with rc_context(RC):
        figure = LabFigure(figsize=(4.8, 3.8))
        lowest = min(float(values.min()) for values in curves.runs.values())
        axes = figure.subplots()
        for k, (name, values) in enumerate(curves.runs.items()):
            color = COLORS["h"] if k == 0 else INK
            line, marker = LINES[k]
            low, high = values.amin(dim=0), values.amax(dim=0)
            axes.fill_between(curves.steps, low, high, color=color, alpha=0.25, linewidth=0)
            mean = values.mean(dim=0)
            axes.plot(curves.steps, mean, line, marker=marker, color=color, label=name)
        axes.set(xlabel=curves.axis, ylabel=curves.quantity, ylim=(min(0.0, lowest), None))
        figure.legend(loc="outside upper left")
    last = ", ".join(f"{name} {values[:, -1].mean():.2f}" for name, values in curves.runs.items())
    figure.text_form = f"{curves.quantity} at {int(curves.steps[-1])} {curves.axis}: {last}"
    return figure
