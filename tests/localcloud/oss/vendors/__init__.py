"""The local OSS, tested with the vendor's clients and test suites."""
