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

# Runs that follow from a run.
NOTHING_TO_RETRY: Final = Message(
    en="Nothing of {run} has failed: no run was started.", zh="{run} 中没有失败：未启动新的运行。"
)
RETRYING: Final = Message(
    en="{objects:,} objects of {run} are asked for again.",
    zh="重新提交 {run} 中的 {objects:,} 个对象。",
)
COUNTING: Final = Message(en="look at the bucket", zh="查看存储空间")
COUNTED: Final = Message(en="{objects:,} objects", zh="{objects:,} 个对象")
EXTEND_COUNTED: Final = Message(
    en="{readable:,} objects stay readable for {days} days more: about {money:,.2f} CNY for their"
    " copies, as far as prices are known. {frozen:,} are frozen, and are thawed. Go on?",
    zh="{readable:,} 个对象将再保持可读 {days} 天：就已知价格，其副本约需 {money:,.2f} 元。"
    "{frozen:,} 个处于冻结状态，将被解冻。继续？",
)
EXTEND_UNCOUNTED: Final = Message(
    en="The objects of the run's manifest stay readable for {days} days more, which costs; what is"
    " frozen is thawed. Go on?",
    zh="该运行清单中的对象将再保持可读 {days} 天，会产生费用；冻结的对象将被解冻。继续？",
)
UPGRADE_COUNTED: Final = Message(
    en="{thawing:,} objects are thawing, and are asked for at {tier}, at its price. {frozen:,} are"
    " frozen, and are thawed at it, too. Go on?",
    zh="{thawing:,} 个对象正在解冻，将以 {tier} 优先级及其价格提交。{frozen:,} 个处于冻结状态，"
    "也将以该优先级解冻。继续？",
)
UPGRADE_UNCOUNTED: Final = Message(
    en="What the run's manifest names is asked for at {tier}, at its price. Go on?",
    zh="将以 {tier} 优先级及其价格提交该运行清单中的对象。继续？",
)

# The end of being readable.
NAME_RUN_OR_BUCKET: Final = Message(
    en="name a run with --run, or a bucket with --bucket",
    zh="请用 --run 指定运行，或用 --bucket 指定存储空间",
)
REFREEZE_RUN: Final = Message(
    en="What {run} has thawed is frozen again: {objects} objects of oss://{bucket}. They cannot be"
    " read then, and to thaw them again costs again. Go on?",
    zh="{run} 解冻的对象将重新冻结：oss://{bucket} 中的 {objects} 个对象。"
    "之后将无法读取，再次解冻需再次付费。继续？",
)
REFREEZE_BUCKET: Final = Message(
    en="{objects:,} readable objects of oss://{bucket} are frozen again, whoever has thawed them:"
    " their copies cost about {money:,.2f} CNY a day. They cannot be read then, and to thaw them"
    " again costs again. Go on?",
    zh="oss://{bucket} 中 {objects:,} 个可读对象将重新冻结，无论由谁解冻："
    "其副本每天约需 {money:,.2f} 元。"
    "之后将无法读取，再次解冻需再次付费。继续？",
)
REFREEZING: Final = Message(en="freeze again", zh="重新冻结")
REFROZEN_SO_FAR: Final = Message(en="{objects:,} objects", zh="{objects:,} 个对象")
STILL_THAWING: Final = Message(
    en="What is still thawing cannot be frozen yet: do this again when it is readable.",
    zh="仍在解冻的对象暂时无法冻结：请在其可读后再次执行。",
)
ALLOW_REFREEZE: Final = Message(
    en="Every request was refused. Allow oss:CleanRestoredObject on these objects to yourself.",
    zh="所有请求均被拒绝。请为自己授予这些对象的 oss:CleanRestoredObject 权限。",
)
NOTHING_CHARGED: Final = Message(
    en="Copies of Archive objects cost nothing, and expire by themselves: they are left alone.",
    zh="归档对象的副本不收费，并会自行过期：不作处理。",
)
EXPORTED: Final = Message(en="{rows:,} rows", zh="{rows:,} 行")
