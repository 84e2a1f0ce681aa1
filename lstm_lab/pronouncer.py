"""A letters-to-phonemes model that was trained elsewhere, with where its weights come from.

``benchmarks/train_phonemes.py`` made it; chapter 12 tells how good it is.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from lstm_lab.decoding import greedy
from lstm_lab.encoder import Encoder
from lstm_lab.seq2seq import Decoder, Seq2Seq
from lstm_lab.texts import Pairs, pronunciations

FILES = Path(__file__).parent / "files"


@dataclass(frozen=True)
class Made:
    """How the weights were made.

    Args:
        provenance: script, date, versions and machine, in one line.
        steps, seed: of the training.
        scores: phoneme and word error rate on the whole test, by the way of decoding.

    >>> Made("by hand", steps=100, seed=0, scores={"greedy": (0.1, 0.4)}).scores["greedy"]
    (0.1, 0.4)
    """

    provenance: str
    steps: int
    seed: int
    scores: Mapping[str, tuple[float, float]]


class Pronouncer(Seq2Seq):
    """A ``Seq2Seq`` with attention that knows how it was made and where it looks.

    >>> decoder = Decoder(12, 8, 16, memory_size=16)
    >>> model = Pronouncer(Encoder(20, 8, 16), decoder, start=1, stop=2)
    >>> tokens, weights = model.explain(torch.ones(3, 7, dtype=torch.long), torch.tensor([7, 5, 2]))
    >>> weights.shape == (*tokens.shape, 7)
    True
    """

    made: Made

    def explain(self, source: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Return what is said, and where the decoder looks while it says it.

        Args:
            source, lengths: as the encoder takes them.
        Returns:
            ``tokens`` ``(batch, said)`` and weights ``(batch, said, read)``, on the CPU.
        Raises:
            ValueError: the decoder has no attention.
        """
        if self.decoder.key is None:
            raise ValueError("decoder has no attention; expected one with memory_size")
        tokens = greedy(self, source, lengths, longest=30).tokens
        with torch.no_grad():
            encoded = self.encoder(source, lengths)
            _, _, weights = self.decoder(self.shifted(tokens), encoded.state, encoded)
        return tokens.cpu(), weights.cpu()


def pronouncer() -> tuple[Pronouncer, Pairs]:
    """Return the shipped model, in ``eval()`` on the CPU, and the data whose letters it knows.

    One bidirectional layer of 128 units reads, one of 128 with attention says; half-precision
    weights of a megabyte, in ``safetensors``.

    >>> model, data = pronouncer()
    >>> tokens, weights = model.explain(*data.letters.encode(["cat"]))
    >>> data.symbols.decode(tokens), weights.shape
    (['K AE T'], torch.Size([1, 3, 3]))
    """
    from safetensors.torch import load_file

    stored = json.loads((FILES / "phonemes.json").read_text(encoding="utf-8"))
    options, data = stored["options"], pronunciations()
    units = options["hidden"]
    model = Pronouncer(
        Encoder(len(data.letters), 64, units, bidirectional=True),
        Decoder(len(data.symbols), 64, units, memory_size=2 * units),
        start=data.start,
        stop=data.stop,
    )
    weights = load_file(FILES / "phonemes.safetensors")
    model.load_state_dict({name: weight.float() for name, weight in weights.items()})
    scores = {way: (each["phoneme"], each["word"]) for way, each in stored["scores"].items()}
    model.made = Made(stored["provenance"], options["steps"], options["seed"], scores)
    return model.eval(), data
