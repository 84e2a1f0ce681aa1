"""Python source in three splits, and what Python's own tokenizer says of each of its characters."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from io import StringIO
from itertools import accumulate
from tokenize import COMMENT, DEDENT, INDENT, OP, STRING, TokenError, generate_tokens, tok_name

import torch
from torch import Tensor

from lstm_lab.checks import describe
from lstm_lab.data.alphabet import Alphabet
from lstm_lab.data.texts import FILES, _splits

OPENS, CLOSES = "([{", ")]}"


@dataclass(frozen=True, eq=False)
class Source:
    """Files of Python source by their paths, in three splits; ``python_source`` tells which.

    >>> len(python_source().alphabet)
    97
    """

    alphabet: Alphabet
    train: Mapping[str, str]
    valid: Mapping[str, str]
    test: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Labels:
    """What holds once a character has been read, ``(seq_len,)`` whole numbers each.

    Args:
        string: 1 from a string's first quote on, until its last one is read; else 0.
        comment: 1 from a comment's hash on, to the end of its line; else 0.
        brackets: how many brackets are open.
        indent: how many blocks the statement stands in that was begun last.
        column: characters since the line began.
    """

    string: Tensor
    comment: Tensor
    brackets: Tensor
    indent: Tensor
    column: Tensor

    def named(self) -> list[tuple[str, Tensor]]:
        """Return ``(name, label)`` of all five."""
        return [(field.name, getattr(self, field.name)) for field in fields(self)]


@cache
def python_source() -> Source:
    """Return a megabyte of Python's standard library, as it was in Python 3.11.

    A fixed extract, shipped with its notice (Python Software Foundation License): files of 2 to
    30 KB that are plain ASCII without tabs, chosen by a hash of their paths. A hash of the path
    decides the split too: 8 of 10 train, 1 validates, 1 tests.

    Returns:
        ``alphabet``, all characters of the files; ``train``, ``valid`` and ``test``, the text of
        each file by its path.

    >>> data = python_source()
    >>> len(data.train), len(data.valid), len(data.test)
    (74, 13, 10)
    """
    return split_files(json.loads(gzip.decompress((FILES / "source.json.gz").read_bytes())))


def split_files(files: Mapping[str, str]) -> Source:
    """Return files by their paths in three splits, as a hash of the path decides."""
    parts = _splits(list(files.items()), (10, 20), key=lambda file: file[0])
    return Source(Alphabet.of(files.values()), *map(dict, parts))


def labels(text: str) -> Labels:
    """Return what Python's tokenizer says of each character of some source.

    Args:
        text: Python that can be tokenized to its end.
    Raises:
        ValueError: it is no text, or it cannot.

    >>> labels("f('a')  # b").string.tolist()
    [0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0]
    """
    if not isinstance(text, str):
        raise ValueError(f"text {describe(text)}; expected Python source")
    lines = text.split("\n")
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    inside = {STRING: [0] * len(text), COMMENT: [0] * len(text)}
    brackets, indent = Counter(), Counter()
    for kind, words, *ends in _tokens(text):
        begin, end = (starts[row - 1] + column for row, column in ends)
        if kind == STRING:
            begin += min(words.find(quote) % len(words) for quote in "'\"")  # behind its prefix
            end -= 1  # the quote that closes a string is read when the string is over
        if kind in inside:
            inside[kind][begin:end] = [1] * (end - begin)
        elif kind == OP:
            brackets[begin] += (words in OPENS) - (words in CLOSES)
        elif kind in (INDENT, DEDENT):
            indent[end] += 1 if kind == INDENT else -1
    columns = [k + 1 if letter else 0 for line in lines for k, letter in enumerate([*line, ""])]
    rows = [inside[STRING], inside[COMMENT]]
    rows += [
        list(accumulate(map(depth.__getitem__, range(len(text))))) for depth in (brackets, indent)
    ]
    return Labels(*(torch.tensor(row, device="cpu") for row in [*rows, columns[:-1]]))


def _tokens(text: str) -> Iterator[tuple]:
    """Yield kind, words, begin and end of each token; an f-string is one, as until Python 3.11."""
    deep, first = 0, ()
    try:
        for kind, words, begin, end, _ in generate_tokens(StringIO(text).readline):
            if tok_name[kind].endswith("STRING_START"):
                first = first if deep else (words, begin)
                deep += 1
            elif tok_name[kind].endswith("STRING_END"):
                deep -= 1
                if not deep:
                    yield STRING, *first, end
            elif not deep:
                yield kind, words, begin, end
    except (TokenError, SyntaxError) as error:
        raise ValueError(f"text is cut or no Python: {error}; expected what tokenizes") from None
