"""Of commands that look at runs after they have ended, and start what follows from them."""

from __future__ import annotations

from typing import Final

from oss_restore.language import Message

NO_LEDGER: Final = Message(
    en="there is no ledger at {place}: no such run, or its input was refused",
    zh="{place} 没有账本：运行不存在，或其输入被拒绝",
)
WRITTEN: Final = Message(en="written: {path}", zh="已写入：{path}")
CANNOT_WRITE: Final = Message(en="cannot write {path}: {reason}", zh="无法写入 {path}：{reason}")
NOTHING_FAILED: Final = Message(
    en="Nothing of {run} has failed, was refused, or is not there.",
    zh="{run} 中没有失败、被拒绝或不存在的对象。",
)
