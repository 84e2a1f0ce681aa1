"""What a classifier of texts believes after each letter."""

from collections.abc import Mapping, Sequence

import traitlets

from lstm_lab.checks import check_index, describe
from lstm_lab.data.alphabet import Alphabet
from lstm_lab.explorers.base import Explorer, check_text, state_of
from lstm_lab.explorers.export import options, pack, weights_of
from lstm_lab.explorers.scripts import for_notebook
from lstm_lab.models.classifier import LSTMClassifier
from lstm_lab.models.trained import NameReader
from lstm_lab.states.inputs import check_forward


class NameExplorer(Explorer):
    """What a classifier of texts believes after each letter, and which readout says what.

    Args:
        model: a ``NameReader``, or an ``LSTMClassifier`` with an embedding and an ``nn.LSTM`` of
            one layer and direction.
        alphabet: the letters that it knows.
        classes: the names of its classes.
        examples: texts to choose from, each with the name of its true class.
        id: of the element on a page.
        state: ``text`` and ``step``, the letter after which beliefs are shown.
    Raises:
        ValueError: the model is another one, alphabet and classes are not its own, or an example's
            class is none of them.

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
        examples: Mapping[str, str] | None = None,
        id: str = "name-explorer",
        **state,
    ) -> None:
        heads = _heads(model)
        network = options(model.layer)
        if network["kind"] != "LSTM" or network["num_layers"] > 1 or network["bidirectional"]:
            wanted = "an nn.LSTM of one layer and direction"
            raise ValueError(f"model's layer {describe(model.layer)}; expected {wanted}")
        if len(alphabet) != len(model.embedding.weight):
            wanted = f"{len(model.embedding.weight) - 1}, as the model's embedding"
            raise ValueError(f"alphabet has {len(alphabet.letters)} letters; expected {wanted}")
        outputs = {model.get_submodule(name).out_features for name in heads.values()}
        if outputs != {len(classes)}:
            raise ValueError(f"classes has {len(classes)} names; expected {outputs.pop()}")
        examples = {} if examples is None else examples
        truths = _truths(examples, list(classes))
        data = {
            "network": network,
            "weights": pack(weights_of(model), "model"),
            "heads": heads,
            "letters": alphabet.letters,
            "classes": list(classes),
            "examples": list(examples),
            "truths": truths,
        }
        check_text(alphabet, *(state.get("text", ""), *examples))
        last = max(0, len(state.get("text", "")) - 1)
        super().__init__(data, id=id, **{"step": last} | state)

    def _check(self) -> None:
        check_index("step", self.step, max(1, len(self.text)))

    def _says(self) -> str:
        units, classes = self.data["network"]["hidden_size"], len(self.data["classes"])
        heads = ", ".join(self.data["heads"])
        return f"{heads} of {units} units, {classes} classes; {self.text!r}, letter {self.step}"


def _truths(examples, classes: list[str]) -> list[int]:
    """Return the number of the class of each example."""
    if not isinstance(examples, Mapping):
        wanted = "a mapping from text to class"
        raise ValueError(f"examples {describe(examples)}; expected {wanted}")
    for text, name in examples.items():
        if name not in classes:
            wanted = f"one of classes, {', '.join(map(str, classes))}"
            raise ValueError(f"examples has {text!r} as {name!r}; expected {wanted}")
    return [classes.index(name) for name in examples.values()]


def _heads(model) -> dict[str, str]:
    """Return the name of the linear layer of each readout."""
    if isinstance(model, NameReader):
        check_forward("model", model, NameReader)
        return {name: f"heads.{name}" for name in model.heads}
    if isinstance(model, LSTMClassifier) and model.embedding is not None:
        check_forward("model", model, LSTMClassifier)
        return {model.readout: "head"}
    wanted = "a NameReader, or an LSTMClassifier with vocab_size"
    raise ValueError(f"model {describe(model)}; expected {wanted}")
