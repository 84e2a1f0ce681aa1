"""Every model of the zoo is diagnosed: the wrong ones for the right reason, the right ones not."""

import json
from pathlib import Path

import pytest
import torch

from lstm_lab import diagnose
from lstm_lab.clinic.findings import CHAPTERS, TITLES
from tests.lstm_lab.clinic.zoo import RIGHT, WRONG

SEEDS = (0, 1, 2)
each_seed = pytest.mark.parametrize("seed", SEEDS)
quiet = pytest.mark.filterwarnings("ignore:Using a target size", "ignore:LSTM with projections")


def found(entry, seed):
    model, inputs, options = entry.make(seed)
    return diagnose(model, *inputs, **options)


@quiet
@each_seed
@pytest.mark.parametrize("entry", WRONG, ids=lambda entry: entry.name)
def test_what_is_wrong_is_found_and_nothing_else(entry, seed):
    diagnosis = found(entry, seed)
    names = {finding.name for finding in diagnosis.findings}
    assert entry.wrong[0] in names, diagnosis
    assert names <= set(entry.wrong), diagnosis
    assert not diagnosis


@quiet
@each_seed
@pytest.mark.parametrize("entry", RIGHT, ids=lambda entry: entry.name)
def test_a_right_model_gets_no_finding_of_any_grade(entry, seed):
    diagnosis = found(entry, seed)
    assert not diagnosis.findings, diagnosis
    assert diagnosis


@quiet
@pytest.mark.parametrize("entry", RIGHT + WRONG, ids=lambda entry: entry.name)
def test_twenty_calls_and_one_backward_pass_are_enough(entry, monkeypatch):
    passes = []
    grad = torch.autograd.grad
    monkeypatch.setattr(
        torch.autograd, "grad", lambda *a, **k: (passes.append(1), grad(*a, **k))[1]
    )
    assert found(entry, 0).forwards <= 20
    assert len(passes) <= 1


def test_the_chapters_have_the_titles_that_a_finding_gives_them():
    folder = Path(__file__).resolve().parents[3] / "chapters"
    for number, title in CHAPTERS.items():
        (path,) = folder.glob(f"{number:02}-*.ipynb")
        first = "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])
        assert f"\n# {title}\n" in first


def test_the_zoo_is_large_and_has_every_finding():
    assert min(len(RIGHT), len(WRONG)) >= 30
    assert {name for entry in WRONG for name in entry.wrong} == set(TITLES)
    names = [entry.name for entry in RIGHT + WRONG]
    assert len(names) == len(set(names))
