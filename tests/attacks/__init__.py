"""The attacker's suite: what somebody might try, each tried. It walks the table of all addresses,
so that a new page is attacked without anybody having to remember it.
"""
