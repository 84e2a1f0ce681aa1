"""What the explorers compute and the Python that they show, against PyTorch."""

import json
import math
import random
import re
from itertools import product

import pytest
import torch
from torch import nn

from lstm_lab import (
    AlignExplorer,
    Alphabet,
    CellExplorer,
    Decoder,
    Encoder,
    LanguageModel,
    NameExplorer,
    Options,
    Seq2Seq,
    StateGrid,
    TextExplorer,
    date_writers,
    greedy,
    name_reader,
    python_source,
    shapes,
    source_model,
    trace,
)
from lstm_lab.explorers.scripts import joined
from tests.browser import bench

KINDS = (nn.LSTM, nn.GRU, nn.RNN)
TOLERANCE = 1e-5
SPOILED = {
    "the hand-over": ("h: h_n, c: c_n", "h: c_n, c: h_n"),
    "the context": ("[...h, ...context]", "[...context, ...h]"),
    "the symbol fed back": ("fed = best;", "fed = data.start;"),
}


@pytest.fixture
def empty(browser):
    tab = browser.new_page()
    yield tab
    tab.close()


def ask(tab, script, expression, data):
    """Return what an expression over ``data`` gives in the browser, under a script."""
    return tab.evaluate(f"data => {{ {script}\nreturn {expression}; }}", data)


def evaluate(lines, module, x):
    """Return what the last two lines that a state grid shows give in Python."""
    names = {
        module.__class__.__name__.lower(): module,
        "x": x,
        "nn": nn,
    }
    calls = [line for line in lines if " = " in line or "import" in line]
    for line in calls:
        # A stack that was chosen in the page has weights of its own.
        if not re.match(r"\w+ = nn\.(LSTM|GRU|RNN)\(", line):
            exec(line, names)
    return [eval(line, names) for line in lines[len(calls) :]]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_python_that_a_state_grid_shows_reads_the_number_that_it_lights_up(
    open_page, tmp_path, kind
):
    torch.manual_seed(0)
    stacks = {
        (n, d): kind(2, 3, n, batch_first=True, bidirectional=d == 2).requires_grad_(False)
        for n, d in product((1, 2, 3), (1, 2))
    }
    x = torch.randn(2, 6, 2)
    tab = open_page(bench.page(tmp_path, StateGrid(list(stacks.values()), x)))
    draw, found = random.Random(1), set()
    for _ in range(60):
        layers, directions = draw.choice(list(stacks))
        place = {"layer": draw.randrange(layers), "direction": draw.randrange(directions)}
        place |= {"example": draw.randrange(2), "unit": draw.randrange(3)}
        steps, padded = draw.randint(3, 6), draw.random() < 0.5
        length = steps - 2 * (padded and place["example"] == 1)
        place["step"] = draw.choice([0, length - 1, draw.randrange(length)])
        place["quantity"] = draw.choice("hc" if kind is nn.LSTM else "h")
        first = draw.random() < 0.5
        options = {"padded": padded, "batch_first": first}
        view = {"layers": layers, "directions": directions, "steps": steps, **options, **place}
        bench.show(tab, "state-grid", **{k: json.dumps(v).strip('"') for k, v in view.items()})
        module = stacks[layers, directions]
        module.batch_first = first
        given = x if first else x.transpose(0, 1)
        lines = bench.codes(tab, "state-grid")
        results = evaluate(lines, module, given)
        told = tab.locator("#state-grid .lab-says").text_content()
        for result, vector in zip(results[::2], results[1::2], strict=True):
            assert float(result) == pytest.approx(
                bench.read_aloud(told.split(" is ")[0]), abs=0.00501
            )
            assert vector.dim() == 1
            assert float(vector[place["unit"]]) == pytest.approx(float(result), abs=1e-6)
        held = {re.match(r"\w+", line)[0] for line in lines if re.match(r"\w+(\.h|\.c)?\[", line)}
        assert all((name in told) == (name in held) for name in ("output", "h_n", "c_n"))
        chosen = tab.locator("#state-grid .lab-wide [aria-pressed=true]").get_attribute(
            "aria-label"
        )
        drawn = [bench.read_aloud(each) for each in chosen.split(": ")[1].split(", ")]
        assert drawn == pytest.approx(vector.tolist(), abs=0.00501)
        found |= held
    wanted = {"output", "h_n", "traced"} | ({"c_n"} if kind is nn.LSTM else set())
    assert found == wanted


