"""Of a list of runs."""

from __future__ import annotations

from typing import Final

from oss_restore.language import Message

RUN: Final = Message(en="run", zh="运行")
STATUS: Final = Message(en="status", zh="状态")
STARTED: Final = Message(en="started (UTC)", zh="开始（UTC）")
ENDED: Final = Message(en="ended (UTC)", zh="结束（UTC）")
BUCKET: Final = Message(en="bucket", zh="存储空间")
ASKED_FOR: Final = Message(en="asked for", zh="已提交")
UNDER_WAY: Final = Message(en="before", zh="此前已在解冻或可读")
FAILED: Final = Message(en="failed", zh="失败")
MORE: Final = Message(en="There are more: --before {before}", zh="还有更多：--before {before}")
