"""The explorers: figures that answer when touched, with a real network behind them.

In a live notebook each is a widget, whose traits can be read and set; in the built book the same
script runs in the reader's browser, without Python. What is shown is computed by the page, from
weights that ``export`` packed.
"""

import json
import re
from collections.abc import Mapping, Sequence

import traitlets
from torch import Tensor, nn

from lstm_lab.alphabet import Alphabet
from lstm_lab.explorer import Explorer, state_of, within
from lstm_lab.export import export, options, pack
from lstm_lab.lengths import arrived, whole
from lstm_lab.models import LSTMClassifier
from lstm_lab.scripts import for_notebook
from lstm_lab.seq2seq import Seq2Seq
from lstm_lab.shapes import Options
from lstm_lab.shipped import NameReader

SLIDERS = {"input_size": 64, "hidden_size": 64, "num_layers": 4, "batch": 64, "seq_len": 64}
CALLS = ("batched", "unbatched", "packed")
MOST_STEPS = 24
MOST_UNITS = 4
MOST_LETTERS = 40  # of a text, as the scripts have it


class StateGrid(Explorer):
    """Every state of a layer, and where each is in ``output``, ``h_n`` and ``c_n``.

    Args:
        module: an ``nn.LSTM``, ``nn.GRU`` or ``nn.RNN``, or several that differ in ``num_layers``
            and ``bidirectional``, between which the reader can choose. At most 4 units.
        x: ``(batch, seq_len, input_size)``, whatever ``batch_first`` the module has; at most 3
            sequences of 24 steps.
        names: what Python calls each module, for the code that is shown; by default ``"lstm"``,
            ``"gru"`` or ``"rnn"``.
        shorter: steps that the second sequence has less when the reader pads it.
        id: of the element on a page.
        state: ``layers``, ``directions``, ``steps``, ``example``, ``padded``, ``batch_first``;
            ``quantity``, ``layer``, ``direction``, ``step`` and ``unit`` of the chosen number;
            and ``clock``, the last moment that has been computed, -1 for all.
    Raises:
        ValueError: the modules or ``x`` do not fit, or are too large to be read.

    >>> lstm = nn.LSTM(2, 3, num_layers=2, batch_first=True)
    >>> grid = StateGrid(lstm, torch.randn(2, 4, 2), quantity="h", layer=0, step=3)
    >>> grid
    <StateGrid nn.LSTM(2, 3): 2 layers, 1 direction; 2 sequences of 4 steps; h, layer 0, step 3>
    """

    _esm = for_notebook("StateGrid")
    layers = state_of(traitlets.Int, 1)
    directions = state_of(traitlets.Int, 1)
    steps = state_of(traitlets.Int, 0)
    example = state_of(traitlets.Int, 0)
    padded = state_of(traitlets.Bool, False)
    batch_first = state_of(traitlets.Bool, True)
    quantity = state_of(traitlets.Unicode, "h")
    layer = state_of(traitlets.Int, 0)
    direction = state_of(traitlets.Int, 0)
    step = state_of(traitlets.Int, 0)
    unit = state_of(traitlets.Int, 0)
    clock = state_of(traitlets.Int, -1)

    def __init__(
        self,
        module: nn.RNNBase | Sequence[nn.RNNBase],
        x: Tensor,
        *,
        names: Sequence[str] | None = None,
        shorter: int = 2,
        id: str = "state-grid",
        **state,
    ) -> None:
        modules = list(module) if isinstance(module, (list, tuple)) else [module]
        networks = [_small(export(each)) for each in modules]
        if not networks:
            raise ValueError("module is empty; expected at least one layer")
        kinds = {
            (net["kind"], net["input_size"], net["hidden_size"], net["proj_size"])
            for net in networks
        }
        shapes = {(net["num_layers"], net["bidirectional"]) for net in networks}
        if len(kinds) > 1 or len(shapes) < len(networks):
            wanted = "layers of one kind and size that differ in num_layers or bidirectional"
            raise ValueError(f"module has {len(networks)} layers; expected {wanted}")
        names = list(names or [net["kind"].lower() for net in networks])
        if len(names) != len(networks):
            raise ValueError(f"names has {len(names)} names; expected {len(networks)}")
        for network, name in zip(networks, names, strict=True):
            network["name"] = name
        x = _sequences(x, networks[0]["input_size"], most=3)
        first = networks[0]
        start = {
            "layers": first["num_layers"],
            "directions": 1 + first["bidirectional"],
            "steps": x.shape[1],
            "layer": first["num_layers"] - 1,
            "step": x.shape[1] - 1,
        }
        data = {
            "networks": networks,
            "x": _rounded(x),
            "shorter": whole("shorter", shorter, least=1),
        }
        super().__init__(data, id=id, **start | state)

    def _check(self) -> None:
        networks = self.data["networks"]
        shapes = {(net["num_layers"], net["bidirectional"]) for net in networks}
        if (self.layers, self.directions - 1) not in shapes:
            have = ", ".join(f"{depth} and {1 + both}" for depth, both in sorted(shapes))
            found = f"layers is {self.layers} and directions {self.directions}"
            raise ValueError(f"{found}; expected {have}")
        network, length = self.data["networks"][0], len(self.data["x"][0])
        sizes = {"h": network["proj_size"] or network["hidden_size"]}
        if network["kind"] == "LSTM":
            sizes["c"] = network["hidden_size"]
        if self.quantity not in sizes:
            wanted = " or ".join(map(repr, sizes))
            raise ValueError(f"quantity is {self.quantity!r}; expected {wanted}")
        if not 1 <= self.steps <= length:
            raise ValueError(f"steps is {self.steps}; expected 1 to {length}")
        cut = self.padded and self.example == 1 and self.steps > self.data["shorter"]
        within("example", self.example, len(self.data["x"]))
        within("layer", self.layer, self.layers)
        within("direction", self.direction, self.directions)
        within("step", self.step, self.steps - (self.data["shorter"] if cut else 0))
        within("unit", self.unit, sizes[self.quantity])

    def _says(self) -> str:
        first = self.data["networks"][0]
        sizes = f"nn.{first['kind']}({first['input_size']}, {first['hidden_size']})"
        counts = _count(self.layers, "layer"), _count(self.directions, "direction")
        read = f"{_count(len(self.data['x']), 'sequence')} of {_count(self.steps, 'step')}"
        where = f"{self.quantity}, layer {self.layer}, step {self.step}"
        return f"{sizes}: {', '.join(counts)}; {read}; {where}"


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
            ``counted``, the question that counted last; ``right`` of ``tried`` at the first try.

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

    def __init__(self, *, id: str = "shape-drill", **state) -> None:
        super().__init__({}, id=id, **state)

    def _says(self) -> str:
        return f"question {self.number}, right {self.right} of {self.tried}"


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
        state: ``step``, ``unit``; ``text`` with an alphabet; ``edits``, a number for
            ``"weight_ih_l0,row,column"``; ``forget``, -9 to 9, added to the forget bias; and
            ``weight``, the one that the slider moves. ``x``, as lists, is a trait too.
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
    weight = state_of(traitlets.Unicode, "weight_ih_l0,0,0")
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
        network = _small(export(module))
        plain = network["num_layers"] == 1 and not network["bidirectional"]
        if network["kind"] != "LSTM" or not plain or network["proj_size"]:
            wanted = "an nn.LSTM of one layer and direction, without projection"
            raise ValueError(f"module is {module}; expected {wanted}")
        data = {"network": network, "classes": list(classes), "names": list(names)}
        if classes and head is None:
            raise ValueError(f"classes has {len(classes)} names and head is None; expected both")
        if (alphabet is None) == (x is None):
            raise ValueError("expected either x or an alphabet, to know what the cell reads")
        if alphabet is None:
            data["x"] = _rounded(_sequences(x, module.input_size, most=1)[0])
            state = {"x": data["x"]} | state
        else:
            if len(set(alphabet)) != len(alphabet) or len(alphabet) != module.input_size:
                wanted = f"input_size={module.input_size} different letters"
                raise ValueError(f"alphabet is {alphabet!r}; expected {wanted}")
            data["alphabet"] = alphabet
            state = {"text": alphabet} | state
            _check_text(Alphabet(alphabet), state["text"])
            state = {"step": max(0, len(state["text"]) - 1)} | state
        if head is not None:
            fits = isinstance(head, nn.Linear) and head.in_features == module.hidden_size
            if not fits or head.out_features != len(classes):
                wanted = f"an nn.Linear({module.hidden_size}, {len(classes)}), as many as classes"
                raise ValueError(f"head is {head}; expected {wanted}")
            data["head"] = pack(head.state_dict(), "head")
        super().__init__(data, id=id, **state)

    def _check(self) -> None:
        if "alphabet" in self.data and not self.text:
            raise ValueError("text is empty; expected at least one letter of the alphabet")
        within("step", self.step, len(self.text if "alphabet" in self.data else self.x))
        within("unit", self.unit, self.data["network"]["hidden_size"])
        if not -9 <= self.forget <= 9:
            raise ValueError(f"forget is {self.forget}; expected -9 to 9")
        shapes = {name: (rows, columns) for name, rows, columns in self.data["network"]["shapes"]}
        for key in (self.weight, *self.edits):
            name, row, column = (*key.split(","), "", "")[:3]
            rows, columns = shapes.get(name, (0, 0))
            if not (row.isdecimal() and column.isdecimal()) or not (
                int(row) < rows and int(column) < columns
            ):
                wanted = "a parameter, a row and a column, as in 'weight_ih_l0,0,0'"
                raise ValueError(f"weight is {key!r}; expected {wanted}")

    def _says(self) -> str:
        net = self.data["network"]
        read = repr(self.text) if "alphabet" in self.data else _count(len(self.x), "step")
        sizes = f"nn.LSTM({net['input_size']}, {net['hidden_size']})"
        return f"{sizes}: {read}; step {self.step}, unit {self.unit}"


