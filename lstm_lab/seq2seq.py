"""Encoder and decoder: the state handed over, shifted targets, greedy and beam decoding.

Sequences are numbers of letters, 0 for padding. Attention over the encoder's ``output`` is an
option of the decoder. Leaves out input feeding and coverage.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lstm_lab.lengths import whole
from lstm_lab.models import embedded_input, packed_run

State = tuple[Tensor, Tensor]


@dataclass(frozen=True, eq=False)
class Encoded:
    """What an encoder hands over.

    Args:
        output: ``(batch, seq_len, features)`` states of the top layer, 0 in the padding.
        state: ``(h, c)``, each ``(num_layers, batch, hidden_size)``, as a decoder wants it.
        mask: ``(batch, seq_len)``, false in the padding.

    >>> encoder = Encoder(20, 8, 16)
    >>> encoder(torch.ones(3, 7, dtype=torch.long), [7, 5, 2]).mask.sum(dim=1).tolist()
    [7, 5, 2]
    """

    output: Tensor
    state: State
    mask: Tensor


@dataclass(frozen=True, eq=False)
class Decoded:
    """What was decoded, best first where there are several.

    Args:
        tokens: ``(batch, longest)``, without the stop symbol, 0 behind the end.
        lengths: ``(batch,)`` tokens before the stop symbol.
        scores: ``(batch,)`` log-probability of the tokens and, where it came, of the stop symbol.

    >>> Decoded(torch.tensor([[7, 8, 0]]), torch.tensor([2]), torch.tensor([-0.5])).tokens.shape
    torch.Size([1, 3])
    """

    tokens: Tensor
    lengths: Tensor
    scores: Tensor


class Encoder(nn.Module):
    """Reads the source, and hands over a state that a one-directional decoder can take.

    With two directions a bridge maps both ends of each layer to the decoder's size: a linear layer
    for h and one for c. A tanh follows for h, which lies between -1 and 1, and none for c, which
    does not: squeezed, c cannot carry what it did.

    Args:
        vocab_size: how many numbers there are, 0 for padding among them.
        embedding_dim: features of a letter.
        hidden_size: units of a layer and direction, and of the decoder.
        num_layers, bidirectional, dropout: as ``nn.LSTM`` takes them.

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
        features, lengths = embedded_input(source, lengths, self.embedding, self.layer.input_size)
        output, state = packed_run(self.layer, features, lengths)
        steps = torch.arange(source.shape[1], device=source.device)
        mask = steps < lengths.to(source.device).unsqueeze(1)
        if self.bridges:
            h, c = (
                bridge(_side_by_side(each, self.layer.num_layers))
                for bridge, each in zip(self.bridges, state, strict=True)
            )
            state = (h.tanh(), c)
        return Encoded(output * mask.unsqueeze(-1), state, mask)


class Decoder(nn.Module):
    """Says the target, one symbol after the other, from a state that it is handed.

    Args:
        vocab_size: how many numbers there are, 0 for padding among them.
        embedding_dim: features of a symbol.
        hidden_size: units of a layer, those of the state.
        num_layers, dropout: as ``nn.LSTM`` takes them.
        memory_size: features of the encoder's ``output`` to attend to; None for no attention.

    >>> decoder = Decoder(20, 8, 16)
    >>> state = torch.zeros(1, 3, 16), torch.zeros(1, 3, 16)
    >>> logits, state, weights = decoder(torch.ones(3, 5, dtype=torch.long), state)
    >>> logits.shape
    torch.Size([3, 5, 20])
    """

    def __init__(
        self,
        vocab_size: int,
        embedding_dim: int,
        hidden_size: int,
        *,
        num_layers: int = 1,
        dropout: float = 0.0,
        memory_size: int | None = None,
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_dim, padding_idx=0)
        self.layer = nn.LSTM(
            embedding_dim, hidden_size, num_layers, batch_first=True, dropout=dropout
        )
        self.key = None
        if memory_size is not None:
            self.key = nn.Linear(memory_size, hidden_size, bias=False)
            self.join = nn.Linear(memory_size + hidden_size, hidden_size)
        self.head = nn.Linear(hidden_size, vocab_size)

    def forward(
        self, tokens: Tensor, state: State, encoded: Encoded | None = None
    ) -> tuple[Tensor, State, Tensor | None]:
        """Return ``(logits, state, weights)``.

        Args:
            tokens: ``(batch, seq_len)``, what stands before each symbol that is to be said.
            state: ``(h, c)``, each ``(num_layers, batch, hidden_size)``.
            encoded: what to attend to; needed with ``memory_size``, unused without.
        Returns:
            ``logits`` ``(batch, seq_len, vocab_size)``; the state after the last token; and the
            attention ``(batch, seq_len, source_len)``, which sums to 1 over the source and is 0
            in its padding, or None.
        """
        self._check(tokens, state, encoded)
        output, state = self.layer(self.embedding(tokens), state)
        weights = None
        if self.key is not None:
            scores = output @ self.key(encoded.output).transpose(1, 2)
            scores = scores.masked_fill(~encoded.mask.unsqueeze(1), -torch.inf)
            weights = scores.softmax(dim=-1)
            context = weights @ encoded.output
            output = self.join(torch.cat([output, context], dim=-1)).tanh()
        return self.head(output), state, weights

    def _check(self, tokens: Tensor, state: State, encoded: Encoded | None) -> None:
        if tokens.dim() != 2 or tokens.is_floating_point():
            raise ValueError(
                f"tokens has shape {tuple(tokens.shape)} and type {tokens.dtype};"
                " expected (batch, seq_len) whole numbers"
            )
        if not isinstance(state, tuple) or len(state) != 2:
            raise ValueError(f"state is a {type(state).__name__}; expected the pair (h, c)")
        wanted = (self.layer.num_layers, len(tokens), self.layer.hidden_size)
        for name, each in zip("hc", state, strict=True):
            if tuple(each.shape) != wanted:
                raise ValueError(
                    f"state has {name} of shape {tuple(each.shape)};"
                    f" expected (num_layers, batch, hidden_size) = {wanted}"
                )
        if self.key is not None and encoded is None:
            raise ValueError("encoded is None; expected what to attend to, as memory_size says")


