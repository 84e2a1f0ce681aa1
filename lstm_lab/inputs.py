"""What a recurrent layer is given, in one form: padded, batch-first, checked by name."""

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from lstm_lab.shapes import Options


def padded_input(input: object, options: Options) -> tuple[Tensor, Tensor]:
    """Return the input as ``(batch, seq_len, input_size)`` and its lengths."""
    if isinstance(input, PackedSequence):
        _check_features(input.data, options)
        x, lengths = pad_packed_sequence(input, batch_first=True)
        lengths = lengths.to(x.device)
    else:
        if not isinstance(input, Tensor) or input.dim() not in (2, 3) or 0 in input.shape:
            shape = tuple(input.shape) if isinstance(input, Tensor) else type(input).__name__
            wanted = "(batch, seq_len" if options.batch_first else "(seq_len, batch"
            raise ValueError(f"input has shape {shape}; expected {wanted}, input_size) or packed")
        _check_features(input, options)
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


def _check_features(data: Tensor, options: Options) -> None:
    if data.shape[-1] != options.input_size:
        raise ValueError(
            f"input has {data.shape[-1]} features, shape {tuple(data.shape)};"
            f" expected input_size={options.input_size} on the last axis"
        )


def checked_hx(hx: object, options: Options, x: Tensor, unbatched: bool):
    """Return ``hx``, a list made a tuple, or say what is wrong with it."""
    if hx is None:
        return None
    hx = tuple(hx) if isinstance(hx, list) else hx
    states = hx if options.kind == "LSTM" else (hx,)
    names = ("h_0", "c_0")[: len(states)] if isinstance(states, tuple) else ()
    if options.kind == "LSTM" and len(names) != 2:
        raise ValueError("hx is not a pair; expected (h_0, c_0) for an nn.LSTM")
    rows, batch = options.num_layers * options.num_directions, len(x)
    for name, state, size in zip(
        names, states, (options.output_size, options.hidden_size), strict=False
    ):
        wanted = (rows, size) if unbatched else (rows, batch, size)
        shape = tuple(state.shape) if isinstance(state, Tensor) else type(state).__name__
        if shape != wanted:
            swapped = shape == (batch, rows, size)
            hint = "; its first two axes are swapped: transpose(0, 1)" if swapped else ""
            raise ValueError(f"{name} of hx has shape {shape}; expected {wanted}{hint}")
        if state.dtype != x.dtype:
            raise ValueError(f"{name} of hx is {state.dtype}; expected the input's {x.dtype}")
    return hx


def initial(hx, options: Options, x: Tensor) -> tuple[Tensor, ...]:
    """Return h_0 and c_0 as ``(num_layers, num_directions, batch, features)``."""
    size = (options.num_layers, options.num_directions)
    if hx is None:
        features = (options.output_size, options.hidden_size)[: 2 if options.kind == "LSTM" else 1]
        return tuple(x.new_zeros(*size, len(x), each) for each in features)
    states = hx if isinstance(hx, tuple) else (hx,)
    return tuple(state.reshape(*size, len(x), state.shape[-1]) for state in states)
