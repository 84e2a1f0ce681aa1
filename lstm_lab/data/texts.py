"""The texts of the book: names, words, dates and pronunciations, each in three fixed splits.

Nothing is downloaded. A hash of the text decides its split, so that no text is in two of them. A
package that ships data is imported by the function that reads it. Each is read once: every call
returns the same tensors.
"""

import gzip
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from random import Random

import torch
from torch import Tensor

from lstm_lab.data.alphabet import Alphabet

FILES = Path(__file__).parent / "files"
START, STOP = "^", "$"  # the symbols before and behind a target

# The official languages of the European Union in Latin letters, and two more.
# fmt: off
LATIN = (
    "cs", "da", "de", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "it",
    "lt", "lv", "mt", "nl", "pl", "pt", "ro", "sk", "sl", "sv", "nb", "tr",
)
# fmt: on
DAYS = 12_000
DATE_LOCALES = ("en", "de", "fr", "es", "it", "nl", "pl", "fi")


@dataclass(frozen=True, eq=False)
class Texts:
    """Texts with a target each; ``x`` holds them as numbers, padded with 0 on the right.

    >>> ids, lengths = Alphabet("abc").encode(["cab", "a"])
    >>> Texts(("cab", "a"), ids, lengths, torch.tensor([0, 1]))
    Texts(2 texts of 1 to 3 letters)
    """

    texts: tuple[str, ...]
    x: Tensor
    lengths: Tensor
    y: Tensor

    def __len__(self) -> int:
        """Return how many texts there are."""
        return len(self.texts)

    @property
    def fingerprint(self) -> str:
        """Return eight hexadecimal digits that change with a text and with the texts' order."""
        return sha256("\n".join(self.texts).encode()).hexdigest()[:8]

    def __repr__(self) -> str:
        return f"Texts({len(self):,} texts of {self.lengths.min()} to {self.lengths.max()} letters)"


@dataclass(frozen=True, eq=False)
class Names:
    """Names in 24 languages, in three splits; ``names`` tells source and shapes.

    >>> data = names()
    >>> len(data.train) == len(data.train.y)
    True
    """

    languages: tuple[str, ...]
    alphabet: Alphabet
    train: Texts
    valid: Texts
    test: Texts


@dataclass(frozen=True, eq=False)
class Words:
    """English words, in three splits; ``words`` tells source and shapes.

    >>> data = words()
    >>> torch.equal(data.test.x, data.test.y)
    True
    """

    alphabet: Alphabet
    train: Texts
    valid: Texts
    test: Texts


@dataclass(frozen=True, eq=False)
class Pairs:
    """Sources with a target text each; ``dates`` and ``pronunciations`` tell the shapes.

    ``known`` holds every right target of a source.

    >>> data = dates()
    >>> data.symbols.letters[data.stop - 1]
    '$'
    """

    letters: Alphabet
    symbols: Alphabet
    train: Texts
    valid: Texts
    test: Texts
    known: Mapping[str, tuple[str, ...]]

    @property
    def start(self) -> int:
        """Return the number of the start symbol."""
        return self.symbols.letters.index(START) + 1

    @property
    def stop(self) -> int:
        """Return the number of the stop symbol."""
        return self.symbols.letters.index(STOP) + 1


