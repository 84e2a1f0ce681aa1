"""Decoding a sequence that nobody knows yet: greedily, and with a beam.

A symbol is chosen from the model's own probabilities and fed back, state and all, until the stop
symbol. 0 is never said, it is padding; nor is the start symbol.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lstm_lab.checks import check_int, check_number
from lstm_lab.data.alphabet import PADDING
from lstm_lab.models.encoder import Encoded


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


def greedy(
    model: nn.Module,
    source: Tensor,
    lengths: Tensor | Sequence[int] | None = None,
    *,
    longest: int = 50,
) -> Decoded:
    """Return the symbols that are likeliest one at a time.

    Args:
        model: a ``Seq2Seq``, in ``eval()`` where it has dropout.
        source, lengths: as the encoder takes them.
        longest: symbols at most, the stop symbol among them; what has not ended then is cut.
    Returns:
        ``Decoded`` with one row for each source.
    Raises:
        ValueError: ``longest`` is not a whole number of at least 1, or the model's logits are NaN
            or infinite.

    >>> model = Seq2Seq(Encoder(20, 8, 16), Decoder(12, 8, 16), start=1, stop=2)
    >>> greedy(model, torch.ones(3, 7, dtype=torch.long), longest=5).scores.shape
    torch.Size([3])
    """
    longest = check_int("longest", longest, least=1)
    with torch.no_grad():
        encoded = model.encoder(source, lengths)
        state, fed = encoded.state, _starts(model, len(source), source.device)
        done = torch.zeros(len(source), dtype=torch.bool, device=source.device)
        scores = torch.zeros(len(source), device=source.device)
        said = []
        for _ in range(longest):
            log_p, state = _next(model, fed, state, encoded)
            best, fed = log_p.max(dim=-1)
            scores = scores + best.masked_fill(done, 0)
            done = done | (fed == model.stop)
            said.append(fed.masked_fill(done, PADDING))
            if done.all():
                break
    return _decoded(torch.stack(said, dim=1), scores)


def beam(
    model: nn.Module,
    source: Tensor,
    lengths: Tensor | Sequence[int] | None = None,
    *,
    width: int = 4,
    longest: int = 50,
    length_penalty: float = 0.0,
) -> list[Decoded]:
    """Return the best sequences that a beam finds, for all sources at once.

    At each step the ``width`` best beginnings are kept. One that has said the stop symbol stays
    as it is and competes with the others.

    Args:
        model, source, lengths, longest: as ``greedy`` takes them.
        width: beginnings that are kept; 1 is greedy decoding.
        length_penalty: the finished ones are ordered by score / length ** length_penalty, where
            the stop symbol counts as one; 0 orders by log-probability, which favours short ones.
    Returns:
        ``width`` of them, best first; ``scores`` are log-probabilities, whatever the order. Where
        there are fewer sequences than ``width``, the rest have a score of minus infinity.
    Raises:
        ValueError: a number is not whole, or too small; or the logits are NaN or infinite.

    >>> model = Seq2Seq(Encoder(20, 8, 16), Decoder(12, 8, 16), start=1, stop=2)
    >>> beam(model, torch.ones(3, 7, dtype=torch.long), width=2, longest=5)[0].scores.shape
    torch.Size([3])
    """
    width, longest = check_int("width", width, least=1), check_int("longest", longest, least=1)
    length_penalty = check_number("length_penalty", length_penalty, zero=True)
    with torch.no_grad():
        once = model.encoder(source, lengths)
        encoded = _repeated(once, width)
        batch, device = len(source), source.device
        state, fed = encoded.state, _starts(model, batch * width, device)
        scores = torch.full((batch, width), -torch.inf, device=device)
        scores[:, 0] = 0  # all beginnings are alike at first: keep one
        done = torch.zeros(batch, width, dtype=torch.bool, device=device)
        said = torch.zeros(batch, width, 0, dtype=torch.long, device=device)
        for _ in range(longest):
            log_p, state = _next(model, fed, state, encoded)
            vocab_size = log_p.shape[-1]
            nothing = torch.full_like(log_p[0], -torch.inf)
            nothing[PADDING] = 0  # a finished one goes on with padding, which costs nothing
            log_p = torch.where(done.unsqueeze(2), nothing, log_p.unflatten(0, (batch, width)))
            total = (scores.unsqueeze(2) + log_p).flatten(1)
            scores, best = total.topk(width, dim=1)
            origin, symbol = best // vocab_size, best % vocab_size
            rows = (torch.arange(batch, device=device).unsqueeze(1) * width + origin).flatten()
            state = tuple(each[:, rows] for each in state)
            done = done.gather(1, origin) | (symbol == model.stop)
            kept = said.gather(1, origin.unsqueeze(2).expand(-1, -1, said.shape[2]))
            said = torch.cat([kept, symbol.masked_fill(done, PADDING).unsqueeze(2)], dim=2)
            fed = symbol.masked_fill(done, model.stop).flatten()
            if done.all():
                break
    counted = (said != PADDING).sum(dim=2) + 1
    order = (scores / counted**length_penalty).argsort(dim=1, descending=True)
    said = said.gather(1, order.unsqueeze(2).expand_as(said))
    scores = scores.gather(1, order)
    return [_decoded(said[:, k], scores[:, k]) for k in range(width)]


def _starts(model: nn.Module, count: int, device: torch.device) -> Tensor:
    return torch.full((count,), model.start, device=device)


def _next(model: nn.Module, fed: Tensor, state, encoded: Encoded):
    """Return ``(batch, vocab_size)`` log-probabilities of what follows, and the state."""
    logits, state, _ = model.decoder(fed.unsqueeze(1), state, encoded)
    log_p = logits[:, 0].log_softmax(dim=-1)
    if log_p.isnan().any():  # minus infinity is right: a probability of 0
        raise ValueError("model gives logits that are NaN or infinite; expected numbers")
    log_p[:, [PADDING, model.start]] = -torch.inf
    return log_p, state


def _repeated(encoded: Encoded, width: int) -> Encoded:
    state = tuple(each.repeat_interleave(width, dim=1) for each in encoded.state)
    output, mask = (each.repeat_interleave(width, dim=0) for each in (encoded.output, encoded.mask))
    return Encoded(output, state, mask)


def _decoded(said: Tensor, scores: Tensor) -> Decoded:
    lengths = (said != PADDING).sum(dim=1)
    return Decoded(said[:, : max(1, int(lengths.max()))], lengths, scores)
