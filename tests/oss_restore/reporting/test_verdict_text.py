"""The verdict is told in every language."""

from __future__ import annotations

from oss_restore.errors import ExitStatus
from oss_restore.reporting.bill_text import TEXTS
from oss_restore.reporting.verdict_text import SENTENCES
from thaw import bills, verdict
from thaw.phrases import Phrase
from thaw.verdict import AFTER_THAW, PARTS_AFTER_THAW, ExitCode


def test_every_sentence_of_a_verdict_is_in_the_catalogues() -> None:
    phrases = [value for value in vars(verdict).values() if isinstance(value, Phrase)]
    phrases += PARTS_AFTER_THAW.values()
    phrases += (phrase for goal in AFTER_THAW.values() for phrase in goal.values())
    texts = {text for one in phrases for text in (one.text, one.one) if text}
    assert set(SENTENCES) == texts


def test_every_text_of_a_bill_is_in_the_catalogues() -> None:
    phrases = [value for value in vars(bills).values() if isinstance(value, Phrase)]
    assert set(TEXTS) == {one.text for one in (*phrases, *bills.PARTS_IN_WORDS.values())}


def test_a_verdicts_exit_codes_are_those_of_the_command_line() -> None:
    assert {int(code) for code in ExitCode} < {int(status) for status in ExitStatus}
