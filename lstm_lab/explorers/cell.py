"""One LSTM cell over time, with the arithmetic of every gate."""

import math
import re
from collections.abc import Sequence
from numbers import Real

import traitlets
from torch import Tensor, nn

from lstm_lab.checks import check_index, describe
from lstm_lab.data.alphabet import Alphabet
from lstm_lab.explorers.base import (
    Explorer,
    as_float32,
    check_sequences,
    check_small,
    check_text,
    state_of,
)
from lstm_lab.explorers.export import export, pack, weights_of
from lstm_lab.explorers.scripts import for_notebook
from lstm_lab.printing import count

REACH = 9  # how far a slider goes, unless what was given lies further out


class CellExplorer(Explorer):
    """One LSTM cell over time: every gate, with the arithmetic behind it.

    Args:
        module: an ``nn.LSTM`` of one layer and direction, without projection, of at most 4 units.
        x: ``(1, seq_len, input_size)``, at most 24 steps; None with an alphabet.
        alphabet: the letters that the inputs stand for, one for each feature; the reader then
            types a text, and each letter is 1 in its own feature.
        head: an ``nn.Linear`` from ``output`` to classes, asked after each step.
        classes: its classes by name.
        names: what Python calls the module and ``x``, for the code that is shown.
        id: of the element on a page.
        state: ``step``, ``unit``; ``gate``, the one that is unfolded, of i, f, g, o; ``text`` with
            an alphabet; ``edits``, a number for ``"weight_ih_l0,row,column"``, from -9 to 9 or as
            far out as the largest weight; and ``forget``, -9 to 9, added to the forget bias.
            ``x``, as lists, is a trait too.
    Raises:
        ValueError: the module, the input or the head do not fit.

    >>> CellExplorer(nn.LSTM(2, 3, batch_first=True), torch.randn(1, 6, 2), step=2)
    <CellExplorer nn.LSTM(2, 3): 6 steps; step 2, unit 0>
    """

    _esm = for_notebook("CellExplorer")
    step = state_of(traitlets.Int, 0)
    unit = state_of(traitlets.Int, 0)
    text = state_of(traitlets.Unicode, "")
    x = state_of(traitlets.List, [])
    gate = state_of(traitlets.Unicode, "f")
    edits = state_of(traitlets.Dict, {})
    forget = state_of(traitlets.Float, 0)

    def __init__(
        self,
        module: nn.LSTM,
        x: Tensor | None = None,
        *,
        alphabet: str | None = None,
        head: nn.Linear | None = None,
        classes: Sequence[str] = (),
        names: tuple[str, str] = ("lstm", "x"),
        id: str = "cell-explorer",
        **state,
    ) -> None:
        network = check_small(export(module))
        plain = network["num_layers"] == 1 and not network["bidirectional"]
        if network["kind"] != "LSTM" or not plain or network["proj_size"]:
            wanted = "an nn.LSTM of one layer and direction, without projection"
            raise ValueError(f"module {describe(module)}; expected {wanted}")
        reach = {"weights": _reach(*module.parameters()), "x": REACH, "forget": REACH}
        data = {"network": network, "classes": list(classes), "names": list(names), "reach": reach}
        if classes and head is None:
            raise ValueError(f"classes has {len(classes)} names and head is None; expected both")
        if (alphabet is None) == (x is None):
            raise ValueError("expected either x or an alphabet, to know what the cell reads")
        if alphabet is None:
            sequence = check_sequences(x, module.input_size, most=1)[0]
            data["x"], reach["x"] = as_float32(sequence), _reach(sequence)
            state = {"x": data["x"]} | state
        else:
            if len(set(alphabet)) != len(alphabet) or len(alphabet) != module.input_size:
                wanted = f"input_size={module.input_size} different letters"
                raise ValueError(f"alphabet {describe(alphabet)}; expected {wanted}")
            data["alphabet"] = alphabet
            state = {"text": alphabet} | state
            check_text(Alphabet(alphabet), state["text"])
            state = {"step": max(0, len(state["text"]) - 1)} | state
        if head is not None:
            fits = isinstance(head, nn.Linear) and head.in_features == module.hidden_size
            if not fits or head.out_features != len(classes):
                wanted = f"an nn.Linear({module.hidden_size}, {len(classes)}), as many as classes"
                raise ValueError(f"head {describe(head)}; expected {wanted}")
            data["head"] = pack(weights_of(head), "head")
        super().__init__(data, id=id, **state)

    def _check(self) -> None:
        if "alphabet" in self.data and not self.text:
            raise ValueError("text is empty; expected at least one letter of the alphabet")
        check_index("step", self.step, len(self.text if "alphabet" in self.data else self.x))
        check_index("unit", self.unit, self.data["network"]["hidden_size"])
        if self.gate not in ("i", "f", "g", "o"):
            raise ValueError(f"gate is {self.gate!r}; expected i, f, g or o")
        if not -REACH <= self.forget <= REACH:
            raise ValueError(f"forget is {self.forget}; expected {-REACH} to {REACH}")
        most = self.data["reach"]["weights"]
        shapes = {name: (rows, columns) for name, rows, columns in self.data["network"]["shapes"]}
        for key, value in self.edits.items():
            found = re.fullmatch(r"(\w+),(\d+),(\d+)", str(key))
            rows, columns = shapes.get(found[1], (0, 0)) if found else (0, 0)
            if not found or int(found[2]) >= rows or int(found[3]) >= columns:
                wanted = "a parameter, a row and a column, as in 'weight_ih_l0,0,0'"
                raise ValueError(f"edits has the key {key!r}; expected {wanted}")
            real = isinstance(value, Real) and not isinstance(value, bool)
            if not (real and abs(value) <= most):
                raise ValueError(
                    f"edits has a number that {describe(value)}; expected {-most} to {most}"
                )

    def _says(self) -> str:
        net = self.data["network"]
        read = repr(self.text) if "alphabet" in self.data else count(len(self.x), "step")
        sizes = f"nn.LSTM({net['input_size']}, {net['hidden_size']})"
        return f"{sizes}: {read}; step {self.step}, unit {self.unit}"


def _reach(*tensors: Tensor) -> int:
    """Return how far a slider goes to either side, so that it holds every number."""
    return max(REACH, *(math.ceil(tensor.detach().abs().max()) for tensor in tensors))
