"""The check of the set-up: ten lines, each failure with its mend, and an exit status."""

import sys
from types import SimpleNamespace

import psutil
import pytest
import torch

from lstm_lab import __main__ as ready


def lines(capsys, *names):
    status = ready.main(names)
    return status, capsys.readouterr().out.splitlines()


def test_where_all_is_well_ten_lines_say_so(capsys, monkeypatch):
    monkeypatch.delenv("LSTM_LAB_DEVICE", raising=False)
    status, said = lines(capsys)
    assert status == 0
    assert said[-1] == "All is well."
    assert [line.split()[:2] for line in said[:-1]] == [["ok", name] for name in ready.CHECKS]
    assert len(ready.CHECKS) == 10
    assert f"torch {torch.__version__}" in said[1]


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("python", lambda patch: patch.setattr(sys, "version_info", (3, 10, 1))),
        ("network", lambda patch: patch.setattr(torch, "__version__", "1.13.1")),
        ("device", lambda patch: patch.setenv("LSTM_LAB_DEVICE", "tpu")),
        ("pictures", lambda patch: patch.setitem(sys.modules, "matplotlib", None)),
        ("kernel", lambda patch: patch.setitem(sys.modules, "jupyter_client.manager", None)),
        ("widgets", lambda patch: patch.setitem(sys.modules, "ipywidgets", None)),
        ("memory", lambda patch: patch.setattr(psutil, "virtual_memory", little)),
        ("threads", lambda patch: crowd(patch)),
        ("data", lambda patch: patch.setitem(sys.modules, "lstm_lab.data.numbers", None)),
        ("exercises", lambda patch: patch.setattr("lstm_lab.exercises.FOLDERS", ())),
    ],
)
def test_what_is_missing_gets_its_mend_and_the_rest_goes_on(name, broken, capsys, monkeypatch):
    broken(monkeypatch)
    monkeypatch.delitem(vars(sys.modules["lstm_lab"]), "digits", raising=False)
    status, said = lines(capsys, name, "python" if name != "python" else "memory")
    assert status == 1
    assert said[0].split()[:2] == ["MEND", name]
    assert said[1].strip() == f"-> {ready.CHECKS[name][1]}"
    assert said[2].startswith("ok ")
    assert said[3] == "1 of 2 to mend."


def little():
    return SimpleNamespace(available=0.4e9, total=2e9)


def crowd(patch):
    patch.setenv("JUPYTERHUB_USER", "ada")
    patch.setattr(torch, "get_num_threads", lambda: 8)


def test_a_check_that_is_none_is_refused_by_name(capsys):
    assert ready.main(["gpu"]) == 2
    assert capsys.readouterr().err.startswith("gpu is no check; expected python, network, device")
