"""Of deployments, credentials, and calls that are refused."""

from __future__ import annotations

from typing import Final

from oss_restore.language import Message

NAME_A_DEPLOYMENT: Final = Message(
    en="name an environment, an outputs file with --outputs, or a flow with --flow",
    zh="请指定一个环境，或用 --outputs 指定输出文件，或用 --flow 指定流程",
)
FLOW_NEEDS_REGION: Final = Message(
    en="--flow needs --region",
    zh="使用 --flow 时必须给出 --region",
)
NEEDS_REPORT_BUCKET: Final = Message(
    en="this needs the report bucket, which a flow's name alone does not tell",
    zh="此操作需要报告存储空间，仅凭流程名无法得知",
)
NEEDS_ENVIRONMENT: Final = Message(
    en="this needs an environment, by the name of its file",
    zh="此操作需要一个环境，请给出其文件名",
)
NEEDS_SERVICE: Final = Message(
    en="this needs the functions' service, which a flow's name alone does not tell",
    zh="此操作需要函数服务，仅凭流程名无法得知",
)
CLOUD_FILE_UNREADABLE: Final = Message(
    en="cannot read the file of a local cloud {path}: {reason}",
    zh="无法读取本地云文件 {path}：{reason}",
)
START_A_LOCAL_CLOUD: Final = Message(
    en="start a local cloud with: oss-restore cloud --endpoints {path}",
    zh="启动本地云：oss-restore cloud --endpoints {path}",
)
NO_CLOUD_FILE: Final = Message(
    en="{path} is not what `oss-restore cloud --endpoints FILE` writes: {reason}",
    zh="{path} 不是 `oss-restore cloud --endpoints FILE` 写出的文件：{reason}",
)
OUTPUTS_UNREADABLE: Final = Message(
    en="cannot read the outputs in {path}: {reason}",
    zh="无法读取 {path} 中的输出：{reason}",
)
OUTPUTS_OF_NO_DEPLOYMENT: Final = Message(
    en="{path} holds no outputs of a deployment: {reason}",
    zh="{path} 中没有部署的输出：{reason}",
)
WRITE_OUTPUTS: Final = Message(
    en="write them with `cdktf deploy --outputs-file FILE`, or `terraform output -json > FILE`",
    zh="用 `cdktf deploy --outputs-file FILE` 或 `terraform output -json > FILE` 生成",
)
NO_CREDENTIALS: Final = Message(
    en="no credentials: {reason}",
    zh="没有凭证：{reason}",
)
GIVE_CREDENTIALS: Final = Message(
    en="set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, run `aliyun"
    " configure`, or name a local cloud with --cloud FILE",
    zh="请设置 ALIBABA_CLOUD_ACCESS_KEY_ID 和 ALIBABA_CLOUD_ACCESS_KEY_SECRET，或运行"
    " `aliyun configure`，或用 --cloud FILE 指定本地云",
)
UNREACHABLE: Final = Message(
    en="cannot reach {service} at {endpoint}: {reason}",
    zh="无法连接 {service}（{endpoint}）：{reason}",
)
REFUSED: Final = Message(
    en="{service} refused the call: {code}: {reason}",
    zh="{service} 拒绝了请求：{code}：{reason}",
)
NO_FLOW: Final = Message(
    en="deploy the environment first, or check the flow's name",
    zh="请先部署该环境，或检查流程名",
)
NO_RUN: Final = Message(
    en="check the run's name; without one, `status` shows the last",
    zh="请检查运行名；不指定时，`status` 显示最近一次运行",
)
RUN_NAME_TAKEN: Final = Message(
    en="a run of that name has ended; choose another name",
    zh="同名的运行已经结束，请换一个名称",
)
CHECK_CREDENTIALS: Final = Message(
    en="check the credentials",
    zh="请检查凭证",
)
STORAGE_REFUSED: Final = Message(
    en="OSS refused {action} on {resource}: {reason}",
    zh="OSS 拒绝了对 {resource} 的 {action}：{reason}",
)
ALLOW_YOURSELF: Final = Message(
    en="allow {action} on it to whoever runs this, and look for a bucket policy that denies it",
    zh="请为当前身份授予 {action} 权限，并检查是否有存储空间策略拒绝了它",
)
NO_BUCKET: Final = Message(
    en="there is no bucket {bucket}",
    zh="存储空间 {bucket} 不存在",
)
CHECK_BUCKET: Final = Message(
    en="check its name and region",
    zh="请检查名称和地域",
)
STORAGE_UNAVAILABLE: Final = Message(
    en="OSS cannot be reached, or kept failing: {reason}",
    zh="OSS 无法连接或持续出错：{reason}",
)
