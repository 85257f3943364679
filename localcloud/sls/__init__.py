"""Log Service of the local cloud."""

from localcloud.sls.model import FieldIndex, Index, LogLine, LogService

__all__ = ["FieldIndex", "Index", "LogLine", "LogService"]
