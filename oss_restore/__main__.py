"""``python -m oss_restore``."""

from oss_restore.main import main

main()
