"""The cheat sheet, printed from the built page."""

import subprocess
import sys

from pypdf import PdfReader

from tools import sheet


def test_the_cheat_sheet_is_one_page_of_a4_with_all_its_parts():
    # In a process of its own: playwright runs once in each.
    subprocess.run([sys.executable, "-m", "tools.sheet"], cwd=sheet.ROOT, check=True)
    (page,) = PdfReader(sheet.PDF).pages
    text = page.extract_text()
    assert [round(float(side)) for side in page.mediabox[2:]] == [595, 842]
    for part in ("What your LSTM returns", "Shapes", "Readings", "Packing", "State", "Errors"):
        assert part in text
    assert "enforce_sorted=False" in text