def cases():
    """Yield every combination of options and inputs, with a few sizes."""
    for kind, layers, bias, first, both, projected in product(
        ("LSTM", "GRU", "RNN"), (1, 2, 3), *[(False, True)] * 3, (0, 3)
    ):
        if projected and kind != "LSTM":
            continue
        for sizes in ((1, 4), (10, 20)):
            options = Options(kind, *sizes, layers, bias, first, both, projected)
            yield options, {"batch": 5, "seq_len": 7}
            yield options, {"seq_len": 7}
            yield options, {"lengths": [4, 2, 6]}


def test_the_calculator_agrees_with_the_package_over_every_option(empty):
    rows, wanted = [], []
    for options, call in cases():
        kind = "packed" if "lengths" in call else "batched" if "batch" in call else "unbatched"
        rows.append({**vars(options), "batch": 1, "lengths": [], **call, "call": kind})
        table = shapes(options, **call)
        wanted.append(
            {
                part: [
                    {
                        "name": r.name,
                        "letters": [*r.letters],
                        "axes": [*r.axes],
                        "shape": [*r.shape],
                    }
                    for r in getattr(table, part)
                ]
                for part in ("tensors", "parameters")
            }
        )
    found = ask(empty, joined("calculator"), "data.map(calculator.shapes)", rows)
    assert len(found) == (2 + 1 + 1) * 3 * 2**3 * 2 * 3
    assert found == wanted


def test_the_drill_takes_the_right_answer_and_explains_the_known_mistakes(empty):
    script, diagnosis = joined("drill"), "drill.diagnosis(data[0], data[1])"
    asked = ask(empty, script, "data.map(drill.question)", list(range(200)))
    reasons = set()
    for number, each in enumerate(asked):
        given = each["options"]
        options = Options(*(given[name] for name in Options.__dataclass_fields__))
        call = {"seq_len": given["seq_len"]}
        call |= {"batch": given["batch"]} if given["call"] == "batched" else {}
        right = shapes(options, **call)[each["name"]].shape
        state = {"number": number, "answer": str(right), "checked": ""}
        state |= {"counted": -1, "right": 0, "tried": 0}
        told = ask(empty, script, "drill.shapeDrill.submit(null, data)", state)
        assert (told["right"], told["tried"]) == (1, 1)
        for wrong in ([*right[:-1], right[-1] + 1], [right[1], right[0], *right[2:]], [*right, 1]):
            if wrong != [*right]:
                reasons.add(ask(empty, script, "drill.diagnosis(data[0], data[1])", [each, wrong]))
        other = [right[0] + 1, *right[1:]]  # the last axis, and what it counts, are right
        told = ask(empty, script, diagnosis, [each, other])
        assert "last axis" not in told
    assert any("never batch-first" in reason for reason in reasons)
    assert any("With batch_first=True" in reason for reason in reasons)
    assert any(reason.startswith("It has 3 axes") for reason in reasons)
    assert any(reason.startswith("Look again at the ax") for reason in reasons)


def test_a_shape_is_read_as_a_reader_types_it(empty):
    good = [
        "3, 5, 20",
        "seq_len=3, batch=5, 2*hidden_size=20",
        "(3, 5, 20)",
        "torch.Size([3, 5, 20])",
        "3 5 20",
        "3×5x20.",
    ]
    bad = ["", "three", "3, y", "-3", "3.5"]
    read = ask(empty, joined("drill"), "data.map(drill.shapeOf)", good + bad)
    assert read == [[3, 5, 20]] * len(good) + [None] * len(bad)