class Seq2Seq(nn.Module):
    """An encoder and a decoder, joined by the state ``(h, c)``.

    Args:
        encoder, decoder: of one hidden_size and number of layers.
        start, stop: the numbers of the symbols that begin and end a target.
    Raises:
        ValueError: the two do not fit, or the symbols are none of the decoder's.

    >>> model = Seq2Seq(Encoder(20, 8, 16), Decoder(12, 8, 16), start=1, stop=2)
    >>> source, target = torch.ones(3, 7, dtype=torch.long), torch.ones(3, 5, dtype=torch.long)
    >>> model(source, None, target).shape
    torch.Size([3, 5, 12])
    """

    def __init__(self, encoder: Encoder, decoder: Decoder, *, start: int, stop: int) -> None:
        super().__init__()
        sizes = [(part.layer.num_layers, part.layer.hidden_size) for part in (encoder, decoder)]
        if sizes[0] != sizes[1]:
            raise ValueError(
                f"encoder has (num_layers, hidden_size) {sizes[0]} and decoder {sizes[1]};"
                " expected the same, since the state is handed over"
            )
        memory = encoder.layer.hidden_size * (1 + encoder.layer.bidirectional)
        if decoder.key is not None and decoder.key.in_features != memory:
            raise ValueError(
                f"decoder has memory_size={decoder.key.in_features}; expected {memory}, the"
                " features of the encoder's output"
            )
        vocab_size = decoder.head.out_features
        for name, symbol in (("start", start), ("stop", stop)):
            if not 1 <= whole(name, symbol, least=0) < vocab_size:
                raise ValueError(f"{name} is {symbol}; expected 1 to {vocab_size - 1}")
        self.encoder, self.decoder = encoder, decoder
        self.start, self.stop = start, stop

    def forward(
        self,
        source: Tensor,
        lengths: Tensor | Sequence[int] | None,
        target: Tensor,
        teacher_forcing_ratio: float = 1.0,
    ) -> Tensor:
        """Return logits ``(batch, target_len, vocab_size)`` for the symbols of the target.

        The decoder is fed the target shifted right by one, with the start symbol before it: the
        logits at a place have seen only what stands before it.

        Args:
            source, lengths: as the encoder takes them.
            target: ``(batch, target_len)``, the stop symbol last, 0 behind it.
            teacher_forcing_ratio: the probability that a step is fed the true symbol and not the
                model's own last answer; a draw for each step and sequence, on the CPU.
        """
        if not 0 <= teacher_forcing_ratio <= 1:
            raise ValueError(
                f"teacher_forcing_ratio is {teacher_forcing_ratio}; expected a probability, 0 to 1"
            )
        encoded = self.encoder(source, lengths)
        shifted = self.shifted(target)
        if teacher_forcing_ratio == 1:
            return self.decoder(shifted, encoded.state, encoded)[0]
        state, fed, logits = encoded.state, shifted[:, 0], []
        for t in range(target.shape[1]):
            if t:
                forced = torch.rand(len(target)) < teacher_forcing_ratio
                own = logits[-1][:, 0].argmax(dim=-1)
                fed = torch.where(forced.to(target.device), shifted[:, t], own)
            step, state, _ = self.decoder(fed.unsqueeze(1), state, encoded)
            logits.append(step)
        return torch.cat(logits, dim=1)

    def shifted(self, target: Tensor) -> Tensor:
        """Return the target one place later, the start symbol before it.

        >>> model = Seq2Seq(Encoder(5, 2, 3), Decoder(9, 2, 3), start=1, stop=2)
        >>> model.shifted(torch.tensor([[7, 8, 2]])).tolist()
        [[1, 7, 8]]
        """
        start = torch.full_like(target[:, :1], self.start)
        return torch.cat([start, target[:, :-1]], dim=1)

    def score(
        self, source: Tensor, lengths: Tensor | Sequence[int] | None, target: Tensor
    ) -> Tensor:
        """Return ``(batch,)`` the log-probability of each target, its stop symbol included."""
        log_p = self(source, lengths, target).log_softmax(dim=-1)
        chosen = log_p.gather(2, target.unsqueeze(2)).squeeze(2)
        return chosen.masked_fill(target == 0, 0).sum(dim=1)


def cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """Return the mean cross entropy over the symbols of a target, padding (0) left out.

    Args:
        logits: ``(batch, seq_len, vocab_size)``.
        target: ``(batch, seq_len)``.

    >>> cross_entropy(torch.zeros(1, 2, 4), torch.tensor([[3, 0]])).exp().round().item()
    4.0
    """
    return F.cross_entropy(logits.transpose(1, 2), target, ignore_index=0)


def _side_by_side(state: Tensor, num_layers: int) -> Tensor:
    """Return ``(num_layers, batch, 2 * hidden_size)``: both ends of each layer."""
    return state.unflatten(0, (num_layers, 2)).transpose(1, 2).flatten(2)
