"""The scripts, joined: one source of state, one style sheet, each module once."""

import json
import re

import pytest
from py_mini_racer import MiniRacer

from lstm_lab import COLORS
from lstm_lab.explorers.base import Explorer
from lstm_lab.explorers.scripts import EXPLORERS, STATIC, for_notebook, for_page, joined, styles
from lstm_lab.style import CLASSES
from tests.lstm_lab.explorers.made import MADE


def evaluated(code):
    return json.loads(MiniRacer().eval(f"{code}"))


@pytest.mark.parametrize("name", EXPLORERS)
def test_a_notebook_and_a_page_have_the_same_state(name):
    made = MADE[name]()
    module, constant = EXPLORERS[name].split(".")
    keys = evaluated(f"{joined(module)}\nJSON.stringify(Object.keys({module}.{constant}.state))")
    assert sorted(keys) == sorted(made.state_names())
    assert type(made).__name__ == name


def test_every_explorer_has_its_script():
    own = [each for each in Explorer.__subclasses__() if "data" not in vars(each)]
    assert set(EXPLORERS) == set(MADE) == {each.__name__ for each in own}


def test_every_rule_of_the_style_sheets_is_under_a_class_of_the_book():
    texts = [sheet.read_text(encoding="utf-8") for sheet in STATIC.glob("*.css")]
    rules = re.sub(r"/\*.*?\*/", "", "\n".join(texts), flags=re.S)
    rules = re.sub(r"@(media|container) [^{]*\{", "", rules)
    rules = re.sub(r"@keyframes lab-[^{]*\{\s*from \{[^}]*\}\s*\}", "", rules)
    selectors = [part for part in re.findall(r"([^{}]+)\{", rules) if part.strip()]
    assert len(selectors) > 100
    for selector in selectors:
        for one in re.split(r",(?![^(]*\))", selector):
            assert re.search(r"\.lab-|\.q-|:fullscreen", one), one


def test_the_colours_of_quantities_come_from_one_place():
    for path in [*STATIC.glob("*.js"), *STATIC.glob("*.css")]:
        text = path.read_text(encoding="utf-8").lower()
        assert not [color for color in COLORS.values() if color in text], path.name
    assert all(f"--lab-{name}:{color};" in styles() for name, color in COLORS.items())
    assert all(f".q-{name}{{--q:var(--lab-{name})" in styles() for name in COLORS)
    classes = [f"--lab-class-{k}:{color};" for k, color in enumerate(CLASSES)]
    assert all(each in styles() for each in classes)
    colours = evaluated(f"{joined('names')}\nJSON.stringify(names.COLOURS)")
    assert colours == len(CLASSES)


def test_a_script_brings_each_module_once_and_asks_for_no_other():
    for name in EXPLORERS:
        for text in (for_notebook(name), for_page(name)):
            assert text.count("const kit = (() =>") == 1
            assert not re.search(r"^import |\brequire\(|fetch\(", text, re.M)
