"""What a language model expects of each character of a text, and what its units do meanwhile."""

from collections.abc import Mapping

import traitlets
from torch import Tensor

from lstm_lab.checks import check_index, check_number, describe
from lstm_lab.data.alphabet import Alphabet
from lstm_lab.explorers.base import Explorer, state_of
from lstm_lab.explorers.export import options, pack, weights_of
from lstm_lab.explorers.scripts import for_notebook
from lstm_lab.models.language import LanguageModel
from lstm_lab.states.inputs import check_forward

MOST = 600  # characters of a text, as the script has it
COLOURS = ("surprise", "h", "c")


class TextExplorer(Explorer):
    """A text, coloured by what each character cost or by a unit, and how it would go on.

    Args:
        model: a ``LanguageModel``.
        alphabet: the characters that it knows.
        follow: how closely the units follow a label, by its name: ``(2, hidden_size)``
            correlations, those of each unit's h first, then those of its c. Of the top layer.
        id: of the element on a page.
        state: ``text``; ``step``, the chosen character, or the place behind the last one;
            ``shown``, what colours the text, "surprise", "h" or "c"; ``label``, one of those in
            ``follow``; ``unit``; and ``temperature`` of what is written.
    Raises:
        ValueError: the model is another one, alphabet or ``follow`` does not fit it, or the text
            has more than 600 characters or one that is not the alphabet's.

    >>> model = LanguageModel(4, 8, 16)
    >>> TextExplorer(model, Alphabet("abc"), text="cab", shown="c")
    <TextExplorer of 16 units; 3 characters, c of unit 0>
    """

    _esm = for_notebook("TextExplorer")
    text = state_of(traitlets.Unicode, "")
    step = state_of(traitlets.Int, 0)
    shown = state_of(traitlets.Unicode, "surprise")
    label = state_of(traitlets.Unicode, "")
    unit = state_of(traitlets.Int, 0)
    temperature = state_of(traitlets.Float, 0.5)

    def __init__(
        self,
        model: LanguageModel,
        alphabet: Alphabet,
        *,
        follow: Mapping[str, Tensor] | None = None,
        id: str = "text-explorer",
        **state,
    ) -> None:
        if not isinstance(model, LanguageModel):
            raise ValueError(f"model {describe(model)}; expected a LanguageModel")
        check_forward("model", model, LanguageModel)
        letters = model.head.out_features - 1
        if len(alphabet.letters) != letters or not isinstance(alphabet.letters, str):
            wanted = f"{letters} of one character each, as the model's embedding"
            raise ValueError(f"alphabet has {len(alphabet.letters)} letters; expected {wanted}")
        units = model.layer.hidden_size
        self._alphabet = alphabet
        data = {
            "network": options(model.layer),
            "weights": pack(weights_of(model), "model"),
            "letters": alphabet.letters,
            "follow": {name: _rounded(name, each, units) for name, each in (follow or {}).items()},
        }
        first = {"step": len(state.get("text", "")), "label": next(iter(data["follow"]), "")}
        super().__init__(data, id=id, **first | state)

    def _check(self) -> None:
        if len(self.text) > MOST:
            raise ValueError(f"text has {len(self.text)} characters; expected at most {MOST}")
        if self.text:
            self._alphabet.encode([self.text])
        check_index("step", self.step, len(self.text) + 1)
        check_index("unit", self.unit, self.data["network"]["hidden_size"])
        check_number("temperature", self.temperature)
        for name, known in (("shown", COLOURS), ("label", tuple(self.data["follow"]) or ("",))):
            if getattr(self, name) not in known:
                wanted = f"one of {', '.join(known)}" if known != ("",) else "none without follow"
                raise ValueError(f"{name} {describe(getattr(self, name))}; expected {wanted}")

    def _says(self) -> str:
        units = self.data["network"]["hidden_size"]
        colour = self.shown if self.shown == "surprise" else f"{self.shown} of unit {self.unit}"
        return f"of {units} units; {len(self.text)} characters, {colour}"


def _rounded(name: str, correlations: Tensor, units: int) -> dict[str, list[float]]:
    """Return the correlations of each unit's h and c, in two digits."""
    fits = isinstance(correlations, Tensor) and correlations.shape == (2, units)
    if not fits or not correlations.isfinite().all():
        wanted = f"finite numbers (2, hidden_size={units})"
        raise ValueError(f"follow has {name!r}, which {describe(correlations)}; expected {wanted}")
    h, c = correlations.cpu().tolist()
    return {"h": [round(r, 2) for r in h], "c": [round(r, 2) for r in c]}
