"""Chapter 11: right answers, and mistakes with their reasons."""

import torch

from lstm_lab import greedy
from lstm_lab.judge import seeded

with seeded(1):
    ENDS = torch.randn(4, 5, 6)
H_0 = torch.cat([ENDS[0::2], ENDS[1::2]], dim=-1)


def join(encoder, decoder, source, target, start, feed=None, hand=None):
    output, (h_n, c_n) = encoder(source)
    fed = torch.cat([start, target[:, :-1]], dim=1) if feed is None else feed(start, target)
    state = (h_n, c_n) if hand is None else hand(output, h_n, c_n)
    return decoder(fed, state)[0]


def fed(feed):
    return lambda *parts: join(*parts, feed=feed)


def handed(hand):
    return lambda *parts: join(*parts, hand=hand)


def step_by_step(encoder, decoder, source, target, start):
    _, state = encoder(source)
    token, said = start, []
    for t in range(target.shape[1]):
        output, state = decoder(token, state)
        said.append(output)
        token = target[:, t : t + 1]
    return torch.cat(said, dim=1)


def top_state(output, h_n, c_n):
    top = output[:, -1].repeat(len(h_n), 1, 1)
    return top, top


@torch.no_grad()
def spell(model, x, lengths, longest=11, stop=None, carried=True, fed=True):
    first = state = model.encoder(x, lengths).state
    said, stop = [model.start], model.stop if stop is None else stop
    for _ in range(longest):
        token = torch.tensor([[said[-1] if fed else model.start]])
        logits, state, _ = model.decoder(token, state if carried else first)
        said.append(int(logits[0, 0].argmax()))
        if said[-1] == stop:
            break
    return [symbol for symbol in said[1:] if symbol != stop]


def by_the_book(model, x, lengths):
    found = greedy(model, x, lengths, longest=11)
    return found.tokens[0, : found.lengths[0]]


def with_stop(model, x, lengths):
    said = spell(model, x, lengths)
    return said if len(said) == 11 else [*said, model.stop]


GIVEN = {"11.2": {"ends": ENDS}}
RIGHT = {
    "11.1": [join, step_by_step],
    "11.2": [H_0, H_0.tolist()],
    "11.3": [spell, by_the_book],
    "11.4": ["^CAT"],
}
WRONG = {
    "11.1": [
        (fed(lambda start, target: target), "not shifted"),
        (fed(lambda start, target: torch.cat([target[:, 1:], start], 1)), "the other way"),
        (fed(lambda start, target: torch.cat([start, target], 1)), "one step too long"),
        (handed(lambda o, h, c: (h, torch.zeros_like(c))), "c_n is lost"),
        (handed(lambda o, h, c: (h, h)), "c_n is not h_n"),
        (handed(lambda o, h, c: h), "one tensor is handed over"),
        (handed(lambda o, h, c: o), "one tensor is handed over"),
        (handed(lambda o, h, c: None), "the state is not handed over"),
        (handed(lambda o, h, c: (o, o)), "the encoder's output"),
        (handed(lambda o, h, c: (o, c)), "the encoder's output"),
        (handed(top_state), "the encoder's output"),
        (handed(lambda o, h, c: (c, h)), "call 1 of 2"),
        (lambda *parts: parts[1](parts[3]), "a tensor is wanted, and this is a tuple"),
        (lambda encoder, decoder, source: source, "it raises TypeError"),
        (lambda *parts: ..., "three dots"),
    ],
    "11.2": [
        (ENDS.reshape(2, 5, 12), "mixes the sequences"),
        (torch.cat([ENDS[:2], ENDS[2:]], -1), "pairs the layers"),
    ],
    "11.3": [
        (with_stop, "leave the stop symbol out"),
        (lambda model, x, n: [model.start, *spell(model, x, n)], "start was not said"),
        (lambda model, x, n: spell(model, x, n, stop=-1), "the model's own stop symbol"),
        (
            lambda model, x, n: [s for s in spell(model, x, n, stop=-1) if s != model.stop],
            "the model's own stop symbol",
        ),
        (lambda model, x, n: spell(model, x, n)[:10], "up to 11 symbols"),
        (lambda model, x, n: spell(model, x, n, longest=10), "up to 11 symbols"),
        (lambda model, x, n: spell(model, x, n, longest=12), "11 steps at most"),
        (lambda model, x, n: spell(model, x, n, carried=False), "carried from step to step"),
        (lambda model, x, n: spell(model, x, n, fed=False), "feed what was said last"),
        (lambda model, x, n: spell(model, x.flip(1), n), "entries are wanted"),
        (lambda model, x, n: spell(model, x, [6]), "entries are wanted"),
        (lambda model, x, n: [], "call 1 of 4: 11 entries are wanted, and there are 0"),
        (lambda model, x, n: [3, ...], "three dots"),
    ],
    "11.4": [
        ("CAT$", "not shifted"),
        ("^CAT$", "four are fed"),
        ("AT$", "the future"),
        ("CAT", "before C"),
        (["^", "C", "A", "T"], "a str is wanted"),
    ],
}
