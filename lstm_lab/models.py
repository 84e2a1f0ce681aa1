"""Models that read a recurrent layer's results at the right place; small enough to take home.

A classifier, a predictor and a gap predictor. All are batch-first, take padded batches with their
lengths, and pack them, so that padding never changes a result.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from lstm_lab.lengths import valid_lengths
from lstm_lab.readout import max_pool, mean_pool

READOUTS = ("h_n", "c_n", "last", "mean", "max")


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
        layer: ``nn.LSTM``, ``nn.GRU`` or ``nn.RNN``.
    Raises:
        ValueError: the readout is unknown, or the layer does not have it: ``"c_n"`` without a
            cell, ``"last"`` with two directions, half of which would have seen one step.

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
        if readout not in READOUTS:
            raise ValueError(f"readout is {readout!r}; expected one of {', '.join(READOUTS)}")
        if readout == "c_n" and layer is not nn.LSTM:
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
        ValueError: the sides are unknown.

    >>> model = GapPredictor(27, 8, 16)
    >>> model(torch.ones(5, 9, dtype=torch.long)).shape
    torch.Size([5, 9, 27])
    """

    def __init__(
        self, vocab_size: int, embedding_dim: int, hidden_size: int, *, sides: str = "both"
    ) -> None:
        super().__init__()
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
            input: ``(batch, seq_len)`` numbers of letters.
            lengths: ``(batch,)`` valid steps; None where nothing is padded.
        """
        embedded, lengths = embedded_input(input, lengths, self.embedding, self.layer.input_size)
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

    >>> gru = nn.GRU(2, 3, num_layers=2, bidirectional=True)
    >>> top(gru(torch.zeros(5, 4, 2))[1], gru).shape
    torch.Size([4, 6])
    """
    return torch.cat([state[-2], state[-1]], dim=-1) if layer.bidirectional else state[-1]


def embedded_input(
    input: Tensor, lengths, embedding: nn.Embedding | None, input_size: int
) -> tuple[Tensor, Tensor]:
    """Return features ``(batch, seq_len, input_size)`` and lengths on the CPU, both checked."""
    if embedding is not None:
        whole = not input.is_floating_point() and input.dtype != torch.bool
        if input.dim() != 2 or not whole:
            shape = f"shape {tuple(input.shape)} and type {input.dtype}"
            raise ValueError(f"input has {shape}; expected (batch, seq_len) whole numbers")
        if input.numel() and not 0 <= int(input.min()) <= int(input.max()) < len(embedding.weight):
            span = f"{int(input.min())} to {int(input.max())}"
            raise ValueError(f"input goes from {span}; expected 0 to {len(embedding.weight) - 1}")
        input = embedding(input)
    if input.dim() != 3 or input.shape[-1] != input_size:
        wanted = f"(batch, seq_len, input_size={input_size})"
        raise ValueError(f"input has shape {tuple(input.shape)}; expected {wanted}")
    return input, torch.tensor(valid_lengths(lengths, *input.shape[:2]))


def packed_run(layer: nn.RNNBase, input: Tensor, lengths: Tensor):
    """Return ``output``, padded as the input was, and the state; padding is never read."""
    if int(lengths.min()) == input.shape[1]:  # a pack of equal lengths is only slower
        return layer(input)
    packed = pack_padded_sequence(input, lengths, batch_first=True, enforce_sorted=False)
    output, state = layer(packed)
    return pad_packed_sequence(output, batch_first=True, total_length=input.shape[1])[0], state
