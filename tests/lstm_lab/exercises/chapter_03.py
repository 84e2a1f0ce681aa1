"""Chapter 3: right answers, and mistakes with their reasons."""

import torch

RIGHT = {
    "3.1": [(60, 80), [60, 80], torch.tensor([60, 80])],
    "3.2": [0.35, torch.tensor(0.35), torch.tensor([[0.35]])],
    "3.3": [lambda h, c: h / c.tanh(), lambda h, c: h * (1 / torch.tanh(c)).float()],
}
WRONG = {
    "3.1": [
        ((40, 60), "that is g"),
        ((20, 40), "forget"),
        ((0, 20), "input gate"),
        ((60, 79), "as a slice has it"),
        ((30, 40), "not input_size"),
        (slice(60, 80), "a tuple is wanted"),
    ],
    "3.2": [
        (-0.85, "the other convention"),
        (0.45, "its share too"),
        (-0.55, "multiplied by 1 - z"),
        ("0.35", "a float is wanted"),
    ],
    "3.3": [
        (lambda h, c: h / c, "c passes a tanh"),
        (lambda h, c: h * c.tanh(), "divide by it"),
        (lambda h, c: c.tanh() / h, "the other way round"),
        (lambda h, c: h, "the numbers are others"),
        (lambda h, c: [...], "three dots"),
        (lambda h, c: 0.5, "the shape is ()"),
    ],
}
