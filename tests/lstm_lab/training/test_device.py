"""The device: chosen by name, refused by name."""

import pytest
import torch

from lstm_lab import device


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
    for name in ("gpu", "", 0):
        with pytest.raises(ValueError, match=f"name is {name!r}; expected one of cpu, cuda, mps"):
            device(name)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setenv("LSTM_LAB_DEVICE", "cuda")
    with pytest.raises(ValueError, match="LSTM_LAB_DEVICE is 'cuda', but torch sees no such"):
        device()
