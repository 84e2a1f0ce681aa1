"""Words, dates and pronunciations: split by text, read back, and all that is right is known."""

import gzip
import re
from datetime import date

import pytest
import torch

from lstm_lab import dates, pronunciations, words
from lstm_lab.data.texts import FILES, START, STOP

SPLITS = ("train", "valid", "test")
# How a month begins in the eight languages, typed from dictionaries; the longest that fits counts.
MONTHS = (
    "jan ene gen sty tammi",
    "feb fév lut helmi",
    "mar mär maa mrt maalis",
    "apr avr abr kwi huhti",
    "may mai mei mag maj touko",
    "jun juin giu cze kesä",
    "jul juil lug lip heinä",
    "aug aoû ago sie elo",
    "sep set wrz syys",
    "oct okt ott paź loka",
    "nov lis marras",
    "dec dez déc dic gru joulu",
)
STEMS = {stem: month for month, line in enumerate(MONTHS, start=1) for stem in line.split()}


@pytest.fixture(scope="module")
def said():
    return pronunciations()


@pytest.fixture(scope="module")
def days():
    return dates()


def month_of(word):
    fits = [stem for stem in STEMS if word.casefold().startswith(stem)]
    return STEMS[max(fits, key=len)]


def parsed(text):
    """Return the ISO date of a written one, by rules that know no locale data."""
    if found := re.fullmatch(r"(\d+)\.(\d+)\.(\d{4})", text):
        day, month, year = found.groups()
    elif found := re.search(r"(\w+) (\d+), (\d{4})$", text):
        month, day, year = month_of(found[1]), found[2], found[3]
    else:
        found = re.search(r"(\d+)\.? (?:de )?([^\W\d]+)\.? (?:de )?(\d{4})$", text)
        day, month, year = found[1], month_of(found[2]), found[3]
    return date(int(year), int(month), int(day)).isoformat()


def targets(data, split):
    """Return the target texts of a split, read back from its numbers."""
    return [row.replace(STOP, "").strip() for row in data.symbols.decode(split.y)]


def assert_apart(parts):
    sets = [set(part) for part in parts]
    assert all(sets)
    assert sum(len(each) for each in sets) == len(set().union(*sets))


def assert_ended(data):
    """Every target is its symbols, the stop symbol once, and zeros."""
    for split in (data.train, data.valid, data.test):
        real = (split.y != 0).sum(dim=1)
        places = torch.arange(split.y.shape[1])
        assert torch.equal(split.y != 0, places < real.unsqueeze(1))
        assert torch.equal(split.y == data.stop, places == real.unsqueeze(1) - 1)
        assert not (split.y == data.start).any()
        assert data.symbols.letters[int(split.y[0, real[0] - 1]) - 1] == STOP
    assert data.symbols.letters[data.start - 1] == START


def test_no_word_is_in_two_splits():
    data = words()
    assert_apart([text.casefold() for text in getattr(data, name).texts] for name in SPLITS)


def test_words_are_split_seven_to_one_to_two():
    data = words()
    sizes = [len(data.train), len(data.valid), len(data.test)]
    assert sizes == [2690, 374, 819]
    assert [round(10 * size / sum(sizes)) for size in sizes] == [7, 1, 2]
    texts = {*data.train.texts, *data.valid.texts, *data.test.texts}
    assert len(texts) == sum(sizes) == 3883
    assert all(re.fullmatch("[a-z]{4,14}", text) for text in texts)


def test_a_word_is_its_own_target():
    for split in (words().train, words().test):
        assert split.y is split.x
        assert split.x.shape == (len(split), 14)
        assert words().alphabet.decode(split.x) == list(split.texts)
        assert split.lengths.tolist() == [len(text) for text in split.texts]
        assert torch.equal((split.x != 0).sum(dim=1), split.lengths)


def test_no_day_is_in_two_splits(days):
    parts = [targets(days, getattr(days, name)) for name in SPLITS]
    assert_apart(parts)
    assert all(len(set(part)) == len(part) for part in parts)
    assert_apart([text.casefold() for text in getattr(days, name).texts] for name in SPLITS)


def test_dates_are_split_seven_to_one_to_two(days):
    sizes = [len(days.train), len(days.valid), len(days.test)]
    assert sizes == [8344, 1170, 2486]
    assert sum(sizes) == len(days.known) == 12_000
    assert repr(days.valid).startswith("Texts(1,170 texts of ")


