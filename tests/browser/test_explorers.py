"""The explorers in a browser, on a page and in a notebook's place, without a built book.

``make site-test`` does the rest: it operates every control of the built pages.
"""

import pytest
import torch
from torch import nn

from lstm_lab import CellExplorer, ShapeCalculator, StateGrid
from lstm_lab.explorers.scripts import for_notebook, for_page


@pytest.fixture
def tab(browser):
    tab = browser.new_page()
    yield tab
    tab.close()


def test_a_click_chooses_a_number_and_tells_what_it_is(tab):
    grid = StateGrid(nn.LSTM(2, 3, 2), torch.randn(1, 4, 2))
    tab.set_content(f"{grid._repr_html_()}<script>{for_page('StateGrid')}</script>")
    tab.locator("#state-grid .lab-wide [data-pick=h-0-0-2] [data-part='1']").click()
    says = tab.locator("#state-grid .lab-says").text_content()
    assert "unit 1 of the hidden state h of layer 0, step 2. The call returns it nowhere." in says


# A notebook's model: it tells of each value as soon as it is set.
NOTEBOOK = """async ({ script, values }) => {
  const module = new Blob([script], { type: "text/javascript" });
  const { default: widget } = await import(URL.createObjectURL(module));
  const listeners = new Set();
  const model = {
    get: (key) => values[key],
    set(key, value) {
      values[key] = value;
      for (const listener of listeners) listener();
    },
    save_changes() {},
    on: (_, listener) => listeners.add(listener),
    off: (_, listener) => listeners.delete(listener),
  };
  document.body.innerHTML = '<div id="cell"></div>';
  const draws = [];
  const leave = widget.render({ model, el: document.getElementById("cell") });
  new MutationObserver((all) => draws.push(all.length))
    .observe(document.querySelector(".lab-link"), { attributes: true });
  Object.assign(globalThis, { model, listeners, draws, leave });
}"""


@pytest.fixture
def live(tab):
    """Return a function that shows a widget as a notebook would."""

    def live(made):
        values = {"data": made.data, "id": made.id, **made.state}
        tab.goto("about:blank")
        tab.evaluate(NOTEBOOK, {"script": for_notebook(type(made).__name__), "values": values})
        return tab

    return live


def test_a_notebook_draws_a_figure_once_for_a_change_and_frames_what_moved(live):
    tab = live(ShapeCalculator())
    tab.locator("[data-key=bidirectional]").check()
    assert tab.evaluate("draws") == [1]
    framed = tab.locator(".lab-wide .lab-box:has(.lab-moved) > .lab-code:not(:last-child)")
    assert framed.all_text_contents() == ["output", "h_n", "c_n"]
    assert tab.evaluate("model.get('bidirectional')") is True


def test_a_notebook_leaves_the_caret_where_the_reader_types(live):
    tab = live(CellExplorer(nn.LSTM(3, 2), alphabet="abc", text="abcabc"))
    line = tab.locator("input[type=text]")
    line.focus()
    for key in ("Home", "ArrowRight", "Delete"):
        tab.keyboard.press(key)
    assert line.input_value() == "acabc"
    assert line.evaluate("it => it.selectionStart") == 1
    assert tab.evaluate("[model.get('text'), model.get('step')]") == ["acabc", 4]


def test_what_python_sets_is_shown_and_what_is_not_there_is_told_back(live):
    tab = live(StateGrid(nn.LSTM(2, 3, 2), torch.randn(1, 4, 2)))
    tab.evaluate("model.set('layer', 0)")
    tab.evaluate("model.set('quantity', 'h')")
    assert "layer 0, step 3" in tab.locator(".lab-says").text_content()
    tab.evaluate("model.set('step', 99)")
    assert tab.evaluate("model.get('step')") == 3
    tab.evaluate("leave()")
    assert tab.evaluate("listeners.size") == 0
