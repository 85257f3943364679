"""What is said is said in every language, and whole."""

from __future__ import annotations

import ast
import pkgutil
import re
from collections import defaultdict
from collections.abc import Container, Iterator
from importlib import import_module
from pathlib import Path

import pytest

import oss_restore
from oss_restore import messages
from oss_restore.language import LANGUAGES, Message, language_of_locale, set_language
from tests.oss_restore.conftest import Cli

_CHINESE = re.compile("[\u4e00-\u9fff]")
_SOURCES = Path(oss_restore.__path__[0])


def catalogue() -> Iterator[tuple[str, str, Message]]:
    """Every message, with its module and name; those in a table by the table's name."""
    for found in pkgutil.iter_modules(messages.__path__):
        module = import_module(f"{messages.__name__}.{found.name}")
        for name, value in vars(module).items():
            if isinstance(value, Message):
                yield found.name, name, value
            elif isinstance(value, dict):
                yield from (
                    (found.name, f"{name}[{key}]", one)
                    for key, one in value.items()
                    if isinstance(one, Message)
                )


CATALOGUE = list(catalogue())


def test_there_is_a_catalogue() -> None:
    assert len(CATALOGUE) > 100


@pytest.mark.parametrize("message", [pytest.param(m, id=f"{o}.{n}") for o, n, m in CATALOGUE])
def test_a_message_is_there_in_every_language_with_the_same_fields(message: Message) -> None:
    assert message.en.isascii()
    assert _CHINESE.search(message.zh)
    assert len({frozenset(message.fields(language)) for language in LANGUAGES}) == 1


def uses(tree: ast.AST, known: Container[str]) -> Iterator[tuple[str, ast.Call]]:
    """Calls of messages, with their names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name in known:
                yield name, node


def test_whoever_says_a_message_fills_in_all_of_its_fields() -> None:
    known: defaultdict[str, list[set[str]]] = defaultdict(list)  # a name may be in several modules
    for _, name, message in CATALOGUE:
        known[name].append(message.fields("en"))
    checked = 0
    for path in sorted(_SOURCES.rglob("*.py")):
        for name, call in uses(ast.parse(path.read_text()), known):
            if not call.args:
                given = {keyword.arg for keyword in call.keywords}
                assert given in known[name], f"{path}:{call.lineno}"
                checked += 1
    assert checked > 80


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_TW.UTF-8"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "zh"),
    ],
)
def test_the_locale_tells_the_language(environ: dict[str, str], language: str) -> None:
    assert language_of_locale(environ) == language


@pytest.fixture
def english() -> Iterator[None]:
    yield
    set_language("en")


@pytest.mark.parametrize(
    "arguments",
    [("--lang", "zh", "status"), ("status", "--lang=zh"), ("status", "--lang", "zh")],
    ids=" ".join,
)
@pytest.mark.usefixtures("english")
def test_the_language_can_be_asked_for_wherever_it_stands(
    cli: Cli, arguments: tuple[str, ...]
) -> None:
    finished = cli(*arguments)
    assert finished.status == 2
    assert "请指定一个环境" in finished.err


@pytest.mark.usefixtures("english")
def test_a_language_that_nobody_speaks_here_is_refused(cli: Cli) -> None:
    finished = cli("status", "--lang", "fr")
    assert finished.status == 2
    assert "'fr' is not one of 'en', 'zh'" in finished.err