class NameExplorer(Explorer):
    """What a classifier of texts believes after each letter, and which readout says what.

    Args:
        model: a ``NameReader``, or an ``LSTMClassifier`` with an embedding and an ``nn.LSTM`` of
            one layer and direction.
        alphabet: the letters that it knows.
        classes: the names of its classes.
        examples: texts to choose from.
        id: of the element on a page.
        state: ``text`` and ``step``, the letter after which beliefs are shown.
    Raises:
        ValueError: the model is another one, or alphabet and classes are not its own.

    >>> model = LSTMClassifier(4, 8, 2, vocab_size=4)
    >>> NameExplorer(model, Alphabet("abc"), ["x", "y"], text="cab")
    <NameExplorer h_n of 8 units, 2 classes; 'cab', letter 2>
    """

    _esm = for_notebook("NameExplorer")
    text = state_of(traitlets.Unicode, "")
    step = state_of(traitlets.Int, 0)

    def __init__(
        self,
        model: NameReader | LSTMClassifier,
        alphabet: Alphabet,
        classes: Sequence[str],
        *,
        examples: Sequence[str] = (),
        id: str = "name-explorer",
        **state,
    ) -> None:
        heads = _heads(model)
        network = options(model.layer)
        if network["kind"] != "LSTM" or network["num_layers"] > 1 or network["bidirectional"]:
            raise ValueError(
                f"model has {model.layer}; expected an nn.LSTM of one layer and direction"
            )
        if len(alphabet) != len(model.embedding.weight):
            wanted = f"{len(model.embedding.weight) - 1}, as the model's embedding"
            raise ValueError(f"alphabet has {len(alphabet.letters)} letters; expected {wanted}")
        outputs = {model.get_submodule(name).out_features for name in heads.values()}
        if outputs != {len(classes)}:
            raise ValueError(f"classes has {len(classes)} names; expected {outputs.pop()}")
        data = {
            "network": network,
            "weights": pack(model.state_dict(), "model"),
            "heads": heads,
            "letters": alphabet.letters,
            "classes": list(classes),
            "examples": list(examples),
        }
        _check_text(alphabet, *(state.get("text", ""), *examples))
        last = max(0, len(state.get("text", "")) - 1)
        super().__init__(data, id=id, **{"step": last} | state)

    def _check(self) -> None:
        within("step", self.step, max(1, len(self.text)))

    def _says(self) -> str:
        units, classes = self.data["network"]["hidden_size"], len(self.data["classes"])
        heads = ", ".join(self.data["heads"])
        return f"{heads} of {units} units, {classes} classes; {self.text!r}, letter {self.step}"


