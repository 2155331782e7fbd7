"""What the tests of need-to-know have to know of `sharing`: see `tests/declared.py`."""

from tests.door import plain

DOORS = (plain("sharing:audience"),)
