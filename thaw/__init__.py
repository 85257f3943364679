"""The core of a run: its input, scope, listing, outcomes and ledger.

The functions, the stack and the command line share it, and users' scripts depend on its names. It
is bundled with the functions, so it imports only the standard library and oss2, and runs on their
runtime, Python 3.10.
"""
