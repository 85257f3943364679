"""Of the report of a run, on a terminal and as a page."""

from __future__ import annotations

from typing import Final

from oss_restore.language import Message

TITLE: Final = Message(en="Run report", zh="运行报告")
STATUS: Final = Message(en="Status", zh="状态")

# What it came to, in a sentence.
ALL_READABLE: Final = Message(
    en="All {archived:,} objects are readable.", zh="全部 {archived:,} 个对象均可读取。"
)
ALL_ASKED_FOR: Final = Message(
    en="All {archived:,} objects were asked for.", zh="全部 {archived:,} 个对象均已提交解冻。"
)
NOTHING_TO_THAW: Final = Message(en="There was nothing to thaw.", zh="没有需要解冻的对象。")
DRY_RUN: Final = Message(
    en="A dry run: {planned:,} objects would be asked for.",
    zh="试运行：将提交 {planned:,} 个对象。",
)
SOME_FROZEN_AGAIN: Final = Message(
    en="{readable:,} of {archived:,} objects were readable at the end: ask for more days.",
    zh="结束时 {archived:,} 个对象中有 {readable:,} 个可读：请增加天数。",
)
SOME_FAILED: Final = Message(
    en="{failed:,} of {archived:,} objects are not being thawed.",
    zh="{archived:,} 个对象中有 {failed:,} 个未被解冻。",
)
GOES_ON: Final = Message(
    en="The run goes on: {submitted:,} objects asked for so far.",
    zh="运行仍在继续：目前已提交 {submitted:,} 个对象。",
)
WAS_STOPPED: Final = Message(
    en="The run was stopped after {submitted:,} objects.",
    zh="运行在提交 {submitted:,} 个对象后被停止。",
)
HAS_FAILED: Final = Message(
    en="The run failed after {submitted:,} objects.",
    zh="运行在提交 {submitted:,} 个对象后失败。",
)

# Key figures.
IN_SCOPE: Final = Message(en="Objects in scope", zh="范围内的对象")
ASKED_FOR: Final = Message(en="Asked for", zh="已提交")
UNDER_WAY: Final = Message(en="Thawing or readable before", zh="此前已在解冻或可读")
READABLE: Final = Message(en="Readable", zh="可读")
NOT_THAWED: Final = Message(en="Refused or failed", zh="被拒绝或失败")
VANISHED: Final = Message(en="Vanished", zh="已不存在")
NOTHING_TO_DO: Final = Message(en="Nothing to thaw in them", zh="无需解冻")
TOOK: Final = Message(en="Took", zh="用时")
KNOWN_COST: Final = Message(en="Known cost", zh="已知费用")

ASKED: Final = Message(en="What was asked", zh="运行要求")
BUCKET: Final = Message(en="Bucket", zh="存储空间")
KEYS: Final = Message(en="Keys", zh="键")
ALL_KEYS: Final = Message(en="all", zh="全部")
CLASSES: Final = Message(en="Storage classes", zh="存储类型")
DAYS: Final = Message(en="Readable for", zh="可读时长")
DAYS_OF: Final = Message(en="{days} d", zh="{days} 天")
TIER: Final = Message(en="Tier", zh="优先级")
DEFAULT: Final = Message(en="the default", zh="默认")
STARTED: Final = Message(en="Started", zh="开始")
ENDED: Final = Message(en="Ended", zh="结束")

BECAME: Final = Message(en="What became of it", zh="结果")
CLASS: Final = Message(en="Class", zh="存储类型")
OBJECTS: Final = Message(en="Objects", zh="对象数")
TOTAL: Final = Message(en="Total", zh="合计")
UNACCOUNTED: Final = Message(
    en="{count:,} objects were listed and have no outcome. Start the run again.",
    zh="{count:,} 个对象已列出但没有结果。请重新启动运行。",
)

TIMELINE: Final = Message(en="Timeline", zh="时间线")
TIMELINE_TELLS: Final = Message(
    en="Objects over the time since the start: {submitted:,} asked for, {readable} readable.",
    zh="自开始以来的对象数：已提交 {submitted:,}，可读 {readable}。",
)
NOT_TOLD: Final = Message(en="not told", zh="未知")
KNOWN_READABLE: Final = Message(en="Known to be readable", zh="已知可读")
NO_TIMELINE: Final = Message(en="The run's history does not tell.", zh="运行历史中没有相关信息。")
THROUGHPUT: Final = Message(en="Throughput", zh="吞吐量")
SENDING: Final = Message(en="Asking for everything", zh="提交全部对象")
WAITING: Final = Message(en="Waiting for the last object", zh="等待最后一个对象")
MEAN_RATE: Final = Message(en="Mean rate", zh="平均速率")
A_SECOND: Final = Message(en="{rate:,.1f} objects/s", zh="{rate:,.1f} 个对象/秒")

COST: Final = Message(en="Cost", zh="费用")
PART: Final = Message(en="For", zh="项目")
AMOUNT: Final = Message(en="Amount", zh="数量")
MONEY: Final = Message(en="Money", zh="金额")
THAW_REQUESTS: Final = Message(en="Requests to thaw", zh="解冻请求")
OTHER_REQUESTS: Final = Message(en="Other requests to OSS", zh="其他 OSS 请求")
RETRIEVED: Final = Message(en="Data retrieved, GB", zh="取回数据，GB")
COPIES: Final = Message(en="Readable copies, GB-months", zh="可读副本，GB·月")
STEPS: Final = Message(en="Steps of the workflow", zh="工作流步骤")
CALLS: Final = Message(en="Calls of functions", zh="函数调用")
FUNCTION_TIME: Final = Message(en="Time of functions, GB-seconds", zh="函数时间，GB·秒")
PRICE_UNKNOWN: Final = Message(en="price unknown", zh="价格未知")
KNOWN: Final = Message(en="Known", zh="已知")
PRICES_OF: Final = Message(
    en="Prices as noted in {noted}, for mainland China. Look at the vendor's price page before you"
    " rely on a figure. Free quotas are not taken off.",
    zh="价格记录于 {noted}，适用于中国内地。依赖任何数字前请查看厂商价格页。未扣除免费额度。",
)
NO_SIZES: Final = Message(
    en="The ledger does not tell how large the objects are, so what is billed by size is not in"
    " this.",
    zh="账本没有记录对象大小，因此未包含按容量计费的部分。",
)
NO_COST: Final = Message(en="Nothing was asked for.", zh="没有提交任何请求。")

FAILURES: Final = Message(en="Failures", zh="失败")
NO_FAILURES: Final = Message(en="None.", zh="无。")
SUCH_AS: Final = Message(en="Such as", zh="例如")
WHAT_TO_DO: Final = Message(en="What to do", zh="处理方法")
MORE_CAUSES: Final = Message(en="{count:,} more causes", zh="另有 {count:,} 种原因")

MADE: Final = Message(en="Made {moment} from {ledger}", zh="{moment} 生成，来源：{ledger}")
RUN: Final = Message(en="Run", zh="运行")
