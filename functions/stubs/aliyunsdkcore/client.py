"""The client that ``oss2.crypto`` makes for KMS."""

from __future__ import annotations


class AcsClient:
    """Refuses to be made."""

    def __init__(self, *_arguments: object, **_options: object) -> None:
        raise NotImplementedError("this bundle has no KMS: client-side encryption cannot be used")
