"""Predictors that read both ways: of what belongs to a sequence, and of every letter in a text."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from lstm_lab.checks import check_sizes, describe
from lstm_lab.models.inputs import embedded_input, packed_run
from lstm_lab.states.readout import top_state


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
        check_sizes(input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
        check_sizes(output_size=output_size)
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
        embedded, lengths = embedded_input(input, lengths, None, self.layer)
        _, (h_n, _) = packed_run(self.layer, embedded, lengths)
        return self.head(top_state(h_n, self.layer))


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
        check_sizes(vocab_size=vocab_size, embedding_dim=embedding_dim, hidden_size=hidden_size)
        if sides not in ("both", "left"):
            raise ValueError(f"sides {describe(sides)}; expected 'both' or 'left'")
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
        embedded, lengths = embedded_input(input, lengths, self.embedding, self.layer, gaps=True)
        output, _ = packed_run(self.layer, embedded, lengths)
        size = self.layer.hidden_size
        edge = torch.zeros_like(output[:, :1, :size])
        states = [torch.cat([edge, output[:, :-1, :size]], dim=1)]
        if self.layer.bidirectional:  # beyond a text's end output is 0, like the edge
            states.append(torch.cat([output[:, 1:, size:], edge], dim=1))
        return self.head(torch.cat(states, dim=-1))
