"""The explorers in Python: what they refuse, what they say, and that page and notebook agree."""

import json
import re
from base64 import b64decode

import pytest
import torch
from py_mini_racer import MiniRacer
from torch import nn

from lstm_lab import (
    AlignExplorer,
    Alphabet,
    CellExplorer,
    Decoder,
    Encoder,
    LSTMClassifier,
    NameExplorer,
    Seq2Seq,
    ShapeCalculator,
    ShapeDrill,
    StateGrid,
)
from lstm_lab.explorers.base import Explorer
from lstm_lab.explorers.scripts import EXPLORERS, STATIC, for_notebook, for_page, joined, styles
from lstm_lab.style import COLORS

ABC, SYMBOLS = Alphabet("abc"), Alphabet("^$xy")


def writer(stop=2, **options):
    encoder, decoder = Encoder(4, 2, 3, **options), Decoder(5, 2, 3, memory_size=None)
    return Seq2Seq(encoder, decoder, start=1, stop=stop)


def grid(module=None, **options):
    return StateGrid(module or nn.LSTM(2, 3), torch.randn(2, 4, 2), **options)


MADE = {
    "StateGrid": grid,
    "ShapeCalculator": ShapeCalculator,
    "ShapeDrill": ShapeDrill,
    "CellExplorer": lambda: CellExplorer(nn.LSTM(2, 3), torch.randn(1, 5, 2)),
    "NameExplorer": lambda: NameExplorer(LSTMClassifier(4, 8, 2, vocab_size=4), ABC, ["x", "y"]),
    "AlignExplorer": lambda: AlignExplorer({"one": writer()}, ABC, SYMBOLS),
}


def evaluated(code):
    return json.loads(MiniRacer().eval(f"{code}"))


@pytest.mark.parametrize("name", EXPLORERS)
def test_a_notebook_and_a_page_have_the_same_state(name):
    made = MADE[name]()
    module, constant = EXPLORERS[name].split(".")
    keys = evaluated(f"{joined(module)}\nJSON.stringify(Object.keys({module}.{constant}.state))")
    assert sorted(keys) == sorted(made.state_names())
    assert type(made).__name__ == name


