"""The local OSS, held to clients and suites that the vendor wrote."""
