"""The reader of code: what it colours and expects is true, and it never keeps a reader waiting."""

import math

import pytest
import torch
from playwright.sync_api import expect

from lstm_lab import Alphabet, LanguageModel, TextExplorer, source_model
from tests.browser import bench
from tests.site import checks

ID = "#text-explorer"
CODE = "def area(width):\n    return [2 * width, 'm']\n"


@pytest.fixture(scope="module")
def shipped():
    return source_model()


@pytest.fixture
def at(open_page, tmp_path, shipped):
    """Return a function that opens the reader of code, in a theme and at a width."""
    model, data = shipped
    torch.manual_seed(1)
    follow = {name: torch.randn(2, 128).tanh() for name in ("string", "indent")}

    def at(text=CODE, *, theme="light", width=1280, **state):
        made = TextExplorer(model, data.alphabet, follow=follow, text=text, **state)
        return bench.opened(open_page, tmp_path, made, theme=theme, width=width)

    return at


def assert_says(tab, told):
    """Assert that the explorer says so, once it has read the text."""
    expect(tab.locator(f"{ID} .lab-says")).to_contain_text(told)


def text_of(tab):
    return tab.locator(f"{ID} textarea").input_value()


def shares(tab):
    """Return how strongly each character is coloured, with its sign."""
    return tab.locator(f"{ID} .lab-source [data-pick]").evaluate_all(
        """all => all.map(it => parseFloat(it.style.getPropertyValue("--s") || 0) / 100
          * (it.classList.contains("lab-neg") ? -1 : 1))"""
    )[:-1]


def logits(shipped, text=CODE):
    model, data = shipped
    x = data.alphabet.encode([text])[0]
    with torch.no_grad():
        return x[0], model(x)[0][0]


def test_surprise_is_the_bits_that_the_model_pays(at, shipped):
    x, scores = logits(shipped)
    bits = -scores.log_softmax(-1)[range(len(x) - 1), x[1:]] / math.log(2)
    found = torch.tensor(shares(at()))
    torch.testing.assert_close(found[1:], (bits / 8).clamp(max=1), atol=0.00501, rtol=0)
    assert_says(at(), f"{bits.mean():.2f} bits per character")


@pytest.mark.parametrize("quantity", ["h", "c"])
def test_a_unit_colours_the_text_by_its_value_turned_to_its_label(at, shipped, quantity):
    model, data = shipped
    tab = at(shown=quantity, unit=7, label="indent")
    sign = -1 if tab.evaluate(
        "([key]) => JSON.parse(document.querySelector('#text-explorer script').textContent)"
        ".data.follow.indent[key][7] < 0", [quantity]) else 1  # fmt: skip
    values, state = [], None
    for number in data.alphabet.encode([CODE])[0][0]:
        with torch.no_grad():
            _, state = model(number.view(1, 1), state)
        values.append(float(state[quantity == "c"][0, 0, 7]))
    values = sign * torch.tensor(values)
    wanted = values / values.abs().max().clamp(min=1)
    torch.testing.assert_close(torch.tensor(shares(tab)), wanted, atol=0.00501, rtol=0)


@pytest.mark.parametrize("step", [5, 20, len(CODE)])
def test_what_was_expected_is_what_the_model_expects(at, shipped, step):
    _, scores = logits(shipped)
    tab = at(step=step, temperature=0.7)
    row = scores[step - 1, 1:] / (0.7 if step == len(CODE) else 1)
    chances, places = row.softmax(-1).topk(6)
    bars = tab.locator(f"{ID} .lab-guess").all_text_contents()
    for bar, chance, place in zip(bars, chances, places, strict=True):
        letter = shipped[1].alphabet.letters[place]
        assert bar.startswith({" ": "space", "\n": "new line"}.get(letter, letter) + " ")
        if 0.01 < chance < 0.99:
            assert abs(float(bar.split()[-2]) - 100 * chance) < 0.51


def test_a_character_is_chosen_by_keys_and_by_a_pointer(at):
    tab = at(step=4)
    tab.locator(f"{ID} .lab-source [tabindex='0']").focus()
    for key, told in (("ArrowRight", '"r"'), ("ArrowLeft", '"a"'), ("ArrowDown", '"r"')):
        tab.keyboard.press(key)
        assert_says(tab, told)
    tab.keyboard.press("End")
    assert_says(tab, "new line cost")
    tab.keyboard.press("Home")
    assert_says(tab, "space cost")
    tab.locator(f"{ID} [data-pick='0']").click()
    assert_says(tab, 'Nothing stands before "d"')


def test_typing_goes_to_the_end_and_an_n_is_a_letter(at):
    tab = at(step=3)
    tab.locator(f"{ID} textarea").press_sequentially("n")
    assert_says(tab, "Next the network expects")
    assert "".join(tab.locator(f"{ID} .lab-source").all_text_contents()).count("n") == 2


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Type a character to begin with."),
        ("x = 'é'", 'The network has no number for "é"'),
        ("x" * 700, "No more than 600 characters are read."),
    ],
)
def test_what_cannot_be_read_is_told(at, typed, told):
    tab = at()
    area = tab.locator(f"{ID} textarea")
    area.evaluate("it => it.removeAttribute('maxlength')")
    area.fill(typed)
    tab.wait_for_function("told => document.body.innerText.includes(told)", arg=told)
    assert len(text_of(tab)) <= 700


