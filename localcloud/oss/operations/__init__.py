"""The API's operations, grouped by what they work on. See ``localcloud.oss.routes``."""
