"""Exercises of chapter 11: encoder and decoder."""

from functools import partial

import torch
from torch import Tensor, nn

from lstm_lab.judge import Check, Trial, compare, seeded
from lstm_lab.models.encoder import Encoder, State
from lstm_lab.models.seq2seq import Decoder, Seq2Seq

START = 1
OUTPUT = "that is the encoder's output: a decoder begins with the final states (h_n, c_n)."


def join() -> Trial:
    """The decoder's output, fed the shifted target, from the encoder's final states."""
    return compare(
        _joined(),
        _parts,
        "the target one step later, and both states handed over.",
        mistakes=[
            (_joined(feed=_unshifted), "not shifted: the decoder sees the answer."),
            (_joined(feed=_ahead), "shifted the other way: the decoder sees what comes next."),
            (_joined(feed=_too_long), "one step too long: the target's last is only asked for."),
            (_joined(state=_only_h), "c_n is lost: hand over the pair."),
            (_joined(state=_twice_h), "c_n is not h_n."),
            (_joined(state=_one_tensor), "one tensor is handed over: an LSTM begins with a pair."),
            (_joined(state=_nothing), "the state is not handed over."),
            (_joined(state=lambda output, state: (output, output)), OUTPUT),
            (_joined(state=lambda output, state: (output, state[1])), OUTPUT),
            (_joined(state=_last_output), OUTPUT),
        ],
    )


def _joined(feed=None, state=None):
    feed, state = feed or _shifted, state or (lambda output, state: state)

    def run(encoder, decoder, source, target, start):
        return decoder(feed(target, start), state(*encoder(source)))[0]

    return run


def _shifted(target: Tensor, start: Tensor) -> Tensor:
    return torch.cat([start, target[:, :-1]], dim=1)


def _unshifted(target: Tensor, start: Tensor) -> Tensor:
    return target


def _ahead(target: Tensor, start: Tensor) -> Tensor:
    return torch.cat([target[:, 1:], start], dim=1)


def _too_long(target: Tensor, start: Tensor) -> Tensor:
    return torch.cat([start, target], dim=1)


def _only_h(output: Tensor, state: State) -> State:
    return state[0], torch.zeros_like(state[1])


def _twice_h(output: Tensor, state: State) -> State:
    return state[0], state[0]


def _one_tensor(output: Tensor, state: State) -> Tensor:
    return state[0]


def _nothing(output: Tensor, state: State) -> None:
    return None


def _last_output(output: Tensor, state: State) -> State:
    top = output[:, -1].expand_as(state[0]).contiguous()
    return top, top


def _parts() -> list[tuple]:
    with seeded(1):
        return [
            (
                nn.LSTM(3, 5, layers, batch_first=True),
                nn.LSTM(2, 5, layers, batch_first=True),
                torch.randn(batch, 7, 3),
                torch.randn(batch, steps, 2),
                torch.randn(batch, 1, 2),
            )
            for layers, batch, steps in ((2, 4, 6), (1, 3, 4))
        ]


def without_bridge(ends: Tensor) -> Check:
    """Both ends of each layer as the first state of a wider decoder."""
    pairs = [torch.cat([ends[k], ends[k + 1]], dim=-1) for k in (0, 2)]
    return Check(
        torch.stack(pairs),
        "rows 0 and 1 are layer 0, rows 2 and 3 are layer 1.",
        mistakes=[
            (ends.reshape(2, 5, 12), "a reshape mixes the sequences."),
            (torch.cat([ends[:2], ends[2:]], -1), "that pairs the layers."),
        ],
    )


def spell() -> Trial:
    """Greedy decoding of one source."""
    return compare(
        _say,
        _speakers,
        "symbol out, symbol in, and the state with it.",
        mistakes=[
            (partial(_say, stop=True), "leave the stop symbol out."),
            (partial(_say, start=True), "start was not said."),
            (partial(_say, ends=False), "end at the model's own stop symbol."),
            (partial(_say, ends=False, stop=True), "end at the model's own stop symbol."),
            (partial(_say, longest=10), "up to 11 symbols, where the stop symbol does not come."),
            (partial(_say, longest=12), "11 steps at most, where the stop symbol does not come."),
            (partial(_say, carried=False), "the state must be carried from step to step."),
            (partial(_say, fed=False), "feed what was said last."),
        ],
    )


@torch.no_grad()
def _say(
    model, x, lengths, *, start=False, stop=False, ends=True, longest=11, carried=True, fed=True
):
    first = state = model.encoder(x, lengths).state
    symbols = [model.start]
    for _ in range(longest):
        token = torch.tensor([[symbols[-1] if fed else model.start]])
        logits, state, _ = model.decoder(token, state if carried else first)
        symbols.append(int(logits[0, 0].argmax()))
        if ends and symbols[-1] == model.stop:
            break
    kept = symbols if start else symbols[1:]
    return [symbol for symbol in kept if stop or symbol != model.stop]


def _speakers() -> list[tuple[nn.Module, Tensor, Tensor]]:
    """Return four models: one never stops, and one stops at once."""
    calls = []
    for seed, length, place in ((29, 4, None), (32, 4, 4), (121, 6, 0), (92, 2, 6)):
        model, x, lengths = _speaker(seed, length)
        said = _say(model, x, lengths, stop=True, ends=False, longest=12)
        unsaid = next(symbol for symbol in range(2, 40) if symbol not in said)
        model.stop = unsaid if place is None else said[place]
        calls.append((model, x, lengths))
    return calls


def _speaker(seed: int, length: int) -> tuple[nn.Module, Tensor, Tensor]:
    with seeded(seed):
        model = Seq2Seq(Encoder(9, 4, 8), Decoder(40, 4, 8), start=START, stop=39).eval()
        with torch.no_grad():
            for weight in model.parameters():
                weight.mul_(4)  # small weights say the same symbol again and again
            model.decoder.head.bias[[0, START]] = -1000
        return model, torch.randint(1, 9, (1, 6)), torch.tensor([length])


def fed_string() -> Check:
    """What a decoder is fed under teacher forcing."""
    return Check(
        "^CAT",
        "the start symbol first; the stop symbol is only asked for.",
        mistakes=[
            ("CAT$", "not shifted: it would copy."),
            ("^CAT$", "four are fed and four are asked."),
            ("AT$", "the other way: that is the future."),
            ("CAT", "something must stand before C."),
        ],
    )


EXERCISES = {"11.1": join, "11.2": without_bridge, "11.3": spell, "11.4": fed_string}
