"""Hydra's messages about the words of a command line, and what would have been right."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from mmgraph.config.compose import compose_config, conf_dir, option_names
from mmgraph.config.extras import missing_package
from mmgraph.config.options import missing_option, misused_group
from mmgraph.config.words import Words, comma_message, grammar_message, split_words


def explain(error: Exception, words: Sequence[str]) -> str:
    """Hydra's message about a word, and the names that would have been right.

    Hydra lists the options of a group by itself; the keys it does not.

    Args:
        error: what Hydra raised.
        words: the command line.
    """
    message = str(error) or str(error.__cause__)
    if isinstance(error, OverrideParseException):
        reason = str(error.args[0] if error.args else error).splitlines()[0]
        return grammar_message(error.override, reason)
    swept = re.match(r"Ambiguous value for argument '(.*)'\n", message)
    if swept:
        return comma_message(swept[1])
    absent = re.search(r"Could not find 'hydra/(?:launcher|sweeper)/(\w+)'", message)
    if absent and (missing := missing_package(absent[1])):
        return missing
    if isinstance(error, MissingConfigException) and error.options and error.missing_cfg_file:
        return missing_option(error, _parsed(words).settings, conf_dir())
    missed = re.search(r"(?:Could not override|Could not delete from config\.) '([^']+)'", message)
    if missed:
        return _explain_key(missed[1], _without(missed[1], words))
    if isinstance(error, HydraException) and (misused := misused_group(_parsed(words).settings, conf_dir())):
        return misused
    if isinstance(error, OmegaConfBaseException) and error.full_key:
        return f"{error.full_key}: {message.splitlines()[0]}"
    return message.partition("\nSee https://hydra.cc")[0]


def _parsed(words: Sequence[str]) -> Words:
    return split_words([word for word in words if not word.startswith("resume=")])


def _without(key: str, words: Sequence[str]) -> DictConfig:
    """The configuration that the other words describe; where these are wrong as well, what they choose."""
    parsed = _parsed(words)
    others = [s for s in parsed.settings if not re.search(r"[,(]", s) and s.lstrip("+~").split("=")[0] != key]
    for tried in (others, [word for word in others if "." not in word.partition("=")[0]]):
        with suppress(HydraException, OmegaConfBaseException, ValueError, OSError):
            return compose_config(tried, config_dir=parsed.options.config_dir)
    return compose_config()


def _explain_key(word: str, cfg: DictConfig) -> str:
    key = word.split("@")[0]
    plain = OmegaConf.to_container(cfg)  # values that are missing would raise
    parent, unknown, valid = _valid_keys(plain, key)
    if unknown is not None and not valid:
        return f"There is no {unknown!r} in {parent}, which has no values{_files_for(parent)}"
    if unknown is None and OmegaConf.select(cfg, key) is None:
        return f"{key} is null, so there is nothing to take away: leave ~{key} out, and set it by {key}=<value>"
    if unknown is None:
        return (
            f"{key} is a mapping, which keeps its keys when it is overridden. To replace it whole: '~{key}' "
            f"'+{key}={{...}}'; to add a key: '+{key}.name=value'"
        )
    close = difflib.get_close_matches(unknown, valid, n=1)
    hints = _ending_with(plain, key) or ([repr(close[0])] if close else _close_places(plain, key))
    hint = f"; did you mean {' or '.join(hints)}?" if hints else ""
    return f"There is no {unknown!r} in {parent or 'the configuration'}{hint}\nValid here: {', '.join(valid)}"


def places_like(name: str, cfg: DictConfig) -> list[str]:
    """Dotted keys that end with a name; where there are none, some that look like it.

    >>> places_like("lr", OmegaConf.create({"trainer": {"optimizer": {"lr": 1e-3}}}))
    ['trainer.optimizer.lr']
    """
    plain = OmegaConf.to_container(cfg)
    return _ending_with(plain, name) or _close_places(plain, name)


def _ending_with(cfg: Any, key: str) -> list[str]:
    return sorted(place for place in _places(cfg) if place.endswith(f".{key}"))


def _files_for(parent: str) -> str:
    """How to choose the values of an empty part of the configuration, if there are files for it."""
    group = parent.replace(".", "/")
    names = ", ".join(option_names(group))
    return f"; choose some by {group}=NAME, one of {names}" if names else ""


def _close_places(cfg: Any, key: str) -> list[str]:
    """Keys anywhere whose last part looks like that of ``key``."""
    places = sorted(_places(cfg))
    close = difflib.get_close_matches(key.rpartition(".")[2], {place.rpartition(".")[2] for place in places}, n=1)
    return [place for place in places if place.rpartition(".")[2] in close][:3]


def _places(node: Any, prefix: str = "") -> Iterator[str]:
    for name, child in node.items() if isinstance(node, Mapping) else ():
        yield f"{prefix}{name}"
        yield from _places(child, f"{prefix}{name}.")


def _valid_keys(cfg: Any, key: str) -> tuple[str, str | None, list[str]]:
    """Follows ``key`` as far as it goes: where that is, the first part that is not there (if any), and what is."""
    node: Any = cfg
    parts = key.split(".")
    for depth, part in enumerate(parts):
        if not isinstance(node, Mapping) or part not in node:
            valid = sorted(map(str, node)) if isinstance(node, Mapping) else []
            return ".".join(parts[:depth]), part, valid
        node = node[part]
    return key, None, []
