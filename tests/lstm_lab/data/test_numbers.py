"""The data sets: what they hold, that they repeat, and that nothing leaks between splits."""

import csv
import gzip
from collections import Counter

import pytest
import torch

from lstm_lab import counting, digits, names, recall, sunspots, weather
from lstm_lab.data.numbers import IGNORED
from lstm_lab.data.texts import LATIN


@pytest.fixture(scope="module")
def data():
    return names()


def test_a_string_of_counting_is_a_n_x_b_n():
    strings = counting(4)
    for n in range(1, 5):
        length = int(strings.lengths[n - 1])
        letters = "".join("aXb"[k] for k in strings.x[n - 1, :length].argmax(dim=-1))
        assert letters == "a" * n + "X" + "b" * n
        assert (strings.x[n - 1, length:] == 0).all()


def test_the_count_is_what_is_owed_and_its_end_is_the_target():
    strings = counting(5)
    for n in range(1, 6):
        count, y = strings.count[n - 1], strings.y[n - 1]
        assert count[: 2 * n + 1].tolist() == [*range(1, n + 1), *range(n, -1, -1)]
        known = y != IGNORED
        assert known.nonzero().flatten().tolist() == list(range(n, 2 * n + 1))
        assert torch.equal(y[known] == 1, count[known] == 0)


def test_recall_asks_for_the_first_symbol_and_repeats_by_seed():
    x, y = recall(500, 7)
    torch.manual_seed(0)
    again, _ = recall(500, 7)
    assert x.shape == (500, 7, 10)
    assert torch.equal(x.sum(dim=-1), torch.ones(500, 7))
    assert torch.equal(x[:, 0].argmax(dim=-1), y)
    assert torch.equal(x, again)
    assert set(y.tolist()) == set(range(10))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: counting(0), "largest is 0; expected a whole number of at least 1"),
        (lambda: counting(2.5), "largest is 2.5"),
        (lambda: recall(0, 5), "count is 0"),
        (lambda: recall(5, 0), "length is 0"),
    ],
)
def test_sizes_that_make_no_data_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_no_name_is_in_two_splits_or_two_languages(data):
    homes = {}
    for place, split in enumerate((data.train, data.valid, data.test)):
        for text, y in zip(split.texts, split.y.tolist(), strict=True):
            homes.setdefault(text.casefold(), set()).add((place, y))
    assert all(len(home) == 1 for home in homes.values())


def test_there_are_names_of_every_language_in_every_split(data):
    assert len(data.languages) == len(set(data.languages)) == len(LATIN) == 24
    for split, least in ((data.train, 100), (data.valid, 10), (data.test, 30)):
        assert int(split.y.bincount(minlength=24).min()) >= least
    sizes = [len(split) for split in (data.train, data.valid, data.test)]
    assert 10_000 < sum(sizes) < 12_500
    assert [round(10 * size / sum(sizes)) for size in sizes] == [7, 1, 2]


def test_a_row_is_its_name_in_numbers(data):
    split = data.test
    assert data.alphabet.decode(split.x[:50]) == list(split.texts[:50])
    assert split.lengths[:50].tolist() == [len(text) for text in split.texts[:50]]
    assert data.languages[int(data.train.y[data.train.texts.index("Alemania")])] == "Spanish"
    assert repr(split).startswith("Texts(")


def test_the_names_of_a_language_are_in_order_in_every_process(data):
    for split in (data.train, data.valid, data.test):
        rows = list(zip(split.y.tolist(), split.texts, strict=True))
        assert rows == sorted(rows)


def test_the_names_are_the_same_in_every_call(data):
    again = names()
    assert data.train.texts == again.train.texts
    assert torch.equal(data.test.x, again.test.x)
    assert data.alphabet == again.alphabet


def test_the_digits_are_those_of_the_package_in_three_parts():
    from sklearn.datasets import load_digits  # slow to import, so not for every worker

    images, found = digits(), load_digits()
    assert [len(part) for part in (images.train, images.valid, images.test)] == [1200, 200, 397]
    places = torch.arange(1400)
    for part, rows in (
        (images.train, places[places % 7 != 6]),
        (images.valid, places[places % 7 == 6]),
        (images.test, torch.arange(1400, 1797)),
    ):
        assert torch.equal(part.x * 16, torch.tensor(found.images[rows]).float())
        assert part.y.tolist() == found.target[rows].tolist()


def test_no_picture_is_in_two_splits_and_every_digit_is_in_all():
    images = digits()
    parts = (images.train, images.valid, images.test)
    pictures = [{x.numpy().tobytes() for x in part.x} for part in parts]
    assert len(set().union(*pictures)) == sum(len(each) for each in pictures) == 1797
    for part in parts:
        assert set(part.y.tolist()) == set(range(10))
        assert part.x.shape == (len(part), 8, 8)
        assert (part.x.dtype, part.y.dtype) == (torch.float32, torch.long)
        assert (float(part.x.min()), float(part.x.max())) == (0, 1)


def test_the_digits_are_the_same_in_every_call():
    for part in ("train", "valid", "test"):
        one, again = getattr(digits(), part), getattr(digits(), part)
        assert torch.equal(one.x, again.x)
        assert torch.equal(one.y, again.y)


def test_sunspots_are_known_numbers_of_309_years():
    years, values = sunspots()
    assert torch.equal(years, torch.arange(1700, 2009))
    assert (years.dtype, values.dtype, values.shape) == (torch.long, torch.float32, (309,))
    assert values.min() == 0
    known = {1700: 5.0, 1712: 0.0, 1778: 154.4, 1816: 45.8, 1957: 190.2, 2008: 2.9}
    for year, value in known.items():
        assert round(float(values[year - 1700]), 1) == value
    assert int(values.argmax()) == 1957 - 1700


def test_the_sunspots_come_again_every_eleven_years():
    _, values = sunspots()
    power = torch.fft.rfft(values - values.mean()).abs() ** 2
    assert 10 < 309 / int(power.argmax()) < 12


def test_the_weather_is_known_as_its_stations_wrote_it():
    with gzip.open(weather(), "rt", encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert Counter(row["origin"] for row in rows) == {"EWR": 8703, "JFK": 8706, "LGA": 8706}
    assert " ".join(rows[0].values()) == (
        "EWR 2013-01-01T06:00:00Z 39.02 26.06 270 10.357019999999999 0 1012 10"
    )
    assert sum(row["pressure"] == "NA" for row in rows) == 2729
    assert max(float(row["wind_speed"]) for row in rows if row["wind_speed"] != "NA") > 1000
