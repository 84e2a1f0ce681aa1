"""Weights from a Keras layer into a recurrent layer of PyTorch, and back.

Keras need not be installed: weights are arrays in the order of its ``get_weights()``. One Keras
layer is one layer of a module; a stack is converted layer by layer.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from lstm_lab.checks import check_index
from lstm_lab.states.shapes import GATES, Options

# Where Keras keeps the gates that PyTorch names r, z, n: it begins with z.
GRU_ORDER = (1, 0, 2)


def load_keras_weights(module: nn.RNNBase, weights: Sequence, *, layer: int = 0) -> None:
    """Copy what a Keras layer's ``get_weights()`` returns into one layer of a module.

    Args:
        module: as wide as the Keras layer, bidirectional where that is wrapped in
            ``Bidirectional``.
        weights: ``kernel`` of shape ``(input_size, gates * hidden_size)``, ``recurrent_kernel`` of
            shape ``(hidden_size, gates * hidden_size)`` and, with biases, ``bias``, which has two
            rows in a GRU; then the same of the backward layer.
        layer: which layer of the module they are for.
    Raises:
        ValueError: a projection, which Keras has not; a number of arrays or a shape that does not
            fit; or a GRU of ``reset_after=False``, which computes something else.

    >>> lstm = nn.LSTM(2, 3)
    >>> load_keras_weights(lstm, keras_weights(nn.LSTM(2, 3)))
    """
    options, layer = _checked(module, layer)
    each = 3 if options.bias else 2
    if len(weights) != each * options.num_directions:
        raise ValueError(
            f"weights has {len(weights)} arrays; expected {each * options.num_directions}, as"
            f" get_weights() of {_named(options)} returns them"
        )
    arrays = [torch.as_tensor(array) for array in weights]
    found = []
    for direction in range(options.num_directions):
        own = _own(module, options, layer, direction)
        given = arrays[direction * each : (direction + 1) * each]
        found += zip(own, _to_torch(given, own, options), strict=True)
    with torch.no_grad():
        for parameter, numbers in found:
            parameter.copy_(numbers)


def keras_weights(module: nn.RNNBase, *, layer: int = 0) -> list:
    """Return the arrays that ``set_weights()`` of a Keras layer takes.

    An LSTM's two biases become their sum, which is all that either library adds.

    Args:
        module: an ``nn.LSTM``, ``nn.GRU`` or ``nn.RNN`` without a projection.
        layer: which of its layers.
    Returns:
        NumPy arrays: kernel, recurrent kernel and bias of each direction.
    Raises:
        ValueError: there is a projection, or no such layer.

    >>> [array.shape for array in keras_weights(nn.GRU(2, 3))]
    [(2, 9), (3, 9), (2, 9)]
    """
    options, layer = _checked(module, layer)
    arrays = []
    for direction in range(options.num_directions):
        own = _own(module, options, layer, direction)
        weight_ih, weight_hh, *biases = (_ordered(it.detach().cpu(), options) for it in own)
        arrays += [weight_ih.T, weight_hh.T]
        if biases:
            arrays.append(torch.stack(biases) if options.kind == "GRU" else sum(biases))
    return [array.contiguous().numpy() for array in arrays]


def _to_torch(arrays: list[Tensor], own: list[Tensor], options: Options) -> list[Tensor]:
    """Return one direction's numbers in the form of the module's own weights."""
    kernel, recurrent, *bias = arrays
    width = own[0].shape[0]
    wanted = [(own[0].shape[1], width), (own[1].shape[1], width)]
    if bias:
        wanted.append((2, width) if options.kind == "GRU" else (width,))
    names = ("kernel", "recurrent_kernel", "bias")
    for name, array, shape in zip(names, arrays, wanted, strict=False):
        if tuple(array.shape) != shape:
            hint = ""
            if name == "bias" and options.kind == "GRU" and tuple(array.shape) == (width,):
                hint = "; reset_after=False has no counterpart in PyTorch"
            raise ValueError(
                f"{name} of weights has shape {tuple(array.shape)}; expected {shape}{hint}"
            )
    both = [kernel.T, recurrent.T]
    if bias:
        both += list(bias[0]) if options.kind == "GRU" else [bias[0], torch.zeros_like(bias[0])]
    return [_ordered(it, options) for it in both]


def _ordered(weight: Tensor, options: Options) -> Tensor:
    """Return a weight with a GRU's gates in the other library's order; the way is its own back."""
    if options.kind != "GRU":
        return weight
    gates = weight.unflatten(0, (GATES["GRU"], -1))
    return gates[list(GRU_ORDER)].flatten(0, 1)


def _own(module: nn.RNNBase, options: Options, layer: int, direction: int) -> list[Tensor]:
    return list(module.all_weights[layer * options.num_directions + direction])


def _checked(module: nn.RNNBase, layer: int) -> tuple[Options, int]:
    options = Options.of(module)
    if options.proj_size:
        raise ValueError(f"module has proj_size={options.proj_size}; Keras has no projection")
    return options, check_index("layer", layer, options.num_layers)


def _named(options: Options) -> str:
    name = {"RNN": "SimpleRNN"}.get(options.kind, options.kind)
    return f"a Bidirectional {name}" if options.bidirectional else f"a {name}"
