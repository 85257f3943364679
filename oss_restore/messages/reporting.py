"""Of commands that look at runs after they have ended, and start what follows from them."""

from __future__ import annotations

from typing import Final

from oss_restore.language import Message

NO_LEDGER: Final = Message(
    en="there is no ledger at {place}: no such run, or its input was refused",
    zh="{place} 没有账本：运行不存在，或其输入被拒绝",
)
