"""Of runs that go on."""

from __future__ import annotations

from typing import Final

from oss_restore.language import Message

TASK_FAILED: Final = Message(
    en="{step} failed and is tried again: {error}: {cause}",
    zh="{step} 失败，将重试：{error}：{cause}",
)
OBJECTS_REFUSED: Final = Message(
    en="{cause}: the first is {key}: {message}",
    zh="{cause}：首个对象为 {key}：{message}",
)
RANGE_LOST: Final = Message(
    en="a range of keys could not be listed, from behind {after!r} to {until!r}: {message}",
    zh="无法列举一段键，从 {after!r} 之后到 {until!r}：{message}",
)
LEDGER_UNREADABLE: Final = Message(
    en="the run's ledger cannot be read: {reason}",
    zh="无法读取运行的账本：{reason}",
)
