"""Stored measurements: they are read as they are, and drawn as they are read."""

import json

import matplotlib.pyplot as plt
import pytest
import torch

from lstm_lab import Curves, measured, plot_curves
from lstm_lab.curves import FOLDER
from lstm_lab.style import COLORS


@pytest.fixture
def made():
    runs = {"right": torch.tensor([[0.2, 0.6], [0.4, 0.8]]), "wrong": torch.zeros(2, 2)}
    return Curves("by hand", "accuracy", torch.tensor([10, 20]), runs)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_every_stored_measurement_names_its_script_and_at_least_three_seeds(path):
    found = measured(path.stem)
    script = found.provenance.split(",")[0]
    assert (FOLDER.parent.parent / script).is_file()
    assert "torch 2." in found.provenance
    for values in found.runs.values():
        assert values.shape == (len(values), len(found.steps))
        assert len(values) >= 3
    assert json.loads(path.read_text(encoding="utf-8"))["steps"] == found.steps.tolist()


def test_a_measurement_is_read_and_drawn_as_its_file_says(tmp_path, monkeypatch):
    stored = {"provenance": "by hand", "quantity": "gain", "made_from": "ab12", "axis": "units"}
    stored |= {"steps": [10, 20], "runs": {"one": [[-1.0, 2.0], [0.5, 3.0]]}}
    (tmp_path / "small.json").write_text(json.dumps(stored), encoding="utf-8")
    monkeypatch.setattr("lstm_lab.curves.FOLDER", tmp_path)
    found = measured("small")
    assert {name: values.tolist() for name, values in found.runs.items()} == stored["runs"]
    assert (found.made_from, found.axis) == ("ab12", "units")
    (axes,) = plot_curves(found).axes
    assert axes.get_xlabel() == "units"
    assert axes.get_ylim()[0] == -1


def test_an_unknown_measurement_or_step_is_refused(made):
    with pytest.raises(ValueError, match=r"name is 'nothing'; expected one of .*names-padding"):
        measured("nothing")
    with pytest.raises(ValueError, match=r"step is 15; expected one of \[10, 20\]"):
        made.at(15)


def test_the_values_at_a_step_come_by_seed(made):
    assert made.at(20)["right"].tolist() == pytest.approx([0.6, 0.8])


def test_a_line_is_the_mean_and_its_band_the_extremes(made):
    figure = plot_curves(made)
    (axes,) = figure.axes
    assert axes.lines[0].get_ydata().tolist() == pytest.approx([0.3, 0.7])
    assert axes.lines[0].get_color() == COLORS["h"]
    band = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == pytest.approx((0.2, 0.8))
    assert axes.get_xlabel() == "optimiser steps"
    assert axes.get_ylabel() == "accuracy"
    assert axes.get_ylim()[0] == 0
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["right", "wrong"]
    assert plt.get_fignums() == []
    assert repr(figure) == "<Figure accuracy at 20 optimiser steps: right 0.70, wrong 0.00>"


@pytest.mark.parametrize(
    "runs",
    [
        {},
        {"a": torch.zeros(3, 5)},
        {"a": torch.zeros(0, 2)},
        {"a": torch.zeros(2)},
        {"a": torch.full((1, 2), torch.nan)},
        {"a": torch.zeros(3, 2), "b": torch.zeros(2, 2)},
    ],
)
def test_runs_that_do_not_fit_the_steps_are_refused(runs):
    with pytest.raises(ValueError, match=r"runs"):
        Curves("by hand", "accuracy", torch.tensor([10, 20]), runs)


@pytest.mark.parametrize("steps", [[20.0, 10.0], [10.0, 10.0], [10.0, float("inf")]])
def test_steps_that_do_not_rise_are_refused(steps):
    with pytest.raises(ValueError, match=r"steps is \[.*; expected finite numbers that rise"):
        Curves("by hand", "accuracy", torch.tensor(steps), {"a": torch.zeros(3, 2)})


def test_too_many_ways_are_refused(made):
    many = Curves("by hand", "accuracy", made.steps, {str(k): torch.zeros(3, 2) for k in range(5)})
    with pytest.raises(ValueError, match="curves has 5 ways; expected 1 to 4"):
        plot_curves(many)
    assert repr(many).startswith("Curves(accuracy: 0, 1, 2, 3, 4; 3 seeds; by hand")
