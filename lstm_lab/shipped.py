"""The small networks that come with the book's explorers, trained elsewhere.

``benchmarks/train_names.py`` and ``train_dates.py`` made them; weights are in half precision, so
that a page can bring them along. The model of chapter 12 is in ``pronouncer.py``.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from torch import Tensor, nn

from lstm_lab.encoder import Encoder
from lstm_lab.inputs import embedded_input, packed_run
from lstm_lab.lengths import wholes
from lstm_lab.readout import max_pool, mean_pool
from lstm_lab.seq2seq import Decoder, Seq2Seq
from lstm_lab.texts import Names, Pairs, dates, names

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
        wholes(vocab_size=vocab_size, embedding_dim=embedding_dim)
        wholes(hidden_size=hidden_size, num_classes=num_classes)
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
        embedded, lengths = embedded_input(
            input, lengths, self.embedding, self.embedding.embedding_dim
        )
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


def _stored(name: str) -> tuple[dict, dict[str, Tensor]]:
    """Return the options of a training, and the weights that came out."""
    from safetensors.torch import load_file

    stored = json.loads((FILES / f"{name}.json").read_text(encoding="utf-8"))
    weights = load_file(FILES / f"{name}.safetensors")
    return stored["options"], {key: weight.float() for key, weight in weights.items()}
