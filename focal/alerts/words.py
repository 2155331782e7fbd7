"""Sentences that are put into the language of whoever reads them, when they read them.

What concerns somebody is kept as the English sentence that the catalogues know and the plain
values in it. So a list in one language holds no sentence in another, whichever language its
reader had when the matter came up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext


class Words:
    """A sentence (marked by `gettext_noop` where it stands) with `{name}` or `%(name)s` in it."""

    def __init__(self, says: str, **values: object) -> None:
        self.says = says
        self.values = {name: str(value) for name, value in values.items()}

    def __str__(self) -> str:
        return say(self.to_plain())

    def to_plain(self) -> dict[str, Any]:
        """As values that JSON can carry."""
        return {"says": self.says, "values": self.values}


def keep(text: object) -> dict[str, Any]:
    """What is kept of a sentence to say it again; empty where it can be said in one way alone."""
    return text.to_plain() if isinstance(text, Words) else {}


def say(kept: Mapping[str, Any]) -> str:
    """A kept sentence in the language that is active."""
    sentence, values = gettext(kept["says"]), kept["values"]
    return sentence % values if "%(" in kept["says"] else sentence.format(**values)
