"""Chapter 2: right answers, and mistakes with their reasons."""

import torch

VIDEO = torch.arange(2 * 3 * 4 * 2 * 2.0).view(2, 3, 4, 2, 2)
MOVED = VIDEO.transpose(0, 1)
OUT, H, C = (5, 9, 8), (6, 5, 4), (6, 5, 16)

GIVEN = {"2.3": {"video": VIDEO}}
RIGHT = {
    "2.1": [(OUT, H, C), [list(OUT), torch.zeros(H).shape, C]],
    "2.2": [(7, 12, 2, 2), [7, 12.0, 2, 2], torch.tensor([7, 12, 2, 2])],
    "2.3": [MOVED.flatten(2), MOVED.reshape(3, 2, -1), MOVED.flatten(2).tolist()],
}
WRONG = {
    "2.1": [
        ((OUT, H, H), "leaves c_n at hidden_size"),
        (((5, 9, 32), C, C), "without proj_size"),
        ((OUT, (5, 6, 4), (5, 6, 16)), "never batch-first"),
        (((9, 5, 8), H, C), "output is batch-first"),
        (((5, 9, 4), H, C), "both directions"),
        ((OUT, (3, 5, 4), (3, 5, 16)), "each direction has a state"),
        ((OUT, (6, 5, 8), C), "a row for each direction"),
        (OUT, "entry 0"),
    ],
    "2.2": [
        ((7, 9, 2, 2), "three gates"),
        ((7, 36, 2, 1), "all gates together"),
        ((7, 24, 2, 1), "24 is what layer 1 reads"),
        ((7, 12, 2, 1), "it reads 24"),
        ((7, 12, 1, 2), "a second layer's"),
        ((7, 12, ..., 2), "three dots"),
    ],
    "2.3": [
        (VIDEO.reshape(3, 2, 16), "mixed frames"),
        (VIDEO.flatten(2), "time is still first"),
        (MOVED, "make each frame one vector"),
        (MOVED.flatten(1), "merges time"),
        (torch.zeros(3, 2, 16), "the numbers are others"),
    ],
}
