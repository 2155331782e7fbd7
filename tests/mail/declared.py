"""What the doors and boundaries must know of `mail`."""

from tests.door import listing, plain

OPEN = {"mail.Letter", "mail.Address"}  # an administrator's page alone shows them
DOORS = (
    listing("mail:letters", "", "?state=sent"),
    plain("mail:letter", "nowhereatall22"),
    plain("mail:drawn", "nowhereatall22"),
    plain("mail:again", "nowhereatall22", method="post"),
    plain("mail:resume", method="post"),
)
