"""Docstrings in reST's words become Markdown: roles are links, ``.. math::`` is a formula, ``>>>`` a block of code."""

import logging
import re
import textwrap
from typing import Any

import griffe

_log = logging.getLogger("mkdocs.hooks.docstrings")  # strict builds count its warnings
_MATH = re.compile(r"(?m)^(?P<indent> *)\.\. math::(?P<tex>.*(?:\n(?:(?P=indent) +\S.*|[ ]*(?=\n(?P=indent) +\S)))*)")
_DOCTEST = re.compile(r"(?m)^(?P<indent> *)>>> .*(?:\n(?P=indent)\S.*|\n(?P=indent) +\S.*)*")
_INLINE = re.compile(r":math:`([^`]*)`")
_ROLE = re.compile(r":(?:class|func|meth|mod|data|attr):`(?P<short>~?)(?P<target>[\w.]+)`")
_CODE = re.compile(r"(``.*?``)", re.DOTALL)


class RestToMarkdown(griffe.Extension):
    """Rewrites every docstring of the package once it is loaded."""

    def on_package(self, *, pkg: griffe.Module, loader: griffe.GriffeLoader, **_: Any) -> None:
        """Called for the package itself."""
        _rewrite(pkg, loader)

    def on_object(self, *, obj: griffe.Object, loader: griffe.GriffeLoader, **_: Any) -> None:
        """Called for each module, class, function and attribute in it."""
        _rewrite(obj, loader)


def _rewrite(obj: griffe.Object, loader: griffe.GriffeLoader) -> None:
    if obj.docstring is None:
        return
    text = _MATH.sub(_block, obj.docstring.value)
    text = _INLINE.sub(r"\\(\1\\)", text)
    text = _DOCTEST.sub(_fenced, text)
    parts = _CODE.split(text)
    parts[::2] = [_ROLE.sub(lambda role: _link(role, obj, loader), part) for part in parts[::2]]
    obj.docstring.value = "".join(parts)


def _block(found: re.Match[str]) -> str:
    tex = " ".join(found["tex"].split())
    if r"\\" in tex or "&" in tex:
        tex = rf"\begin{{aligned}} {tex} \end{{aligned}}"
    return textwrap.indent(f"\n\\[ {tex} \\]\n", found["indent"])


def _fenced(found: re.Match[str]) -> str:
    return f"{found['indent']}```pycon\n{found[0]}\n{found['indent']}```"


def _link(role: re.Match[str], obj: griffe.Object, loader: griffe.GriffeLoader) -> str:
    """A link to what the role names, where the site has it; else its name alone."""
    target = role["target"]
    shown = target.rpartition(".")[2] if role["short"] else target.removeprefix("mmgraph.")
    path = _path(target, obj)
    if "." in path and not path.startswith("mmgraph."):
        return f"`{shown}`"  # another package's
    try:
        place = loader.modules_collection[path].canonical_path
    except (KeyError, griffe.GriffeError):
        _log.warning("the docstring of %s names %s, which is not there", obj.path, target)
        return f"`{shown}`"
    return f'<autoref optional identifier="{place}">`{shown}`</autoref>'


def _path(target: str, obj: griffe.Object) -> str:
    """The full name of what a docstring calls ``target``."""
    first, _, rest = target.partition(".")
    try:
        return ".".join(filter(None, (obj.resolve(first), rest)))
    except griffe.NameResolutionError:
        return target
