"""The operator's command line."""

import os.path
import sys

# The packages that it imports are beside it in a checkout, and below it in a wheel. pathlib is not
# used, since its import is slow and Ctrl-C ends in a traceback until __main__ runs.
_PACKAGES = os.path.join(os.path.dirname(__file__), "_packages")  # noqa: PTH118, PTH120 - see above
if os.path.isdir(_PACKAGES):  # noqa: PTH112 - see above
    sys.path.insert(0, _PACKAGES)
