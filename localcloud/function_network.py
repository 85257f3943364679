"""The network that functions' processes see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import orjson


@dataclass(frozen=True)
class FunctionNetwork:
    """The network of a function's process.

    Attributes:
        ports: the local ports of Alibaba Cloud's host names, by requested port; other ports are
            unchanged.
        authority: file of the authority that issued their certificates; empty for none.
        offline: whether connections to other hosts are refused.
    """

    ports: Mapping[str, int] = field(default_factory=dict)
    authority: str = ""
    offline: bool = False

    def to_json(self) -> str:
        """Return the network as JSON for the process."""
        return orjson.dumps(asdict(self)).decode()
