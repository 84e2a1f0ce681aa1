"""The cheat sheet: every line of code runs, and has the shape that it says."""

import ast
import json
import re
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn.utils import rnn

ROOT = Path(__file__).resolve().parents[2]
SHEET = (ROOT / "which-tensor.md").read_text(encoding="utf-8").split("## Cheat sheet")[1]
PARTS = dict(re.findall(r"^### (\w+)\n(.*?)(?=^### |\Z)", SHEET, re.M | re.S))
MESSAGES = json.loads((ROOT / "lstm_lab/clinic/files/errors.json").read_text(encoding="utf-8"))


def given(part):
    """Return the names that a part's code takes for granted."""
    both = part in ("Shapes", "Readings", "Packing")
    names = {"N": 4, "L": 5, "D": 1 + both, "num_layers": 2, "hidden_size": 3, "input_size": 6}
    names |= {"torch": torch, "nn": nn, "x": torch.randn(4, 5, 6)}
    names |= {name: getattr(rnn, name) for name in ("pack_padded_sequence", "pad_packed_sequence")}
    names |= {"lengths": torch.tensor([3, 5, 1, 4]), "kept": torch.tensor([0, 2])}
    return names | {"lstm": nn.LSTM(6, 3, 2, batch_first=True, bidirectional=both)}


def lines():
    """Return the part, the code and the shape that is said, of each line."""
    for part, text in PARTS.items():
        for line in "".join(re.findall(r"```python\n(.*?)```", text, re.S)).splitlines():
            code, _, comment = line.partition("  # ")
            yield part, code, re.search(r"\(([^()]*, [^()]*)\)$", comment)


def test_the_sheet_has_its_five_parts_and_code_where_code_is_wanted():
    assert list(PARTS) == ["Shapes", "Readings", "Packing", "State", "Errors"]
    assert {part for part, _, _ in lines()} == {"Readings", "Packing", "State"}
    assert sum(shape is not None for _, _, shape in lines()) >= 10


@pytest.mark.parametrize("part", ["Readings", "Packing", "State"])
def test_every_line_runs_and_has_the_shape_that_it_says(part):
    names = given(part)
    for _, code, shape in filter(lambda line: line[0] == part, lines()):
        (statement,) = ast.parse(code).body
        exec(code, names)
        if shape:
            value = getattr(statement, "targets", [statement.value])[0]
            seen = eval(ast.unparse(value), names)
            assert tuple(seen.shape) == eval(f"({shape[1]},)", names), code


def test_the_table_of_shapes_is_pytorch_s():
    names = given("Shapes")
    output, (h_n, c_n) = names["lstm"](names["x"])
    seen = {"x": names["x"], "output": output, "h_n": h_n, "c_n": c_n}
    for row in re.findall(r"^\| (`.+?) \| \((.+?)\) \|", PARTS["Shapes"], re.M):
        name, *_ = re.findall(r"`(\w+)`", row[0])
        assert tuple(seen.pop(name).shape) == eval(f"({row[1]})", names)
    assert not seen


def test_the_last_real_column_is_the_last_state_of_one_direction():
    names = given("State")
    assert names["lstm"].bidirectional is False
    packed = rnn.pack_padded_sequence(
        names["x"], names["lengths"], batch_first=True, enforce_sorted=False
    )
    _, (h_n, _) = names["lstm"](packed)
    output, (last, _) = names["lstm"](names["x"])
    real = output[torch.arange(4), names["lengths"] - 1]
    torch.testing.assert_close(real, h_n[-1])
    torch.testing.assert_close(output[:, -1], last[-1])


def test_every_message_is_one_that_torch_says():
    said = re.findall(r"^\| `(.+?)` \|", PARTS["Errors"], re.M)
    known = [re.sub(r"\\", "", each["stable"]) + each.get("text", "") for each in MESSAGES]
    assert len(said) == 6
    assert [each for each in said if not any(each in text for text in known)] == []
