"""Chapter 13: right answers, and mistakes with their reasons."""

import torch
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import r2_score

CHANCES = torch.tensor([0.5, 0.25, 1.0, 0.125])


def chances(logits, temperature, k):
    logits = logits / temperature
    logits[0] = -torch.inf
    values, places = logits.topk(k)
    return torch.zeros_like(logits).scatter(0, places, values.softmax(dim=0))


def other_order(logits, temperature, k):
    every = torch.cat([torch.zeros(1), (logits[1:] / temperature).softmax(dim=0)])
    every = every * (every >= every.sort().values[-k])
    return every / every.sum()


def with_padding(logits, temperature, k):
    values, places = (logits / temperature).topk(k)
    return torch.zeros_like(logits).scatter(0, places, values.softmax(dim=0))


def cut_late(logits, temperature, k):
    logits[0] = -torch.inf
    every = (logits / temperature).softmax(dim=0)
    return every * (every >= every.sort().values[-k])


def gain(h, other, y, h_new, other_new, y_new):
    own, control = Ridge().fit(h, y), Ridge().fit(other, y)
    return r2_score(y_new, own.predict(h_new)) - r2_score(y_new, control.predict(other_new))


def on_fitted(h, other, y, *new):
    return Ridge().fit(h, y).score(h, y) - Ridge().fit(other, y).score(other, y)


GIVEN = {"13.1": {"chances": CHANCES}}
RIGHT = {
    "13.1": [1.5, -CHANCES.log2().mean(), torch.tensor(1.5)],
    "13.2": [chances, other_order],
    "13.3": [gain, lambda *data: torch.tensor(gain(*data))],
    "13.4": [("h", "c"), ["h", "c"]],
}
WRONG = {
    "13.1": [
        (float(-CHANCES.log().mean()), "those are nats"),
        (-1.5, "the sign"),
        (float(-CHANCES.mean().log2()), "not the bits of the mean"),
        (6.0, "divide by its characters"),
    ],
    "13.2": [
        (lambda z, t, k: chances(z, 1 / t, k), "divide the logits"),
        (lambda z, t, k: chances(z, 1, k), "where does the temperature"),
        (lambda z, t, k: chances(z, t, 8), "more than k"),
        (with_padding, "number 0 is padding"),
        (cut_late, "add up to 1"),
        (lambda z, t, k: chances(z, 1, k) / t, "before the softmax"),
        (lambda z, t, k: z.softmax(0), "call 1 of 3"),
    ],
    "13.3": [
        (on_fitted, "were fitted on"),
        (lambda h, o, y, a, b, c: Ridge().fit(h, y).score(a, c), "without its control"),
        (lambda h, o, y, a, b, c: Ridge().fit(o, y).score(b, c), "the control alone"),
        (lambda *data: -gain(*data), "the other way round"),
        (lambda h, o, y, a, b, c: gain(a, b, c, a, b, c), "characters that judge them"),
        (
            lambda h, o, y, a, b, c: LinearRegression().fit(h, y).score(a, c),
            "call 1 of 2",
        ),
    ],
    "13.4": [
        (("c", "h"), "two ends"),
        (("h", "h"), "heals soon"),
        (("c", "c"), "go wrong at once"),
    ],
}
