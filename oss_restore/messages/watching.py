"""Of runs that go on."""

from __future__ import annotations

from typing import Final

from oss_restore.language import Message

# How far it is.
SO_FAR: Final = Message(
    en="{pages:,} pages listed, {submitted:,} objects asked for",
    zh="已列举 {pages:,} 页，已提交 {submitted:,} 个对象",
)
SO_FAR_OF: Final = Message(
    en="{pages:,} pages listed, {submitted:,} of {expected:,} objects asked for",
    zh="已列举 {pages:,} 页，已提交 {submitted:,}/{expected:,} 个对象",
)
AT_RATE: Final = Message(en="{rate:,.1f}/s", zh="{rate:,.1f} 个/秒")
UNDER_WAY: Final = Message(
    en="{objects:,} thawing or readable before", zh="{objects:,} 个此前已在解冻或可读"
)
REFUSED: Final = Message(en="{objects:,} refused", zh="{objects:,} 个被拒绝")
FAILED: Final = Message(en="{objects:,} failed", zh="{objects:,} 个失败")
READABLE: Final = Message(en="at least {objects:,} readable", zh="至少 {objects:,} 个可读")
ALL_ASKED_FOR: Final = Message(
    en="all asked for: waiting until they are readable", zh="已全部提交，等待可读"
)
AT_STEP: Final = Message(en="at {step}", zh="位于步骤 {step}")
IN_LEG: Final = Message(en="leg {leg:,}", zh="第 {leg:,} 段")
WITH_LISTERS: Final = Message(en="{listers:,} listers", zh="{listers:,} 个并行列举")
ALL_SENT_BY: Final = Message(
    en="all asked for by {moment} (in {left})", zh="预计 {moment} 全部提交（还需 {left}）"
)
READABLE_BY: Final = Message(
    en="readable by {moment} (in {left})", zh="预计 {moment} 可读（还需 {left}）"
)

# Its rows in a table.
PROGRESS: Final = Message(en="so far", zh="进度")
PLACE: Final = Message(en="where", zh="位置")
OUTLOOK: Final = Message(en="outlook", zh="预计")
CLASS: Final = Message(en="class", zh="存储类型")
OBJECTS_OF: Final = Message(en="{objects:,} of {total:,}", zh="{total:,} 中的 {objects:,}")
ASKED_FOR: Final = Message(en="asked for", zh="已提交")
READABLE_ALREADY: Final = Message(en="readable", zh="可读")
CLOUD_TIME: Final = Message(en="cloud time {span}", zh="云时间 {span}")
BUCKET_TELLS: Final = Message(
    en="{requested:,} of {objects:,} asked for, {readable:,} readable, {span} of cloud time",
    zh="{objects:,} 个中已提交 {requested:,}，可读 {readable:,}，云时间 {span}",
)

# What comes up.
TASK_FAILED: Final = Message(
    en="{step} failed, and is tried again if it may: {error}: {cause}",
    zh="{step} 失败，若允许将重试：{error}：{cause}",
)
OBJECTS_REFUSED: Final = Message(
    en="{cause}: the first is {key}: {message}",
    zh="{cause}：首个对象为 {key}：{message}",
)
LEDGER_UNREADABLE: Final = Message(
    en="the run's ledger cannot be read: {reason}",
    zh="无法读取运行的账本：{reason}",
)
TRYING_AGAIN: Final = Message(
    en="{problem}; the run goes on, and this is tried again",
    zh="{problem}；运行仍在继续，将重试连接",
)
WATCH_AGAIN: Final = Message(
    en="the run {run} goes on; watch it again with: {command}",
    zh="运行 {run} 仍在继续；再次观看：{command}",
)
