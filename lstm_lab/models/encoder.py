"""The encoder of a sequence-to-sequence model: it reads the source and hands over its state."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lstm_lab.checks import check_bool, check_sizes, describe
from lstm_lab.models.inputs import embedded_input, packed_run

State = tuple[Tensor, Tensor]


@dataclass(frozen=True, eq=False)
class Encoded:
    """What an encoder hands over.

    Args:
        output: ``(batch, seq_len, features)`` states of the top layer, 0 in the padding.
        state: ``(h, c)``, each ``(num_layers, batch, hidden_size)``, as a decoder wants it.
        mask: ``(batch, seq_len)``, false in the padding.
    Raises:
        ValueError: the mask is not one of the output's steps, or leaves a sequence none.

    >>> encoder = Encoder(20, 8, 16)
    >>> encoder(torch.ones(3, 7, dtype=torch.long), [7, 5, 2]).mask.sum(dim=1).tolist()
    [7, 5, 2]
    """

    output: Tensor
    state: State
    mask: Tensor

    def __post_init__(self) -> None:
        if not isinstance(self.output, Tensor) or self.output.dim() != 3:
            raise ValueError(f"output {describe(self.output)}; expected (batch, seq_len, features)")
        steps = tuple(self.output.shape[:2])
        fits = isinstance(self.mask, Tensor) and self.mask.shape == steps
        if not fits or self.mask.dtype != torch.bool:
            raise ValueError(f"mask {describe(self.mask)}; expected {steps} of booleans")
        if not torch.compiler.is_compiling() and not self.mask.any(dim=1).all():
            raise ValueError("mask is false for a whole sequence; expected a valid step in each")


class Encoder(nn.Module):
    """Reads the source, and hands over a state that a one-directional decoder can take.

    With two directions a bridge maps both ends of each layer to the decoder's size: a linear layer
    for h and one for c. A tanh follows for h, which lies between -1 and 1, and none for c, which
    does not: squeezed, c learns to carry the same far more slowly.

    Args:
        vocab_size: how many numbers there are, 0 for padding among them.
        embedding_dim: features of a letter.
        hidden_size: units of a layer and direction, and of the decoder.
        num_layers, bidirectional, dropout: as ``nn.LSTM`` takes them.
    Raises:
        ValueError: a size is no whole number of at least 1.

    >>> encoder = Encoder(20, 8, 16, num_layers=2, bidirectional=True)
    >>> encoder(torch.ones(3, 7, dtype=torch.long)).state[0].shape
    torch.Size([2, 3, 16])
    """

    def __init__(
        self,
        vocab_size: int,
        embedding_dim: int,
        hidden_size: int,
        *,
        num_layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        check_sizes(vocab_size=vocab_size, embedding_dim=embedding_dim, hidden_size=hidden_size)
        check_sizes(num_layers=num_layers)
        check_bool("bidirectional", bidirectional)
        self.embedding = nn.Embedding(vocab_size, embedding_dim, padding_idx=0)
        self.layer = nn.LSTM(
            embedding_dim,
            hidden_size,
            num_layers,
            batch_first=True,
            bidirectional=bidirectional,
            dropout=dropout,
        )
        self.bridges = nn.ModuleList(
            nn.Linear(2 * hidden_size, hidden_size) for _ in range(2 * bidirectional)
        )

    def forward(self, source: Tensor, lengths: Tensor | Sequence[int] | None = None) -> Encoded:
        """Return an ``Encoded``.

        Args:
            source: ``(batch, seq_len)``.
            lengths: ``(batch,)`` valid steps; None where nothing is padded.
        """
        features, lengths = embedded_input(source, lengths, self.embedding, self.layer)
        output, state = packed_run(self.layer, features, lengths)
        mask = torch.ones_like(source, dtype=torch.bool)
        if lengths is not None:
            steps = torch.arange(source.shape[1], device=source.device)
            mask = steps < lengths.to(source.device).unsqueeze(1)
        if self.bridges:
            h, c = (
                bridge(_side_by_side(each, self.layer.num_layers))
                for bridge, each in zip(self.bridges, state, strict=True)
            )
            state = (h.tanh(), c)
        return Encoded(output, state, mask)


def _side_by_side(state: Tensor, num_layers: int) -> Tensor:
    """Return ``(num_layers, batch, 2 * hidden_size)``: both ends of each layer."""
    return state.unflatten(0, (num_layers, 2)).transpose(1, 2).flatten(2)
