"""Every gate, hidden state and cell state of a recurrent layer, from an ordinary forward pass.

The module itself gives every ``h`` of its top layer, and PyTorch's fused kernels those of the
layers below. Once ``h`` is known, the gates of a layer need no loop, because the gates at step
t depend on the input and on ``h`` at t - 1 alone. What remains, ``c``, is linear in itself:
``c[t] = f[t] * c[t - 1] + i[t] * g[t]``, and ``linear_scan`` solves that without a cell loop.

Leaves out dropout between layers in training mode: its masks are not returned by PyTorch.
"""

import warnings
from contextlib import nullcontext
from dataclasses import dataclass, fields
from html import escape

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from lstm_lab.printing import span
from lstm_lab.states.inputs import (
    as_padded,
    check_dropout,
    checked_hx,
    initial_states,
    padded_input,
    plain_options,
)
from lstm_lab.states.shapes import Options
from lstm_lab.states.step import gru_gates, linear_scan, lstm_gates
from lstm_lab.style import COLORS

MEANING = {
    "h": "hidden state",
    "c": "cell state",
    "i": "input gate",
    "f": "forget gate",
    "g": "cell gate (candidate)",
    "o": "output gate",
    "r": "reset gate",
    "z": "update gate",
    "n": "new gate (candidate)",
}


