"""Of runs: what they came to, and how to go on."""

from __future__ import annotations

from typing import Final

from oss_restore.language import Message

NO_RUN_YET: Final = Message(
    en="{flow} has had no run yet",
    zh="{flow} 还没有运行过",
)
RUNS_WITH_OTHER_INPUT: Final = Message(
    en="{run} is running with another input: {fields} differ; nothing was started",
    zh="{run} 正在以不同的输入运行（{fields} 不同）：未启动任何运行",
)
CHOOSE_ANOTHER_NAME: Final = Message(
    en="choose another --name, or stop that run first", zh="请换一个 --name，或先停止该运行"
)
IS_RUNNING_ALREADY: Final = Message(
    en="{run} is running already, with the same input.", zh="{run} 已在以相同的输入运行。"
)
SEVERAL_RUNS: Final = Message(
    en="several runs are going on: {names}", zh="有多个运行正在进行：{names}"
)
NAME_ONE: Final = Message(en="name one with --run", zh="请用 --run 指定一个")
RUN_FAILED: Final = Message(en="the run failed", zh="运行失败")
RUN_STOPPED: Final = Message(en="the run was stopped", zh="运行被停止")
RUN_TIMED_OUT: Final = Message(en="the run timed out", zh="运行超时")
OBJECTS_FAILED: Final = Message(
    en="{count:,} objects failed: each is in {report}failures.csv, with why",
    zh="{count:,} 个对象失败：每个对象及其原因见 {report}failures.csv",
)
OBJECTS_UNACCOUNTED: Final = Message(
    en="{count:,} objects were listed and have no outcome: start the run again",
    zh="{count:,} 个对象已列出但没有结果：请重新启动运行",
)
ENDED_ALREADY: Final = Message(
    en="the run {run} has ended already: {status}",
    zh="运行 {run} 已经结束：{status}",
)
STATUS_TELLS: Final = Message(en="`status` tells how", zh="用 `status` 查看详情")
IS_STOPPED: Final = Message(en="{run} is stopped.", zh="{run} 已停止。")
GOES_ON_THAWING: Final = Message(
    en="What it has asked for goes on thawing, and is in its ledger. Start the same run again to"
    " go on: nothing is paid for twice.",
    zh="已提交的对象会继续解冻，并记录在账本中。重新启动同样的运行即可继续：不会重复付费。",
)
NOBODY_TOLD: Final = Message(
    en="Nobody could be told of it: {reason}",
    zh="未能发出通知：{reason}",
)
RUN: Final = Message(en="run", zh="运行")
STATUS: Final = Message(en="status", zh="状态")
STARTED: Final = Message(en="started", zh="开始")
ENDED: Final = Message(en="ended", zh="结束")
SO_FAR: Final = Message(en="so far", zh="进度")
ERROR: Final = Message(en="error", zh="错误")
CAUSE: Final = Message(en="cause", zh="原因")
REPORT: Final = Message(en="report", zh="报告")
WITHOUT_OUTCOME: Final = Message(en="without an outcome", zh="没有结果")
WOULD_BE_REQUESTED: Final = Message(
    en="would be requested, {storage_class}", zh="将会提交，{storage_class}"
)
