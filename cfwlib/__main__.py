"""Let `python -m cfwlib` be the `cfw` command."""

from cfwlib.cli import main

main()
