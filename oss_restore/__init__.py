"""The operator's command line."""

import os.path
import sys

# The packages that it imports: beside it in a checkout, under its own name in a wheel. Without
# pathlib, which takes its time: until __main__ is there, Ctrl-C ends in a traceback.
_PACKAGES = os.path.join(os.path.dirname(__file__), "_packages")  # noqa: PTH118, PTH120
if os.path.isdir(_PACKAGES):  # noqa: PTH112
    sys.path.insert(0, _PACKAGES)