class AlignExplorer(Explorer):
    """An encoder and a decoder at work, step by step, and where attention looks.

    Args:
        models: ``Seq2Seq`` models by name, which share their letters and symbols.
        letters: the alphabet of the sources.
        symbols: the alphabet of the targets.
        examples: sources to choose from.
        id: of the element on a page.
        state: ``text``, the source; ``model``, a name; ``clock``, the moment: letters are read,
            the state is handed over, symbols are said.
    Raises:
        ValueError: there is no model, or one does not fit the alphabets.

    >>> model = Seq2Seq(Encoder(4, 2, 3), Decoder(5, 2, 3), start=1, stop=2)
    >>> AlignExplorer({"one": model}, Alphabet("abc"), Alphabet("^$xy"), text="cab")
    <AlignExplorer one; 'cab', moment 999>
    """

    _esm = for_notebook("AlignExplorer")
    text = state_of(traitlets.Unicode, "")
    model = state_of(traitlets.Unicode, "")
    clock = state_of(traitlets.Int, 999)

    def __init__(
        self,
        models: Mapping[str, Seq2Seq],
        letters: Alphabet,
        symbols: Alphabet,
        *,
        examples: Sequence[str] = (),
        id: str = "align-explorer",
        **state,
    ) -> None:
        if not models or not all(isinstance(each, Seq2Seq) for each in models.values()):
            raise ValueError(f"models is {models!r}; expected Seq2Seq models by name")
        ends = {(each.start, each.stop) for each in models.values()}
        if len(ends) > 1:
            raise ValueError(f"models have (start, stop) {sorted(ends)}; expected the same for all")
        data = {"models": {}, "letters": letters.letters, "symbols": symbols.letters}
        for name, each in models.items():
            sizes = len(each.encoder.embedding.weight), each.decoder.head.out_features
            if sizes != (len(letters), len(symbols)):
                wanted = f"{(len(letters), len(symbols))}, as the alphabets"
                raise ValueError(
                    f"models[{name!r}] knows {sizes} letters and symbols; expected {wanted}"
                )
            parts = {"encoder": options(each.encoder.layer), "decoder": options(each.decoder.layer)}
            data["models"][name] = parts | pack(each.state_dict(), f"models[{name!r}]")
        ((start, stop),) = ends
        joint = "" if isinstance(symbols.letters, str) else " "
        data |= {"start": start, "stop": stop, "joint": joint, "examples": list(examples)}
        _check_text(letters, *(state.get("text", ""), *examples))
        super().__init__(data, id=id, **{"model": next(iter(models))} | state)

    def _check(self) -> None:
        models = self.data["models"]
        if self.model not in models:
            raise ValueError(f"model is {self.model!r}; expected one of {', '.join(models)}")

    def _says(self) -> str:
        return f"{', '.join(self.data['models'])}; {self.text!r}, moment {self.clock}"


