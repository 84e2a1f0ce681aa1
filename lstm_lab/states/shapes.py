"""The shape of every tensor of ``nn.LSTM``, ``nn.GRU`` and ``nn.RNN``, for every option.

Shapes are given three ways: in the letters of PyTorch's documentation, as numbers, and by the
names of the axes. They are derived from the options alone; no network is run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import prod

from torch import Tensor, nn

from lstm_lab.checks import check_int, check_lengths, check_sizes, describe

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


@dataclass(frozen=True)
class Options:
    """The options of a recurrent layer that decide its shapes, in PyTorch's words.

    Args:
        kind: ``"LSTM"``, ``"GRU"`` or ``"RNN"``; all others as in ``torch.nn``.
    Raises:
        ValueError: the options are not ones that ``torch.nn`` takes.

    >>> Options.of(nn.LSTM(10, 20, bidirectional=True)).num_directions
    2
    """

    kind: str
    input_size: int
    hidden_size: int
    num_layers: int = 1
    bias: bool = True
    batch_first: bool = False
    bidirectional: bool = False
    proj_size: int = 0

    def __post_init__(self) -> None:
        if self.kind not in GATES:
            raise ValueError(f"kind {describe(self.kind)}; expected one of {', '.join(GATES)}")
        sizes = ("input_size", "hidden_size", "num_layers")
        check_sizes(**{name: getattr(self, name) for name in sizes})
        check_int("proj_size", self.proj_size, least=0)
        if self.proj_size and self.kind != "LSTM":
            raise ValueError(f"proj_size is {self.proj_size}; nn.{self.kind} has no projection")
        if self.proj_size >= self.hidden_size:
            raise ValueError(
                f"proj_size is {self.proj_size}; expected less than hidden_size={self.hidden_size}"
            )

    @classmethod
    def of(cls, module: nn.RNNBase) -> "Options":
        """Return the options of a module.

        Raises:
            ValueError: ``module`` is not an ``nn.LSTM``, ``nn.GRU`` or ``nn.RNN``.
        """
        kind = next((name for name in GATES if isinstance(module, getattr(nn, name))), None)
        if kind is None:
            raise ValueError(f"module {describe(module)}; expected an nn.LSTM, nn.GRU or nn.RNN")
        names = [name for name in cls.__dataclass_fields__ if name != "kind"]
        return cls(kind, **{name: getattr(module, name) for name in names})

    @property
    def num_directions(self) -> int:
        """The letter D, 2 when bidirectional, else 1."""
        return 2 if self.bidirectional else 1

    @property
    def output_size(self) -> int:
        """The letter H_out, the size of the hidden state of one direction."""
        return self.proj_size or self.hidden_size

    def __str__(self) -> str:
        """The call that makes such a module, without options at their defaults and nonlinearity."""
        words = [str(self.input_size), str(self.hidden_size)]
        for name, field in self.__dataclass_fields__.items():
            value = getattr(self, name)
            if name not in ("kind", "input_size", "hidden_size") and value != field.default:
                words.append(f"{name}={value}")
        return f"nn.{self.kind}({', '.join(words)})"


@dataclass(frozen=True)
class TensorShape:
    """One tensor: its name, its shape in letters and in numbers, and what each axis counts.

    >>> row = shapes(nn.LSTM(10, 20), batch=3, seq_len=5)["h_n"]
    >>> row.letters, row.shape
    (('D * num_layers', 'N', 'H_out'), (1, 3, 20))
    """

    name: str
    letters: tuple[str, ...]
    shape: tuple[int, ...]
    axes: tuple[str, ...]

    @property
    def numel(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)


@dataclass(frozen=True)
class ShapeTable:
    """The shapes of one call: ``table["h_n"].shape``; prints as text, shows as HTML.

    ``letters`` are the sizes, ``tensors`` what goes in and comes out, ``parameters`` what the
    module holds.

    >>> table = shapes(nn.GRU(2, 3), batch=5, seq_len=4)
    >>> table["output"].shape, table.num_parameters
    ((4, 5, 3), 63)
    """

    title: str
    letters: tuple[tuple[str, int], ...]
    tensors: tuple[TensorShape, ...]
    parameters: tuple[TensorShape, ...]

    def __getitem__(self, name: str) -> TensorShape:
        rows = (*self.tensors, *self.parameters)
        found = next((row for row in rows if row.name == name), None)
        if found is None:
            raise KeyError(f"no {name!r} here; there are {', '.join(row.name for row in rows)}")
        return found

    @property
    def num_parameters(self) -> int:
        """How many numbers are trained."""
        return sum(row.numel for row in self.parameters)

    def __repr__(self) -> str:
        cells = [(r.name, _tuple(r.letters), _tuple(r.shape), " × ".join(r.axes)) for r in self]
        cells.insert(0, ("tensor", "letters", "shape", "axes"))
        widths = [max(len(row[k]) for row in cells) for k in range(3)]
        lines = ["  ".join([*map(str.ljust, row, widths), row[3]]).rstrip() for row in cells]
        first = len(self.tensors) + 1
        return "\n".join([self._head(), "", *lines[:first], "", self._count(), *lines[first:]])

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{word}</th>" for word in ("tensor", "letters", "shape", "axes"))
        rows = [_html_row(row) for row in self]
        first = len(self.tensors)
        rows.insert(first, f'<tr><th colspan="4">{self._count()}</th></tr>')
        return (
            f'<table class="dataframe lab-shapes"><caption>{escape(self._head())}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        )

    def __iter__(self):
        return iter((*self.tensors, *self.parameters))

    def _head(self) -> str:
        return f"{self.title}: {', '.join(f'{letter}={size}' for letter, size in self.letters)}"

    def _count(self) -> str:
        return f"parameters: {self.num_parameters:,} numbers in {len(self.parameters)} tensors"


def shapes(
    module: nn.RNNBase | Options,
    *,
    batch: int | None = None,
    seq_len: int | None = None,
    lengths: Tensor | Sequence[int] | None = None,
) -> ShapeTable:
    """Return the shape of every tensor of one call, and of every parameter.

    Args:
        module: a recurrent layer, or the ``Options`` of one.
        batch: N, the number of sequences; None for one unbatched sequence.
        seq_len: L, the number of steps.
        lengths: the steps of each sequence of a ``PackedSequence``, instead of both.
    Returns:
        A table with ``input``, ``h_0``, ``c_0``, ``output``, ``h_n``, ``c_n`` (no ``c`` for
        ``nn.GRU`` and ``nn.RNN``) and the parameters. For a packed input, ``input`` and
        ``output`` are the ``data`` of the packed sequences.
    Raises:
        ValueError: a size is missing, not a whole number, or below 1.

    Source: the shape sections of https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html

    >>> shapes(nn.LSTM(10, 20, num_layers=2), batch=3, seq_len=5)["h_n"].shape
    (2, 3, 20)
    """
    options = module if isinstance(module, Options) else Options.of(module)
    batch, seq_len, total, layout = _layout(options, batch, seq_len, lengths)
    letters = {"L": seq_len, "D": options.num_directions, "H_in": options.input_size}
    if layout != "unbatched":
        letters = {"N": batch, **letters}
    if options.kind == "LSTM":
        letters["H_cell"] = options.hidden_size
    letters["H_out"] = options.output_size
    sizes = letters | {"sum of lengths": total, "num_layers": options.num_layers}
    tensors = tuple(_row(*spec, sizes) for spec in _tensors(options, layout))
    parameters = tuple(_row(*spec, sizes) for spec in _parameters(options))
    return ShapeTable(f"{options}, {layout}", tuple(letters.items()), tensors, parameters)


def _layout(options, batch, seq_len, lengths):
    if lengths is not None:
        if batch is not None or seq_len is not None:
            raise ValueError("lengths is given; expected no batch and no seq_len beside it")
        lengths = check_lengths(lengths)
        if not lengths:
            raise ValueError("lengths is empty; expected at least one sequence")
        return len(lengths), max(lengths), sum(lengths), "packed"
    seq_len = check_int("seq_len", seq_len, least=1)
    if batch is None:
        return 1, seq_len, 0, "unbatched"
    return check_int("batch", batch, least=1), seq_len, 0, "batched"


def _tensors(options: Options, layout: str):
    """Yield ``(name, letters, axes)`` of what goes in and comes out."""
    lead = {
        "packed": (("sum of lengths",), ("step of a sequence",)),
        "unbatched": (("L",), ("time step",)),
        "batched": (("L", "N"), ("time step", "sequence")),
    }[layout]
    if layout == "batched" and options.batch_first:
        lead = tuple(part[::-1] for part in lead)
    state = (("D * num_layers", "N"), ("layer and direction", "sequence"))
    if layout == "unbatched":
        state = tuple(part[:1] for part in state)
    cell = options.kind == "LSTM"
    both = " of both directions" if options.bidirectional else ""
    yield "input", (*lead[0], "H_in"), (*lead[1], "feature")
    yield "h_0", (*state[0], "H_out"), (*state[1], "hidden state")
    if cell:
        yield "c_0", (*state[0], "H_cell"), (*state[1], "cell state")
    yield "output", (*lead[0], "D * H_out"), (*lead[1], f"hidden state{both}")
    yield "h_n", (*state[0], "H_out"), (*state[1], "hidden state")
    if cell:
        yield "c_n", (*state[0], "H_cell"), (*state[1], "cell state")


def _parameters(options: Options):
    """Yield ``(name, letters, axes)`` of each parameter, in the module's own order."""
    gates = GATES[options.kind]
    rows = "H_cell" if options.kind == "LSTM" else "H_out"
    rows = rows if gates == 1 else f"{gates} * {rows}"
    what = {"LSTM": "gates i f g o", "GRU": "gates r z n", "RNN": "hidden state"}[options.kind]
    for layer in range(options.num_layers):
        below = ("H_in", "feature") if layer == 0 else ("D * H_out", "output of the layer below")
        for suffix in ("", "_reverse")[: options.num_directions]:
            end = f"_l{layer}{suffix}"
            yield f"weight_ih{end}", (rows, below[0]), (what, below[1])
            yield f"weight_hh{end}", (rows, "H_out"), (what, "hidden state")
            if options.bias:
                yield f"bias_ih{end}", (rows,), (what,)
                yield f"bias_hh{end}", (rows,), (what,)
            if options.proj_size:
                yield f"weight_hr{end}", ("H_out", "H_cell"), ("hidden state", "o * tanh(c)")


def _row(name, letters, axes, sizes) -> TensorShape:
    def number(word: str) -> int:
        parts = word.split(" * ")
        return prod(sizes[part] if part in sizes else int(part) for part in parts)

    return TensorShape(name, letters, tuple(map(number, letters)), axes)


def _tuple(words) -> str:
    return f"({', '.join(map(str, words))}{',' if len(words) == 1 else ''})"


def _html_row(row: TensorShape) -> str:
    letters, shape = (
        f"<td><code>{_tuple(words)}</code></td>" for words in (row.letters, row.shape)
    )
    return f"<tr><th>{row.name}</th>{letters}{shape}<td>{' × '.join(row.axes)}</td></tr>"
