"""The networks that come with the book, trained elsewhere.

``train_names.py``, ``train_dates.py``, ``train_phonemes.py`` and ``train_source.py`` under
``experiments/`` made them; weights are in half precision, so that a page can bring them along.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from torch import Tensor, nn

from lstm_lab.checks import check_sizes
from lstm_lab.data.source import Source, python_source
from lstm_lab.data.texts import Names, Pairs, dates, names, pronunciations
from lstm_lab.models.encoder import Encoder
from lstm_lab.models.inputs import embedded_input, packed_run
from lstm_lab.models.language import LanguageModel
from lstm_lab.models.seq2seq import Decoder, Seq2Seq
from lstm_lab.states.readout import max_pool, mean_pool

FILES = Path(__file__).parent / "files"


class NameReader(nn.Module):
    """One LSTM that reads letters, and four readouts of it, each with a head of its own.

    Args:
        vocab_size: how many numbers there are, 0 for padding among them.
        embedding_dim: features of a letter.
        hidden_size: units of the layer, which has one direction.
        num_classes: how many classes there are.

    >>> model = NameReader(20, 8, 16, 5)
    >>> model(torch.ones(3, 7, dtype=torch.long), [7, 5, 2])["mean"].shape
    torch.Size([3, 5])
    """

    def __init__(
        self, vocab_size: int, embedding_dim: int, hidden_size: int, num_classes: int
    ) -> None:
        super().__init__()
        check_sizes(vocab_size=vocab_size, embedding_dim=embedding_dim)
        check_sizes(hidden_size=hidden_size, num_classes=num_classes)
        self.embedding = nn.Embedding(vocab_size, embedding_dim, padding_idx=0)
        self.layer = nn.LSTM(embedding_dim, hidden_size, batch_first=True)
        self.heads = nn.ModuleDict(
            {name: nn.Linear(hidden_size, num_classes) for name in ("h_n", "c_n", "mean", "max")}
        )

    def forward(
        self, input: Tensor, lengths: Tensor | Sequence[int] | None = None
    ) -> dict[str, Tensor]:
        """Return logits ``(batch, num_classes)`` of each readout.

        Args:
            input: ``(batch, seq_len)`` numbers of letters.
            lengths: ``(batch,)`` valid steps; None where nothing is padded.
        """
        embedded, lengths = embedded_input(input, lengths, self.embedding, self.layer)
        output, (h_n, c_n) = packed_run(self.layer, embedded, lengths)
        read = {
            "h_n": h_n[-1],
            "c_n": c_n[-1],
            "mean": mean_pool(output, lengths),
            "max": max_pool(output, lengths),
        }
        return {name: head(read[name]) for name, head in self.heads.items()}


def name_reader() -> tuple[NameReader, Names]:
    """Return the shipped reader of names, in ``eval()`` on the CPU, and its data.

    >>> model, data = name_reader()
    >>> logits = model(*data.alphabet.encode(["España"]))["h_n"]
    >>> data.languages[logits.argmax()]
    'Spanish'
    """
    options, weights, data = *_stored("names"), names()
    sizes = options["embedding"], options["hidden"]
    model = NameReader(len(data.alphabet), *sizes, len(data.languages))
    model.load_state_dict(weights)
    return model.eval(), data


def date_writers() -> tuple[dict[str, Seq2Seq], Pairs]:
    """Return two small writers of dates, in ``eval()`` on the CPU, and their data.

    Returns:
        ``"one state"``, which hears of the source through ``(h, c)`` alone, and ``"attention"``,
        which looks back at the encoder's ``output`` as well; and the data of both.

    >>> models, data = date_writers()
    >>> list(models)
    ['one state', 'attention']
    """
    options, weights, data = *_stored("dates"), dates()
    sizes, models = (options["embedding"], options["hidden"]), {}
    for way, memory_size in (("one state", None), ("attention", options["hidden"])):
        model = Seq2Seq(
            Encoder(len(data.letters), *sizes),
            Decoder(len(data.symbols), *sizes, memory_size=memory_size),
            start=data.start,
            stop=data.stop,
        )
        own = {name.split("/")[1]: w for name, w in weights.items() if name.startswith(way)}
        model.load_state_dict(own)
        models[way] = model.eval()
    return models, data


def pronouncer() -> tuple[Seq2Seq, Pairs]:
    """Return a shipped model from letters to phonemes, in ``eval()`` on the CPU, and its data.

    One bidirectional layer of 128 units reads, one of 128 with attention says; half-precision
    weights of a megabyte, in ``safetensors``. ``measured("phonemes")`` tells how good it is.

    >>> model, data = pronouncer()
    >>> tokens, weights = model.explain(*data.letters.encode(["cat"]))
    >>> data.symbols.decode(tokens), weights.shape
    (['K AE T'], torch.Size([1, 3, 3]))
    """
    options, weights, data = *_stored("phonemes"), pronunciations()
    units = options["hidden"]
    model = Seq2Seq(
        Encoder(len(data.letters), 64, units, bidirectional=True),
        Decoder(len(data.symbols), 64, units, memory_size=2 * units),
        start=data.start,
        stop=data.stop,
    )
    model.load_state_dict(weights)
    return model.eval(), data


def source_model() -> tuple[LanguageModel, Source]:
    """Return the shipped model of Python source, in ``eval()`` on the CPU, and its data.

    One layer of 128 units; half-precision weights of 200 KB, in ``safetensors``.

    >>> model, data = source_model()
    >>> logits, _ = model(data.alphabet.encode(["impor"])[0])
    >>> data.alphabet.letters[logits[0, -1].argmax() - 1]
    't'
    """
    options, weights, data = *_stored("source"), python_source()
    model = LanguageModel(len(data.alphabet), options["embedding"], options["hidden"])
    model.load_state_dict(weights)
    return model.eval(), data


def _stored(name: str) -> tuple[dict, dict[str, Tensor]]:
    """Return the options of a training, and the weights that came out."""
    from safetensors.torch import load_file

    stored = json.loads((FILES / f"{name}.json").read_text(encoding="utf-8"))
    weights = load_file(FILES / f"{name}.safetensors")
    return stored["options"], {key: weight.float() for key, weight in weights.items()}
