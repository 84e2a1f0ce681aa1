"""The data of the book: generated here, or read from packages that ship it.

Nothing is downloaded, every split is fixed, and no text of a test set is in a training set.
A package that ships data is imported by the function that reads it.
"""

from collections import Counter
from dataclasses import dataclass
from hashlib import sha256

import torch
from torch import Tensor
from torch.nn import functional as F

from lstm_lab.alphabet import Alphabet
from lstm_lab.lengths import whole

IGNORED = -100  # the target that cross_entropy leaves out

# The official languages of the European Union in Latin letters, and two more.
# fmt: off
LATIN = (
    "cs", "da", "de", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "it",
    "lt", "lv", "mt", "nl", "pl", "pt", "ro", "sk", "sl", "sv", "nb", "tr",
)
# fmt: on


@dataclass(frozen=True, eq=False)
class Counting:
    """Strings aⁿXbⁿ, one for each n; ``counting`` tells the shapes."""

    x: Tensor
    lengths: Tensor
    y: Tensor
    count: Tensor


@dataclass(frozen=True, eq=False)
class Texts:
    """Texts with a class each; ``x`` holds them as numbers, padded with 0 on the right."""

    texts: tuple[str, ...]
    x: Tensor
    lengths: Tensor
    y: Tensor

    def __len__(self) -> int:
        """Return how many texts there are."""
        return len(self.texts)

    def __repr__(self) -> str:
        return f"Texts({len(self):,} texts of {self.lengths.min()} to {self.lengths.max()} letters)"


@dataclass(frozen=True, eq=False)
class Names:
    """Names in 24 languages, in three splits; ``names`` tells source and shapes."""

    languages: tuple[str, ...]
    alphabet: Alphabet
    train: Texts
    valid: Texts
    test: Texts


def counting(largest: int) -> Counting:
    """Return the strings aⁿXbⁿ for n = 1 to ``largest``: after X, as many b as there were a.

    Generated. At X and at every b the next symbol is certain to one who has counted.

    Args:
        largest: the largest n.
    Returns:
        ``x`` ``(largest, 2 * largest + 1, 3)``: a, X and b as one of three, zeros as padding.
        ``lengths`` ``(largest,)``. ``y`` ``(largest, 2 * largest + 1)``: 0 where a b follows, 1
        where the string ends, -100 (ignored) before X and in the padding. ``count``, of the same
        shape: how many b are owed so far.
    Raises:
        ValueError: ``largest`` is not a whole number of at least 1.

    >>> counting(2).count.tolist()
    [[1.0, 1.0, 0.0, 0.0, 0.0], [1.0, 2.0, 2.0, 1.0, 0.0]]
    """
    largest = whole("largest", largest, least=1)
    n = torch.arange(1, largest + 1).unsqueeze(1)
    t = torch.arange(2 * largest + 1)
    symbol = torch.where(t < n, 0, torch.where(t == n, 1, 2))
    valid = t <= 2 * n
    x = F.one_hot(symbol, 3) * valid.unsqueeze(2)
    y = (t == 2 * n).long().masked_fill((t < n) | ~valid, IGNORED)
    count = torch.where(t < n, t + 1, torch.where(t == n, n, 2 * n - t)) * valid
    return Counting(x.float(), 2 * n.squeeze(1) + 1, y, count.float())


def recall(
    count: int, length: int, *, symbols: int = 10, generator: torch.Generator | None = None
) -> tuple[Tensor, Tensor]:
    """Return random sequences with their first symbol as the target.

    Generated. Guessing is right once in ``symbols``; nothing but the first step tells more.

    Args:
        count: how many sequences.
        length: steps of each.
        symbols: how many different symbols there are.
        generator: a CPU generator; None for torch's own.
    Returns:
        ``(x, y)``: ``(count, length, symbols)`` one of ``symbols`` as float, and ``(count,)``.
    Raises:
        ValueError: a number is not whole, or too small.

    >>> x, y = recall(5, 20)
    >>> torch.equal(x[:, 0].argmax(dim=-1), y)
    True
    """
    sizes = (whole("count", count, least=1), whole("length", length, least=1))
    symbols = whole("symbols", symbols, least=2)
    drawn = torch.randint(symbols, sizes, generator=generator)
    return F.one_hot(drawn, symbols).float(), drawn[:, 0]


def names() -> Names:
    """Return what 24 languages call the world's languages and territories.

    From the Unicode CLDR as the package Babel ships it (Unicode licence; Babel is BSD). The
    languages are those of ``LATIN``, all in Latin letters. A name that two of them share tells
    nothing and is left out, upper and lower case alike. A hash of the name decides the split: 7
    of 10 train, 1 validates, 2 test. With Babel 2.18: 11,229 names of 2 to 81 letters.

    Returns:
        ``languages`` by their English names; ``alphabet``; ``train``, ``valid`` and ``test``, each
        with ``texts``, ``x`` ``(count, longest)`` int64, ``lengths`` ``(count,)`` and ``y``
        ``(count,)``, the index into ``languages``.

    >>> data = names()
    >>> len(data.languages), set(data.train.texts) & set(data.test.texts)
    (24, set())
    """
    from babel import Locale

    locales = [Locale(code) for code in LATIN]
    known = [{*locale.languages.values(), *locale.territories.values()} for locale in locales]
    claims = Counter(name for every in known for name in {each.casefold() for each in every})
    rows = [
        (name, y)
        for y, every in enumerate(known)
        for name in sorted(every)
        if claims[name.casefold()] == 1
    ]
    alphabet = Alphabet.of(name for name, _ in rows)
    tenths = [sha256(name.casefold().encode()).digest()[0] % 10 for name, _ in rows]
    splits = ((3, 10), (2, 3), (0, 2))  # train, valid, test
    parts = (
        [row for row, tenth in zip(rows, tenths, strict=True) if low <= tenth < high]
        for low, high in splits
    )
    languages = tuple(locale.get_language_name("en") for locale in locales)
    return Names(languages, alphabet, *(_texts(part, alphabet) for part in parts))


def _texts(rows: list[tuple[str, int]], alphabet: Alphabet) -> Texts:
    texts = tuple(text for text, _ in rows)
    x, lengths = alphabet.encode(texts)
    return Texts(texts, x, lengths, torch.tensor([y for _, y in rows]))
