"""What the doors and boundaries must know of `mail`."""

OPEN = {"mail.Letter", "mail.Address"}  # an administrator's page alone shows them
