"""What a model is given, checked by name, and a run of its layer that never reads padding."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from lstm_lab.checks import check_lengths, describe
from lstm_lab.states.inputs import check_type


def embedded_input(
    input: Tensor,
    lengths: Tensor | Sequence[int] | None,
    embedding: nn.Embedding | None,
    layer: nn.RNNBase,
    *,
    gaps: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """Return features ``(batch, seq_len, input_size)`` and lengths on the CPU, both checked.

    Args:
        input: ``(batch, seq_len)`` numbers of letters, or, without an embedding, features.
        lengths: ``(batch,)``; None stays None.
        embedding, layer: of the model.
        gaps: whether a letter before the end may be 0.
    Raises:
        ValueError: the input does not fit the model, or has padding or NaN before an end.
    """
    if embedding is not None:
        check_ids("input", input, len(embedding.weight))
    else:
        fits = isinstance(input, Tensor) and input.is_floating_point() and input.dim() == 3
        if not fits or input.shape[-1] != layer.input_size or 0 in input.shape:
            size = f"input_size={layer.input_size}"
            wanted = f"(batch, seq_len, {size}) of floating point, at least one"
            raise ValueError(f"input {describe(input)}; expected {wanted}")
        check_type("input", input, layer)
    steps = check_lengths(lengths, *input.shape[:2])
    if not gaps and not torch.compiler.is_compiling():  # a graph has no values yet
        _check_inside(input, steps)
    features = input if embedding is None else embedding(input)
    return features, None if lengths is None else torch.tensor(steps, device="cpu")


def check_ids(name: str, value: object, vocab_size: int) -> None:
    """Refuse what is not ``(batch, seq_len)`` whole numbers from 0 to below ``vocab_size``.

    >>> check_ids("input", torch.tensor([[3, 1, 0]]), 4)
    """
    fits = isinstance(value, Tensor) and value.dim() == 2 and 0 not in value.shape
    if not fits or value.dtype not in (torch.int64, torch.int32):
        wanted = "(batch, seq_len) whole numbers, int64 or int32, at least one"
        raise ValueError(f"{name} {describe(value)}; expected {wanted}")
    if torch.compiler.is_compiling():  # a graph has no values yet
        return
    if value.is_meta:
        raise ValueError(f"{name} is on the meta device; expected one that holds numbers")
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
        where = f"at step {step} of sequence {sequence}, inside its length"
        wanted = "numbers" if fault == "NaN" else "lengths that end before it"
        raise ValueError(f"input is {fault} {where}; expected {wanted}")


def packed_run(layer: nn.RNNBase, input: Tensor, lengths: Tensor | None):
    """Return ``output``, padded as the input was, and the state; padding is never read."""
    # A pack of equal lengths is only slower, and cannot be exported.
    if lengths is None or int(lengths.min()) == input.shape[1]:
        return layer(input)
    packed = pack_padded_sequence(input, lengths, batch_first=True, enforce_sorted=False)
    output, state = layer(packed)
    return pad_packed_sequence(output, batch_first=True, total_length=input.shape[1])[0], state
