"""What to do about objects that are not thawed."""

from __future__ import annotations

from typing import Final

from oss_restore.language import Message

DENIED: Final = Message(
    en="Allow oss:RestoreObject on it to the functions' role: name the bucket and prefix in the"
    " environment's file and deploy. Look for a bucket policy that denies it. Then retry-failed.",
    zh="请允许函数角色对其执行 oss:RestoreObject：在环境文件中写明存储空间和前缀并部署。"
    "检查是否有拒绝该操作的存储空间策略。然后使用 retry-failed。",
)
REJECTED: Final = Message(
    en="OSS found the request wrong. Look its code up in OSS's documentation; retry-failed sends"
    " it again.",
    zh="OSS 认为请求有误。请在 OSS 文档中查询其错误码；retry-failed 会再次发送。",
)
WRONG_DAYS_OR_TIER: Final = Message(
    en="OSS found the days or the tier wrong for its class: retry-failed with other --days or"
    " --tier.",
    zh="OSS 认为天数或优先级不适用于其存储类型：请用其他 --days 或 --tier 执行 retry-failed。",
)
FAILED: Final = Message(
    en="It was given up after retries, which OSS or the network did not answer in time: use"
    " retry-failed, later, and with --objects-per-second if OSS was throttling.",
    zh="重试后仍失败，OSS 或网络未能及时响应：请稍后使用 retry-failed；若 OSS 限流，请加上"
    " --objects-per-second。",
)
OUT_OF_TIME: Final = Message(
    en="Its task's time was up before its turn came: use retry-failed, with a smaller --group-size"
    " or more --workers.",
    zh="任务时间在轮到它之前已用完：请用更小的 --group-size 或更多的 --workers 执行 retry-failed。",
)
UNSUPPORTED_KEY: Final = Message(
    en="No HTTP client can address the keys . and ..: thaw it in the console, or copy the object"
    " under another name.",
    zh="没有 HTTP 客户端能访问键 . 和 ..：请在控制台解冻，或将对象复制为其他名称。",
)
VANISHED: Final = Message(
    en="It was deleted meanwhile, or was never there. Nothing is to be done, unless it should be"
    " there.",
    zh="该对象已被删除，或从未存在。除非它本应存在，否则无需处理。",
)
