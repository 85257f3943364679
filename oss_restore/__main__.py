"""``python -m oss_restore``."""

from oss_restore.cli.main import main

main()
