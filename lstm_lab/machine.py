"""Where to compute, and how to repeat it: the device and the seed."""

import os
import random
from operator import index

import numpy as np
import torch

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
    source = "name" if name else "LSTM_LAB_DEVICE"
    name = name or os.environ.get("LSTM_LAB_DEVICE") or "cpu"
    if name not in DEVICES:
        raise ValueError(f"{source} is {name!r}; expected one of {', '.join(DEVICES)}")
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


def seed(value: int = 0) -> torch.Generator:
    """Seed Python, NumPy and torch (on every device), and return a generator seeded alike.

    Args:
        value: 0 to 2**32 - 1, the range that NumPy takes.
    Returns:
        A CPU generator, for what takes ``generator=``: a ``DataLoader``, ``torch.randperm``.
    Raises:
        ValueError: ``value`` is not a whole number in that range.

    >>> torch.equal(torch.rand(3, generator=seed(7)), torch.rand(3, generator=seed(7)))
    True
    """
    try:
        number = -1 if isinstance(value, bool) else index(value)
    except TypeError:
        number = -1
    if not 0 <= number < 2**32:
        raise ValueError(f"value is {value!r}; expected a whole number from 0 to 2**32 - 1")
    random.seed(number)
    np.random.seed(number)
    torch.manual_seed(number)
    return torch.Generator().manual_seed(number)
