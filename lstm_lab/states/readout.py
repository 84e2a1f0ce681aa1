"""Take the right numbers out of a recurrent layer's results, or say why not.

PyTorch accepts many wrong readings in silence, because their shapes fit. The functions here read
``output``, ``h_n`` and ``c_n`` by name, and refuse what they can tell to be wrong. They neither
run a module nor change a tensor; gradients flow through them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from lstm_lab.checks import as_int, check_lengths, describe
from lstm_lab.states.shapes import Options

Lengths = Tensor | Sequence[int] | int | None


@dataclass(frozen=True, eq=False)
class Directions:
    """A tensor for each direction; ``backward`` is None where there is but one.

    >>> lstm = nn.LSTM(2, 3, bidirectional=True, batch_first=True)
    >>> split_directions(lstm(torch.zeros(5, 4, 2))[0], lstm)
    Directions(forward=(5, 4, 3), backward=(5, 4, 3))
    """

    forward: Tensor
    backward: Tensor | None

    def __repr__(self) -> str:
        backward = None if self.backward is None else tuple(self.backward.shape)
        return f"Directions(forward={tuple(self.forward.shape)}, backward={backward})"


def split_states(state: Tensor, module: nn.RNNBase) -> Directions:
    """Return ``h_n`` or ``c_n`` by direction, each indexed by layer.

    Args:
        state: ``(D * num_layers, batch, features)``, or without ``batch``: one of ``h_0``,
            ``c_0``, ``h_n``, ``c_n`` of ``module``. Not batch-first, whatever the module is.
        module: the recurrent layer that it belongs to.
    Returns:
        ``forward[layer]`` and ``backward[layer]``, each ``(batch, features)``; -1 is the top layer.
    Raises:
        ValueError: the shape is not one of the module's states, the axes are swapped, or a pair
            ``(h_n, c_n)`` arrived.

    >>> lstm = nn.LSTM(2, 3, num_layers=2, bidirectional=True, batch_first=True)
    >>> output, (h_n, c_n) = lstm(torch.zeros(5, 4, 2))
    >>> torch.equal(split_states(h_n, lstm).backward[-1], output[:, 0, 3:])
    True
    """
    options = Options.of(module)
    _tensor("state", state, "h_n or c_n, one at a time")
    rows = options.num_layers * options.num_directions
    sizes = {options.output_size, options.hidden_size}
    wanted = f"(D * num_layers={rows}, batch, {' or '.join(map(str, sorted(sizes)))})"
    shape = tuple(state.shape)
    if state.dim() not in (2, 3) or shape[-1] not in sizes or shape[0] != rows:
        swapped = state.dim() == 3 and shape[1] == rows and shape[-1] in sizes
        hint = "; its first two axes are swapped: transpose(0, 1)" if swapped else ""
        raise ValueError(f"state has shape {shape}; expected {wanted}{hint}")
    by_layer = state.unflatten(0, (options.num_layers, options.num_directions))
    return Directions(by_layer[:, 0], by_layer[:, 1] if options.bidirectional else None)


def split_directions(output: Tensor | PackedSequence, module: nn.RNNBase) -> Directions:
    """Return the forward and the backward half of ``output``, both in input order.

    Args:
        output: ``(..., D * H_out)``, padded, unbatched or packed. From a packed one come the
            halves of its ``data``.
        module: the recurrent layer that made it.
    Returns:
        ``forward`` and ``backward``, each ``(..., H_out)``.
    Raises:
        ValueError: the last axis is not ``D * H_out`` of the module.

    >>> gru = nn.GRU(2, 3, bidirectional=True, batch_first=True)
    >>> split_directions(gru(torch.zeros(5, 4, 2))[0], gru).backward.shape
    torch.Size([5, 4, 3])
    """
    options = Options.of(module)
    data = output.data if isinstance(output, PackedSequence) else output
    _features(data, options)
    if not options.bidirectional:
        return Directions(data, None)
    return Directions(*data.split(options.output_size, dim=-1))


def last_valid(
    output: Tensor | PackedSequence, lengths: Lengths = None, *, batch_first: bool = True
) -> Tensor:
    """Return ``output`` at the last step of each sequence, padding left out.

    With one direction this is the top layer's ``h_n``. With two it is not: the backward half of
    the last step is that direction's first, not its final, state; see ``final_states``.

    Args:
        output: ``(batch, seq_len, features)``, ``(seq_len, features)`` or packed.
        lengths: ``(batch,)`` steps of each sequence; None where nothing is padded, or packed.
        batch_first: the layout of a padded ``output``.
    Returns:
        ``(batch, features)``, or ``(features,)`` for an unbatched ``output``.
    Raises:
        ValueError: a length is 0 or beyond ``seq_len``, there is not one for each sequence, a
            mask or fractions arrived, or ``lengths`` came with a packed ``output``.

    >>> output = torch.arange(6.0).view(2, 3, 1)
    >>> last_valid(output, [3, 1])[:, 0].tolist()
    [2.0, 3.0]
    """
    output, lengths, batched = _batch_first(output, lengths, batch_first)
    index = (lengths - 1).view(-1, 1, 1).expand(-1, 1, output.shape[-1])
    last = output.gather(1, index).squeeze(1)
    return last if batched else last[0]


def final_states(
    output: Tensor | PackedSequence, lengths: Lengths = None, *, module: nn.RNNBase
) -> Tensor:
    """Return the final state of the top layer, both directions side by side, from ``output``.

    It equals ``h_n`` of the top layer: the forward half is read at the last valid step, the
    backward half at step 0, where that direction ends. A backward direction that has read padding
    is refused where the padding still shows it; an output that you have masked yourself passes.

    Args:
        output: ``(batch, seq_len, D * H_out)`` in the module's own layout, unbatched or packed.
        lengths: ``(batch,)`` steps of each sequence; None where nothing is padded, or packed.
        module: the recurrent layer that made it.
    Returns:
        ``(batch, D * H_out)``, or ``(D * H_out,)`` for an unbatched ``output``.
    Raises:
        ValueError: as ``last_valid``; or the sizes are not the module's; or the backward direction
            has read padding, so that its final state is nowhere in ``output``: pack the input.

    >>> lstm = nn.LSTM(2, 3, bidirectional=True, batch_first=True)
    >>> output, (h_n, c_n) = lstm(torch.ones(5, 4, 2))
    >>> torch.equal(final_states(output, module=lstm), torch.cat([h_n[0], h_n[1]], dim=-1))
    True
    """
    options = Options.of(module)
    _features(output.data if isinstance(output, PackedSequence) else output, options)
    output, lengths, batched = _batch_first(output, lengths, options.batch_first)
    final = last_valid(output, lengths)
    if options.bidirectional:
        _refuse_read_padding(output, lengths)
        size = options.output_size
        final = torch.cat([final[:, :size], output[:, 0, size:]], dim=-1)
    return final if batched else final[0]


def mean_pool(
    output: Tensor | PackedSequence, lengths: Lengths = None, *, batch_first: bool = True
) -> Tensor:
    """Return the mean of ``output`` over the valid steps of each sequence.

    A bidirectional layer must have read a packed input: unpacked, its backward half carries the
    padding into the valid steps, and no pooling takes it out again.

    Args, shapes and errors are those of ``last_valid``; ``output`` is floating point.

    >>> mean_pool(torch.tensor([[[1.0], [3.0], [99.0]]]), [2]).item()
    2.0
    """
    output, lengths, batched = _to_pool(output, lengths, batch_first)
    # Summed at double the width: the sum of many half-precision numbers overflows.
    wide = torch.float64 if output.dtype == torch.float64 else torch.float32
    total = output.masked_fill(_padding(output, lengths), 0).sum(dim=1, dtype=wide)
    mean = (total / lengths.unsqueeze(1)).to(output.dtype)
    return mean if batched else mean[0]


def max_pool(
    output: Tensor | PackedSequence, lengths: Lengths = None, *, batch_first: bool = True
) -> Tensor:
    """Return the largest value of each feature over the valid steps; padding never wins.

    Args, shapes and errors are those of ``last_valid``; ``output`` is floating point.

    >>> max_pool(torch.tensor([[[-2.0], [-1.0], [0.0]]]), [2]).item()
    -1.0
    """
    output, lengths, batched = _to_pool(output, lengths, batch_first)
    largest = output.masked_fill(_padding(output, lengths), -torch.inf).amax(dim=1)
    return largest if batched else largest[0]


def top_state(state: Tensor, layer: nn.RNNBase) -> Tensor:
    """Return the top layer's rows of ``h_n`` or ``c_n``, directions side by side.

    Args:
        state: ``(num_directions * num_layers, batch, features)``.
        layer: the recurrent layer that it belongs to.
    Returns:
        ``(batch, num_directions * features)``.
    Raises:
        ValueError: the state is a pair, or not of that layer.

    >>> gru = nn.GRU(2, 3, num_layers=2, bidirectional=True)
    >>> top_state(gru(torch.zeros(5, 4, 2))[1], gru).shape
    torch.Size([4, 6])
    """
    ends = split_states(state, layer)
    if ends.backward is None:
        return ends.forward[-1]
    return torch.cat([ends.forward[-1], ends.backward[-1]], dim=-1)


def _to_pool(output, lengths, batch_first):
    """Return what ``_batch_first`` does, if its numbers can be averaged and compared."""
    output, lengths, batched = _batch_first(output, lengths, batch_first)
    if not output.is_floating_point():
        raise ValueError(f"output has type {output.dtype}; expected floating point")
    return output, lengths, batched


def _batch_first(output, lengths, batch_first):
    """Return ``output`` as ``(batch, seq_len, features)``, its lengths, and if it was batched."""
    if isinstance(output, PackedSequence):
        if lengths is not None:
            raise ValueError("lengths is given; expected None, a packed output knows its own")
        output, lengths = pad_packed_sequence(output, batch_first=True)
        return output, lengths.to(output.device), True
    _tensor("output", output, "a tensor or a PackedSequence")
    if output.dim() not in (2, 3) or 0 in output.shape:
        wanted = "(batch, seq_len, features)" if batch_first else "(seq_len, batch, features)"
        raise ValueError(
            f"output has shape {tuple(output.shape)}; expected {wanted} or (seq_len, features)"
        )
    batched = output.dim() == 3
    if not batched:
        output = output.unsqueeze(0)
        single = as_int(lengths)  # one number is as good as a list of one
        lengths = lengths if single is None else [single]
    elif not batch_first:
        output = output.transpose(0, 1)
    lengths = check_lengths(lengths, *output.shape[:2])
    return output, torch.tensor(lengths, device=output.device), batched


def _padding(output: Tensor, lengths: Tensor) -> Tensor:
    """Return ``(batch, seq_len, 1)``, true beyond the end of each sequence."""
    steps = torch.arange(output.shape[1], device=output.device)
    return (steps >= lengths.unsqueeze(1)).unsqueeze(-1)


def _refuse_read_padding(output: Tensor, lengths: Tensor) -> None:
    # Unpacked, padding is input: the states there differ. Unpacking fills in one constant.
    padding = _padding(output, lengths).expand_as(output)
    beyond = output.detach()[padding]
    constant = beyond.isnan().all() or (beyond == beyond[:1]).all()
    if not constant:
        raise ValueError(
            "output varies beyond lengths: the backward direction has read the padding, and its"
            " final state is not in output; expected the output of a packed input"
        )


def _features(output: Tensor, options: Options) -> None:
    _tensor("output", output, "a tensor or a PackedSequence")
    wanted = options.num_directions * options.output_size
    if output.dim() == 0 or output.shape[-1] != wanted:
        raise ValueError(
            f"output has shape {tuple(output.shape)}; expected D * H_out={wanted} on the last axis"
        )


def _tensor(name: str, value: object, wanted: str) -> None:
    if not isinstance(value, Tensor):
        raise ValueError(f"{name} {describe(value)}; expected {wanted}")
