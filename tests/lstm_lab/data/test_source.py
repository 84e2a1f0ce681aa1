"""The files of Python source: what is shipped, and that the labels are what a reader would say."""

import ast
import io
import tokenize

import pytest
import torch

from lstm_lab.data.source import labels, python_source, split_files

PARTS = ("train", "valid", "test")

# Each character below its label: strings and comments from their first mark on, to their last.
TEXT = """def f(a, b=[1]):
    # one's
    if a:
        return 'x#y' + f"{a}" + \\
            rb'''
'''
    return (
        a)
"""


def read(text, name):
    return getattr(labels(text), name).tolist()


def test_a_megabyte_is_shipped_in_three_splits_that_share_no_file():
    data = python_source()
    files = [set(getattr(data, part)) for part in PARTS]
    assert [len(each) for each in files] == [74, 13, 10]
    assert len(set.union(*files)) == 97
    sizes = [sum(map(len, getattr(data, part).values())) for part in PARTS]
    assert sum(sizes) > 1_000_000
    assert sizes[0] > 3 * sizes[1] > 3 * sizes[2] > 300_000


def test_every_file_is_python_in_plain_ascii():
    data = python_source()
    for part in PARTS:
        for text in getattr(data, part).values():
            ast.parse(text)
            assert text.isascii()
            assert "\t" not in text
    assert len(data.alphabet) == 97


def test_the_path_alone_decides_the_split():
    files = {**python_source().train, **python_source().test}
    again = split_files(dict(reversed(files.items())))
    assert set(again.test) == set(python_source().test)


@pytest.mark.parametrize(
    ("name", "line", "expected"),
    [
        ("string", 3, 15 * "0" + "111100000" + "11110"),
        ("comment", 1, "0000111111"),
        ("brackets", 0, "000001111112210"),
        ("indent", 7, "111111111"),
    ],
)
def test_a_character_has_the_label_that_holds_once_it_is_read(name, line, expected):
    begin = len("".join(TEXT.splitlines(keepends=True)[:line]))
    found = read(TEXT, name)[begin : begin + len(expected)]
    assert "".join(map(str, found)) == expected


def test_the_column_counts_from_each_new_line():
    assert read("ab\n\nc", "column") == [1, 2, 0, 0, 1]


def test_an_indented_block_begins_with_the_statement_in_it():
    assert read("if a:\n    b\nc", "indent") == [0] * 10 + [1, 1, 0]


def test_brackets_in_strings_and_comments_do_not_count():
    assert set(read("a = '((('  # [[[\n", "brackets")) == {0}


@pytest.mark.parametrize("text", ["x = '''a\n(\n'''\n", 'f"a{b!r}c"\n', "x = 'a' 'b'\n"])
def test_a_string_is_over_when_its_last_quote_is_read(text):
    found = read(text, "string")
    last = max(text.rfind(quote) for quote in "'\"")
    assert found[last - 1] == 1
    assert found[last:] == [0] * (len(text) - last)


def test_labels_agree_with_the_tokenizer_on_every_file():
    text = "".join(python_source().test.values())
    found = labels(text)
    comments = [
        token.string
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT
    ]
    assert int(found.comment.sum()) == sum(map(len, comments))
    assert found.brackets.min() == 0
    assert found.indent.min() == 0


@pytest.mark.parametrize("text", ["x = (", "'''", "if a:\n  b\n c\n"])
def test_what_is_cut_or_no_python_is_refused(text):
    with pytest.raises(ValueError, match="text is cut or no Python"):
        labels(text)


def test_no_text_is_refused_by_name():
    with pytest.raises(ValueError, match="text has shape"):
        labels(torch.zeros(3))