def _heads(model) -> dict[str, str]:
    """Return the name of the linear layer of each readout."""
    if isinstance(model, NameReader):
        return {name: f"heads.{name}" for name in model.heads}
    if isinstance(model, LSTMClassifier) and model.embedding is not None:
        return {model.readout: "head"}
    wanted = "a NameReader, or an LSTMClassifier with vocab_size"
    raise ValueError(f"model is a {type(model).__name__}; expected {wanted}")


def _check_text(alphabet: Alphabet, *texts: str) -> None:
    """Refuse texts with letters that are not the alphabet's, or too many of them."""
    for text in texts:
        if not isinstance(text, str):
            raise ValueError(f"text is a {type(text).__name__}; expected letters")
        if text:
            alphabet.encode([text])
        if len(text) > MOST_LETTERS:
            raise ValueError(f"text is {text!r}; expected at most {MOST_LETTERS} letters")


def _small(network: dict) -> dict:
    if network["hidden_size"] > MOST_UNITS:
        wanted = f"at most {MOST_UNITS}, so that every number can be shown"
        raise ValueError(f"module has hidden_size={network['hidden_size']}; expected {wanted}")
    return network


def _sequences(x: object, input_size: int, *, most: int) -> Tensor:
    """Return the sequences on the CPU, if they can be shown."""
    fits = isinstance(x, Tensor) and x.is_floating_point() and x.dim() == 3 and 0 not in x.shape
    if not fits or len(x) > most or x.shape[1] > MOST_STEPS or x.shape[2] != input_size:
        wanted = (
            f"(at most {most}, at most {MOST_STEPS}, input_size={input_size}) of floating point"
        )
        raise ValueError(f"x {arrived(x)}; expected {wanted}")
    if not x.isfinite().all():
        raise ValueError("x has nan or inf; expected finite numbers")
    return x.detach().cpu().float()


def _rounded(x: Tensor) -> list:
    """Return numbers as float32 holds them, in as few digits as tell them apart."""
    return json.loads(json.dumps(x.tolist()), parse_float=lambda text: float(f"{float(text):.9g}"))


def _count(amount: int, word: str) -> str:
    return f"{amount} {word}{'' if amount == 1 else 's'}"
