"""A classifier that reads its recurrent layer at the right place; small enough to take home.

Like all models here it is batch-first, takes padded batches with their lengths, and packs them, so
that padding never changes a result.
"""

from collections.abc import Sequence

from torch import Tensor, nn

from lstm_lab.checks import check_bool, check_sizes, describe
from lstm_lab.models.inputs import embedded_input, packed_run
from lstm_lab.states.readout import max_pool, mean_pool, top_state

READOUTS = ("h_n", "c_n", "last", "mean", "max")
LAYERS = (nn.LSTM, nn.GRU, nn.RNN)


class LSTMClassifier(nn.Module):
    """One answer for a sequence, from a readout that is chosen by name.

    Args:
        input_size: features of a step; with ``vocab_size``, of a letter's embedding.
        hidden_size: units of a layer and direction.
        num_classes: how many classes there are.
        num_layers, bidirectional, dropout: as ``nn.LSTM`` takes them.
        readout: ``"h_n"`` or ``"c_n"``, the top layer's final states of every direction;
            ``"last"``, ``output`` at the last valid step; ``"mean"`` or ``"max"`` of ``output``
            over the valid steps.
        vocab_size: how many numbers there are, 0 for padding among them, where the input is
            numbers of letters; None where it is features.
        layer: ``nn.LSTM``, ``nn.GRU`` or ``nn.RNN``, or a subclass.
    Raises:
        ValueError: a size is no whole number of at least 1; the readout is unknown, or the layer
            does not have it: ``"c_n"`` without a cell, ``"last"`` with two directions, half of
            which would have seen one step.

    >>> model = LSTMClassifier(8, 32, 10, readout="mean")
    >>> model(torch.zeros(5, 7, 8), torch.tensor([7, 3, 1, 7, 2])).shape
    torch.Size([5, 10])
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_classes: int,
        *,
        num_layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        readout: str = "h_n",
        vocab_size: int | None = None,
        layer: type[nn.RNNBase] = nn.LSTM,
    ) -> None:
        super().__init__()
        sizes = {} if vocab_size is None else {"vocab_size": vocab_size}
        check_sizes(input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
        check_sizes(num_classes=num_classes, **sizes)
        check_bool("bidirectional", bidirectional)
        if not isinstance(layer, type) or not issubclass(layer, LAYERS):
            raise ValueError(
                f"layer {describe(layer)}; expected nn.LSTM, nn.GRU, nn.RNN or a subclass"
            )
        if readout not in READOUTS:
            raise ValueError(f"readout {describe(readout)}; expected one of {', '.join(READOUTS)}")
        if readout == "c_n" and not issubclass(layer, nn.LSTM):
            raise ValueError(f"readout is 'c_n'; an {layer.__name__} has no cell state")
        if readout == "last" and bidirectional:
            raise ValueError(
                "readout is 'last' with two directions, where half of it has seen one step;"
                " expected 'h_n', which has both ends"
            )
        self.readout = readout
        self.embedding = None
        if vocab_size is not None:
            self.embedding = nn.Embedding(vocab_size, input_size, padding_idx=0)
        self.layer = layer(
            input_size,
            hidden_size,
            num_layers,
            batch_first=True,
            bidirectional=bidirectional,
            dropout=dropout,
        )
        self.head = nn.Linear(hidden_size * (1 + bidirectional), num_classes)

    def forward(self, input: Tensor, lengths: Tensor | Sequence[int] | None = None) -> Tensor:
        """Return logits ``(batch, num_classes)``.

        Args:
            input: ``(batch, seq_len, input_size)``, or ``(batch, seq_len)`` numbers of letters.
            lengths: ``(batch,)`` valid steps; None where nothing is padded.
        """
        return self.head(self.features(input, lengths))

    def features(self, input: Tensor, lengths: Tensor | Sequence[int] | None = None) -> Tensor:
        """Return the readout ``(batch, num_directions * hidden_size)``; arguments as above."""
        embedded, lengths = embedded_input(input, lengths, self.embedding, self.layer)
        output, state = packed_run(self.layer, embedded, lengths)
        h_n, c_n = state if isinstance(state, tuple) else (state, None)
        if self.readout in ("h_n", "c_n"):
            return top_state(c_n if self.readout == "c_n" else h_n, self.layer)
        if self.readout == "last":
            return h_n[-1]  # output at the last valid step: one direction, and packed
        pool = mean_pool if self.readout == "mean" else max_pool
        return pool(output, lengths)
