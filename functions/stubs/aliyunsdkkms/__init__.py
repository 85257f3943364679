"""In place of aliyun-python-sdk-kms, see the package above."""
