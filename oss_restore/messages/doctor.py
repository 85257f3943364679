"""Of the doctor."""

from __future__ import annotations

from typing import Final

from oss_restore.language import Message

CREDENTIALS: Final = Message(en="credentials", zh="凭证")
DEPLOYMENT: Final = Message(en="deployment", zh="部署")
VERSION: Final = Message(en="version", zh="版本")
ENDPOINTS: Final = Message(en="endpoints", zh="接入点")
RUNS: Final = Message(en="quotas", zh="配额")
FLOWS: Final = Message(en="flows", zh="流程")
BUCKET: Final = Message(en="bucket", zh="存储空间")
REPORT_BUCKET: Final = Message(en="report bucket", zh="报告存储空间")
CLOCK: Final = Message(en="clock", zh="时钟")

YOU_ARE: Final = Message(en="{arn}, by keys found in {place}", zh="{arn}，凭证来自 {place}")
OTHER_ACCOUNT: Final = Message(
    en="{arn} is of account {account}, and the deployment is in {wanted}",
    zh="{arn} 属于账号 {account}，而部署在账号 {wanted}",
)
USE_OTHER_KEYS: Final = Message(
    en="use keys of account {wanted}: another profile, or another role",
    zh="请使用账号 {wanted} 的凭证：换一个配置或角色",
)
BY_OUTPUTS: Final = Message(en="{flow}, by its outputs", zh="{flow}（来自部署输出）")
BY_NAMES: Final = Message(
    en="{flow}, by the names in the environment's file: no outputs can be read",
    zh="{flow}（来自环境文件中的名称：无法读取部署输出）",
)
BY_FLOW: Final = Message(
    en="{flow}, by its name alone: some checks need more",
    zh="{flow}（仅凭名称）：部分检查需要更多信息",
)
DEPLOY_OR_HAND_OVER: Final = Message(
    en="deploy it, or hand its outputs over with --outputs",
    zh="请先部署，或用 --outputs 提供输出",
)
SAME_VERSION: Final = Message(en="{version}, here and deployed", zh="{version}，本地与部署一致")
OTHER_VERSION: Final = Message(
    en="{deployed} is deployed, and this is {here}",
    zh="已部署的是 {deployed}，本地是 {here}",
)
SAME_VERSION_TO_DO: Final = Message(
    en="deploy again, or install version {deployed}",
    zh="请重新部署，或安装版本 {deployed}",
)
VERSION_UNTOLD: Final = Message(
    en="this is {here}; the deployment does not tell its version",
    zh="本地是 {here}；部署未提供版本信息",
)
ANSWERS: Final = Message(en="{services} answer", zh="{services} 均可访问")
NO_ANSWER: Final = Message(
    en="{service} does not answer: {reason}", zh="{service} 无响应：{reason}"
)
CHECK_NETWORK: Final = Message(
    en="check network and proxy; {endpoint} is what was called",
    zh="请检查网络和代理；访问的地址是 {endpoint}",
)
NOTHING_RUNS: Final = Message(
    en="no run is under way: all quotas of the account are free for the next one",
    zh="没有正在进行的运行：账号的全部配额可用于下一次运行",
)
OTHERS_RUN: Final = Message(
    en="{count:,} runs are under way, such as {run}: they share the account's quotas",
    zh="有 {count:,} 个运行正在进行（例如 {run}）：它们共享账号的配额",
)
THEY_TAKE_LONGER: Final = Message(
    en="expect the next run to take longer than its plan says",
    zh="下一次运行所需时间可能比计划更长",
)
AS_RENDERED: Final = Message(
    en="{count} flows are as this version renders them",
    zh="{count} 个流程与本地版本渲染的一致",
)
DRIFTED: Final = Message(
    en="{flow} is not what this version renders for the environment's file",
    zh="{flow} 与本地版本根据环境文件渲染的不一致",
)
DEPLOY_AGAIN: Final = Message(
    en="deploy again, and find out who has changed it",
    zh="请重新部署，并查明是谁修改了它",
)
NO_FILE_TO_COMPARE: Final = Message(
    en="cannot be compared: no environment is named",
    zh="无法比较：没有指定环境",
)
NAME_THE_ENVIRONMENT: Final = Message(
    en="name the environment, so that its file can be rendered",
    zh="请指定环境，以便渲染其流程",
)
CANNOT_READ_FLOWS: Final = Message(en="cannot be compared: {reason}", zh="无法比较：{reason}")
ALLOW_DESCRIBE: Final = Message(
    en="allow fnf:DescribeFlow to whoever runs this", zh="请为当前身份授予 fnf:DescribeFlow"
)
CAN_BE_LISTED: Final = Message(en="{bucket} can be listed", zh="{bucket} 可以列举")
CANNOT_TELL_REGION: Final = Message(
    en="{bucket} can be listed; whether it is in {region} cannot be told",
    zh="{bucket} 可以列举；无法确定其是否在 {region}",
)
ALLOW_INFO: Final = Message(
    en="allow oss:GetBucketInfo to whoever runs this", zh="请为当前身份授予 oss:GetBucketInfo"
)
NO_REPORT_BUCKET: Final = Message(en="is not known", zh="未知")
NO_BUCKETS_KNOWN: Final = Message(
    en="which buckets the functions may touch is not known",
    zh="不知道函数可以访问哪些存储空间",
)
IN_STEP: Final = Message(en="{seconds:.0f} s off OSS's", zh="与 OSS 相差 {seconds:.0f} 秒")
OWN_CLOCK: Final = Message(en="the local cloud has a clock of its own", zh="本地云有自己的时钟")
SET_THE_CLOCK: Final = Message(
    en="set this machine's clock: OSS refuses what is more than 15 minutes off",
    zh="请校准本机时钟：相差超过 15 分钟的请求会被 OSS 拒绝",
)
ALL_WELL: Final = Message(en="all is well", zh="一切正常")
SOME_TO_DO: Final = Message(
    en="{fails} of {count} checks failed, {warns} with a warning",
    zh="{count} 项检查中 {fails} 项失败，{warns} 项警告",
)
