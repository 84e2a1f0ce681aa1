"""Exercises of chapter 7: padding and packing."""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

from lstm_lab.checks import describe
from lstm_lab.judge import Check, Trial, compare, seeded
from lstm_lab.states.readout import last_valid, mean_pool


def work() -> Check:
    """``batch_sizes`` of a packed batch."""
    return Check(
        [4, 4, 2, 2, 1],
        "how many sequences have a first, second, third ... step.",
        mistakes=[
            ([5, 4, 2, 2], "those are the lengths, sorted."),
            ([5, 2, 4, 2], "those are the lengths."),
            ([4, 4, 4, 4, 4], "that is the padded batch."),
            ([4, 4, 2, 2], "one sequence has a fifth step."),
            ([1, 2, 2, 4, 4], "the first steps come first."),
        ],
    )


def time_first(late: Tensor, lengths_3: Tensor) -> Check:
    """The last valid state of each sequence, in PyTorch's default layout."""
    return Check(
        last_valid(late, lengths_3, batch_first=False),
        "the time axis comes first: late[lengths - 1, arange].",
        mistakes=[
            (late[-1], "that is the last padded step."),
            (late[lengths_3, torch.arange(3)], "one step too late."),
            (late[lengths_3 - 1], "that takes whole steps; a step for each sequence is wanted."),
        ],
    )


def mean_states() -> Trial:
    """The mean over the valid steps of both directions."""
    return compare(
        _means,
        _padded,
        "packed for the backward half, divided by the lengths.",
        mistakes=[
            (
                lambda module, x, lengths: mean_pool(module(x)[0], lengths),
                "the backward half has read the padding: pack.",
            ),
            (
                lambda module, x, lengths: module(x)[0].mean(1),
                "padding is read, and counted: pack.",
            ),
            (
                lambda module, x, lengths: _packed(module, x, lengths).mean(1),
                "divide by the lengths, not by the padded length.",
            ),
            (
                lambda module, x, lengths: _packed(module, x, lengths).sum(1) / x.shape[1],
                "divide by the lengths, not by the padded length.",
            ),
            (
                lambda module, x, lengths: _packed(module, x, lengths).sum(1),
                "that is the sum: divide it by the lengths.",
            ),
        ],
    )


def your_own(mine: list[Tensor]) -> Trial:
    """The final state of each of the reader's own sequences."""
    _check_own(mine)
    return compare(
        _ends,
        lambda: _own(mine),
        "each row is the state after the last step of your own sequence, alone.",
        mistakes=[
            (
                lambda module, sequences: module(pad_sequence(sequences, True))[0][:, -1],
                "the shorter ones have read padding: pack.",
            ),
            (
                lambda module, sequences: _ends(module, sorted(sequences, key=len, reverse=True)),
                "those are in order of length, not in yours: enforce_sorted=False.",
            ),
        ],
    )


def _check_own(mine: object) -> None:
    """Refuse what is no list of sequences that differ in length."""
    wanted = "expected a list of two or more tensors, (time, features) each"
    if not isinstance(mine, list | tuple):
        raise ValueError(f"mine {describe(mine)}; {wanted}")
    if len(mine) < 2:
        raise ValueError(f"mine has length {len(mine)}; {wanted}")
    for k, each in enumerate(mine):
        if not isinstance(each, Tensor) or each.dim() != 2 or 0 in each.shape:
            raise ValueError(f"mine[{k}] {describe(each)}; {wanted}")
        if each.dtype != torch.float32:
            raise ValueError(f"mine[{k}] {describe(each)}; expected torch.float32: .float()")
        if each.shape[1] != mine[0].shape[1]:
            raise ValueError(
                f"mine[{k}] has {each.shape[1]} features; expected {mine[0].shape[1]}, as mine[0]"
            )
    if len({len(each) for each in mine}) == 1:
        raise ValueError(f"mine has {len(mine)} sequences of one length; expected several lengths")


def _own(mine: list[Tensor]) -> list[tuple[nn.RNNBase, list[Tensor]]]:
    """Return the calls: the reader's data in their order and in the opposite one."""
    with seeded(1):
        modules = [kind(mine[0].shape[1], 4, batch_first=True) for kind in (nn.LSTM, nn.GRU)]
    orders = (mine, mine[::-1])
    return [
        (module, [each.detach().cpu().clone() for each in order])
        for module, order in zip(modules, orders, strict=True)
    ]


def _ends(module: nn.RNNBase, sequences: list[Tensor]) -> Tensor:
    return torch.cat([module(each.unsqueeze(0))[0][:, -1] for each in sequences])


def _means(module: nn.RNNBase, x: Tensor, lengths: Tensor) -> Tensor:
    alone = [module(x[k : k + 1, :n])[0].mean(1) for k, n in enumerate(lengths)]
    return torch.cat(alone)


def _packed(module: nn.RNNBase, x: Tensor, lengths: Tensor) -> Tensor:
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    output, _ = pad_packed_sequence(module(packed)[0], batch_first=True)
    return output


def _padded() -> list[tuple[nn.RNNBase, Tensor, Tensor]]:
    with seeded(1):
        lengths = (torch.tensor([2, 4, 3]), torch.tensor([1, 6, 2, 6]), torch.tensor([5, 3]))
        return [
            (
                kind(2, 3, batch_first=True, bidirectional=True),
                5 * torch.randn(len(each), 6, 2),  # the padding is not clean
                each,
            )
            for kind, each in zip((nn.LSTM, nn.GRU, nn.LSTM), lengths, strict=True)
        ]


EXERCISES = {"7.1": work, "7.2": time_first, "7.3": mean_states, "7.4": your_own}