@pytest.mark.parametrize("name", EXPLORERS)
def test_an_explorer_says_what_it_is_and_carries_its_data(name):
    made = MADE[name]()
    bundle, _ = made._repr_mimebundle_()
    assert bundle["text/plain"] == repr(made)
    assert re.fullmatch(rf"<{name} .+>", repr(made))
    (given,) = re.findall(r'json">(.*?)</script>', bundle["text/html"])
    assert json.loads(given) == {"data": made.data, "state": made.state}
    assert f'id="{made.id}"' in bundle["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_a_text_cannot_end_the_script_that_holds_it():
    made = MADE["NameExplorer"]()
    made.text = "<!--<script></script><b>"
    assert made._repr_html_().count("<script") == made._repr_html_().count("</script>") == 1
    assert "<!--" not in made._repr_html_()
    (given,) = re.findall(r'json">(.*?)</script>', made._repr_html_())
    assert json.loads(given)["state"]["text"] == made.text


def test_a_trait_that_is_not_there_is_refused_by_name():
    with pytest.raises(ValueError, match=r"speed is no trait of StateGrid; expected batch_f"):
        grid(speed=3)


def test_several_layers_must_differ_in_depth_or_directions_alone():
    pair = [nn.LSTM(2, 3), nn.LSTM(2, 3, 2)]
    assert len(grid(pair).data["networks"]) == 2
    for other in (nn.LSTM(2, 3), nn.GRU(2, 3, 2), nn.LSTM(2, 2, 2)):
        with pytest.raises(ValueError, match=r"module has 2 layers; expected layers of one kind"):
            grid([nn.LSTM(2, 3), other])


@pytest.mark.parametrize(
    ("module", "x", "message"),
    [
        (nn.LSTM(2, 5), torch.zeros(1, 4, 2), r"hidden_size=5; expected at most 4"),
        (
            nn.LSTM(2, 3),
            torch.zeros(4, 2),
            r"x has shape \(4, 2\) and type .* expected \(at most 3",
        ),
        (nn.LSTM(2, 3), torch.zeros(1, 4, 3), r"x has shape \(1, 4, 3\) .*input_size=2"),
        (nn.LSTM(2, 3), torch.zeros(4, 4, 2), r"x has shape \(4, 4, 2\) .*at most 3"),
        (nn.LSTM(2, 3), torch.zeros(1, 30, 2), r"x has shape \(1, 30, 2\) .*at most 24"),
        (nn.LSTM(2, 3), torch.full((1, 4, 2), torch.nan), r"x has nan or inf; expected finite"),
        (nn.LSTMCell(2, 3), torch.zeros(1, 4, 2), r"module is a LSTMCell; expected an nn\.LSTM"),
    ],
)
def test_what_a_state_grid_cannot_show_is_refused(module, x, message):
    with pytest.raises(ValueError, match=message):
        StateGrid(module, x)


def test_numbers_keep_every_digit_of_float32():
    x = torch.randn(1, 4, 2)
    given = torch.tensor(StateGrid(nn.LSTM(2, 3), x).data["x"])
    assert torch.equal(given, x)


@pytest.mark.parametrize(
    ("module", "options", "message"),
    [
        (nn.GRU(3, 2), {"alphabet": "abc"}, r"module is GRU\(3, 2\); expected an nn\.LSTM of one"),
        (nn.LSTM(3, 2, 2), {"alphabet": "abc"}, r"expected an nn\.LSTM of one layer and direction"),
        (nn.LSTM(3, 2), {}, r"expected either x or an alphabet"),
        (nn.LSTM(3, 2), {"alphabet": "aab"}, r"alphabet is 'aab'; expected input_size=3 different"),
        (nn.LSTM(3, 2), {"alphabet": "ab"}, r"alphabet is 'ab'; expected input_size=3 different"),
        (
            nn.LSTM(3, 2),
            {"alphabet": "abc", "head": nn.Linear(2, 2), "classes": ["x"]},
            r"head is Linear\(.*\); expected an nn\.Linear\(2, 1\)",
        ),
    ],
)
def test_what_a_cell_explorer_cannot_show_is_refused(module, options, message):
    with pytest.raises(ValueError, match=message):
        CellExplorer(module, **options)


@pytest.mark.parametrize(
    ("model", "alphabet", "classes", "message"),
    [
        (nn.LSTM(2, 3), ABC, ["x"], r"model is a LSTM; expected a NameReader, or an LSTMClassif"),
        (LSTMClassifier(4, 8, 2), ABC, ["x", "y"], r"model is a LSTMClassifier; expected .*vocab"),
        (
            LSTMClassifier(4, 8, 2, vocab_size=4, bidirectional=True),
            ABC,
            ["x", "y"],
            r"model has LSTM\(.*bidirectional=True\); expected an nn\.LSTM of one layer",
        ),
        (LSTMClassifier(4, 8, 2, vocab_size=9), ABC, ["x", "y"], r"has 3 letters; expected 8"),
        (LSTMClassifier(4, 8, 2, vocab_size=4), ABC, ["x"], r"classes has 1 names; expected 2"),
    ],
)
def test_what_a_name_explorer_cannot_show_is_refused(model, alphabet, classes, message):
    with pytest.raises(ValueError, match=message):
        NameExplorer(model, alphabet, classes)


@pytest.mark.parametrize(
    ("models", "letters", "message"),
    [
        ({}, ABC, r"models is \{\}; expected Seq2Seq models by name"),
        ({"one": nn.LSTM(2, 3)}, ABC, r"expected Seq2Seq models by name"),
        ({"one": writer()}, Alphabet("abcd"), r"knows \(4, 5\) letters and symbols; expected \(5"),
        ({"one": writer(), "two": writer(stop=3)}, ABC, r"\(start, stop\) \[\(1, 2\), \(1, 3\)\]"),
    ],
)
def test_what_an_align_explorer_cannot_show_is_refused(models, letters, message):
    with pytest.raises(ValueError, match=message):
        AlignExplorer(models, letters, SYMBOLS)


def test_every_rule_of_the_style_sheet_is_under_the_one_root_class():
    rules = re.sub(
        r"/\*.*?\*/", "", (STATIC / "explorers.css").read_text(encoding="utf-8"), flags=re.S
    )
    rules = re.sub(r"@media [^{]*\{", "", rules)
    selectors = [part for part in re.findall(r"([^{}]+)\{", rules) if part.strip()]
    assert len(selectors) > 50
    for selector in selectors:
        for one in re.split(r",(?![^(]*\))", selector):
            assert ".lab-explorer" in one, one


def test_the_colours_of_quantities_come_from_one_place():
    for path in [*STATIC.glob("*.js"), STATIC / "explorers.css"]:
        text = path.read_text(encoding="utf-8").lower()
        assert not [color for color in COLORS.values() if color in text], path.name
    assert all(f"--lab-{name}:{color};" in styles() for name, color in COLORS.items())
    palette = evaluated(f"{joined('palette')}\nJSON.stringify(palette.COLORS)")
    assert palette == COLORS


def test_a_script_brings_each_module_once_and_asks_for_no_other():
    for name in EXPLORERS:
        for text in (for_notebook(name), for_page(name)):
            assert text.count("const kit = (() =>") == 1
            assert not re.search(r"^import |\brequire\(|fetch\(", text, re.M)


def test_half_precision_is_used_where_nothing_is_lost():
    module = nn.LSTM(2, 3)
    exact = grid(module).data["networks"][0]
    with torch.no_grad():
        for weight in module.parameters():
            weight.copy_(weight.half().float())
    half = grid(module).data["networks"][0]
    assert [exact["half"], half["half"]] == [False, True]
    assert len(b64decode(exact["values"])) == 2 * len(b64decode(half["values"]))


def test_every_explorer_has_its_script():
    own = [each for each in Explorer.__subclasses__() if "data" not in vars(each)]
    assert set(EXPLORERS) == set(MADE) == {each.__name__ for each in own}


@pytest.mark.parametrize(
    ("view", "message"),
    [
        ({"layers": 3}, r"layers is 3 and directions 1; expected 1 and 1, 2 and 1"),
        ({"directions": 2}, r"layers is 1 and directions 2; expected 1 and 1"),
        ({"quantity": "x"}, r"quantity is 'x'; expected 'h' or 'c'"),
        ({"steps": 5}, r"steps is 5; expected 1 to 4"),
        ({"example": 2}, r"example is 2; expected 0 to 1"),
        ({"layer": 1}, r"layer is 1; expected 0 to 0"),
        ({"step": -1}, r"step is -1; expected 0 to 3"),
        ({"padded": True, "example": 1, "step": 2}, r"step is 2; expected 0 to 1"),
        ({"unit": 3}, r"unit is 3; expected 0 to 2"),
        ({"layer": "top"}, r"layer.*int.*'top'"),
    ],
)
def test_a_view_that_is_not_there_is_refused(view, message):
    with pytest.raises(ValueError, match=message):
        grid([nn.LSTM(2, 3), nn.LSTM(2, 3, 2)], **view)


def test_what_is_shown_first_must_be_there():
    with pytest.raises(ValueError, match=r"Q"):
        CellExplorer(nn.LSTM(3, 2), alphabet="abc", text="aQ")
    with pytest.raises(ValueError, match=r"unit is 2; expected 0 to 1"):
        CellExplorer(nn.LSTM(3, 2), alphabet="abc", unit=2)
    with pytest.raises(ValueError, match=r"Q"):
        NameExplorer(LSTMClassifier(4, 8, 2, vocab_size=4), ABC, ["x", "y"], text="Q")
    with pytest.raises(ValueError, match=r"model is 'two'; expected one of one"):
        AlignExplorer({"one": writer()}, ABC, SYMBOLS, model="two")
    with pytest.raises(ValueError, match=r"expected at most 40 letters"):
        AlignExplorer({"one": writer()}, ABC, SYMBOLS, examples=["a" * 41])
    with pytest.raises(ValueError, match=r"call is 'many'; expected one of batched, unbatched"):
        ShapeCalculator(call="many")
    with pytest.raises(ValueError, match=r"text is empty; expected at least one letter"):
        CellExplorer(nn.LSTM(3, 2), alphabet="abc", text="")
    with pytest.raises(ValueError, match=r"text is a NoneType; expected letters"):
        NameExplorer(LSTMClassifier(4, 8, 2, vocab_size=4), ABC, ["x", "y"], text=None)
    with pytest.raises(ValueError, match=r"weight is 'weight_ih_l0,8,0'; expected a parameter"):
        CellExplorer(nn.LSTM(3, 2), alphabet="abc", edits={"weight_ih_l0,8,0": 1.0})
    with pytest.raises(ValueError, match=r"forget is 10.0; expected -9 to 9"):
        CellExplorer(nn.LSTM(3, 2), alphabet="abc", forget=10)
    with pytest.raises(ValueError, match=r"classes has 1 names and head is None; expected both"):
        CellExplorer(nn.LSTM(3, 2), alphabet="abc", classes=["x"])
    with pytest.raises(ValueError, match=r"id is 'my grid'; expected letters, digits and hyphens"):
        grid(id="my grid")
    with pytest.raises(ValueError, match=r"names has 2 names; expected 1"):
        grid(names=["a", "b"])
    for name, value in (("hidden_size", 65), ("dropout", 1.0), ("lengths", "x"), ("batch", 0)):
        with pytest.raises(ValueError, match=rf"{name} is '?{value}'?; expected"):
            ShapeCalculator(**{name: value})
    with pytest.raises(ValueError, match=r"proj_size is 30; expected less than hidden_size=20"):
        ShapeCalculator(proj_size=30)


def test_a_slider_that_has_no_room_is_told_as_the_page_takes_it():
    made = ShapeCalculator(proj_size=5)
    made.kind = "GRU"
    assert repr(made) == "<ShapeCalculator nn.GRU(10, 20, num_layers=2), batched>"
    made.kind, made.proj_size = "LSTM", 30
    assert "proj_size=19" in repr(made)


def test_a_widget_that_was_refused_is_closed():
    from ipywidgets.widgets.widget import _instances

    def grids():
        return sum(isinstance(each, StateGrid) for each in _instances.values())

    before = grids()
    with pytest.raises(ValueError, match="layer is 9"):
        grid(layer=9)
    assert grids() == before
