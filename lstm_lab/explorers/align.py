"""An encoder and a decoder at work, and where attention looks."""

from collections.abc import Mapping, Sequence

import traitlets

from lstm_lab.checks import describe
from lstm_lab.data.alphabet import Alphabet
from lstm_lab.explorers.base import Explorer, check_text, state_of
from lstm_lab.explorers.export import options, pack, weights_of
from lstm_lab.explorers.scripts import for_notebook
from lstm_lab.models.seq2seq import Seq2Seq
from lstm_lab.states.inputs import check_forward


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
            raise ValueError(f"models {describe(models)}; expected Seq2Seq models by name")
        ends = {(each.start, each.stop) for each in models.values()}
        if len(ends) > 1:
            raise ValueError(f"models have (start, stop) {sorted(ends)}; expected the same for all")
        data = {"models": {}, "letters": letters.letters, "symbols": symbols.letters}
        for name, each in models.items():
            check_forward(f"models[{name!r}]", each, Seq2Seq)
            sizes = len(each.encoder.embedding.weight), each.decoder.head.out_features
            if sizes != (len(letters), len(symbols)):
                wanted = f"{(len(letters), len(symbols))}, as the alphabets"
                raise ValueError(
                    f"models[{name!r}] knows {sizes} letters and symbols; expected {wanted}"
                )
            parts = {"encoder": options(each.encoder.layer), "decoder": options(each.decoder.layer)}
            data["models"][name] = parts | pack(weights_of(each), f"models[{name!r}]")
        ((start, stop),) = ends
        joint = "" if isinstance(symbols.letters, str) else " "
        data |= {"start": start, "stop": stop, "joint": joint, "examples": list(examples)}
        check_text(letters, *(state.get("text", ""), *examples))
        super().__init__(data, id=id, **{"model": next(iter(models))} | state)

    def _check(self) -> None:
        models = self.data["models"]
        if self.model not in models:
            raise ValueError(f"model is {self.model!r}; expected one of {', '.join(models)}")

    def _says(self) -> str:
        return f"{', '.join(self.data['models'])}; {self.text!r}, moment {self.clock}"
