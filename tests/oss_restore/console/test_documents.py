"""Documents sent to a page can be shown without further escaping."""

from __future__ import annotations

from oss_restore.console.documents import Lines, presentable
from oss_restore.redaction import REDACTED, redacting


def test_invisible_characters_are_escaped_except_in_multi_line_texts() -> None:
    given = {"key": "a\nb\x1b\u202e", "texts": [Lines("a\nb\x00"), "中文"], "number": 1}
    assert presentable(given) == {
        "key": "a\\nb\\x1b\\u202e",
        "texts": ["a\nb\\x00", "中文"],
        "number": 1,
    }


def test_secrets_are_redacted() -> None:
    with redacting({"MY_SECRET": "correct horse"}):
        sent = presentable(["it is correct horse", Lines("one\ncorrect horse")])
    assert sent == [f"it is {REDACTED}", f"one\n{REDACTED}"]
