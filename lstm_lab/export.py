"""A recurrent layer as plain data, for the runtime that runs it in a page without Python.

``static/recurrent.js`` takes what ``export`` returns and computes what the layer would.
"""

from base64 import b64encode
from collections.abc import Mapping

import torch
from torch import Tensor, nn

KINDS = {nn.LSTM: "LSTM", nn.GRU: "GRU", nn.RNN: "RNN"}


def export(module: nn.LSTM | nn.GRU | nn.RNN) -> dict:
    """Return a layer's options and weights, ready for ``json.dumps``.

    Args:
        module: on any device, in any floating type; the weights are stored as float32, or in half
            precision where that loses nothing.
    Returns:
        ``kind``, ``num_layers`` and the other options by PyTorch's names, ``shapes``, a list of
        ``[name, rows, columns]``, ``values``, all weights in that order, little-endian base64, and
        ``half``, whether they have two bytes each.
    Raises:
        ValueError: the module is none of the three, would drop at random, or holds a number that
            is not finite.

    >>> data = export(nn.GRU(2, 3, num_layers=2))
    >>> data["kind"], data["shapes"][0]
    ('GRU', ['weight_ih_l0', 9, 2])
    """
    kind = next((name for kind, name in KINDS.items() if isinstance(module, kind)), None)
    if kind is None:
        wanted = "nn.LSTM, nn.GRU or nn.RNN"
        raise ValueError(f"module is a {type(module).__name__}; expected an {wanted}")
    if module.training and module.dropout and module.num_layers > 1:
        raise ValueError(f"module drops {module.dropout} at random; expected it after eval()")
    return options(module) | pack(dict(module.named_parameters()), "module")


def options(module: nn.LSTM | nn.GRU | nn.RNN) -> dict:
    """Return what of a layer is no weight, by PyTorch's names."""
    return {
        "kind": next(name for kind, name in KINDS.items() if isinstance(module, kind)),
        "nonlinearity": getattr(module, "nonlinearity", "tanh"),
        "input_size": module.input_size,
        "hidden_size": module.hidden_size,
        "proj_size": module.proj_size,
        "num_layers": module.num_layers,
        "bidirectional": module.bidirectional,
    }


def pack(weights: Mapping[str, Tensor], argument: str) -> dict:
    """Return weights as text, in half precision where that loses nothing.

    Args:
        weights: by name, of one or two axes.
        argument: whose weights they are, for a message.
    Returns:
        ``shapes``, a list of ``[name, rows, columns]``; ``values``, all numbers in that order,
        little-endian base64; and ``half``, whether they have two bytes each, or four.
    Raises:
        ValueError: a number is not finite.
    """
    weights = {name: weight.detach().cpu().float() for name, weight in weights.items()}
    for name, weight in weights.items():
        if not weight.isfinite().all():
            raise ValueError(f"{argument} has {name} with nan or inf; expected finite numbers")
    flat = torch.cat([weight.flatten() for weight in weights.values()])
    half = torch.equal(flat.half().float(), flat)
    values = flat.numpy().astype("<f2" if half else "<f4").tobytes()
    return {
        "shapes": [[name, len(w), w.numel() // len(w)] for name, w in weights.items()],
        "half": half,
        "values": b64encode(values).decode("ascii"),
    }