def test_the_changes_that_a_cell_shows_in_python_give_its_numbers(open_page, tmp_path):
    torch.manual_seed(0)
    lstm, x = nn.LSTM(2, 3, batch_first=True).requires_grad_(False), torch.randn(1, 6, 2)
    tab = open_page(bench.page(tmp_path, CellExplorer(lstm, x)))
    stored = {name: weight.clone() for name, weight in lstm.named_parameters()}
    draw, kept = random.Random(2), x.clone()
    for _ in range(20):
        rows, x = draw.choices(range(12), k=3), kept.clone()
        edits = {f"weight_hh_l0,{rows[0]},1": 1.5, f"bias_hh_l0,{rows[1]},0": -0.75}
        edits[f"weight_ih_l0,{rows[2]},0"] = draw.choice([2.25, -3])
        changed = x[0].tolist()
        changed[2][1] = draw.choice([0.5, -4.5])
        view = {
            "step": draw.randrange(6),
            "unit": draw.randrange(3),
            "forget": draw.choice([0, 2.5]),
        }
        texts = {"edits": json.dumps(edits), "x": json.dumps(changed)}
        escaped = {k: tab.evaluate("encodeURIComponent", v) for k, v in texts.items()}
        bench.show(tab, "cell-explorer", **view, **escaped)
        lstm.load_state_dict(stored)
        for line in bench.codes(tab, "cell-explorer"):
            exec(line, {"lstm": lstm, "x": x})
        seen = trace(lstm, x)
        wanted = {name: float(getattr(seen, name)[0, 0, 0, view["step"], view["unit"]])
                  for name in "ifgoch"}  # fmt: skip
        drawn = tab.locator("#cell-explorer .lab-wide [data-pick]")
        shown = {it.get_attribute("data-pick"): it.get_attribute("aria-label").split()[-1]
                 for it in drawn.all()}  # fmt: skip
        said = tab.locator("#cell-explorer .lab-says b").all_text_contents()
        shown |= {each[0]: each.split(" = ")[1] for each in said if " = " in each}
        found = {name: bench.read_aloud(each) for name, each in shown.items()}
        assert found == pytest.approx(wanted, abs=0.00501)


def test_every_step_of_a_cell_is_that_of_pytorch(empty):
    torch.manual_seed(0)
    lstm, x = nn.LSTM(2, 3, batch_first=True).requires_grad_(False), torch.randn(1, 6, 2)
    made = CellExplorer(lstm, x, edits={"weight_hh_l0,4,1": 1.5}, forget=2.5)
    given = {"data": made.data, "state": made.state}
    found = ask(empty, joined("cell"), "cell.seen(data.data, data.state).records", given)
    lstm.weight_hh_l0[4, 1] = 1.5
    lstm.bias_ih_l0[3:6] += 2.5
    seen = trace(lstm, x)
    for name in "ifgoch":
        close([record[name] for record in found], getattr(seen, name)[0, 0, 0])


def test_the_terms_of_a_gate_add_up_to_its_sum_and_to_the_gate_itself(open_page, tmp_path):
    torch.manual_seed(0)
    lstm, x = nn.LSTM(2, 3).requires_grad_(False), torch.randn(1, 6, 2)
    made = CellExplorer(lstm, x, step=3, unit=1, forget=2)
    tab = open_page(bench.page(tmp_path, made))
    for gate in "ifgo":
        bench.show(tab, "cell-explorer", gate=gate)
        *rows, total = tab.locator("#cell-explorer .lab-gives").all_text_contents()
        assert len(rows) == 2 + 3 + 2
        total = bench.read_aloud(total)
        assert sum(map(bench.read_aloud, rows)) == pytest.approx(total, abs=0.005 * (len(rows) + 1))
        told = tab.locator(f"#cell-explorer .lab-wide [data-pick={gate}]")
        result = bench.read_aloud(told.get_attribute("aria-label").split()[-1])
        wanted = math.tanh(total) if gate == "g" else 1 / (1 + math.exp(-total))
        assert result == pytest.approx(wanted, abs=0.0102)


def test_the_reader_of_names_believes_in_the_page_what_it_believes_in_python(empty):
    model, data = name_reader()
    made = NameExplorer(model, data.alphabet, data.languages).data
    texts = [text for text in data.test.texts if len(text) <= 40][:30]
    expression = "data.texts.map((text) => names.read(data.made, text))"
    found = ask(empty, joined("names"), expression, {"made": made, "texts": texts})
    for text, each in zip(texts, found, strict=True):
        for step in {1, len(text)}:
            with torch.no_grad():
                logits = model(*data.alphabet.encode([text[:step]]))
            for name, wanted in logits.items():
                close(each["after"][step - 1][name], wanted[0].softmax(-1))
        states, _ = model.layer(model.embedding(data.alphabet.encode([text])[0]))
        close([record["h"] for record in each["records"]], states[0])


