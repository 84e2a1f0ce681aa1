"""The reader's inputs: which axis holds the examples, which the steps, and ways to change them."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from lstm_lab.checks import check_lengths, describe

LARGEST = 20_000_000  # numbers in the inputs; twenty calls with more of them are no quick look
MOST = 64  # examples


@dataclass(frozen=True, eq=False)
class Batch:
    """The arguments of a call, and what is known of them.

    Args:
        inputs: tensors, lists with an entry for each example, tuples of states, and anything else.
        size, steps: examples and time steps; ``steps`` is 0 where no input has an axis of time.
        batch_first: the layout of the inputs.
        lengths: valid steps of each example, or None.
    """

    inputs: tuple
    size: int
    steps: int
    batch_first: bool
    lengths: tuple[int, ...] | None

    @classmethod
    def of(cls, inputs: tuple, lengths: object, batch_first: bool) -> "Batch":
        """Return the batch of a call, or say what is wrong with it.

        Raises:
            ValueError: the first input is no batch of sequences, or there is too much of it.
        """
        inputs = _detached(inputs)
        first = inputs[0] if inputs else None
        if isinstance(first, PackedSequence):
            raise ValueError("the first input is a PackedSequence; expected padded tensors")
        if not isinstance(first, Tensor) or first.dim() < 2:
            raise ValueError(f"the first input {describe(first)}; expected a batch of sequences")
        size = first.shape[0 if batch_first else 1]
        numbers = sum(it.numel() for it in inputs if isinstance(it, Tensor))
        if size > MOST or numbers > LARGEST:
            raise ValueError(
                f"inputs has {size} examples and {numbers:,} numbers; a few examples are enough,"
                f" expected at most {MOST} and {LARGEST:,}"
            )
        if size < 2:
            raise ValueError(
                f"the first input has {size} example, shape {tuple(first.shape)}; expected at"
                " least 2, to see whether one moves another"
            )
        steps = _steps(inputs, size, batch_first)
        if lengths is not None:
            lengths = tuple(check_lengths(lengths, size, steps or first.shape[int(batch_first)]))
        return cls(inputs, size, steps, batch_first, lengths)

    def axis(self, it: object) -> int | None:
        """Return the axis of the examples, or None."""
        if not isinstance(it, Tensor) or not it.dim():
            return None
        if it is not self.inputs[0] and it.is_floating_point() and it.dim() == 3:
            layers, examples = it.shape[:2]
            if examples == self.size and layers != self.steps and not self.timed(it):
                return 1  # a state: (layers, batch, features)
        axes = (0, 1) if self.batch_first or it.dim() == 1 else (1, 0)
        return next((k for k in axes if k < it.dim() and it.shape[k] == self.size), None)

    def holds_data(self, it: object) -> bool:
        """Return whether something holds numbers of each example: neither lengths nor a mask."""
        axis = self.axis(it)
        return axis in (0, 1) and it.dim() > 1 and it.dtype != torch.bool

    def timed(self, it: object) -> bool:
        """Return whether a tensor has an axis of examples and one of steps."""
        layout = (self.size, self.steps) if self.batch_first else (self.steps, self.size)
        return bool(self.steps) and isinstance(it, Tensor) and it.shape[:2] == layout

    def rows(self, tensor: Tensor) -> Tensor:
        """Return a view of a tensor with the examples first."""
        return tensor if self.axis(tensor) == 0 else tensor.transpose(0, 1)

    def taken(self, index: list[int]) -> tuple:
        """Return the inputs of some examples, in an order."""
        return tuple(self._taken(it, index) for it in self.inputs)

    def changed(self, change: Callable[[Tensor], None], only: int | None = None) -> tuple:
        """Return the inputs after a change of those that have examples and steps.

        Args:
            change: told a copy with the examples first; it writes into it.
            only: the number of the input to change; None for all that hold data.
        """
        changed = list(self.inputs)
        for k, it in enumerate(self.inputs):
            if self.holds_data(it) and only in (None, k):
                turned, changed[k] = self.axis(it) == 1, it.clone()
                change(changed[k].transpose(0, 1) if turned else changed[k])
        return tuple(changed)

    def resized(self, steps: int, index: list[int] | None = None) -> tuple:
        """Return the inputs of some examples, cut or padded as their padding is to some steps."""
        index = list(range(self.size)) if index is None else index
        pairs = zip(self.inputs, self.taken(index), strict=True)
        return tuple(
            self._resized(*pair, steps) if self.timed(pair[0]) else pair[1] for pair in pairs
        )

    def others(self, rows: Tensor, seed: int) -> Tensor:
        """Return other numbers for a tensor, examples first, its padding left as it is."""
        padded = self.lengths is not None and rows.shape[1:2] == (self.steps,)
        return other_numbers(rows, seed, ~self.padding(rows.device) if padded else None)

    def padding(self, device: torch.device) -> Tensor:
        """Return ``(size, steps)``, true beyond the end of each example."""
        lengths = self.lengths or (self.steps,) * self.size
        steps = torch.arange(self.steps, device=device)
        return steps >= torch.tensor(lengths, device=device).unsqueeze(1)

    def right_padded(self) -> bool:
        """Return whether one and the same content stands behind the end of every example.

        The first input with steps is asked: others, such as a target, have lengths of their own.
        """
        first = next(it for it in self.inputs if self.timed(it))
        beyond = self.rows(first)[self.padding(first.device)]
        return bool((beyond == beyond[:1]).all())

    def _taken(self, it: object, index: list[int]) -> object:
        if isinstance(it, tuple):  # states: (layers, batch, features)
            return tuple(
                each.index_select(1, _index(index, each))
                if isinstance(each, Tensor) and each.dim() == 3
                else each
                for each in it
            )
        if isinstance(it, list) and len(it) == self.size:
            return [it[k] for k in index]
        axis = self.axis(it)
        return it if axis is None else it.index_select(axis, _index(index, it))

    def _resized(self, old: Tensor, new: Tensor, steps: int) -> Tensor:
        turned = self.axis(old) == 1
        new = new.transpose(0, 1) if turned else new
        if steps > new.shape[1]:
            # What stands in the padding already, else zeros.
            beyond = self.padding(old.device)
            content = self.rows(old)[beyond][:1] if beyond.any() else new.new_zeros(1)
            more = new.new_zeros(len(new), steps - new.shape[1], *new.shape[2:])
            new = torch.cat([new, more + content.expand_as(more[0, :1])], dim=1)
        new = new[:, :steps]
        return new.transpose(0, 1) if turned else new


def other_numbers(tensor: Tensor, seed: int, valid: Tensor | None = None) -> Tensor:
    """Return numbers drawn from those that stand in a tensor, so that tokens stay tokens.

    Args:
        tensor: any shape.
        valid: true where numbers are taken from and replaced; everywhere by default.
    """
    generator = torch.Generator("cpu").manual_seed(seed)
    if valid is None:
        valid = torch.ones_like(tensor, dtype=torch.bool)
    source, others = tensor[valid], tensor.clone()
    count = source.numel()
    places = torch.randint(count, (count,), generator=generator, device="cpu")
    others[valid] = source.flatten()[places.to(tensor.device)].reshape(source.shape)
    return others


def _detached(value: object) -> object:
    if isinstance(value, Tensor):
        return value.detach()
    if type(value) in (tuple, list):
        return type(value)(_detached(each) for each in value)
    return value


def _steps(inputs: tuple, size: int, batch_first: bool) -> int:
    """Return the steps of the first input that has any: tokens, or features at each step."""
    axis, time = (0, 1) if batch_first else (1, 0)
    for it in inputs:
        if not isinstance(it, Tensor) or it.dim() < 2 or it.shape[axis] != size:
            continue
        tokens = it.dim() == 2 and not it.is_floating_point() and it.dtype != torch.bool
        if tokens or it.dim() == 3:
            return it.shape[time]
    first = inputs[0]
    return first.shape[time] if first.dim() > 3 else 0


def _index(index: list[int], tensor: Tensor) -> Tensor:
    return torch.tensor(index, device=tensor.device)
