"""The device and the seed: chosen by name, refused by name."""

import os
import random
import subprocess
import sys

import numpy as np
import pytest
import torch

from lstm_lab import device, seed

ABSENT = next(
    (
        name
        for name, there in (
            ("cuda", torch.cuda.is_available()),
            ("mps", torch.backends.mps.is_available()),
        )
        if not there
    ),
    None,
)


def test_the_cpu_is_the_default_and_the_environment_may_differ(monkeypatch):
    monkeypatch.delenv("LSTM_LAB_DEVICE", raising=False)
    assert device() == torch.device("cpu")
    monkeypatch.setenv("LSTM_LAB_DEVICE", "")
    assert device() == torch.device("cpu")
    monkeypatch.setenv("LSTM_LAB_DEVICE", "auto")
    assert device().type in ("cuda", "mps", "cpu")
    assert device("cpu") == torch.device("cpu")


def test_auto_takes_the_first_that_is_there(monkeypatch):
    for cuda, mps, expected in ((True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda there=cuda: there)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda there=mps: there)
        assert device("auto").type == expected


def test_cuda_switches_tf32_off(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    device("cuda")
    assert torch.backends.cudnn.allow_tf32 is False


def test_unknown_and_absent_devices_are_refused_by_name(monkeypatch):
    with pytest.raises(ValueError, match="name is 'gpu'; expected one of cpu, cuda, mps, auto"):
        device("gpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setenv("LSTM_LAB_DEVICE", "cuda")
    with pytest.raises(ValueError, match="LSTM_LAB_DEVICE is 'cuda', but torch sees no such"):
        device()


@pytest.mark.skipif(ABSENT is None, reason="this machine has every device")
def test_an_absent_device_gives_one_clear_line():
    environment = {**os.environ, "LSTM_LAB_DEVICE": ABSENT or ""}
    command = [sys.executable, "-m", "lstm_lab"]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert run.stdout == ""
    assert run.stderr == (
        f"lstm_lab: LSTM_LAB_DEVICE is '{ABSENT}', but torch sees no such device here; use cpu\n"
    )


def test_the_setup_line_names_versions_and_device():
    environment = {**os.environ, "LSTM_LAB_DEVICE": "cpu"}
    command = [sys.executable, "-m", "lstm_lab"]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert f"torch {torch.__version__}, device cpu\n" in run.stdout


def test_one_seed_repeats_all_three_sources():
    def draw():
        generator = seed(3)
        return random.random(), np.random.rand(), torch.rand(1), torch.rand(1, generator=generator)

    assert draw() == draw()
    expected = torch.rand(1, generator=torch.Generator().manual_seed(3))
    assert torch.rand(1, generator=seed(np.int64(3))) == expected


@pytest.mark.parametrize("value", [-1, 2**32, 1.5, True, "0", None])
def test_a_seed_that_is_none_is_refused(value):
    with pytest.raises(ValueError, match="expected a whole number from 0"):
        seed(value)
