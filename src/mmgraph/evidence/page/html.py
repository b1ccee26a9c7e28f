"""The page: one file with its data, style and script inside, which fetches nothing."""

import base64
import hashlib
import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Any

_STATIC = Path(__file__).parent / "static"
_SCRIPTS = ("elements", "plots", "board", "tables", "people", "run", "main")
_UNSAFE = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
"""Characters of JSON that an HTML parser looks at."""


def page(title: str, data: Mapping[str, Any]) -> str:
    """The whole page.

    Texts of runs go into it as JSON only, and from there into the page as text: nothing of them is a tag.

    Args:
        title: of the page.
        data: blocks of plain data by name, each read when it is needed.
    """
    style = (_STATIC / "style.css").read_text(encoding="utf-8")
    parts = [(_STATIC / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS]
    script = '"use strict";\n' + "\n".join(parts)
    return Template((_STATIC / "page.html").read_text(encoding="utf-8")).substitute(
        title=escape(title),
        policy=f"default-src 'none'; img-src data:; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'",
        style=style,
        script=script,
        data="\n".join(_block(name, content) for name, content in data.items()),
    )


def _digest(text: str) -> str:
    """What a content security policy allows a text of the page by."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _block(name: str, content: Any) -> str:
    text = json.dumps(content, separators=(",", ":"), allow_nan=False).translate(_UNSAFE)
    return f'<script type="application/json" id="data-{escape(name)}">{text}</script>'
