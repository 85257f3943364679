"""Translations of messages, and the choice of the language."""

from __future__ import annotations

import ast
import io
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import oss_restore
from oss_restore.cli.rehearsal.cdktf import PROJECT
from oss_restore.language import (
    DOMAIN,
    LANGUAGES,
    LOCALE,
    language_of_locale,
    ngettext,
)
from tests.oss_restore.conftest import Cli

_CHINESE = re.compile("[\u4e00-\u9fff]")
_SOURCES = sorted(Path(oss_restore.__path__[0]).rglob("*.py"))
_TRANSLATING = {"_", "gettext", "ngettext", "N_"}
# Exceptions raised with a text for people.
_ERRORS = {
    "OperatorError", "UsageError", "RefusedError", "UnreachableError", "FlowNotFoundError",
    "BadParameter", "fail", "refuse",
}  # fmt: skip
TRANSLATED = [language for language in LANGUAGES if language != "en"]


def file_of(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


@cache
def catalogue(language: str) -> Catalog:
    with file_of(language).open("rb") as file:
        return read_po(file)


@cache
def source_messages() -> frozenset[str | tuple[str, ...]]:
    """Return every message of the sources, as ``make messages`` finds them."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    mappings = project["tool"]["babel"]["mappings"]
    folders = {mapping["pattern"].partition("/")[0] for mapping in mappings}
    found = extract_from_dir(
        PROJECT,
        [(mapping["pattern"], mapping["method"]) for mapping in mappings],
        {mapping["pattern"]: mapping for mapping in mappings},
        {**DEFAULT_KEYWORDS, **parse_keywords(["N_", "Phrase:1,1t", "Phrase:1,2"])},
        directory_filter=lambda folder: Path(folder).relative_to(PROJECT).parts[0] in folders,
    )
    return frozenset(message for _file, _line, message, _comments, _context in found)


def messages(language: str) -> Iterator[Message]:
    return (message for message in catalogue(language) if message.id)


def fields(text: str) -> set[tuple[str, str, str]]:
    """Return the fields of a text, with their conversions and formats."""
    return {
        (name, conversion or "", form or "")
        for _, name, form, conversion in Formatter().parse(text)
        if name
    }


def texts(value: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_catalogue_has_exactly_the_messages_of_the_sources(language: str) -> None:
    """If this fails: ``make messages``, and translate new messages."""
    assert len(source_messages()) > 300
    assert {message.id for message in messages(language)} == source_messages()


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated(language: str) -> None:
    for message in messages(language):
        for text in texts(message.string):
            assert _CHINESE.search(text) or not re.search(r"[a-z]{3}", message.id[0]), message.id
        assert not message.fuzzy, message.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_same_fields_as_its_message(language: str) -> None:
    for message in messages(language):
        *singular, text = texts(message.id)
        for translation in texts(message.string):
            assert fields(translation) == fields(text), message.id
        for one in singular:  # which may omit the count
            assert fields(text) - fields(one) <= {("count", "", ","), ("count", "", "")}, message.id
            assert fields(one) <= fields(text), message.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_compiled_catalogue_matches_its_source(language: str) -> None:
    """If this fails: ``make setup``."""
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language))
    assert file_of(language).with_suffix(".mo").read_bytes() == compiled.getvalue()


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Generate the calls in a source, each with the last name of what is called."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            yield name, node


def test_the_fields_of_every_message_are_filled_in() -> None:
    checked = 0
    for path in _SOURCES:
        for name, call in calls(path):
            if name != "format" or not isinstance(call.func, ast.Attribute):
                continue
            message = call.func.value
            if not (
                isinstance(message, ast.Call) and ast.unparse(message.func) in {"_", "ngettext"}
            ):
                continue
            text = message.args[0]
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                given = {keyword.arg for keyword in call.keywords}
                assert given == {name for name, _, _ in fields(text.value)}, ast.unparse(call)
                checked += 1
    assert checked > 100


def test_the_text_of_an_error_for_people_is_a_message() -> None:
    """Neither an unmarked text nor an f-string, which cannot be in a catalogue."""
    checked = 0
    for path in _SOURCES:
        for name, call in calls(path):
            if name not in _ERRORS:
                continue
            hints = [keyword.value for keyword in call.keywords if keyword.arg == "hint"]
            for text in (*call.args[:1], *hints):
                parts = text.values if isinstance(text, ast.JoinedStr) else [text]
                own = [str(part.value) for part in parts if isinstance(part, ast.Constant)]
                words = re.search("[a-z]{2} [a-z]{2}", " ".join(own))
                assert words is None, f"{path}:{call.lineno}: {ast.unparse(text)}"
                checked += 1
    assert checked > 100


def test_messages_are_literals_in_the_call_that_translates_them() -> None:
    """A variable would not be extracted, unless its text is marked by ``N_``."""
    for path in _SOURCES:
        for name, call in calls(path):
            if name in _TRANSLATING and call.args and isinstance(call.args[0], ast.JoinedStr):
                pytest.fail(f"{path}:{call.lineno}: {ast.unparse(call)}")


def test_the_plural_form_of_a_message_depends_on_its_count() -> None:
    forms = [ngettext("{n} row", "{n} rows", count).format(n=count) for count in (0, 1, 2)]
    assert forms == ["0 rows", "1 row", "2 rows"]


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
def test_the_language_is_derived_from_the_locale(environ: dict[str, str], language: str) -> None:
    assert language_of_locale(environ) == language


@pytest.mark.parametrize(
    "arguments",
    [("--lang", "zh", "status"), ("status", "--lang=zh"), ("status", "--lang", "zh")],
    ids=" ".join,
)
def test_the_option_for_the_language_may_be_anywhere(cli: Cli, arguments: tuple[str, ...]) -> None:
    finished = cli(*arguments)
    assert finished.status == 2
    assert "请指定一个环境" in finished.err


def test_an_unsupported_language_is_refused(cli: Cli) -> None:
    finished = cli("status", "--lang", "fr")
    assert finished.status == 2
    assert "'fr' is not one of 'en', 'zh'" in finished.err
