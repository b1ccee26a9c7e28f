"""Formulas as MathML, written while the site is built: a page needs no script to show one, and no network."""

import html
import re

from math_core import LatexError, LatexToMathML
from mkdocs.exceptions import PluginError
from mkdocs.structure.pages import Page

_FORMULA = re.compile(r'<(span|div) class="arithmatex">\\([(\[])(.*?)\\[)\]]</\1>', re.DOTALL)
_to_mathml = LatexToMathML(fancy_error=False)


def on_page_content(content: str, *, page: Page, **_: object) -> str:
    """Turns what the Markdown extension ``arithmatex`` marked as TeX into MathML."""

    def mathml(found: re.Match[str]) -> str:
        tag, bracket, escaped = found.groups()
        formula = _mathml(html.unescape(escaped), page.file.src_uri, block=bracket == "[")
        return f'<{tag} class="formula">{formula}</{tag}>'

    return _FORMULA.sub(mathml, content)


def _mathml(tex: str, page: str, *, block: bool) -> str:
    try:
        return _to_mathml.convert_with_local_state(tex, displaystyle=block)
    except LatexError as error:
        raise PluginError(f"{page}: a formula cannot be read: {tex}\n{error}") from error
