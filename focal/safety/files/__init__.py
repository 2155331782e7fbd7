"""Files that others made: cleaned of what could act, refused when they cannot be, scanned.

`child` runs in a process of its own, without Django; so this package imports nothing here.
"""
