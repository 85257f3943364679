"""Of questions."""

from __future__ import annotations

from typing import Final

from oss_restore.language import Message

NOT_DONE: Final = Message(en="nothing was done", zh="未执行任何操作")
ANSWERED_BY_NOBODY: Final = Message(
    en="{question} There is nobody to ask: say --yes.", zh="{question} 无人可询问：请使用 --yes。"
)
