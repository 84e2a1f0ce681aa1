"""The decoder, and the two parts as one: the state handed over, shifted targets.

Sequences are numbers of letters, 0 for padding. Attention over the encoder's ``output`` is an
option of the decoder. Leaves out input feeding and coverage.
"""

from collections.abc import Sequence
from numbers import Real
from reprlib import repr as shortened

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lstm_lab.checks import check_int, check_sizes, describe
from lstm_lab.models.decoding import greedy
from lstm_lab.models.encoder import Encoded, Encoder, State
from lstm_lab.models.inputs import check_ids
from lstm_lab.states.inputs import check_type


class Decoder(nn.Module):
    """Says the target, one symbol after the other, from a state that it is handed.

    Args:
        vocab_size: how many numbers there are, 0 for padding among them.
        embedding_dim: features of a symbol.
        hidden_size: units of a layer, those of the state.
        num_layers, dropout: as ``nn.LSTM`` takes them.
        memory_size: features of the encoder's ``output`` to attend to; None for no attention.
    Raises:
        ValueError: a size is no whole number of at least 1.

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
        sizes = {} if memory_size is None else {"memory_size": memory_size}
        check_sizes(vocab_size=vocab_size, embedding_dim=embedding_dim, hidden_size=hidden_size)
        check_sizes(num_layers=num_layers, **sizes)
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
        check_ids("tokens", tokens, len(self.embedding.weight))
        if not isinstance(state, tuple) or len(state) != 2:
            raise ValueError(f"state {describe(state)}; expected the pair (h, c)")
        wanted = (self.layer.num_layers, len(tokens), self.layer.hidden_size)
        for name, each in zip("hc", state, strict=True):
            if not isinstance(each, Tensor) or each.shape != wanted:
                raise ValueError(
                    f"{name} of state {describe(each)};"
                    f" expected (num_layers, batch, hidden_size) = {wanted}"
                )
            check_type(f"{name} of state", each, self.layer)
        if self.key is not None:
            wanted = (len(tokens), self.key.in_features)
            if not isinstance(encoded, Encoded):
                raise ValueError(f"encoded {describe(encoded)}; expected an Encoded to attend to")
            if (encoded.output.shape[0], encoded.output.shape[2]) != wanted:
                raise ValueError(
                    f"encoded has output of shape {tuple(encoded.output.shape)};"
                    f" expected (batch={wanted[0]}, seq_len, memory_size={wanted[1]})"
                )


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
            if not 1 <= check_int(name, symbol, least=0) < vocab_size:
                raise ValueError(f"{name} is {symbol}; expected 1 to {vocab_size - 1}")
        if start == stop:
            raise ValueError(f"start and stop are both {start}; expected two symbols")
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
        Raises:
            ValueError: the target is not whole numbers of the vocabulary, a row for each source,
                or the ratio is no probability.
        """
        ratio = teacher_forcing_ratio
        if not isinstance(ratio, Real) or not 0 <= ratio <= 1:
            found = f"teacher_forcing_ratio {describe(ratio)}"
            raise ValueError(f"{found}; expected a probability, 0 to 1")
        encoded = self.encoder(source, lengths)
        self._check_target(target, len(source))
        shifted = self.shifted(target)
        if teacher_forcing_ratio == 1:
            return self.decoder(shifted, encoded.state, encoded)[0]
        state, fed, logits = encoded.state, shifted[:, 0], []
        for t in range(target.shape[1]):
            if t:
                forced = torch.rand(len(target), device="cpu") < teacher_forcing_ratio
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
        self._check_target(target)
        start = torch.full_like(target[:, :1], self.start)
        return torch.cat([start, target[:, :-1]], dim=1)

    def score(
        self, source: Tensor, lengths: Tensor | Sequence[int] | None, target: Tensor
    ) -> Tensor:
        """Return ``(batch,)`` the log-probability of each target, its stop symbol included.

        Args:
            source, lengths, target: as above; a target ends with the stop symbol.
        Raises:
            ValueError: a target has no stop symbol, or 0 before it, or a symbol behind it.
        """
        log_p = self(source, lengths, target).log_softmax(dim=-1)
        stops = (target == self.stop).long()
        before = stops.cumsum(dim=1) - stops
        right = stops.any(dim=1) & ((before == 0) == (target != 0)).all(dim=1)
        if not right.all():
            row = target[~right][0].tolist()
            wanted = f"one stop symbol, {self.stop}, no 0 before it and only 0 behind it"
            raise ValueError(f"target has the row {shortened(row)}; expected {wanted}")
        chosen = log_p.gather(2, target.long().unsqueeze(2)).squeeze(2)
        return chosen.masked_fill(target == 0, 0).sum(dim=1)

    def explain(
        self, source: Tensor, lengths: Tensor | Sequence[int] | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return what is said greedily, and where the decoder looks while it says it.

        Args:
            source, lengths: as the encoder takes them.
        Returns:
            ``tokens`` ``(batch, said)`` and weights ``(batch, said, read)``, on the CPU.
        Raises:
            ValueError: the decoder has no attention.

        >>> decoder = Decoder(12, 8, 16, memory_size=16)
        >>> model = Seq2Seq(Encoder(20, 8, 16), decoder, start=1, stop=2)
        >>> tokens, weights = model.explain(torch.ones(3, 7, dtype=torch.long), [7, 5, 2])
        >>> weights.shape == (*tokens.shape, 7)
        True
        """
        if self.decoder.key is None:
            raise ValueError("decoder has no attention; expected one with memory_size")
        tokens = greedy(self, source, lengths).tokens
        with torch.no_grad():
            encoded = self.encoder(source, lengths)
            _, _, weights = self.decoder(self.shifted(tokens), encoded.state, encoded)
        return tokens.cpu(), weights.cpu()

    def _check_target(self, target: Tensor, batch: int | None = None) -> None:
        check_ids("target", target, self.decoder.head.out_features)
        if batch is not None and len(target) != batch:
            raise ValueError(f"target has {len(target)} rows; expected the source's {batch}")


def cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """Return the mean cross entropy over the symbols of a target, padding (0) left out.

    Args:
        logits: ``(batch, seq_len, vocab_size)``.
        target: ``(batch, seq_len)`` whole numbers from 0 to below ``vocab_size``.
    Raises:
        ValueError: a shape, type or number does not fit; or the target is padding alone, of which
            there is no mean.

    >>> cross_entropy(torch.zeros(1, 2, 4), torch.tensor([[3, 0]])).exp().round().item()
    4.0
    """
    if not isinstance(logits, Tensor) or logits.dim() != 3 or not logits.is_floating_point():
        raise ValueError(f"logits {describe(logits)}; expected floats (batch, seq_len, vocab_size)")
    check_ids("target", target, logits.shape[2])
    if target.shape != logits.shape[:2]:
        raise ValueError(f"target {describe(target)}; expected {tuple(logits.shape[:2])}")
    if not target.any():
        raise ValueError("target has nothing but padding, 0; expected a symbol to grade")
    return F.cross_entropy(logits.transpose(1, 2), target.long(), ignore_index=0)
