"""What is sent to a page can be shown as it is."""

from __future__ import annotations

from oss_restore.console.documents import Lines, presentable
from oss_restore.redaction import REDACTED, redacting


def test_what_cannot_be_seen_is_escaped_and_only_texts_of_several_lines_have_line_breaks() -> None:
    given = {"key": "a\nb\x1b\u202e", "texts": [Lines("a\nb\x00"), "中文"], "number": 1}
    assert presentable(given) == {
        "key": "a\\nb\\x1b\\u202e",
        "texts": ["a\nb\\x00", "中文"],
        "number": 1,
    }


def test_no_secret_is_sent() -> None:
    with redacting({"MY_SECRET": "correct horse"}):
        sent = presentable(["it is correct horse", Lines("one\ncorrect horse")])
    assert sent == [f"it is {REDACTED}", f"one\n{REDACTED}"]
