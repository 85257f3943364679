"""Log Service of the local cloud."""

from localcloud.sls.model import Dashboard, FieldIndex, Index, LogLine, LogService

__all__ = ["Dashboard", "FieldIndex", "Index", "LogLine", "LogService"]
