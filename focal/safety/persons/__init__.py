"""Persons are not content: what in a text identifies somebody by a number, paper or birthday.

Finds national identity numbers of the thirteen economies, passports and identity cards, bank
accounts, and dates of birth beside names. It tells where and how sure it is. It does not judge
names: authors, ministers and speakers are named, and may be.
"""

from focal.safety.persons.finding import find_persons, mask_persons
from focal.safety.persons.finds import KINDS, STOP, Find

__all__ = ["KINDS", "STOP", "Find", "find_persons", "mask_persons"]