def deep_model():
    torch.manual_seed(3)
    return LanguageModel(97, 4, 6, num_layers=2).eval()


@pytest.mark.parametrize("make", [lambda: source_model()[0], deep_model], ids=["shipped", "deep"])
def test_the_reader_of_code_expects_in_the_page_what_it_expects_in_python(empty, make):
    model, data = make(), python_source()
    made = TextExplorer(model, data.alphabet).data
    model = model.double()  # as the page computes
    whole = data.test["curses/textpad.py"][:500]
    given = {"made": made, "text": whole}
    read = "data.made.read.records.map(({ chances, h, c }) => ({ chances, h, c }))"
    expression = f"(text.work(data.made, data, Infinity), {read})"
    found = ask(empty, joined("text"), expression, given)
    x = data.alphabet.encode([whole])[0]
    with torch.no_grad():
        logits, _ = model(x)
        states = trace(model.layer, model.embedding(x))
    close([each["chances"] for each in found], logits[0].softmax(-1).float())
    close([each["h"] for each in found], states.h[-1, 0, 0].float())
    close([each["c"] for each in found], states.c[-1, 0, 0].float())


def close(found, wanted):
    found = torch.tensor(found, dtype=torch.float32)
    torch.testing.assert_close(found, wanted.detach(), atol=TOLERANCE, rtol=0)


def random_writer(attention):
    """Return an untrained model with two layers, two directions and bridges."""
    torch.manual_seed(3)
    sizes = {"num_layers": 2}
    encoder = Encoder(4, 3, 5, bidirectional=True, **sizes)
    decoder = Decoder(6, 3, 5, memory_size=10 if attention else None, **sizes)
    return Seq2Seq(encoder, decoder, start=1, stop=2).eval()


def writers():
    models, data = date_writers()
    yield models, data.letters, data.symbols, data.test.texts[:12], 11
    pair = {name: random_writer(name == "attention") for name in models}
    yield pair, Alphabet("abc"), Alphabet("^$xyz"), ("abc", "c", "bbaac"), 30


def translations(tab, script=None):
    """Yield what the page makes of a source beside the model, letters and source."""
    for models, letters, symbols, texts, longest in writers():
        made = AlignExplorer(models, letters, symbols).data
        for name, model in models.items():
            given = {"made": made, "name": name, "texts": texts}
            expression = "data.texts.map((text) => align.translate(data.made, data.name, text))"
            found = ask(tab, script or joined("align"), expression, given)
            for text, each in zip(texts, found, strict=True):
                yield each, model, letters.encode([text]), longest


def same_as_pytorch(each, model, encoded, longest):
    """Hold one translation to the model's own."""
    with torch.no_grad():
        tokens = greedy(model, *encoded, longest=longest).tokens
        read = model.encoder(*encoded)
        logits, _, weights = model.decoder(model.shifted(tokens), read.state, read)
    said = [step["symbol"] for step in each["said"] if step["symbol"] != model.stop]
    assert said[: tokens.shape[1]] == tokens[0].tolist()
    close(each["output"], read.output[0])
    for k in range(tokens.shape[1]):
        close(each["said"][k]["chances"], logits[0, k].softmax(-1))
        if weights is not None:
            close(each["said"][k]["attention"], weights[0, k])
    for name, state in zip("hc", read.state, strict=True):
        close(each["given"][name], state)


def hold_all(tab, script=None):
    """Hold every translation to PyTorch's, and return how many there were."""
    return sum(1 for case in translations(tab, script) if same_as_pytorch(*case) is None)


def test_the_writers_say_in_the_page_what_they_say_in_python(empty):
    assert hold_all(empty) == 2 * (12 + 3)


@pytest.mark.parametrize("part", SPOILED)
def test_a_spoiled_writer_is_found(empty, part):
    right, wrong = SPOILED[part]
    assert joined("align").count(right) == 1
    with pytest.raises(AssertionError):
        hold_all(empty, joined("align").replace(right, wrong))
