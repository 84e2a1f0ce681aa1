"""A language model of characters: what comes next, at every step, and how to write with it."""

from torch import Tensor, nn

from lstm_lab.checks import check_sizes


class LanguageModel(nn.Module):
    """The next character at every step: ``softmax(W h + b)``, and the state that goes on.

    Args:
        vocab_size: how many numbers there are, 0 for padding among them.
        embedding_dim: features of a character.
        hidden_size: units of a layer.
        num_layers: as ``nn.LSTM`` takes it.

    >>> model = LanguageModel(97, 32, 128)
    >>> logits, (h_n, c_n) = model(torch.ones(5, 9, dtype=torch.long))
    >>> logits.shape, h_n.shape
    (torch.Size([5, 9, 97]), torch.Size([1, 5, 128]))
    """

    def __init__(
        self, vocab_size: int, embedding_dim: int, hidden_size: int, *, num_layers: int = 1
    ) -> None:
        super().__init__()
        check_sizes(vocab_size=vocab_size, embedding_dim=embedding_dim)
        check_sizes(hidden_size=hidden_size, num_layers=num_layers)
        self.embedding = nn.Embedding(vocab_size, embedding_dim)
        self.layer = nn.LSTM(embedding_dim, hidden_size, num_layers, batch_first=True)
        self.head = nn.Linear(hidden_size, vocab_size)

    def forward(
        self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Return logits ``(batch, seq_len, vocab_size)`` and ``(h_n, c_n)``.

        Args:
            input: ``(batch, seq_len)`` numbers of characters.
            hx: ``(h_0, c_0)``, as ``nn.LSTM`` takes it; None for the beginning of a text.
        """
        output, state = self.layer(self.embedding(input), hx)
        return self.head(output), state
