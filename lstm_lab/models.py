"""Models that read a recurrent layer's results at the right place; small enough to take home.

A classifier, a predictor and a gap predictor. All are batch-first, take padded batches with their
lengths, and pack them, so that padding never changes a result.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from lstm_lab.inputs import embedded_input, packed_run
from lstm_lab.lengths import arrived, flag, wholes
from lstm_lab.readout import max_pool, mean_pool

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
        wholes(input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
        wholes(num_classes=num_classes, **sizes)
        flag("bidirectional", bidirectional)
        if not isinstance(layer, type) or not issubclass(layer, LAYERS):
            raise ValueError(f"layer is {layer!r}; expected nn.LSTM, nn.GRU, nn.RNN or a subclass")
        if readout not in READOUTS:
            raise ValueError(f"readout is {readout!r}; expected one of {', '.join(READOUTS)}")
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
        embedded, lengths = embedded_input(input, lengths, self.embedding, self.layer.input_size)
        output, state = packed_run(self.layer, embedded, lengths)
        h_n, c_n = state if isinstance(state, tuple) else (state, None)
        if self.readout in ("h_n", "c_n"):
            return top(c_n if self.readout == "c_n" else h_n, self.layer)
        if self.readout == "last":
            return h_n[-1]  # output at the last valid step: one direction, and packed
        pool = mean_pool if self.readout == "mean" else max_pool
        return pool(output, lengths)


class BidirectionalPredictor(nn.Module):
    """One prediction for a sequence that is read both ways, from both right ends.

    Args:
        input_size: features of a step.
        hidden_size: units of a layer and direction.
        output_size: numbers to predict.
        num_layers: as ``nn.LSTM`` takes it.

    >>> model = BidirectionalPredictor(1, 16, 1)
    >>> model(torch.zeros(4, 20, 1)).shape
    torch.Size([4, 1])
    """

    def __init__(
        self, input_size: int, hidden_size: int, output_size: int, *, num_layers: int = 1
    ) -> None:
        super().__init__()
        wholes(input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
        wholes(output_size=output_size)
        self.layer = nn.LSTM(
            input_size, hidden_size, num_layers, batch_first=True, bidirectional=True
        )
        self.head = nn.Linear(2 * hidden_size, output_size)

    def forward(self, input: Tensor, lengths: Tensor | Sequence[int] | None = None) -> Tensor:
        """Return ``(batch, output_size)``.

        Args:
            input: ``(batch, seq_len, input_size)``.
            lengths: ``(batch,)`` valid steps; None where nothing is padded.
        """
        embedded, lengths = embedded_input(input, lengths, None, self.layer.input_size)
        _, (h_n, _) = packed_run(self.layer, embedded, lengths)
        return self.head(top(h_n, self.layer))


class GapPredictor(nn.Module):
    """A prediction for every letter of a text from all others: it never sees the letter itself.

    At step t it joins the forward state of step t - 1 and the backward state of step t + 1. It has
    one layer on purpose: in a second one every state would have seen every letter, the hidden one
    among them.

    Args:
        vocab_size: how many numbers there are, 0 for padding among them.
        embedding_dim: features of a letter.
        hidden_size: units of a direction.
        sides: ``"both"``, or ``"left"`` for the letters before only.
    Raises:
        ValueError: the sides are unknown, or a size is no whole number of at least 1.

    >>> model = GapPredictor(27, 8, 16)
    >>> model(torch.ones(5, 9, dtype=torch.long)).shape
    torch.Size([5, 9, 27])
    """

    def __init__(
        self, vocab_size: int, embedding_dim: int, hidden_size: int, *, sides: str = "both"
    ) -> None:
        super().__init__()
        wholes(vocab_size=vocab_size, embedding_dim=embedding_dim, hidden_size=hidden_size)
        if sides not in ("both", "left"):
            raise ValueError(f"sides is {sides!r}; expected 'both' or 'left'")
        self.embedding = nn.Embedding(vocab_size, embedding_dim, padding_idx=0)
        self.layer = nn.LSTM(
            embedding_dim, hidden_size, batch_first=True, bidirectional=sides == "both"
        )
        self.head = nn.Linear(hidden_size * (1 + self.layer.bidirectional), vocab_size)

    def forward(self, input: Tensor, lengths: Tensor | Sequence[int] | None = None) -> Tensor:
        """Return logits ``(batch, seq_len, vocab_size)``; those of the padding mean nothing.

        Args:
            input: ``(batch, seq_len)`` numbers of letters; 0 in the place of a letter hides it.
            lengths: ``(batch,)`` valid steps; None where nothing is padded.
        """
        embedded, lengths = embedded_input(
            input, lengths, self.embedding, self.layer.input_size, gaps=True
        )
        output, _ = packed_run(self.layer, embedded, lengths)
        size = self.layer.hidden_size
        edge = torch.zeros_like(output[:, :1, :size])
        states = [torch.cat([edge, output[:, :-1, :size]], dim=1)]
        if self.layer.bidirectional:  # beyond a text's end output is 0, like the edge
            states.append(torch.cat([output[:, 1:, size:], edge], dim=1))
        return self.head(torch.cat(states, dim=-1))


def top(state: Tensor, layer: nn.RNNBase) -> Tensor:
    """Return the top layer's rows of ``h_n`` or ``c_n``, directions side by side.

    Args:
        state: ``(num_directions * num_layers, batch, features)``.
        layer: the recurrent layer that it belongs to.
    Returns:
        ``(batch, num_directions * features)``.
    Raises:
        ValueError: the state is a pair, or not of that layer.

    >>> gru = nn.GRU(2, 3, num_layers=2, bidirectional=True)
    >>> top(gru(torch.zeros(5, 4, 2))[1], gru).shape
    torch.Size([4, 6])
    """
    rows = layer.num_layers * (1 + layer.bidirectional)
    if not isinstance(state, Tensor) or state.dim() != 3 or len(state) != rows:
        raise ValueError(f"state {arrived(state)}; expected h_n or c_n ({rows}, batch, features)")
    return torch.cat([state[-2], state[-1]], dim=-1) if layer.bidirectional else state[-1]
