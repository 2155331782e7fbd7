"""Names of things in addresses: random, so that one cannot be guessed from another."""

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"  # no 0/o, 1/l/i, u: readable aloud and on paper
LENGTH = 14  # 30**14 is about 68 bits


def new_reference() -> str:
    """A fresh reference: 14 lower-case characters, about 68 bits of chance."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
