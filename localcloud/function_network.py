"""What the processes of functions reach of the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import orjson


@dataclass(frozen=True)
class FunctionNetwork:
    """The network, as a function's process sees it.

    Attributes:
        ports: where Alibaba Cloud's host names answer here, by the port that is asked for; other
            ports are the same here.
        authority: file of the authority that has issued their certificates; empty for none.
        offline: whether other machines are refused.
    """

    ports: Mapping[str, int] = field(default_factory=dict)
    authority: str = ""
    offline: bool = False

    def to_json(self) -> str:
        """As the process is told it."""
        return orjson.dumps(asdict(self)).decode()
