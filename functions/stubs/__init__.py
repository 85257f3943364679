"""Stubs of packages that oss2 imports and these functions never use.

``oss2.crypto`` imports Alibaba Cloud's core SDK and its KMS client, for client-side encryption.
The real packages depend on a second HTTP stack or a compiled ``cryptography``, a third of the
bundle and of a cold start. The bundle has these packages at its root instead, which define only
the names that are imported, and cannot be used.
"""
