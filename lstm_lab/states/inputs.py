"""What a recurrent layer is given, in one form: padded, batch-first, checked by name."""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from lstm_lab.checks import describe
from lstm_lab.states.shapes import Options


def plain_options(module: nn.RNNBase) -> Options:
    """Return the options of a layer that computes what its class says, or refuse it."""
    options = Options.of(module)
    check_forward("module", module, getattr(nn, options.kind))
    return options


def check_forward(name: str, module: nn.Module, wanted: type[nn.Module]) -> None:
    """Refuse a module whose class, or which itself, has another ``forward``."""
    if getattr(module.forward, "__func__", None) is not wanted.forward:
        raise ValueError(f"{name} has a forward of its own; expected that of {wanted.__name__}")


def check_dropout(module: nn.RNNBase) -> None:
    """Refuse a layer that drops at random: PyTorch does not return what it dropped."""
    if module.dropout and module.training and module.num_layers > 1:
        raise ValueError(f"module has dropout={module.dropout} in training mode; call eval() first")


def check_type(name: str, tensor: Tensor, layer: nn.RNNBase) -> None:
    """Refuse numbers of another type or device than the layer's weights, or that are none."""
    weight = layer.all_weights[0][0]
    if tensor.is_meta or tensor.device != weight.device:
        wanted = "one that holds numbers" if tensor.is_meta else f"the layer's {weight.device}"
        raise ValueError(f"{name} is on the {tensor.device.type} device; expected {wanted}")
    cast = tensor.is_floating_point() and torch.is_autocast_enabled(tensor.device.type)
    if tensor.dtype != weight.dtype and not cast:
        raise ValueError(f"{name} has type {tensor.dtype}; expected the layer's {weight.dtype}")


def padded_input(input: object, module: nn.RNNBase, options: Options) -> tuple[Tensor, Tensor]:
    """Return the input as ``(batch, seq_len, input_size)`` and its lengths."""
    packed = isinstance(input, PackedSequence)
    if not packed and (
        not isinstance(input, Tensor) or input.dim() not in (2, 3) or 0 in input.shape
    ):
        wanted = "(batch, seq_len" if options.batch_first else "(seq_len, batch"
        raise ValueError(f"input {describe(input)}; expected {wanted}, input_size) or packed")
    data = input.data if packed else input
    if data.shape[-1] != options.input_size:
        raise ValueError(
            f"input has {data.shape[-1]} features, shape {tuple(data.shape)};"
            f" expected input_size={options.input_size} on the last axis"
        )
    check_type("input", data, module)
    if packed:
        x, lengths = pad_packed_sequence(input, batch_first=True)
        lengths = lengths.to(x.device)
    else:
        x = as_padded(input, options)
        lengths = torch.full((len(x),), x.shape[1], device=x.device)
    if not x.sum().isfinite() and x.isnan().any():  # the sum is the quicker of the two
        batch, step, feature = x.isnan().nonzero()[0].tolist()
        raise ValueError(
            f"input is NaN at step {step} of sequence {batch}, feature {feature}; expected numbers"
        )
    return x, lengths


def as_padded(tensor: Tensor | PackedSequence, options: Options) -> Tensor:
    """Return a tensor in the module's layout as ``(batch, seq_len, features)``."""
    if isinstance(tensor, PackedSequence):
        return pad_packed_sequence(tensor, batch_first=True)[0]
    if tensor.dim() == 2:
        return tensor.unsqueeze(0)
    return tensor if options.batch_first else tensor.transpose(0, 1)


def checked_hx(hx: object, options: Options, x: Tensor, unbatched: bool):
    """Return ``hx``, a list made a tuple, or say what is wrong with it."""
    if hx is None:
        return None
    hx = tuple(hx) if isinstance(hx, list) else hx
    if options.kind == "LSTM" and not (isinstance(hx, tuple) and len(hx) == 2):
        raise ValueError("hx is not a pair; expected (h_0, c_0) for an nn.LSTM")
    rows, batch = options.num_layers * options.num_directions, len(x)
    states = hx if options.kind == "LSTM" else (hx,)
    sizes = (options.output_size, options.hidden_size)
    for name, state, size in zip(("h_0", "c_0"), states, sizes, strict=False):
        wanted = (rows, size) if unbatched else (rows, batch, size)
        if not isinstance(state, Tensor) or state.shape != wanted:
            swapped = isinstance(state, Tensor) and state.shape == (batch, rows, size)
            hint = "; its first two axes are swapped: transpose(0, 1)" if swapped else ""
            raise ValueError(f"{name} of hx {describe(state)}; expected {wanted}{hint}")
        if state.dtype != x.dtype:
            raise ValueError(f"{name} of hx is {state.dtype}; expected the input's {x.dtype}")
    return hx


def initial_states(hx, options: Options, x: Tensor) -> tuple[Tensor, ...]:
    """Return h_0 and c_0 as ``(num_layers, num_directions, batch, features)``."""
    size = (options.num_layers, options.num_directions)
    if hx is None:
        features = (options.output_size, options.hidden_size)[: 2 if options.kind == "LSTM" else 1]
        return tuple(x.new_zeros(*size, len(x), each) for each in features)
    states = hx if isinstance(hx, tuple) else (hx,)
    return tuple(state.reshape(*size, len(x), state.shape[-1]) for state in states)
