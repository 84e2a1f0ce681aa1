"""A recurrent layer as plain data, for the runtime that runs it in a page without Python.

``static/recurrent.js`` takes what ``export`` returns and computes what the layer would.
"""

from base64 import b64encode
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from lstm_lab.states.inputs import check_dropout, plain_options
from lstm_lab.states.shapes import shapes


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
        ValueError: the module is none of the three, has a ``forward`` of its own, would drop at
            random, or holds a number that is not finite.

    >>> data = export(nn.GRU(2, 3, num_layers=2))
    >>> data["kind"], data["shapes"][0]
    ('GRU', ['weight_ih_l0', 9, 2])
    """
    found = options(module)
    check_dropout(module)
    return found | pack(weights_of(module), "module")


def options(module: nn.LSTM | nn.GRU | nn.RNN) -> dict:
    """Return what of a layer is no weight, by PyTorch's names."""
    found = plain_options(module)
    return {
        "kind": found.kind,
        "nonlinearity": getattr(module, "nonlinearity", "tanh"),
        "input_size": found.input_size,
        "hidden_size": found.hidden_size,
        "proj_size": found.proj_size,
        "num_layers": found.num_layers,
        "bidirectional": found.bidirectional,
    }


def weights_of(model: nn.Module) -> dict[str, Tensor]:
    """Return the weights that a model's layers compute with, by the names they have when plain.

    Under a parametrization or a pruning mask the parameters are others; the attributes are not.

    >>> layer = nn.utils.parametrizations.weight_norm(nn.Linear(2, 3))
    >>> {name: tuple(weight.shape) for name, weight in weights_of(layer).items()}
    {'weight': (3, 2), 'bias': (3,)}
    """
    found = {}
    for path, part in model.named_modules():
        names = ("weight", "bias") if isinstance(part, (nn.Linear, nn.Embedding)) else ()
        if isinstance(part, nn.RNNBase):
            names = [row.name for row in shapes(part, seq_len=1).parameters]
        weights = {name: getattr(part, name, None) for name in names}
        prefix = f"{path}." if path else ""
        found |= {f"{prefix}{name}": w for name, w in weights.items() if w is not None}
    return found


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
