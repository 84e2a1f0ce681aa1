"""Stored measurements are read as they are."""

import json

import pytest
import torch

from lstm_lab import measured
from lstm_lab.data.measured import FOLDER, Curves


@pytest.fixture
def made():
    runs = {"right": torch.tensor([[0.2, 0.6], [0.4, 0.8]]), "wrong": torch.zeros(2, 2)}
    return Curves("by hand", "accuracy", torch.tensor([10, 20]), runs)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_every_stored_measurement_names_its_script_and_at_least_three_seeds(path):
    found = measured(path.stem)
    script = found.provenance.split(",")[0]
    assert (FOLDER.parents[2] / script).is_file()
    assert "torch 2." in found.provenance
    for values in found.runs.values():
        assert values.shape == (len(values), len(found.steps))
        assert len(values) >= 3
    assert json.loads(path.read_text(encoding="utf-8"))["steps"] == found.steps.tolist()


def test_a_measurement_is_read_as_its_file_says(tmp_path, monkeypatch):
    stored = {"provenance": "by hand", "quantity": "gain", "made_from": "ab12", "axis": "units"}
    stored |= {"steps": [10, 20], "runs": {"one": [[-1.0, 2.0], [0.5, 3.0]]}}
    (tmp_path / "small.json").write_text(json.dumps(stored), encoding="utf-8")
    monkeypatch.setattr("lstm_lab.data.measured.FOLDER", tmp_path)
    found = measured("small")
    assert {name: values.tolist() for name, values in found.runs.items()} == stored["runs"]
    assert (found.made_from, found.axis) == ("ab12", "units")


def test_an_unknown_measurement_or_step_is_refused(made):
    with pytest.raises(ValueError, match=r"name is 'nothing'; expected one of .*names-padding"):
        measured("nothing")
    with pytest.raises(ValueError, match=r"step is 15; expected one of \[10, 20\]"):
        made.at(15)


def test_the_values_at_a_step_come_by_seed(made):
    assert made.at(20)["right"].tolist() == pytest.approx([0.6, 0.8])
