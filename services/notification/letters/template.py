"""Turn a letter's MJML into an HTML template once, with its Jinja still in it, so that filling it in is quick.

MJML (mrml) makes tables that every mail program shows alike, and css-inline puts `layout/inline.css` on each element.
Neither knows Jinja: while they work, each of its marks is a token that they carry along unread.
"""

import re
from functools import cache

import css_inline
from mjml import mjml2html

from services.notification.letters.letter_kinds import FOLDER

_MARK = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
_INDENT = re.compile(r"\n\s+")
_INCLUDE = re.compile(r'<mj-include path="([\w./-]+)" />')
_TOKEN = re.compile(r"<!--jinja(\d+)mark-->|jinja(\d+)mark")


class TemplateError(ValueError):
    """A letter's MJML cannot be compiled; the message names the letter and says why."""


@cache
def html_template(name: str) -> str:
    """Return the Jinja source of a letter's HTML: its body.mjml inside layout/page.mjml. Raises TemplateError."""
    try:
        html = mjml2html(
            _with_includes("layout/page.mjml", name),
            fonts={},  # no letter fetches anything from anywhere: a font would tell its host who reads
            disable_comments=True,
        )
    except (ValueError, OSError) as error:
        raise TemplateError(f"letters/{name}/body.mjml: {error}") from error
    return _inlined(html)


def _with_includes(path: str, letter: str) -> str:
    """Return the MJML at `path` with every include in its place (mrml itself takes none inside another).

    The page's `body.mjml` is the letter's own; every other path is taken from `letters/`.
    """
    file = FOLDER / letter / path if path == "body.mjml" else FOLDER / path
    return _INCLUDE.sub(lambda include: _with_includes(include.group(1), letter), file.read_text(encoding="utf-8"))


def _inlined(html: str) -> str:
    marks: list[str] = []

    def token(match: re.Match[str]) -> str:
        mark = match.group()
        marks.append(mark)
        # A comment may stand between the rows of a table, where text may not; a word may stand in an attribute.
        return f"<!--jinja{len(marks) - 1}mark-->" if mark.startswith("{%") else f"jinja{len(marks) - 1}mark"

    def mark(match: re.Match[str]) -> str:
        return marks[int(match.group(1) or match.group(2))]

    styles = (FOLDER / "layout" / "inline.css").read_text(encoding="utf-8")
    inliner = css_inline.CSSInliner(
        inline_style_tags=False,
        keep_style_tags=True,
        load_remote_stylesheets=False,
        minify_css=True,
        extra_css=_MARK.sub(token, styles),
    )
    small = _INDENT.sub("\n", inliner.inline(_MARK.sub(token, html)))
    return _TOKEN.sub(mark, small)