@cache
def names() -> Names:
    """Return what 24 languages call the world's languages and territories.

    From the Unicode CLDR as the package Babel ships it (Unicode licence; Babel is BSD). The
    languages are those of ``LATIN``, all in Latin letters. A name that two of them share tells
    nothing and is left out, upper and lower case alike. A hash of the name decides the split: 7
    of 10 train, 1 validates, 2 test. With Babel 2.18: 11,323 names of 2 to 81 letters.
    Three test names of ten share a word of four or more letters with a training name of the same
    language.

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
    languages = tuple(locale.get_language_name("en") for locale in locales)
    parts = _splits(rows, key=lambda row: row[0].casefold())
    return Names(languages, alphabet, *(_classes(part, alphabet) for part in parts))


@cache
def words() -> Words:
    """Return words of English prose, each letter of which is to be predicted from the others.

    The words of four to fourteen letters that occur at least twice in the docstrings of Python
    3.11's standard library (PSF licence); shipped, since they differ by version. 3,883 words; a
    hash decides the split, 7 of 10 train, 1 validates, 2 test. Words of one stem, as "change" and
    "changed", may lie in different splits.

    Returns:
        ``alphabet``; ``train``, ``valid`` and ``test``, each with ``texts``, ``x`` ``(count, 14)``
        int64, ``lengths`` ``(count,)`` and ``y``, which is ``x``: 0, the padding, is no target.

    >>> set(words().train.texts) & set(words().test.texts)
    set()
    """
    rows = gzip.decompress((FILES / "words.txt.gz").read_bytes()).decode().split()
    alphabet = Alphabet.of(rows)
    parts = []
    for part in _splits(rows):
        x, lengths = alphabet.encode(part)
        parts.append(Texts(tuple(part), x, lengths, x))
    return Words(alphabet, *parts)


@cache
def dates() -> Pairs:
    """Return dates as people write them in eight languages, and the same in ISO 8601.

    Generated with Babel's locale data (Unicode licence). 12,000 days from 1950 to 2049, drawn with
    a fixed seed, each written once, in one of the locales of ``DATE_LOCALES`` and one of CLDR's
    forms medium, long and full. A day is in one split only. No form is ambiguous.

    Returns:
        ``letters`` and ``symbols``, the alphabets of both sides; ``train``, ``valid`` and
        ``test``, each with ``texts``, ``x`` ``(count, longest)`` the source, ``lengths`` and ``y``
        ``(count, 11)``, the ISO date and the stop symbol.

    >>> data = dates()
    >>> data.test.y.shape[1], data.symbols.letters
    (11, '$-0123456789^')
    """
    from babel.dates import format_date

    first = date(1950, 1, 1)
    days = (date(2050, 1, 1) - first).days
    dice = Random(0)
    rows = []
    for offset in dice.sample(range(days), DAYS):
        day = first + timedelta(offset)
        locale, form = dice.choice(DATE_LOCALES), dice.choice(("medium", "long", "full"))
        rows.append((format_date(day, form, locale=locale), day.isoformat()))
    letters = Alphabet.of(text for text, _ in rows)
    symbols = Alphabet("".join(sorted("0123456789-" + START + STOP)))
    parts = _splits(rows, key=lambda row: row[1])
    return Pairs(
        letters,
        symbols,
        *(_pairs(part, letters, symbols) for part in parts),
        {text: (iso,) for text, iso in rows},
    )


@cache
def pronunciations() -> Pairs:
    """Return English words and how they are said, in the phonemes of CMUdict without stress.

    An extract of CMUdict (BSD; the notice is shipped beside it) with all words of letters and
    apostrophes. A hash of the word decides the split: 88 of 100 train, 2 validate, 10 test. A word
    with several pronunciations is trained on with each; in the other splits it stands once, and
    ``known`` has all that are right. The published split is another one, random too.
    3,282 of the 12,569 test words, one of four, are a training word with or without a final "s" or
    "'s".

    Returns:
        As ``dates``; ``symbols`` are 39 phonemes, start and stop, and a target such as ``"K AE T"``
        is one text in ``known``.

    >>> pronunciations().known["tomato"]
    ('T AH M EY T OW', 'T AH M AA T OW')
    """
    lines = gzip.decompress((FILES / "cmudict.txt.gz").read_bytes()).decode().splitlines()
    rows = [tuple(line.split(" ", 1)) for line in lines]
    known: dict[str, tuple[str, ...]] = {}
    for word, said in rows:
        known[word] = (*known.get(word, ()), said)
    letters = Alphabet.of(known)
    symbols = Alphabet(tuple(sorted({s for _, said in rows for s in said.split()} | {START, STOP})))
    once = [(word, said[0]) for word, said in known.items()]
    train, _, _ = _splits(rows, (2, 12), key=lambda row: row[0])
    _, valid, test = _splits(once, (2, 12), key=lambda row: row[0])
    parts = (_pairs(part, letters, symbols) for part in (train, valid, test))
    return Pairs(letters, symbols, *parts, known)


def _splits(rows: Sequence, shares: tuple[int, int] = (10, 30), key=None) -> tuple[list, ...]:
    """Return train, valid and test; ``shares`` of 100 are the bounds of valid and of test."""
    valid, test, train = parts = ([], [], [])
    for row in rows:
        text = key(row) if key else row
        draw = int.from_bytes(sha256(text.encode()).digest()[:4]) % 100
        parts[bisect_right(shares, draw)].append(row)
    return train, valid, test


def _classes(rows: list[tuple[str, int]], alphabet: Alphabet) -> Texts:
    texts = tuple(text for text, _ in rows)
    x, lengths = alphabet.encode(texts)
    return Texts(texts, x, lengths, torch.tensor([y for _, y in rows]))


def _pairs(rows: Iterable[tuple[str, str]], letters: Alphabet, symbols: Alphabet) -> Texts:
    texts, targets = zip(*rows, strict=True)
    x, lengths = letters.encode(texts)
    whole = isinstance(symbols.letters, str)
    ended = [target + STOP if whole else [*target.split(), STOP] for target in targets]
    return Texts(texts, x, lengths, symbols.encode(ended)[0])
