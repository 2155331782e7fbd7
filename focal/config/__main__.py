"""`python -m focal.config` is `focal`."""

from focal.config.cli import main

main()
