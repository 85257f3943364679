"""The language of messages: gettext, from the catalogues in ``locale/``.

Messages are written in English in the code; ``make messages`` updates the catalogues.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, get_args

if TYPE_CHECKING:
    from gettext import NullTranslations

    from thaw.phrases import Phrase

Language = Literal["en", "zh"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
DOMAIN: Final = "oss_restore"
LOCALE: Final = Path(__file__).with_name("locale")

_language: ContextVar[Language] = ContextVar("language", default="en")


def gettext(message: str) -> str:
    """Translate a message into the current language."""
    language = _language.get()
    return message if language == "en" else _catalogue(language).gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Translate a message in the form for a count."""
    language = _language.get()
    if language == "en":
        return singular if count == 1 else plural
    return _catalogue(language).ngettext(singular, plural, count)


def translate(phrase: Phrase, **shown: object) -> str:
    """Translate a phrase, with some of its values replaced by formatted ones."""
    values = {**phrase.values, **shown}
    if not phrase.plural:
        return gettext(phrase.text).format(**values)
    count = values["count"]
    assert isinstance(count, int)
    return ngettext(phrase.text, phrase.plural, count).format(**values)


def N_(message: str) -> str:  # noqa: N802 - gettext's conventional name
    """Mark a message for extraction; ``gettext`` translates it when it is shown."""
    return message


def set_language(language: Language) -> None:
    """Set the language of messages from now on."""
    _language.set(language)


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Set the language of messages while the block runs."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def current_language() -> Language:
    """Return the language of messages."""
    return _language.get()


def language_of_locale(environ: Mapping[str, str]) -> Language:
    """Return the language of a shell's locale, or English if it is not supported."""
    names = (environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next(filter(None, names), "")
    return next((language for language in LANGUAGES if locale.startswith(language)), "en")


@cache
def _catalogue(language: Language) -> NullTranslations:
    from gettext import translation  # noqa: PLC0415 - English needs no catalogue

    return translation(DOMAIN, LOCALE, [language], fallback=True)
