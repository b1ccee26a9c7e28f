"""What the parsers of all commands have in common."""

import argparse

import mmgraph


def command_parser(name: str, description: str | None, epilog: str) -> argparse.ArgumentParser:
    """A parser that knows ``--help`` and ``--version``.

    Args:
        name: of the command.
        description: the docstring of its module; code is shown without its marks.
        epilog: words and examples, shown as they are written.
    """
    parser = argparse.ArgumentParser(
        prog=name,
        description=(description or "").replace("``", ""),
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--version", action="version", version=f"mmgraph {mmgraph.__version__}", help="show the version and exit"
    )
    return parser
