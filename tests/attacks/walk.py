"""Walking the pages as an attacker does: every address, every form on it, filled in and sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from lxml import html

from tests.doors import DOORS, Door

NOWHERE = "nowhereatall22"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
# Ends the session or reads a file that the test must provide: tried by tests of its own.
SIGNS_OUT = {"account_logout", "directory:end_session", "directory:end_sessions"}


def client_of(world, name: str, **more) -> Client:
    """One of the cast, signed in."""
    client = Client(raise_request_exception=True, **more)
    if name != "anonymous":
        client.force_login(world.people[name], backend=BACKEND)
    return client


def addresses(world, *, keys: tuple[str, ...]) -> Iterator[tuple[Door, str]]:
    """Every address, for each of the records."""
    for door in DOORS.values():
        if door.rule not in {"record", "attachment"}:
            for address in door.addresses():
                yield door, address
            continue
        things = world.records if door.rule == "record" else world.attachments
        for key in keys:
            for address in door.addresses(things[key].reference):
                yield door, address


@dataclass
class Form:
    """A form of a page as a browser would send it unchanged."""

    page: str
    action: str
    data: dict[str, list[str]] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)


def read_forms(page: str, content: bytes) -> list[Form]:
    """The forms that are posted, with what stands in their fields."""
    if not content.strip():
        return []
    root = html.fromstring(content)
    return [
        _read_form(page, element)
        for element in root.iter("form")
        if (element.get("method") or "get").lower() == "post"
    ]


def _read_form(page: str, element) -> Form:
    found = Form(page, urljoin(page, element.get("action") or page))
    for control in element.iter("input", "textarea", "select", "button"):
        name, kind = control.get("name"), (control.get("type") or "").lower()
        if not name:
            continue
        if control.tag == "textarea":
            found.data.setdefault(name, []).append(control.text or "")
            found.texts.append(name)
        elif control.tag == "select":
            chosen = [
                o.get("value", "") for o in control.iter("option") if o.get("selected") is not None
            ]
            found.data.setdefault(name, []).extend(chosen)
        elif control.tag == "button" or kind == "submit":
            found.buttons.append((name, control.get("value") or ""))
        elif kind == "file":
            found.files.append(name)
        elif kind in {"checkbox", "radio"}:
            if control.get("checked") is not None:
                found.data.setdefault(name, []).append(control.get("value") or "on")
        else:
            found.data.setdefault(name, []).append(control.get("value") or "")
            if kind in {"", "text", "search", "email", "url"}:
                found.texts.append(name)
    found.data.pop("csrfmiddlewaretoken", None)
    return found


def list_forms(client: Client, world, *, keys: tuple[str, ...]) -> list[Form]:
    """All forms that somebody meets, each once."""
    forms: dict[tuple, Form] = {}
    for door, address in addresses(world, keys=keys):
        if door.method != "get" or door.name in SIGNS_OUT:
            continue
        answer = client.get(address)
        if answer.status_code != 200 or "text/html" not in answer.headers.get("Content-Type", ""):
            continue
        for form in read_forms(address, answer.content):
            path = urlsplit(form.action).path
            key = (path, tuple(sorted({*form.data, *form.files})), form.data.get("deed", [""])[0])
            forms.setdefault(key, form)
    return list(forms.values())


def send(client: Client, form: Form, extra: dict[str, object] | None = None):
    """The form with its first button, and whatever the attacker adds."""
    data: dict[str, object] = {name: values for name, values in form.data.items() if values}
    for name, value in form.buttons[:1]:
        data.setdefault(name, value)
    for name in form.files:
        data[name] = SimpleUploadedFile("a.txt", b"A harmless text about schools and teachers.")
    return client.post(form.action, {**data, **(extra or {})})


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever is done within is undone."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
