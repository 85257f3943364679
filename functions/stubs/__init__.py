"""Stand in for packages that oss2 imports and these functions never use.

``oss2.crypto`` imports Alibaba Cloud's core SDK and its KMS client, for client-side encryption.
The real ones bring a second HTTP stack or a compiled ``cryptography``, a third of the bundle and of
a cold start. The bundle puts these packages at its root instead: they have the names that the
import needs, and refuse to be used.
"""
