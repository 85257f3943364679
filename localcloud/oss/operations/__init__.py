"""The API's operations, grouped by resource. See ``localcloud.oss.routes``."""
