"""Of plans, and of what stands in a run's way."""

from __future__ import annotations

from typing import Final

from oss_restore.language import Message

WHICH_BUCKET: Final = Message(
    en="which bucket? Name it with --bucket, or as bucketName in --input",
    zh="哪个存储空间？请用 --bucket 指定，或在 --input 中给出 bucketName",
)
BUCKET_OUT_OF_SCOPE: Final = Message(
    en="the functions have no rights on the bucket {bucket}: environment {environment} names"
    " {named}",
    zh="函数没有存储空间 {bucket} 的权限：环境 {environment} 只包含 {named}",
)
PREFIX_OUT_OF_SCOPE: Final = Message(
    en="the functions may not list {place}: environment {environment} names {named}",
    zh="函数无权列举 {place}：环境 {environment} 只包含 {named}",
)
VERSIONS_OUT_OF_SCOPE: Final = Message(
    en="the functions may not touch older versions in {bucket}",
    zh="函数无权处理 {bucket} 中的历史版本",
)
MANIFEST_OUT_OF_SCOPE: Final = Message(
    en="the functions may not read the manifest oss://{bucket}/{key}",
    zh="函数无权读取清单 oss://{bucket}/{key}",
)
NAME_IT_AND_DEPLOY: Final = Message(
    en="name it under `{field}` in the environment's file, and deploy",
    zh="请在环境文件的 `{field}` 中加入，然后重新部署",
)
ELSEWHERE: Final = Message(
    en="the bucket {bucket} is not in {region}, where the functions are, but at {place}",
    zh="存储空间 {bucket} 不在函数所在的地域 {region}，而在 {place}",
)
DEPLOY_THERE: Final = Message(
    en="deploy an environment in the bucket's region",
    zh="请在该存储空间所在的地域部署一个环境",
)
DIRECT_READ: Final = Message(
    en="nothing needs a thaw: objects of class Archive in {bucket} can be read directly",
    zh="无需解冻：{bucket} 中的归档对象可以直接读取",
)
DIRECT_READ_ALSO: Final = Message(
    en="objects of class Archive in {bucket} can be read directly and need no thaw: leave the class"
    " out with --storage-class",
    zh="{bucket} 中的归档（Archive）对象可以直接读取，无需解冻：请用 --storage-class 排除该类型",
)
SWITCH_DIRECT_READ_OFF: Final = Message(
    en="archive direct read is on in this bucket; reading so is billed by the byte",
    zh="该存储空间已开启归档直读；直读按读取量计费",
)
CANNOT_CHECK: Final = Message(
    en="cannot check {what}: allow {action} to whoever plans",
    zh="无法检查{what}：请为当前身份授予 {action}",
)
THE_REGION: Final = Message(en="the bucket's region", zh="存储空间的地域")
THE_DIRECT_READ: Final = Message(en="archive direct read", zh="归档直读")
START_WOULD_REFUSE: Final = Message(
    en="`start` would refuse: {reason}", zh="`start` 将会拒绝：{reason}"
)

READ_THE_BUCKET: Final = Message(en="read the bucket", zh="读取存储空间")
LISTING: Final = Message(
    en="{scanned:,} objects listed, up to {key}", zh="已列出 {scanned:,} 个对象，直到 {key}"
)
NOTHING_FROZEN: Final = Message(
    en="Nothing is frozen: no request would be sent.",
    zh="没有冻结的对象：不会发送任何请求。",
)
STILL_THAWING: Final = Message(
    en="{count:,} objects are thawing already, since nobody knows when: a run waits for them, too",
    zh="{count:,} 个对象已在解冻，开始时间未知：运行也会等待它们",
)
WRONG_ROWS: Final = Message(
    en="{count:,} rows of the manifest can name no object of this bucket",
    zh="清单中有 {count:,} 行无法对应该存储空间的对象",
)
VANISHED: Final = Message(
    en="{count:,} rows of the manifest name objects that are not there",
    zh="清单中有 {count:,} 行对应的对象不存在",
)

