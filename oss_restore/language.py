"""What is said to people, in their language."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from string import Formatter
from typing import Final, Literal, get_args

Language = Literal["en", "zh"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)

_language: ContextVar[Language] = ContextVar("language", default="en")


@dataclass(frozen=True)
class Message:
    """One thing that is said, in every language; ``{fields}`` are filled in by calling it."""

    en: str
    zh: str

    def __call__(self, **values: object) -> str:
        """The text in the language that is current_language.

        Raises:
            KeyError: a field has no value.
        """
        text: str = getattr(self, current_language())
        return text.format_map(values)

    def fields(self, language: Language) -> set[str]:
        """Names of the fields that the text of a language has."""
        return {name for _, name, _, _ in Formatter().parse(getattr(self, language)) if name}


def set_language(language: Language) -> None:
    """Set the language of messages from now on."""
    _language.set(language)


def current_language() -> Language:
    """The language in which things are said."""
    return _language.get()


def language_of_locale(environ: Mapping[str, str]) -> Language:
    """The language of a shell's locale; English where it is none of ours."""
    names = (environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next(filter(None, names), "")
    return next((language for language in LANGUAGES if locale.startswith(language)), "en")
