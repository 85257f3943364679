"""What a run is: its input, scope, listing, outcomes and ledger.

The functions, the stack and the command line share it; people script against its names. It is
bundled with the functions, so it imports the standard library and oss2 only, and uses nothing newer
than their runtime, Python 3.10.
"""
