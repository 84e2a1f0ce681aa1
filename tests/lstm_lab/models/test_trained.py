"""The small networks that come with the explorers: as good as their files say, and exact."""

import json

import pytest
import torch

from lstm_lab import date_writers, dates, greedy, name_reader, names
from lstm_lab.models.trained import FILES, NameReader


def stored(name):
    return json.loads((FILES / f"{name}.json").read_text(encoding="utf-8"))


def test_the_reader_of_names_is_as_good_as_its_file_says():
    model, data = name_reader()
    with torch.no_grad():
        logits = model(data.test.x, data.test.lengths)
    for name, score in stored("names")["scores"].items():
        share = float((logits[name].argmax(-1) == data.test.y).float().mean())
        assert share == pytest.approx(score, abs=0.005)
    assert stored("names")["scores"]["h_n"] > 0.7


def test_the_writers_of_dates_are_as_good_as_their_file_says():
    models, data = date_writers()
    some = torch.arange(0, len(data.test), 5)
    texts = [data.test.texts[k] for k in some]
    for way, model in models.items():
        lengths = data.test.lengths[some]
        tokens = greedy(model, data.test.x[some], lengths, longest=11).tokens
        said = data.symbols.decode(tokens)
        right = [s in data.known[text] for s, text in zip(said, texts, strict=True)]
        assert sum(right) / len(right) == pytest.approx(stored("dates")["scores"][way], abs=0.02)


@pytest.mark.parametrize(("name", "data"), [("names", names), ("dates", dates)])
def test_the_networks_were_trained_on_the_data_that_ship(name, data):
    assert stored(name)["made_from"] == data().train.fingerprint


def test_the_readouts_agree_with_a_run_of_each_name_alone():
    model, data = name_reader()
    together = model(*data.alphabet.encode(["Suomi", "Deutschland"]))
    alone = model(*data.alphabet.encode(["Suomi"]))
    for name in together:
        torch.testing.assert_close(together[name][:1], alone[name], atol=1e-5, rtol=0)


def test_a_size_that_is_none_is_refused():
    with pytest.raises(ValueError, match=r"hidden_size is 0; expected"):
        NameReader(20, 8, 0, 5)
