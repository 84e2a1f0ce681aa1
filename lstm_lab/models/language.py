"""A language model of characters: what comes next, at every step, and how to write with it."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from lstm_lab.checks import check_int, check_number, check_sizes
from lstm_lab.data.alphabet import PADDING


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

    @torch.no_grad()
    def write(
        self,
        prompt: Tensor,
        length: int,
        *,
        temperature: float = 1.0,
        top_k: int | None = None,
        edit: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]] | None = None,
    ) -> Tensor:
        """Return ``(batch, length)`` numbers, each drawn at random after those before it.

        Args:
            prompt: ``(batch, seq_len)`` numbers of characters that are read first.
            length: how many to write.
            temperature: logits are divided by it; small is careful, 1 is what the model believes.
            top_k: only so many of the likeliest are drawn from; None for all. Padding never is.
            edit: takes ``(h, c)``, each ``(num_layers, batch, hidden_size)``, and returns what the
                next character is read from, and goes on, in their place.
        Raises:
            ValueError: a number is out of its range.
        """
        length = check_int("length", length, least=1)
        check_number("temperature", temperature)
        letters = self.head.out_features - 1
        top_k = letters if top_k is None else check_int("top_k", top_k, least=1)
        written, (_, state) = [], self.layer(self.embedding(prompt))
        for _ in range(length):
            state = edit(*state) if edit else state
            logits = self.head(state[0][-1]) / temperature
            logits[:, PADDING] = -torch.inf
            least = logits.topk(min(top_k, letters)).values[:, -1:]
            chances = logits.masked_fill(logits < least, -torch.inf).softmax(dim=-1)
            written.append(torch.multinomial(chances, 1))
            _, state = self.layer(self.embedding(written[-1]), state)
        return torch.cat(written, dim=1)