@dataclass(frozen=True, eq=False, repr=False)
class States:
    """States and gates by name; None where the module has no such thing.

    ``nn.LSTM`` has ``c i f g o``, ``nn.GRU`` has ``r z n``, all three modules have ``h``.

    >>> trace(nn.GRU(2, 3, batch_first=True), torch.zeros(5, 4, 2)).step(0)
    States(h (1, 1, 5, 3), r (1, 1, 5, 3), z (1, 1, 5, 3), n (1, 1, 5, 3))
    """

    h: Tensor
    c: Tensor | None = None
    i: Tensor | None = None
    f: Tensor | None = None
    g: Tensor | None = None
    o: Tensor | None = None
    r: Tensor | None = None
    z: Tensor | None = None
    n: Tensor | None = None

    def named(self) -> list[tuple[str, Tensor]]:
        """Return ``(name, tensor)`` of those that are there."""
        pairs = [(field.name, getattr(self, field.name)) for field in fields(States)]
        return [(name, tensor) for name, tensor in pairs if tensor is not None]

    def __repr__(self) -> str:
        shapes = [f"{name} {tuple(tensor.shape)}" for name, tensor in self.named()]
        return f"{type(self).__name__}({', '.join(shapes)})"


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Trace(States):
    """All that a recurrent layer computed for an input.

    ``output``, ``h_n`` and ``c_n`` are what the module returned, untouched. States and gates are
    ``(num_layers, num_directions, batch, seq_len, features)``, batch-first and in input order in
    both directions, 0 where ``mask`` is False. An unbatched input is a batch of one.

    ``input`` is ``(batch, seq_len, input_size)``, ``lengths`` ``(batch,)`` and ``mask``
    ``(batch, seq_len)``.

    >>> traced = trace(nn.LSTM(2, 3, num_layers=2, batch_first=True), torch.zeros(5, 4, 2))
    >>> traced.layer(1).f.shape
    torch.Size([1, 5, 4, 3])
    """

    options: Options
    output: Tensor | PackedSequence
    h_n: Tensor
    c_n: Tensor | None
    input: Tensor
    lengths: Tensor
    mask: Tensor

    def step(self, t: int) -> States:
        """Return the states at one time step, each ``(num_layers, num_directions, batch, ...)``."""
        return States(**{name: tensor[:, :, :, t] for name, tensor in self.named()})

    def layer(self, k: int) -> States:
        """Return the states of one layer, each ``(num_directions, batch, seq_len, ...)``."""
        return States(**{name: tensor[k] for name, tensor in self.named()})

    def __repr__(self) -> str:
        return f"Trace of {self._sizes()}; " + ", ".join(
            self._range(*pair) for pair in self.named()
        )

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{word}</th>" for word in ("name", "what", "shape", "range"))
        rows = "".join(
            f'<tr><th style="color: {COLORS.get(name, "inherit")}">{name}</th>'
            f"<td>{MEANING[name]}</td><td><code>{tuple(tensor.shape)}</code></td>"
            f"<td>{self._range('', tensor).strip()}</td></tr>"
            for name, tensor in self.named()
        )
        return (
            f'<table class="dataframe lab-shapes"><caption>{escape(self._sizes())}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        )

    def _sizes(self) -> str:
        layers, directions, batch, seq_len, _ = self.h.shape
        padded = "" if bool(self.mask.all()) else f", {int(self.mask.sum())} valid"
        return f"{self.options}: {layers} x {directions} x {batch} x {seq_len} steps{padded}"

    def _range(self, name: str, tensor: Tensor) -> str:
        valid = tensor.detach()[:, :, self.mask]
        return f"{name} {span(valid)}"


def trace(
    module: nn.RNNBase,
    input: Tensor | PackedSequence,
    hx: Tensor | tuple[Tensor, Tensor] | None = None,
) -> Trace:
    """Return every gate and state that ``module(input, hx)`` computes.

    Gradients flow to the input, the initial states and the parameters. The module's mode,
    parameters and hooks, and the random state, are left as they are.

    Args:
        module: an ``nn.LSTM``, ``nn.GRU`` or ``nn.RNN`` with any options.
        input: what the module takes: batched, unbatched or packed.
        hx: ``(h_0, c_0)`` for an LSTM, else ``h_0``, as the module takes them; zeros by default.
    Returns:
        A ``Trace``. With weights as PyTorch draws them it agrees with a loop over ``nn.LSTMCell``
        and its like within 1e-6 in float32. Large weights amplify rounding: what the layer returns
        and what such a loop returns then differ as well, as two correct programs can.
    Raises:
        ValueError: not a recurrent layer, or a ``forward`` of its own; dropout in training mode;
            a size, type or order of axes that does not fit; a NaN in the input.

    Hooks run as in any call, but changes that they make to input or output are not followed.

    On CUDA in ``eval()``, cuDNN's layers have no backward pass; there the plain CUDA kernels run
    whenever a gradient is wanted.

    >>> lstm = nn.LSTM(2, 3, num_layers=2, batch_first=True)
    >>> traced = trace(lstm, torch.zeros(5, 4, 2))
    >>> torch.allclose(traced.o * traced.c.tanh(), traced.h, atol=1e-6)
    True
    """
    options = plain_options(module)
    check_dropout(module)
    x, lengths = padded_input(input, module, options)
    hx = checked_hx(hx, options, x, isinstance(input, Tensor) and input.dim() == 2)
    with _kernels_with_gradients(module, x, hx):
        output, state = module(input) if hx is None else module(input, hx)
        h_n, c_n = state if isinstance(state, tuple) else (state, None)
        mask = torch.arange(x.shape[1], device=x.device) < lengths.unsqueeze(1)
        packed = isinstance(input, PackedSequence)
        layers = _Layers(module, options, lengths, mask.T, packed, initial_states(hx, options, x))
        states = layers.states(x.transpose(0, 1), as_padded(output, options).transpose(0, 1))
    return Trace(
        **states,
        options=options,
        output=output,
        h_n=h_n,
        c_n=c_n,
        input=x,
        lengths=lengths,
        mask=mask,
    )


@dataclass(frozen=True, eq=False)
class _Layers:
    """The layers of one call, on padded tensors ``(seq_len, batch, features)``.

    Time comes first because the kernels keep it so: a step is one block of memory.
    """

    module: nn.RNNBase
    options: Options
    lengths: Tensor
    mask: Tensor
    packed: bool
    initial: tuple[Tensor, ...]  # h_0 and, for an LSTM, c_0: (layers, directions, batch, features)

    def states(self, x: Tensor, top: Tensor) -> dict[str, Tensor]:
        """Return every quantity, stacked over layers and directions."""
        rows: list[dict[str, Tensor]] = []
        size = (self.options.num_layers, self.options.num_directions)
        for layer in range(size[0]):
            h = top if layer == size[0] - 1 else self.fused(layer, x)
            halves = h.split(self.options.output_size, dim=-1)
            rows += [self.one(layer, k, x, half) for k, half in enumerate(halves)]
            x = h
        stacked = {}
        for name in rows[0]:
            parts = [row[name] for row in rows]
            whole = parts[0].unsqueeze(0) if len(parts) == 1 else torch.stack(parts)
            stacked[name] = whole.unflatten(0, size).transpose(2, 3)
        return stacked

    def fused(self, layer: int, x: Tensor) -> Tensor:
        """Return the output of one layer, both directions, from PyTorch's own kernel."""
        options = self.options
        directions = slice(layer * options.num_directions, (layer + 1) * options.num_directions)
        weights = [w for ws in self.module.all_weights[directions] for w in ws]
        flags = (options.bias, 1, 0.0, self.module.training, options.bidirectional)
        run = getattr(torch, self.module.mode.lower())
        hx = [state[layer] for state in self.initial]
        with warnings.catch_warnings():
            # cuDNN's word on memory: one layer's weights are a part of the module's one block.
            warnings.filterwarnings("ignore", message="RNN module weights are not part of single")
            if not self.packed:
                return run(x, hx if len(hx) == 2 else hx[0], weights, *flags, False)[0]
            sequence = pack_padded_sequence(x, self.lengths.cpu(), enforce_sorted=False)
            hx = [state.index_select(1, sequence.sorted_indices) for state in hx]
            hx = hx if len(hx) == 2 else hx[0]
            data, *_ = run(sequence.data, sequence.batch_sizes, hx, weights, *flags)
            return pad_packed_sequence(sequence._replace(data=data))[0]

    def one(self, layer: int, direction: int, x: Tensor, h: Tensor) -> dict[str, Tensor]:
        """Return the states and gates of one layer and direction, ``(seq_len, batch, ...)``."""
        hx = [state[layer, direction] for state in self.initial]
        weights = self.module.all_weights[layer * self.options.num_directions + direction]
        weights = weights[: 4 if self.options.bias else 2]  # a projection's matrix is left out
        before = self._before(h, hx[0], direction)
        found = {"h": h}
        if self.options.kind == "LSTM":
            found |= zip("ifgo", lstm_gates(x, before, *weights), strict=True)
            found["c"] = self._cell(found["f"], found["i"] * found["g"], hx[1], direction)
        elif self.options.kind == "GRU":
            found |= zip("rzn", gru_gates(x, before, *weights), strict=True)
        return {name: self._filled(tensor, 0) for name, tensor in found.items()}

    def _cell(self, f: Tensor, u: Tensor, c_0: Tensor, direction: int) -> Tensor:
        # Backwards, 1 times the state plus 0 carries the initial state over the padding.
        f, u = self._filled(f, 1), self._filled(u, 0)
        if direction == 0:
            return linear_scan(f, u, c_0)
        return linear_scan(f.flip(0), u.flip(0), c_0).flip(0)

    def _before(self, h: Tensor, h_0: Tensor, direction: int) -> Tensor:
        """Return the hidden state that each step started from."""
        h_0 = h_0.unsqueeze(0)
        if direction == 0:
            return torch.cat([h_0, h[:-1]])
        after = torch.cat([h[1:], h_0])
        if not self.packed:
            return after
        steps = torch.arange(len(h), device=h.device).unsqueeze(1)
        starts = steps == self.lengths - 1
        return torch.where(starts.unsqueeze(-1), h_0, after)

    def _filled(self, tensor: Tensor, value: float) -> Tensor:
        return tensor.masked_fill(~self.mask.unsqueeze(-1), value) if self.packed else tensor


def _kernels_with_gradients(module: nn.RNNBase, x: Tensor, hx):
    """Return a context without cuDNN where cuDNN would refuse the backward pass."""
    states = hx if isinstance(hx, tuple) else (hx,)
    tensors = (x, *module.parameters(), *(state for state in states if state is not None))
    wanted = torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors)
    if x.is_cuda and wanted and not module.training:
        return torch.backends.cudnn.flags(enabled=False)
    return nullcontext()