OBJECTS_OF: Final = Message(en="Objects of {bucket}", zh="{bucket} 中的对象")
CLASS: Final = Message(en="class", zh="存储类型")
STATE: Final = Message(en="state", zh="状态")
OBJECTS: Final = Message(en="objects", zh="对象数")
BYTES: Final = Message(en="bytes", zh="大小")
TO_THAW: Final = Message(en="to thaw", zh="待解冻")
THAWING: Final = Message(en="thawing", zh="解冻中")
READABLE: Final = Message(en="readable", zh="可读")
NOTHING_IN_IT: Final = Message(en="folder or symlink", zh="目录或软链接")
LEFT_OUT_BY: Final = Message(en="left out by {filter}", zh="被 {filter} 排除")
NO_THAW_NEEDED: Final = Message(en="needs no thaw", zh="无需解冻")
OTHER_CLASSES: Final = Message(en="others", zh="其他")

CHOICES: Final = Message(
    en="Time and money, in {currency}; prices noted {noted}",
    zh="时间与费用（{currency}，价格记录于 {noted}）",
)
TIER: Final = Message(en="tier", zh="优先级")
NO_TIER: Final = Message(en="no tiers", zh="无优先级")
READABLE_IN: Final = Message(en="readable in", zh="可读所需时间")
DAYS: Final = Message(en="days", zh="天数")
TOTAL: Final = Message(en="total", zh="合计")
KINDS: Final = {
    "requests": Message(en="requests", zh="请求"),
    "retrieval": Message(en="retrieval", zh="取回"),
    "replica": Message(en="replica", zh="副本"),
    "workflow": Message(en="workflow", zh="工作流"),
    "functions": Message(en="functions", zh="函数"),
}
UNKNOWN: Final = Message(en="unknown", zh="未知")
UNKNOWN_PARTS: Final = Message(
    en="On top comes what has no known price: {parts}",
    zh="此外还有价格未知的项目：{parts}",
)
WHAT_TAKES_LONGEST: Final = Message(en="what takes longest is {bound}", zh="耗时最长的是{bound}")
BOUND_BY_THAW: Final = Message(
    en="the thaw itself: only a faster tier shortens it",
    zh="解冻本身：只有更快的优先级才能缩短",
)
BOUND_BY_THAW_QUOTA: Final = Message(
    en="OSS's quota of thaws for this class",
    zh="OSS 对该存储类型的解冻配额",
)
BOUND_BY_PAGES: Final = Message(
    en="one page after another: larger pages, more workers or several listers shorten it",
    zh="逐页提交：更大的页、更多的线程或并行列举可以缩短",
)
BOUND_BY_STEPS: Final = Message(
    en="Serverless Workflow's step entries a second, of the account: larger groups need fewer",
    zh="整个账号每秒的工作流步骤数：更大的分组可以减少步骤",
)
BOUND_BY_PACE: Final = Message(
    en="objectsPerSecond, which the run's input sets",
    zh="运行输入中设置的 objectsPerSecond",
)
BOUND_BY_PAGE_THAWS: Final = Message(
    en="the thaw of each page before the next one is sent: waitFor run ends that",
    zh="每页都要等待解冻后才提交下一页：waitFor 设为 run 即可避免",
)
FASTER: Final = Message(
    en="with {options} it is readable in {time}, for {total} {currency}",
    zh="使用 {options}，{time}后可读，合计 {total} {currency}",
)
LEAVES: Final = Message(
    en="there is no such tier for {classes}: thaw those in a run of their own",
    zh="{classes} 没有该优先级：请单独运行",
)
TOO_SHORT: Final = Message(
    en="the first {storage_class} objects are frozen again before the last ones are readable: ask"
    " for {needed} days, not {days}",
    zh="{storage_class} 最先解冻的对象会在最后的对象可读之前重新冻结："
    "请要求 {needed} 天而不是 {days} 天",
)
TOO_DEEP: Final = Message(
    en="{executions:,} executions would wait for one another, more than the {limit:,} that an"
    " account may have running",
    zh="将有 {executions:,} 个执行相互等待，超过账号允许同时运行的 {limit:,} 个",
)
COMMANDS: Final = Message(en="To start one of them:", zh="启动其中之一：")
