"""The cheat sheet, printed from the built page."""

from pypdf import PdfReader

from tests.site.conftest import SITE
from tools import sheet
from tools.pdf import print_pdf, stylesheets


def test_the_cheat_sheet_is_one_page_of_a4_with_all_its_parts():
    page = sheet.sheet(SITE, stylesheets(SITE / f"{sheet.PAGE}.html"), "What is printed")
    file = SITE.parent / "pdf/cheat-sheet-test.pdf"  # beside the site, whose styles it links to
    print_pdf(page, file)
    (printed,) = PdfReader(file).pages
    text = printed.extract_text()
    file.unlink()
    file.with_suffix(".html").unlink()
    assert [round(float(side)) for side in printed.mediabox[2:]] == [595, 842]
    for part in ("What is printed", "Shapes", "Readings", "Packing", "State", "Errors"):
        assert part in text
    assert "enforce_sorted=False" in text
