"""What the parsers of all commands have in common."""

import argparse
import pkgutil

import mmgraph
from mmgraph.cli.word_list import word_list


class _Parser(argparse.ArgumentParser):
    """Shows before its epilog the words of a function, which is imported when they are asked for."""

    words_of: str | None = None

    def format_help(self) -> str:
        if self.words_of is None:
            return super().format_help()
        plain = self.epilog
        self.epilog = f"{word_list(pkgutil.resolve_name(self.words_of))}\n\n{plain}"
        try:
            return super().format_help()
        finally:
            self.epilog = plain


def command_parser(
    name: str, description: str | None, epilog: str, words_of: str | None = None
) -> argparse.ArgumentParser:
    """A parser that knows ``--help`` and ``--version``.

    Args:
        name: of the command.
        description: the docstring of its module; code is shown without its marks.
        epilog: words and examples, shown as they are written.
        words_of: ``module:function`` whose keyword arguments are the words, for commands whose epilog lists none; it is
            imported when help is asked for.
    """
    parser = _Parser(
        prog=name,
        description=(description or "").replace("``", ""),
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.words_of = words_of
    parser.add_argument(
        "--version", action="version", version=f"mmgraph {mmgraph.__version__}", help="show the version and exit"
    )
    return parser
