"""How an address is reached by the tests of need-to-know; the rules stand in `tests/doors.py`.

Apart from the list of all doors, so that `tests/<app>/declared.py` can be read before it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse


@dataclass(frozen=True)
class Door:
    """How an address is reached. `args` makes its arguments from a record or attachment."""

    name: str
    rule: str
    args: Callable[[str], list] = lambda reference: [reference]
    queries: tuple[str, ...] = ("",)
    method: str = "get"
    data: tuple[tuple[str, str], ...] = ()

    def addresses(self, reference: str = "") -> list[str]:
        """The addresses of this door, for a record or attachment where it needs one."""
        args = self.args(reference) if self.rule in {"record", "attachment"} else self.args("")
        return [reverse(self.name, args=args) + query for query in self.queries]


def listing(name: str, *queries: str, args: tuple = (), **more) -> Door:
    return Door(name, "listing", lambda _: list(args), queries or ("",), **more)


def plain(name: str, *args: object, **more) -> Door:
    return Door(name, "plain", lambda _: list(args), **more)


def record(name: str, *further: object, **more) -> Door:
    return Door(name, "record", lambda reference: [reference, *further], **more)


def attachment(name: str, *further: object, **more) -> Door:
    return Door(name, "attachment", lambda reference: [reference, *further], **more)
