"""In place of aliyun-python-sdk-core, see the package above."""
