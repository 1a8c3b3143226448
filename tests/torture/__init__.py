"""Torture: damaged files, kills, crowds, full disks and hostile names, to see what `cfwlib` does with them.

`make torture MINUTES=3` runs it and prints a table; docs/torture.md says what its columns mean.
"""
