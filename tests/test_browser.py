"""The explorers in this machine's browser, without a built book; skipped where there is none.

``make site-test`` does the rest: it operates every control of the built pages.
"""

import sys
from pathlib import Path

import pytest
import torch
from playwright.sync_api import sync_playwright
from torch import nn

from lstm_lab import StateGrid
from lstm_lab.export import export
from lstm_lab.scripts import for_page, joined

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import browser  # noqa: E402


@pytest.fixture(scope="module")
def tab():
    with sync_playwright() as playwright:
        try:
            path = browser.browser(playwright)
        except SystemExit as missing:
            pytest.skip(f"the explorers were not tried in a browser. {missing}")
        flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        chromium = playwright.chromium.launch(executable_path=path, args=flags)
        yield chromium.new_page()
        chromium.close()


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN], ids=lambda kind: kind.__name__)
def test_a_layer_in_the_page_gives_pytorch_s_numbers(tab, kind):
    module = kind(3, 4, num_layers=2, batch_first=True, bidirectional=True)
    x = torch.randn(2, 6, 3)
    call = "recurrent.run(data.network, data.x).output"
    script = f"data => {{ {joined('recurrent')}\nreturn {call}; }}"
    found = tab.evaluate(script, {"network": export(module), "x": x.tolist()})
    torch.testing.assert_close(torch.tensor(found), module(x)[0].detach(), atol=1e-5, rtol=0)


def test_a_click_chooses_a_number_and_tells_what_it_is(tab):
    grid = StateGrid(nn.LSTM(2, 3, 2), torch.randn(1, 4, 2))
    tab.set_content(f"{grid._repr_html_()}<script>{for_page('StateGrid')}</script>")
    tab.locator("#state-grid [data-pick='h-0-0-0-2-1']").click()
    says = tab.locator("#state-grid .lab-says").text_content()
    assert "is the hidden state h of layer 0, step 2, unit 1. The call returns it nowhere." in says
