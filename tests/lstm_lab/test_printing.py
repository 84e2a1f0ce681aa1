"""Numbers that print the same anywhere."""

import torch

from lstm_lab import show


def test_numbers_print_without_minus_zero_and_with_their_axes(capsys):
    show(decimals=2, a=torch.tensor([-0.001, 1.5], requires_grad=True), b=torch.ones(2, 1, 2))
    assert capsys.readouterr().out == (
        "a (2,)\n   0.00   1.50\nb (2, 1, 2)\n[0]    1.00   1.00\n[1]    1.00   1.00\n"
    )
    show(scalar=torch.tensor(2.0), none=torch.zeros(0), large=torch.tensor([12345.678, -99999.0]))
    assert capsys.readouterr().out == (
        "scalar ()\n   2.000\nnone (0,)\nlarge (2,)\n 12345.678 -99999.000\n"
    )
