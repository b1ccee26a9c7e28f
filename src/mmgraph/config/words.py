"""The words of a command line: Hydra's flags, and settings that its grammar can read."""

import difflib
import os
import re
import shlex
from argparse import Namespace
from collections.abc import Sequence
from typing import NamedTuple

from hydra._internal.utils import get_args_parser
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, Quote, QuotedString
from hydra.errors import HydraException

_SETTING = re.compile(r"(?P<key>[+~]{0,2}[A-Za-z_][\w.@/:\-]*)=(?P<value>.*)", re.DOTALL | re.ASCII)
_STRUCTURED = re.compile(r"""[\[{"']|\w+\(""")
_SHOWS_ONLY = ("help", "hydra_help", "cfg", "info", "shell_completion")


class Words(NamedTuple):
    """A command line, taken apart.

    Attributes:
        flags: what begins with dashes, and the values that follow such words.
        settings: ``GROUP=OPTION`` and ``KEY=VALUE``, as Hydra can read them.
        options: the flags by name.
    """

    flags: list[str]
    settings: list[str]
    options: Namespace

    @property
    def runs(self) -> bool:
        """Whether something is to be run, not shown."""
        return not any(getattr(self.options, name) for name in _SHOWS_ONLY)


def split_words(words: Sequence[str]) -> Words:
    """Takes a command line apart; values that are plain text to anybody but Hydra's grammar are quoted for it.

    Raises:
        ValueError: for a flag that there is not, and one that would read a pickle.

    >>> split_words(["-m", "dataset.separator=,", "data_root=/größe=1", "seed=0,1"]).settings
    ['dataset.separator=","', 'data_root="/größe=1"', 'seed=0,1']
    """
    options, unknown = get_args_parser().parse_known_intermixed_args(list(words))
    if unknown:
        raise ValueError(_flag_message(unknown))
    if options.experimental_rerun is not None:
        raise ValueError("--experimental-rerun would read a pickle, which can run code; resume=<run dir> repeats a run")
    flags = list(words)
    for setting in options.overrides:
        flags.remove(setting)
    quoted = options.overrides if options.shell_completion else [readable(word) for word in options.overrides]
    return Words(flags, quoted, options)


def _flag_message(unknown: Sequence[str]) -> str:
    flags = [flag for action in get_args_parser()._actions for flag in action.option_strings]
    close = difflib.get_close_matches(unknown[0].partition("=")[0], flags, n=1)
    dashed = [word.lstrip("-") for word in unknown if "=" in word]
    hints = [f"; did you mean {flag}?" for flag in close] + [f"; settings have no dashes: {' '.join(dashed)}"]
    hint = hints[0] if close or dashed else ""
    return f"there is no flag {' '.join(unknown)}{hint}\nFlags: {', '.join(flags)}"


def readable(word: str) -> str:
    """The word with its value in quotes where Hydra's grammar cannot read it, or would read spaces as nothing.

    ``~/`` becomes the home folder. Lists, mappings and calls are left as they are, and values with commas, which may be
    sweeps.
    """
    setting = _SETTING.fullmatch(word)
    if setting is None or _STRUCTURED.match(setting["value"]):
        return word
    value = setting["value"]
    if value.startswith("~/"):  # shells leave it as it is behind a dotted key
        value = os.path.expanduser(value)
        word = f"{setting['key']}={value}"
    if value.isspace() or (_parsed(word) is None and ("," not in value or len(value) == 1)):
        return in_quotes(word)
    return word


def in_quotes(word: str) -> str:
    """The word with its value as a quoted text of Hydra's grammar."""
    key, _, value = word.partition("=")
    return f"{key}={QuotedString(value, Quote.double).with_quotes()}"


def parsed_settings(settings: Sequence[str]) -> list[Override]:
    """The words as Hydra reads them, without those that it cannot read."""
    return [setting for setting in map(_parsed, settings) if setting is not None]


def check_keys(settings: Sequence[str]) -> None:
    """Refuses words that name nothing, of which Hydra may make anything.

    Raises:
        ValueError: if nothing stands before ``=``, or behind ``~``.
    """
    for word in settings:
        parsed = _parsed(word)
        if parsed is not None and not parsed.key_or_group:
            raise ValueError(f"{word!r} names no setting: write GROUP=OPTION, KEY=VALUE or ~KEY")


def grammar_message(word: str, reason: str) -> str:
    """What to type instead of a word that Hydra's grammar refuses."""
    if "=" not in word.strip("=") or re.search(r"^[^=]*\s=", word):
        return f"{word!r} is no setting: write GROUP=OPTION or KEY=VALUE, without spaces around '='"
    setting = _SETTING.fullmatch(word)
    if setting is None:
        return f"{word!r}: what stands before '=' must be a group or a dotted key, of letters, digits and '_'"
    if setting["value"].startswith(("[", "{")):
        return (
            f"{word!r} cannot be read as a list or mapping ({reason}); quote each text in it that has other characters "
            'than letters and digits, and the whole for the shell: \'key=["a b","ö"]\''
        )
    quoted = shlex.quote(in_quotes(word))
    return f"{word!r} cannot be read ({reason}); as text its value is quoted for Hydra and for the shell: {quoted}"


def comma_message(word: str) -> str:
    """What to type instead of a value with commas where nothing is swept."""
    key, _, value = word.partition("=")
    return (
        f"{word}: commas separate the values of a sweep, -m {word}; a list is written '{key}=[{value}]', and text with "
        f"commas {shlex.quote(in_quotes(word))}"
    )


def _parsed(word: str) -> Override | None:
    try:
        return OverridesParser.create().parse_override(word)
    except HydraException:
        return None
