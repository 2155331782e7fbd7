"""Every named address of the platform, and the rule it is tested by.

A new address without a rule here fails `test_doors.py`. The rules:

- `listing`: may show many records; must be silent about those the viewer may not see.
- `record`, `attachment`: stands for one record; when the viewer may not see that, it answers
  byte for byte what it answers for a record that does not exist.
- `plain`: shows no records; must be silent all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, reverse


def iterate_routes(
    resolver: URLResolver | None = None, namespace: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Full name and pattern of every address that is served."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from iterate_routes(entry, inner)
        else:
            yield f"{namespace}{entry.name}", entry


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


CHANCE = (
    (re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"'), b"csrf"),
    (re.compile(rb'"X-CSRFToken": ?"[^"]*"'), b"csrf"),
    (re.compile(rb'data-csrf="[^"]*"'), b"csrf"),
    (re.compile(rb'content="[A-Za-z0-9]{64}"'), b"csrf"),
    (re.compile(rb'nonce="[^"]*"'), b"nonce"),
)


def plain_bytes(response: HttpResponse, *names: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body without what is random by design, and without `names`."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    for pattern, stand_in in CHANCE:
        body = pattern.sub(stand_in, body)
    headers = {
        key: re.sub(r"'nonce-[^']*'", "nonce", value)
        for key, value in response.headers.items()
        if key not in {"Expires", "Last-Modified", "Content-Length"}
    }
    for name in names:
        body = body.replace(name.encode(), b"NAME")
        headers = {key: value.replace(name, "NAME") for key, value in headers.items()}
    return response.status_code, headers, body


QUERY = "?q=prevention"
DOORS = {
    door.name: door
    for door in (
        # web
    )
}
