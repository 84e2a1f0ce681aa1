"""Letters as numbers: texts in, one padded tensor with its lengths out, and back.

Leaves out words and tokenisers; in this book a time step is one letter, or one phoneme.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lstm_lab.checks import describe

PADDING = 0  # the number of no letter


@dataclass(frozen=True)
class Alphabet:
    """The letters that a model knows, numbered from 1; 0 is padding.

    Args:
        letters: each letter once, in the order of their numbers: a text, or a tuple where a symbol
            is longer than one letter. A text is then a sequence of symbols.
    Raises:
        ValueError: there is no letter, or one twice, or a symbol with a space in it, which is
            what stands between symbols.

    >>> alphabet = Alphabet("abc")
    >>> alphabet.encode(["cab", "a"])[0].tolist()
    [[3, 1, 2], [1, 0, 0]]
    """

    letters: str | tuple[str, ...]

    def __post_init__(self) -> None:
        right = isinstance(self.letters, (str, tuple)) and all(
            isinstance(letter, str) and letter for letter in self.letters
        )
        if not right or not self.letters or len(set(self.letters)) < len(self.letters):
            raise ValueError(
                f"letters {describe(self.letters)}; expected each letter once, in order"
            )
        if isinstance(self.letters, tuple) and any(each.split() != [each] for each in self.letters):
            raise ValueError(f"letters {describe(self.letters)}; expected symbols without a space")

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Alphabet":
        """Return the alphabet of all letters that occur in some texts, in the order of Unicode.

        Raises:
            ValueError: one of them is no text.

        >>> Alphabet.of(["cab", "bad"]).letters
        'abcd'
        """
        texts = list(texts)
        for text in texts:
            if not isinstance(text, str):
                raise ValueError(f"texts has what {describe(text)}; expected texts only")
        return cls("".join(sorted(set().union(*texts))))

    def __len__(self) -> int:
        """Return how many numbers there are, padding included: what an embedding needs."""
        return len(self.letters) + 1

    def encode(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Return texts as numbers, padded on the right to the longest.

        Args:
            texts: one or more, in a list or tuple, none of them empty: texts, or sequences of
                symbols where a symbol is longer than one letter.
        Returns:
            ``(ids, lengths)``: ``(batch, longest)`` and ``(batch,)``, both int64.
        Raises:
            ValueError: a single text arrived, one is empty, or it has a letter that is not here.
        """
        kinds = (str,) if isinstance(self.letters, str) else (list, tuple)
        fit = isinstance(texts, (list, tuple)) and all(isinstance(each, kinds) for each in texts)
        if not fit or not texts or not all(texts):
            wanted = "texts" if kinds == (str,) else "sequences of symbols"
            raise ValueError(
                f"texts {describe(texts)}; expected a list of {wanted} that are not empty"
            )
        number = {letter: k for k, letter in enumerate(self.letters, start=1)}
        unknown = sorted(set().union(*texts) - number.keys(), key=str)
        if unknown:
            raise ValueError(f"texts has the letters {unknown}; expected those of {self!r}")
        lengths = torch.tensor([len(text) for text in texts])
        ids = torch.full((len(texts), int(lengths.max())), PADDING)
        valid = torch.arange(ids.shape[1]) < lengths.unsqueeze(1)
        ids[valid] = torch.tensor([number[letter] for text in texts for letter in text])
        return ids, lengths

    def decode(self, ids: Tensor) -> list[str]:
        """Return the texts of some rows of numbers, padding left out; symbols by a space apart.

        Args:
            ids: ``(batch, seq_len)`` whole numbers.
        Raises:
            ValueError: a number has no letter, or the shape is another one.

        >>> Alphabet("abc").decode(torch.tensor([[3, 1, 2], [1, 0, 0]]))
        ['cab', 'a']
        """
        if not isinstance(ids, Tensor) or ids.dim() != 2 or ids.dtype == torch.bool:
            raise ValueError(f"ids {describe(ids)}; expected whole numbers (batch, seq_len)")
        rows = ids.tolist()
        largest = len(self.letters)
        if not all(isinstance(k, int) and 0 <= k <= largest for row in rows for k in row):
            raise ValueError(f"ids has a number without a letter; expected 0 to {largest}")
        if (ids[:, 1:] != PADDING).logical_and(ids[:, :-1] == PADDING).any():
            raise ValueError("ids has padding before a letter; expected it at the end only")
        between = "" if isinstance(self.letters, str) else " "
        return [between.join(self.letters[k - 1] for k in row if k != PADDING) for row in rows]