def test_every_form_of_a_date_reads_back_to_its_target(days):
    forms = set()
    for split in (days.train, days.valid, days.test):
        for text, iso in zip(split.texts, targets(days, split), strict=True):
            assert parsed(text) == iso
            assert days.known[text] == (iso,)
            forms.add(re.sub(r"\d+", "", text))
    assert len(forms) > 800  # of weekdays and months in eight languages


def test_no_written_date_has_two_targets(days):
    right = {}
    for split in (days.train, days.valid, days.test):
        for text, iso in zip(split.texts, targets(days, split), strict=True):
            right.setdefault(text.casefold(), set()).add(iso)
    assert all(len(isos) == 1 for isos in right.values())
    assert len(right) == 12_000
    years = {int(iso[:4]) for isos in right.values() for iso in isos}
    assert years == set(range(1950, 2050))


def test_a_date_ends_with_stop_and_a_source_with_padding(days):
    assert_ended(days)
    assert days.test.y.shape == (len(days.test), 11)
    assert (days.train.y != 0).all()
    assert days.letters.decode(days.test.x) == list(days.test.texts)
    assert days.test.lengths.tolist() == [len(text) for text in days.test.texts]


def test_no_pronounced_word_is_in_two_splits(said):
    assert_apart([text.casefold() for text in getattr(said, name).texts] for name in SPLITS)


def test_pronunciations_are_split_by_the_hundred(said):
    counts = [len(set(getattr(said, name).texts)) for name in SPLITS]
    assert [round(100 * count / sum(counts)) for count in counts] == [88, 2, 10]
    assert sum(counts) == len(said.known) == 124_926
    assert len(said.valid) == counts[1]  # a word stands once but in the training
    assert len(said.test) == counts[2]


def test_a_quarter_of_the_test_differs_from_training_by_a_final_s(said):
    known = set(said.train.texts)
    alike = [
        word
        for word in said.test.texts
        if {word + "s", word + "'s"} & known
        or any(word.endswith(end) and word.removesuffix(end) in known for end in ("s", "'s"))
    ]
    assert f"{len(alike):,} of the {len(said.test):,} test words" in pronunciations.__doc__


def test_known_holds_every_pronunciation_of_the_file(said):
    lines = gzip.decompress((FILES / "cmudict.txt.gz").read_bytes()).decode().splitlines()
    pairs = [(word, answer) for word, answers in said.known.items() for answer in answers]
    assert sorted(f"{word} {answer}" for word, answer in pairs) == sorted(lines)
    assert len(set(pairs)) == len(pairs)
    assert said.known["tomato"] == ("T AH M EY T OW", "T AH M AA T OW")  # in the order of the file


def test_a_word_is_trained_on_with_each_pronunciation_and_tested_once(said):
    words = set(said.train.texts)
    expected = sorted((word, each) for word in words for each in said.known[word])
    assert sorted(zip(said.train.texts, targets(said, said.train), strict=True)) == expected
    for split in (said.valid, said.test):
        assert targets(said, split) == [said.known[text][0] for text in split.texts]


def test_a_pronunciation_ends_with_stop_and_padding(said):
    assert_ended(said)
    assert len(said.symbols.letters) == 41
    assert not any(re.search(r"\d", symbol) for symbol in said.symbols.letters)
    assert said.letters.decode(said.test.x) == list(said.test.texts)
    assert said.test.lengths.tolist() == [len(text) for text in said.test.texts]


@pytest.mark.parametrize("call", [words, dates, pronunciations])
def test_the_texts_are_the_same_in_every_call(call, request):
    kept = {"dates": "days", "pronunciations": "said"}.get(call.__name__)
    one, again = request.getfixturevalue(kept) if kept else call(), call()
    for name in SPLITS:
        first, second = getattr(one, name), getattr(again, name)
        assert first.texts == second.texts
        assert first.fingerprint == second.fingerprint
        for field in ("x", "y", "lengths"):
            assert torch.equal(getattr(first, field), getattr(second, field))


def test_a_fingerprint_changes_with_a_text_and_with_the_order():
    texts = words().valid
    prints = {texts.fingerprint}
    for changed in (texts.texts[::-1], (*texts.texts[:-1], "zzzz"), texts.texts[1:]):
        prints.add(type(texts)(changed, texts.x, texts.lengths, texts.y).fingerprint)
    assert len(prints) == 4
    assert all(re.fullmatch("[0-9a-f]{8}", each) for each in prints)
