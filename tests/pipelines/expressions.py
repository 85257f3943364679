"""The part of GitHub's expression language that the workflows use."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

_WHOLE = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_TOKEN = re.compile(r"\s*(?:'([^']*)'|([\w-]+)|(==|[().\[\]]))")
_FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {
    "fromJSON": json.loads,
    "toJSON": json.dumps,
    "hashFiles": lambda pattern: f"hash of {pattern}",
}


def evaluated(value: Any, contexts: Mapping[str, Any]) -> Any:
    """Evaluate the expressions in a value of a workflow.

    Args:
        value: a text, or a list or mapping that contains texts.
        contexts: ``github``, ``needs``, ``matrix`` and the like.
    """
    if isinstance(value, dict):
        return {key: evaluated(one, contexts) for key, one in value.items()}
    if isinstance(value, list):
        return [evaluated(one, contexts) for one in value]
    if not isinstance(value, str):
        return value
    whole = _WHOLE.fullmatch(value)
    if whole:
        return expression(whole[1], contexts)
    return _WHOLE.sub(lambda found: text(expression(found[1], contexts)), value)


def expression(source: str, contexts: Mapping[str, Any]) -> Any:
    """Evaluate an expression; a missing value is empty, as on GitHub."""
    tokens = [found.groups() for found in _TOKEN.finditer(source)]
    assert "".join("".join(filter(None, t)) for t in tokens) == re.sub(r"[\s']", "", source), source
    parser = _Parser(tokens, contexts)
    value = parser.comparison()
    assert parser.done, source
    return value


class _Parser:
    def __init__(self, tokens: list[tuple[str | None, ...]], contexts: Mapping[str, Any]) -> None:
        self._tokens = tokens
        self._contexts = contexts

    @property
    def done(self) -> bool:
        return not self._tokens

    def comparison(self) -> Any:
        left = self._value()
        if self._takes("=="):
            return left == self._value()
        return left

    def _value(self) -> Any:
        quoted, word, _ = self._tokens.pop(0)
        if quoted is not None:
            return quoted
        assert word is not None
        if word in _FUNCTIONS:
            assert self._takes("(")
            value = _FUNCTIONS[word](self.comparison())
            assert self._takes(")")
        else:
            value = self._contexts[word]
        return self._inside(value)

    def _inside(self, value: Any) -> Any:
        while True:
            if self._takes("."):
                name = self._tokens.pop(0)[1]
                value = value.get(name) if isinstance(value, dict) else None
            elif self._takes("["):
                index = int(self._tokens.pop(0)[1] or "")
                value = value[index] if isinstance(value, list) and index < len(value) else None
                assert self._takes("]")
            else:
                return value

    def _takes(self, sign: str) -> bool:
        if self._tokens and self._tokens[0][2] == sign:
            self._tokens.pop(0)
            return True
        return False


def text(value: Any) -> str:
    """Return a value as part of a text."""
    return "" if value is None else str(value)
