"""Exercises of chapter 2: every shape from the options."""

from torch import Tensor

from lstm_lab.judge import Check


def six_shapes() -> Check:
    """The shapes of ``output``, ``h_n`` and ``c_n``."""
    out, h, c = (5, 9, 8), (6, 5, 4), (6, 5, 16)
    return Check(
        (out, h, c),
        "3 layers in 2 directions make 6 rows; only c_n keeps all 16.",
        mistakes=[
            ((out, h, h), "the projection leaves c_n at hidden_size."),
            (((5, 9, 32), c, c), "that is the network without proj_size."),
            ((out, (5, 6, 4), (5, 6, 16)), "h_n is never batch-first."),
            (((9, 5, 8), h, c), "output is batch-first here: 5 before 9."),
            (((5, 9, 4), h, c), "output holds both directions."),
            ((out, (3, 5, 4), (3, 5, 16)), "each direction has a state."),
            ((out, (6, 5, 8), c), "h_n has a row for each direction."),
        ],
    )


def options() -> Check:
    """``(input_size, hidden_size, num_layers, num_directions)`` of a GRU."""
    return Check(
        (7, 12, 2, 2),
        "three gates of 12, and layer 1 reads 24 = 2 directions of 12.",
        mistakes=[
            ((7, 9, 2, 2), "36 = 4 * 9 is an LSTM; a GRU has three gates."),
            ((7, 36, 2, 1), "36 rows are all gates together; a GRU has three."),
            ((7, 24, 2, 1), "24 is what layer 1 reads: both directions."),
            ((7, 12, 2, 1), "then layer 1 would read 12 numbers; it reads 24."),
            ((7, 12, 1, 2), "weight_ih_l1 is a second layer's; 0 is the first."),
        ],
    )


def frames(video: Tensor) -> Check:
    """A video ``(time, batch, channels, height, width)`` as ``(batch, time, features)``."""
    moved = video.transpose(0, 1)
    return Check(
        moved.flatten(2),
        "first move the axes, then merge the ones that belong together.",
        mistakes=[
            (video.reshape(moved.flatten(2).shape), "right shape, mixed frames."),
            (video.flatten(2), "the frames are right; time is still first."),
            (moved, "the axes are right; make each frame one vector."),
            (moved.flatten(1), "that merges time into the features too."),
        ],
    )


EXERCISES = {"2.1": six_shapes, "2.2": options, "2.3": frames}
