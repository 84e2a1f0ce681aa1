"""Leave out of the built site what no page needs: it would be carried, asked for, or both.

The icon fonts are cut to the icons that the pages use, figures are stored with a palette, and
scripts, styles, maps and fonts of features that this book does not use are left out.
"""

import re
from pathlib import Path

from fontTools import subset
from PIL import Image

# Live cells, cards, tabs, and the state of widgets, which need a kernel.
FEATURES = ("thebe", "sphinx-design", "design-tabs", "@jupyter-widgets")
UNUSED = (
    "**/*.map",
    "scripts/fontawesome.js*",
    "vendor/fontawesome/webfonts/*.ttf",
    "vendor/katex/katex.min.js",
    "vendor/reveal/**/*",  # of the slides
    "sphinx-thebe.*",
    "sphinx-design*",
    "design-tabs.js",
    "sbt-webpack-macros.html",
    "webpack-macros.html",
)
ICON = re.compile(r"fa-[a-z0-9-]+")
RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
SIZE = re.compile(r'style="width: (\d+)px; height: (\d+)px;"')


def drop_features(app, pagename, templatename, context, doctree) -> None:
    """Link neither styles nor scripts of what is not used, each once, and let no script block."""
    for kind in ("css_files", "script_files"):
        kept = {}
        for file in context.get(kind, []):
            key = f"{file.filename or ''} {file.attributes.get('body') or ''}"
            if not any(feature in key.lower() for feature in FEATURES):
                kept.setdefault(key, file)
        context[kind] = list(kept.values())
    if pagename != "search":  # its own scripts do not wait, and need the others
        context["script_files"] = [deferred(file) for file in context.get("script_files", [])]


def deferred(script):
    # The page's own name is set inline, on an object that the script of options makes.
    if not script.filename or "documentation_options" in str(script.filename):
        return script
    attributes = script.attributes | {"defer": "defer"}
    return type(script)(script.filename, priority=script.priority, **attributes)


def wait_for_figures(app, pagename, templatename, context, doctree) -> None:
    """Fetch the figures below the first one when the reader comes near; they keep their room."""
    if "body" in context:
        sized = SIZE.sub(r'width="\1" height="\2"', context["body"])
        head, image, rest = sized.partition("<img ")
        context["body"] = head + image + rest.replace("<img ", '<img loading="lazy" ')


def lighten(app, exception) -> None:
    if exception or app.builder.name != "html":
        return
    static = Path(app.outdir, "_static")
    for pattern in UNUSED:
        for path in static.glob(pattern):
            path.unlink()
    cut_icon_fonts(static, used_icons(Path(app.outdir)))
    for path in Path(app.outdir, "_images").glob("*.png"):
        store_with_palette(path)


def used_icons(site: Path) -> set[str]:
    pages = [*site.rglob("*.html"), *site.glob("_static/scripts/*.js")]
    return {name for page in pages for name in ICON.findall(page.read_text(encoding="utf-8"))}


def glyphs(style_sheet: str, icons: set[str]) -> set[int]:
    """Return the code points that a style sheet draws for some icons, or without naming one."""
    found = set()
    for selector, body in RULE.findall(style_sheet):
        names = set(ICON.findall(selector))
        if not names or names & icons:
            escaped = (int(digits, 16) for digits in re.findall(r"\\([0-9a-fA-F]{3,5})", body))
            found |= {*escaped, *map(ord, body)}
    return {point for point in found if 0xE000 <= point <= 0xF8FF}


def cut_icon_fonts(static: Path, icons: set[str]) -> None:
    sheets = [path.read_text(encoding="utf-8") for path in static.rglob("*.css")]
    wanted = set().union(*(glyphs(sheet, icons) for sheet in sheets))
    options = subset.Options(flavor="woff2", layout_features=[])
    for path in sorted(static.glob("vendor/fontawesome/webfonts/*.woff2")):
        font = subset.load_font(str(path), options)
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=wanted)
        cutter.subset(font)
        subset.save_font(font, str(path), options)


def store_with_palette(path: Path) -> None:
    """Store a figure of few hues with 256 colours, where that makes it smaller."""
    before = path.stat().st_size
    with Image.open(path) as image:
        small = image.convert("RGBA").quantize(256, Image.Quantize.FASTOCTREE)
    lighter = path.with_suffix(".small")
    small.save(lighter, "PNG", optimize=True)
    if lighter.stat().st_size < before:
        lighter.replace(path)
    else:
        lighter.unlink()


def setup(app):
    app.connect("html-page-context", drop_features, priority=900)
    app.connect("html-page-context", wait_for_figures)
    app.connect("build-finished", lighten)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
