"""Questions that a page asks, and answers without a kernel and without a script.

The body of the directive is the question, and then a definition list: an answer, and below it,
after a colon, why it is right or wrong. The browser's own radio buttons do the rest; book.css shows
the explanation of the chosen answer.
"""

from docutils import nodes
from sphinx.errors import SphinxError
from sphinx.util.docutils import SphinxDirective

MARKS = {True: "\N{CHECK MARK}", False: "\N{BALLOT X}"}


class Tag(nodes.Element):
    """An element of HTML with its attributes."""


class Question(SphinxDirective):
    """A question with its answers; the one explanation that begins with "Right." marks its own."""

    has_content = True

    def run(self):
        asked, answers = self.parts()
        name = f"question-{self.env.new_serialno('question')}"
        legend = tag("legend", nodes.inline("", "", *asked))
        answered = [answer(name, *pair) for pair in answers]
        return [tag("fieldset", legend, *answered, **{"class": "lab-question"})]

    def parts(self):
        """Return the question's words, and pairs of an answer's words and its explanation."""
        body = self.parse_content_to_nodes()
        if [type(part) for part in body] != [nodes.paragraph, nodes.definition_list]:
            raise self.refused("is not one paragraph and one list of answers")
        pairs = [item.children for item in body[1]]
        if any(len(pair) != 2 for pair in pairs):
            raise self.refused("has an answer without exactly one explanation")
        told = [why.astext() for _, why in pairs]
        if sum(text.startswith("Right.") for text in told) != 1:
            raise self.refused('has not exactly one explanation that begins with "Right."')
        if not all(text.startswith(("Right.", "No")) for text in told):
            raise self.refused('has an explanation that begins with neither "Right." nor "No"')
        return body[0].children, pairs

    def refused(self, reason):
        return SphinxError(f"{self.env.docname}: the question {self.content[0]!r} {reason}")


def tag(name, /, *children, **attributes):
    return Tag("", *children, name=name, attributes=attributes)


def answer(name, words, why):
    """Return one answer: a radio button with its words, and what is said when it is chosen."""
    right = why.astext().startswith("Right.")
    button = tag("input", type="radio", name=name)
    mark = tag("span", nodes.Text(MARKS[right]), **{"class": "lab-mark", "aria-hidden": "true"})
    said = tag("div", mark, tag("div", *why), **{"class": "lab-said"})
    return tag(
        "div",
        tag("label", button, nodes.inline("", "", *words)),
        # A reader who does not see it hears what appears in here.
        tag("div", said, **{"aria-live": "polite"}),
        **{"class": f"lab-answer lab-{'right' if right else 'wrong'}"},
    )


def opened(self, node):
    attributes = "".join(f' {name}="{value}"' for name, value in node["attributes"].items())
    self.body.append(f"<{node['name']}{attributes}>")


def closed(self, node):
    if node["name"] != "input":
        self.body.append(f"</{node['name']}>")


def setup(app):
    app.add_node(Tag, html=(opened, closed))
    app.add_directive("question", Question)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