def test_tabs_and_foreign_line_ends_are_read_as_python_writes_them(at):
    tab = at()
    bench.show(tab, "text-explorer", text="if a:%0D%0A%09b")
    assert text_of(tab) == "if a:\n    b"


def test_writing_goes_on_from_the_chosen_place_and_is_the_same_again(at):
    written = []
    for _ in range(2):
        tab = at(step=3)
        tab.locator(f"{ID} [data-play]").focus()
        for _ in range(8):
            tab.keyboard.press("n")
        written.append(text_of(tab))
    assert written[0] == written[1]
    assert written[0].startswith(CODE[:4])
    assert len(written[0]) == 4 + 8


def test_what_is_written_follows_the_chances(open_page, tmp_path):
    model = LanguageModel(4, 2, 3)
    torch.nn.init.zeros_(model.head.weight)
    model.head.bias.data = torch.tensor([9.0, 2.0, 1.0, 0.0])
    made = TextExplorer(model, Alphabet("abc"), text="a", temperature=1.0)
    tab = open_page(bench.page(tmp_path, made))
    tab.locator(f"{ID} [data-play]").focus()
    for _ in range(300):
        tab.keyboard.press("n")
    found = torch.tensor([text_of(tab)[1:].count(letter) / 300 for letter in "abc"])
    wanted = torch.tensor([2.0, 1.0, 0.0]).softmax(-1)
    torch.testing.assert_close(found, wanted, atol=0.09, rtol=0)


def test_a_unit_is_chosen_from_those_that_follow_a_label(at):
    tab = at()
    tab.locator(f"{ID} select").select_option("indent")
    buttons = tab.locator(f"{ID} .lab-units button")
    rs = [abs(bench.read_aloud(each.split()[1])) for each in buttons.all_text_contents()]
    assert rs == sorted(rs, reverse=True)
    assert buttons.first.get_attribute("aria-pressed") == "true"
    buttons.nth(2).click()
    chosen = buttons.nth(2).text_content().split()[0]
    assert tab.locator(f"{ID} [data-key=unit]").input_value() == chosen


def test_a_network_without_labels_is_coloured_too(open_page, tmp_path):
    torch.manual_seed(0)
    made = TextExplorer(LanguageModel(4, 2, 3, num_layers=2), Alphabet("abc"), text="abba")
    tab = open_page(bench.page(tmp_path, made))
    assert tab.locator(f"{ID} select").count() == 0
    tab.locator(f"{ID} label:has([value=c])").click()
    assert any(shares(tab))
    assert tab.locator(f"{ID} .lab-units").count() == 0


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
@pytest.mark.parametrize("shown", ["surprise", "c"])
def test_the_coloured_text_is_accessible_and_fits(at, shown, theme, width):
    tab = at(CODE * 3, theme=theme, width=width, shown=shown, step=9)
    for _ in range(2):
        found = [each for each in checks.violations(tab) if not each.startswith(bench.BARE)]
        assert [*found, *checks.too_wide(tab)] == []
        tab.locator(f"{ID} summary").click()


@pytest.mark.alone
def test_a_long_text_is_read_in_slices_and_every_answer_fits_a_frame(at, shipped):
    text = shipped[1].test["curses/textpad.py"][1800:2400]
    tab = at(text)
    tab.wait_for_timeout(1000)
    took = tab.evaluate(
        """async () => {
          const [root, spent] = [document.querySelector("#text-explorer"), []];
          const time = (act) => {
            const begun = performance.now();
            act();
            spent.push(performance.now() - begun);
          };
          const frame = requestAnimationFrame.bind(window);
          window.requestAnimationFrame = (act) => frame((now) => time(() => act(now)));
          const area = root.querySelector("textarea");
          const [most, whole] = [{}, area.value];
          const type = (text) => {
            area.value = text;
            area.dispatchEvent(new Event("input", { bubbles: true }));
          };
          const least = async (name, act) => {
            const rounds = [];
            for (let k = 0; k < 6; k++) {
              spent.length = 0;
              time(() => act(k));
              await new Promise((done) => setTimeout(done, name === "begin" ? 900 : 60));
              rounds.push(Math.max(...spent));
            }
            most[name] = Math.min(...rounds);
          };
          const all = () => root.querySelectorAll(".lab-source [data-pick]");
          await least("choose", (k) => all()[100 + k].click());
          await least("end", (k) => type(whole.slice(0, 590 - k)));
          await least("begin", (k) => type("abcdef"[k] + whole.slice(0, 590)));
          await least("colour", (k) =>
            root.querySelector(`input[value=${["h", "c", "surprise"][k % 3]}]`).click());
          return most;
        }"""
    )
    print(took)
    assert {name: value for name, value in took.items() if value > bench.FRAME} == {}
