"""Stubs of packages that oss2 and requests import and these functions never use.

oss2 imports pycryptodome, and Alibaba Cloud's core SDK and its KMS client, for client-side
encryption; requests imports ``charset_normalizer`` to guess the encoding of text, but the
functions read bytes only. The real packages would be most of the bundle and a third of a cold
start. The bundle has these packages at its root instead, which define only the names that are
imported.
"""
