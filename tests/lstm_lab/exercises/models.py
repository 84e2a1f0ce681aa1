"""Models as readers write them, for the exercises that ask for a class."""

from torch import nn


def made(read, *, wide=1, layer=nn.LSTM, **options):
    """Return the class of a model that reads its layer as it is told.

    Args:
        read: takes the head, ``output`` and ``h_n``, and returns what the model answers.
        wide: how many vectors of the layer's units the head takes.
    """
    options = {"batch_first": True, **options}

    class Mine(nn.Module):
        def __init__(self, input_size, hidden_size, output_size):
            super().__init__()
            self.layer = layer(input_size, hidden_size, **options)
            self.head = nn.Linear(wide * hidden_size, output_size)

        def forward(self, x):
            output, state = self.layer(x)
            return read(self.head, output, state[0] if isinstance(state, tuple) else state)

    return Mine
