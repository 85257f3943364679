"""Of starting a run."""

from __future__ import annotations

from typing import Final

from oss_restore.language import Message

NOBODY_TO_ASK: Final = Message(
    en="there is nobody to ask: this is no terminal",
    zh="无人可以确认：这不是终端",
)
SAY_YES: Final = Message(
    en="look at it with `plan`, then start it with --yes",
    zh="请先用 `plan` 查看，再加上 --yes 启动",
)
NO_PLAN_NEEDS_YES: Final = Message(
    en="--no-plan starts what nobody has looked at: it needs --yes",
    zh="--no-plan 会启动未经查看的运行：必须同时使用 --yes",
)
START_IT: Final = Message(en="Start this run? [y/N] ", zh="启动该运行吗？[y/N] ")
NOT_STARTED: Final = Message(en="nothing was started", zh="没有启动任何运行")
NOTHING_TO_DO: Final = Message(
    en="There is nothing to thaw and nothing to wait for: no run was started.",
    zh="没有需要解冻或等待的对象：未启动运行。",
)
IS_STARTED: Final = Message(en="{run} is started.", zh="{run} 已启动。")
MAY_HAVE_STARTED: Final = Message(
    en="the run {run} may have been started; look with: {command}",
    zh="运行 {run} 可能已经启动；请查看：{command}",
)
THE_RUN_GOES_ON: Final = Message(
    en="the run {run} goes on; look at it with: {command}",
    zh="运行 {run} 仍在继续；查看：{command}",
)
