"""What a recurrent layer is given, in one form: padded, batch-first, checked by name."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from lstm_lab.lengths import arrived, valid_lengths
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


def embedded_input(
    input: Tensor,
    lengths: Tensor | Sequence[int] | None,
    embedding: nn.Embedding | None,
    input_size: int,
    *,
    gaps: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """Return features ``(batch, seq_len, input_size)`` and lengths on the CPU, both checked.

    Args:
        input: ``(batch, seq_len)`` numbers of letters, or, without an embedding, features.
        lengths: ``(batch,)``; None stays None.
        embedding, input_size: of the model.
        gaps: whether a letter before the end may be 0.
    Raises:
        ValueError: the input does not fit the model, or has padding or NaN before an end.
    """
    if embedding is not None:
        letters("input", input, len(embedding.weight))
    else:
        fits = isinstance(input, Tensor) and input.is_floating_point() and input.dim() == 3
        if not fits or input.shape[-1] != input_size or 0 in input.shape:
            wanted = f"(batch, seq_len, input_size={input_size}) of floating point, at least one"
            raise ValueError(f"input {arrived(input)}; expected {wanted}")
    steps = valid_lengths(lengths, *input.shape[:2])
    if not gaps and not torch.compiler.is_compiling():  # a graph has no values yet
        _check_inside(input, steps)
    features = input if embedding is None else embedding(input)
    return features, None if lengths is None else torch.tensor(steps)


def letters(name: str, value: object, vocab_size: int) -> None:
    """Refuse what is not ``(batch, seq_len)`` whole numbers from 0 to below ``vocab_size``.

    >>> letters("input", torch.tensor([[3, 1, 0]]), 4)
    """
    fits = isinstance(value, Tensor) and value.dim() == 2 and 0 not in value.shape
    if not fits or value.dtype not in (torch.int64, torch.int32):
        wanted = "(batch, seq_len) whole numbers, int64 or int32, at least one"
        raise ValueError(f"{name} {arrived(value)}; expected {wanted}")
    if torch.compiler.is_compiling():  # a graph has no values yet
        return
    low, high = map(int, value.aminmax())
    if low < 0 or high >= vocab_size:
        raise ValueError(f"{name} goes from {low} to {high}; expected 0 to {vocab_size - 1}")


def _check_inside(input: Tensor, lengths: list[int]) -> None:
    if input.is_floating_point():
        if input.detach().sum().isfinite():  # quicker than to look at each
            return
        wrong, fault = input.isnan().any(dim=2), "NaN"
    else:
        wrong, fault = input == 0, "0, the padding,"
    ends = torch.tensor(lengths, device=input.device).unsqueeze(1)
    found = (wrong & (torch.arange(input.shape[1], device=input.device) < ends)).nonzero()
    if len(found):
        sequence, step = found[0].tolist()
        place = f"at step {step} of sequence {sequence}, inside its length"
        wanted = "numbers" if fault == "NaN" else "lengths that end before it"
        raise ValueError(f"input is {fault} {place}; expected {wanted}")


def packed_run(layer: nn.RNNBase, input: Tensor, lengths: Tensor | None):
    """Return ``output``, padded as the input was, and the state; padding is never read."""
    # A pack of equal lengths is only slower, and cannot be exported.
    if lengths is None or int(lengths.min()) == input.shape[1]:
        return layer(input)
    packed = pack_padded_sequence(input, lengths, batch_first=True, enforce_sorted=False)
    output, state = layer(packed)
    return pad_packed_sequence(output, batch_first=True, total_length=input.shape[1])[0], state
