"""Where to compute: the device."""

import os

import torch

from lstm_lab.checks import describe

DEVICES = ("cpu", "cuda", "mps", "auto")


def device(name: str | None = None) -> torch.device:
    """Return the device that the book computes on.

    On CUDA this also switches TF32 off for cuDNN: its recurrent layers use it by default, and
    then agree with the equations to about 1e-3 only. With it off they agree within 1e-5.

    Args:
        name: ``"cpu"``, ``"cuda"``, ``"mps"`` or ``"auto"`` (the first of CUDA, MPS and CPU that
            is there). Default: the environment variable ``LSTM_LAB_DEVICE``, else ``"cpu"``: the
            networks of this book are too small for a GPU to be faster.
    Returns:
        A device that is present.
    Raises:
        ValueError: the name is unknown, or that device is not present.

    >>> device("cpu")
    device(type='cpu')
    """
    source = "LSTM_LAB_DEVICE" if name is None else "name"
    if name is None:
        name = os.environ.get("LSTM_LAB_DEVICE") or "cpu"
    if name not in DEVICES:
        raise ValueError(f"{source} {describe(name)}; expected one of {', '.join(DEVICES)}")
    present = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        name = next(kind for kind, there in present.items() if there)
    if not present[name]:
        raise ValueError(f"{source} is {name!r}, but torch sees no such device here; use cpu")
    if name == "cuda":
        torch.backends.cudnn.allow_tf32 = False
    return torch.device(name)
