"""One call of a model, taken apart: what each of its modules was given and gave back."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from inspect import signature

from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from lstm_lab.states.shapes import Options

CELLS = (nn.LSTMCell, nn.GRUCell, nn.RNNCell)
LAYERS = (nn.LSTM, nn.GRU, nn.RNN)


@dataclass(frozen=True, eq=False)
class Call:
    """A module's call.

    Args:
        name: as ``model.named_modules()`` has it.
        given, returned: the arguments, and the result.
    """

    name: str
    module: nn.Module
    given: tuple
    returned: object

    @classmethod
    def of(
        cls, name: str, module: nn.Module, args: tuple, kwargs: dict, returned: object
    ) -> "Call":
        """Return a call, its keyword arguments in the order of ``forward``."""
        try:
            given = signature(module.forward).bind(*args, **kwargs).arguments.values()
        except (TypeError, ValueError):
            given = (*args, *kwargs.values())
        return cls(name, module, tuple(given), returned)


@dataclass(frozen=True, eq=False)
class Reading:
    """A call of a recurrent layer, batch-first and padded.

    Args:
        input: ``(batch, seq_len, input_size)``.
        output: ``(batch, seq_len, D * H_out)``, with ``raw`` as the layer returned it, or its data.
        h_n, c_n: as the layer returned them; ``c_n`` is None without a cell.
        hx: the initial states that were given, h first; empty where none were.
        lengths: valid steps of each sequence.
    """

    name: str
    module: nn.RNNBase
    options: Options
    input: Tensor
    output: Tensor
    raw: Tensor
    h_n: Tensor
    c_n: Tensor | None
    hx: tuple[Tensor, ...]
    lengths: tuple[int, ...]
    packed: PackedSequence | None

    @classmethod
    def of(cls, call: Call) -> "Reading":
        """Return what a recurrent layer's call read and returned."""
        options = Options.of(call.module)
        data, *hx = call.given
        hx = hx[0] if hx else ()
        output, state = call.returned
        h_n, c_n = state if isinstance(state, tuple) else (state, None)
        packed = output if isinstance(output, PackedSequence) else None
        x, lengths = _padded(data, options)
        return cls(
            call.name,
            call.module,
            options,
            x,
            _padded(output, options)[0],
            packed.data if packed else output,
            *(
                None if each is None else each if each.dim() == 3 else each.unsqueeze(1)
                for each in (h_n, c_n)
            ),
            tuple(hx) if isinstance(hx, (tuple, list)) else () if hx is None else (hx,),
            lengths,
            packed,
        )

    def padded(self, raw: Tensor) -> Tensor:
        """Return a tensor in the form of ``raw`` as ``(batch, seq_len, features)``."""
        if self.packed is not None:
            return pad_packed_sequence(self.packed._replace(data=raw), batch_first=True)[0]
        return _padded(raw, self.options)[0]

    @cached_property
    def halves(self) -> tuple[Tensor, ...]:
        """The forward and, with two directions, the backward half of ``output``."""
        return self.output.split(self.options.output_size, dim=-1)

    @property
    def unbatched(self) -> bool:
        """Whether one sequence was read, without an axis of examples."""
        return self.packed is None and self.raw.dim() == 2

    @property
    def batch(self) -> int:
        """How many sequences were read."""
        return self.output.shape[0]

    @property
    def steps(self) -> int:
        """The longest of them."""
        return self.output.shape[1]


@dataclass(frozen=True, eq=False)
class Record:
    """A call of a whole model.

    Args:
        answer: what the model returned.
        calls: of its modules, in the order in which they ended.
        readings: of its recurrent layers.
    """

    answer: object
    calls: tuple[Call, ...]
    readings: tuple[Reading, ...]

    @property
    def cells(self) -> tuple[Call, ...]:
        """The calls of single cells."""
        return tuple(call for call in self.calls if isinstance(call.module, CELLS))


def record(call: Callable[[], object], modules: dict[str, nn.Module]) -> Record:
    """Return what a call does inside.

    Args:
        call: a function without arguments.
        modules: by name; each is listened to, and let go at the end.
    """
    calls = []

    def listen(name):
        def hook(module, args, kwargs, returned):
            calls.append(Call.of(name, module, args, kwargs, returned))

        return hook

    hooks = [
        module.register_forward_hook(listen(name), with_kwargs=True)
        for name, module in modules.items()
    ]
    try:
        answer = call()
    finally:
        for hook in hooks:
            hook.remove()
    # A subclass may return something else; then it is a module like any other.
    layers = [it for it in calls if isinstance(it.module, LAYERS)]
    readings = [Reading.of(it) for it in layers if type(it.returned) is tuple]
    return Record(answer, tuple(calls), tuple(readings))


def tensors(value: object) -> list[Tensor]:
    """Return the tensors in a result: a tensor, or a tuple, list, dict or object of such."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, PackedSequence):
        return [value.data]
    if isinstance(value, dict):
        value = list(value.values())
    elif hasattr(value, "__dataclass_fields__"):
        value = [getattr(value, name) for name in value.__dataclass_fields__]
    if isinstance(value, (tuple, list)):
        return [tensor for each in value for tensor in tensors(each)]
    return []


def _padded(sequence: Tensor | PackedSequence, options: Options) -> tuple[Tensor, tuple[int, ...]]:
    if isinstance(sequence, PackedSequence):
        padded, lengths = pad_packed_sequence(sequence, batch_first=True)
        return padded, tuple(lengths.tolist())
    if sequence.dim() == 2:
        sequence = sequence.unsqueeze(0)
    elif not options.batch_first:
        sequence = sequence.transpose(0, 1)
    return sequence, (sequence.shape[1],) * len(sequence)
