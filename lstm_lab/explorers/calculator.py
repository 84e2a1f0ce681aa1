"""Every shape for any options, and a drill on them."""

import re

import traitlets

from lstm_lab.explorers.base import Explorer, state_of
from lstm_lab.explorers.scripts import for_notebook
from lstm_lab.states.shapes import Options

SLIDERS = {"input_size": 64, "hidden_size": 64, "num_layers": 4, "batch": 64, "seq_len": 64}
CALLS = ("batched", "unbatched", "packed")


class ShapeCalculator(Explorer):
    """Every shape of ``nn.LSTM``, ``nn.GRU`` and ``nn.RNN``, for any options.

    Args:
        id: of the element on a page.
        state: the options by PyTorch's names; ``kind``; ``call``, one of ``"batched"``,
            ``"unbatched"``, ``"packed"``; ``batch``, ``seq_len`` and ``lengths``, a text.
    Raises:
        ValueError: ``torch.nn`` takes no such options.

    >>> ShapeCalculator(kind="GRU", bidirectional=True)
    <ShapeCalculator nn.GRU(10, 20, num_layers=2, bidirectional=True), batched>
    """

    _esm = for_notebook("ShapeCalculator")
    kind = state_of(traitlets.Unicode, "LSTM")
    input_size = state_of(traitlets.Int, 10)
    hidden_size = state_of(traitlets.Int, 20)
    num_layers = state_of(traitlets.Int, 2)
    nonlinearity = state_of(traitlets.Unicode, "tanh")
    bias = state_of(traitlets.Bool, True)
    batch_first = state_of(traitlets.Bool, False)
    dropout = state_of(traitlets.Float, 0)
    bidirectional = state_of(traitlets.Bool, False)
    proj_size = state_of(traitlets.Int, 0)
    call = state_of(traitlets.Unicode, "batched")
    batch = state_of(traitlets.Int, 3)
    seq_len = state_of(traitlets.Int, 5)
    lengths = state_of(traitlets.Unicode, "5, 3, 2")

    def __init__(self, *, id: str = "shape-calculator", **state) -> None:
        super().__init__({}, id=id, **state)

    def _check(self) -> None:
        for name, known in (("call", CALLS), ("nonlinearity", ("tanh", "relu"))):
            if getattr(self, name) not in known:
                wanted = f"one of {', '.join(known)}"
                raise ValueError(f"{name} is {getattr(self, name)!r}; expected {wanted}")
        for name, most in SLIDERS.items():
            if not 1 <= getattr(self, name) <= most:
                raise ValueError(f"{name} is {getattr(self, name)}; expected 1 to {most}")
        if not 0 <= self.dropout <= 0.9:
            raise ValueError(f"dropout is {self.dropout}; expected 0 to 0.9")
        if not re.fullmatch(r"[1-9]\d{0,2}(, *[1-9]\d{0,2}){0,11}", self.lengths):
            wanted = "up to twelve whole numbers from 1 to 999, as in '5, 3, 2'"
            raise ValueError(f"lengths is {self.lengths!r}; expected {wanted}")
        self._options(self.proj_size)

    def _options(self, proj_size: int) -> Options:
        names = [name for name in Options.__dataclass_fields__ if name != "proj_size"]
        return Options(**{name: getattr(self, name) for name in names}, proj_size=proj_size)

    def _says(self) -> str:
        # A slider may stand where the module, or its hidden_size, leaves no room for it.
        most = self.hidden_size - 1 if self.kind == "LSTM" else 0
        return f"{self._options(min(self.proj_size, most))}, {self.call}"


class ShapeDrill(Explorer):
    """Questions about shapes, checked and explained; ``number`` chooses the question.

    Args:
        id: of the element on a page.
        state: ``number``; ``answer``, what was typed; ``checked``, what was handed in;
            ``counted``, the question that counted last; ``right`` of ``tried`` at the first try,
            the last ``streak`` of them in a row.

    >>> ShapeDrill(number=3)
    <ShapeDrill question 3, right 0 of 0>
    """

    _esm = for_notebook("ShapeDrill")
    number = state_of(traitlets.Int, 0)
    answer = state_of(traitlets.Unicode, "")
    checked = state_of(traitlets.Unicode, "")
    counted = state_of(traitlets.Int, -1)
    right = state_of(traitlets.Int, 0)
    tried = state_of(traitlets.Int, 0)
    streak = state_of(traitlets.Int, 0)

    def __init__(self, *, id: str = "shape-drill", **state) -> None:
        super().__init__({}, id=id, **state)

    def _says(self) -> str:
        return f"question {self.number}, right {self.right} of {self.tried}"
