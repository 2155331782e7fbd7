"""The wide walks: every address and every form, as somebody who means harm."""

import re
from collections import Counter

import pytest
from django.apps import apps
from django.test import Client
from lxml import html

from focal.directory.models import Membership, Person
from focal.records.models import Attachment, Record, RecordAudience, Release, State, Version
from tests.attacks.conftest import TRIED
from tests.attacks.walk import NOWHERE, addresses, client_of, list_forms, send, taken_back
from tests.doors import DOORS, plain_bytes
from tests.world import CAST, KINDS, SHARINGS

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

FIRST = tuple(f"{sharing}-publication" for sharing in TRIED)
OF_EVERY_KIND = tuple(f"clear-{kind}" for kind in KINDS)
SEEN_BY = {sharing.key: sharing.seen_by for sharing in SHARINGS}
OUTSIDERS = [name for name in CAST if name not in {"editor", "colleague", "secretary"}]


# Requests forged on another site


def test_every_address_refuses_a_post_without_its_token(target):
    client = client_of(target, "editor", enforce_csrf_checks=True)

    taken = [
        (door.name, answer.status_code)
        for door, address in addresses(target, keys=FIRST[:1])
        if door.name not in {"web:set_language", "alerts:stop"}
        and (answer := client.post(address, {"title": "x"})).status_code != 403
    ]

    assert taken == []


# Forced browsing


def shape_of(record_ids):
    """Everything of these records that somebody could have changed."""
    rows = []
    for model in (m for m in apps.get_models() if m.__module__.startswith("focal.records")):
        names = {field.name for field in model._meta.concrete_fields}
        if "record" in names and model.__name__ not in {"WorkingCopy", "Opening"}:
            found = model._base_manager.filter(record_id__in=record_ids).order_by("pk").values()
            rows += [(model.__name__, tuple(map(str, row.values()))) for row in found]
    rows += [
        ("Record", tuple(map(str, row.values())))
        for row in Record._base_manager.filter(pk__in=record_ids).order_by("pk").values()
    ]
    return rows


DEEDS = {
    "title": "taken over",
    "language": "en",
    "body": "<p>x</p>",
    "summary": "x",
    "marking": "CLEAR",
    "reason": "because",
    "base_version": "1",
    "deed": "remove",
    "text": "x",
    "save": "1",
}


@pytest.mark.parametrize("name", OUTSIDERS)
def test_posting_to_every_address_changes_nothing_that_is_hidden(target, name):
    client = client_of(target, name)
    hidden = [key for key in target.records if name not in SEEN_BY[key.split("-")[0]]]
    ids = [target.records[key].pk for key in hidden]
    before = shape_of(ids)

    for door, address in addresses(target, keys=tuple(k for k in hidden if "publication" in k)):
        if door.rule in {"record", "attachment"}:
            client.post(address, {**DEEDS, "document": target.attachments[hidden[0]].reference})

    assert hidden
    assert shape_of(ids) == before


@pytest.mark.parametrize("name", OUTSIDERS)
def test_posting_to_every_address_changes_no_record_of_another(target, name):
    """What is seen may be followed or commented on, and is changed by its owners alone."""
    client = client_of(target, name)
    seen = [key for key in target.records if name in SEEN_BY[key.split("-")[0]]]

    def facts():
        rows = Record._base_manager.filter(pk__in=[target.records[key].pk for key in seen])
        return [
            sorted(
                map(str, rows.values_list("pk", "title", "body", "state", "marking", "version"))
            ),
            sorted(Release.objects.values_list("record_id", "token")),
            sorted(Attachment.objects.values_list("pk", "title", "is_current", "position")),
        ]

    before = facts()
    for _door, address in addresses(target, keys=tuple(k for k in seen if "publication" in k)):
        client.post(address, DEEDS)

    assert facts() == before


def accounts():
    people = Person.objects.order_by("pk").values_list(
        "pk", "email", "is_active", "is_administrator", "password", "reference"
    )
    places = Membership.objects.order_by("pk").values_list("pk", "person", "role", "until")
    return list(people), list(places)


@pytest.mark.parametrize(
    "name", [name for name in CAST if name not in {"administrator", "secretary"}]
)
def test_numbers_and_names_tried_one_after_another_change_no_account(target, name):
    client = client_of(target, name)
    before = accounts()
    own = target.people.get(name)

    for route in sorted(DOORS):
        if not route.startswith("directory:"):
            continue
        for person in target.people.values():
            if own is not None and person.pk == own.pk:
                continue
            for number in ("", *range(1, 4)):
                args = [person.reference, *([number] if number else [])]
                for address in _reverse(route, args):
                    client.post(
                        address, {"role": "editor", "reason": "x", "email": "x@evil.example"}
                    )

    assert accounts() == before


def _reverse(route, args):
    from django.urls import NoReverseMatch, reverse

    try:
        yield reverse(route, args=args)
    except NoReverseMatch:
        return


# Mass assignment

EXTRA = {
    "owner": "receivingagenc", "owner_organisation": "1", "owner_organisation_id": "1",
    "owner_person": "1", "owner_person_id": "1", "organisation": "receivingagenc",
    "state": "published", "kind": "news", "marking": "CLEAR", "releases": "community",
    "reference": "takenover22222", "id": "1", "pk": "1", "record": "1", "record_id": "1",
    "person": "1", "person_id": "1", "by": "1", "added_by": "1", "author": "1",
    "published_at": "2001-01-01 00:00", "created_at": "2001-01-01", "version": "99",
    "is_administrator": "on", "is_staff": "on", "is_superuser": "on", "is_active": "",
    "is_secretariat": "on", "role": "editor", "password": "x", "user": "1", "digest": "0" * 64,
    "is_current": "", "audience": "public", "token": "public", "not_persons": "because",
}  # fmt: skip


def sensitive():
    """What nobody may set by adding a field: as multisets, because new rows have new names."""
    return {
        "people": Counter(
            Person.objects.values_list(
                "pk", "reference", "email", "is_administrator", "is_active", "password"
            )
        ),
        "places": Counter(Membership.objects.values_list("person", "organisation", "role")),
        "records": Counter(
            Record._base_manager.values_list(
                "kind", "state", "marking", "owner_organisation", "owner_person", "version"
            )
        ),
        "published": Counter(
            at.isoformat()[:4]
            for at in Record._base_manager.filter(published_at__year__lt=2010).values_list(
                "published_at", flat=True
            )
        ),
        "releases": Counter(Release.objects.values_list("record_id", "token")),
        "audience": Counter(RecordAudience.objects.values_list("token")),
        "documents": Counter(Attachment.objects.values_list("record_id", "version", "is_current")),
        "versions": Counter(Version.objects.values_list("by", "number")),
    }


@pytest.mark.parametrize("name", ["editor", "administrator"])
def test_fields_that_a_form_does_not_have_are_not_taken(target, name):
    client = client_of(target, name)
    forms = list_forms(client, target, keys=(*OF_EVERY_KIND, "cleardraft-publication"))
    assert len(forms) > (40 if name == "editor" else 5)

    taken = []
    for form in forms:
        own = {*form.data, *form.files, *(name for name, _value in form.buttons)}
        extra = {key: value for key, value in EXTRA.items() if key not in own}
        with taken_back():
            send(client, form)
            plain = sensitive()
        with taken_back():
            send(client, form, extra)
            attacked = sensitive()
        taken += [(form.page, form.action, what) for what in plain if plain[what] != attacked[what]]

    assert taken == []


# Redirects

NAMES = ("next", "url", "return", "return_to", "redirect", "redirect_to", "back", "to", "continue",
         "goto", "target", "destination", "referer", "success_url")  # fmt: skip


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example", "/\\evil.example"])
@pytest.mark.parametrize("name", ["anonymous", "editor"])
def test_no_address_leads_elsewhere(target, name, evil):
    client = client_of(target, name)
    query = dict.fromkeys(NAMES, evil)

    led = []
    for door, address in addresses(target, keys=FIRST[:1]):
        if door.name == "account_logout":
            continue
        for answer in (client.get(address, query), client.post(address, {**DEEDS, **query})):
            place = answer.headers.get("Location", "")
            if re.match(r"(?i)^([a-z]+:)?[/\\]{2}(?!testserver)", place) or place.startswith("/\\"):
                led.append((door.name, place))

    assert led == []


# Stored scripts

XSS = (
    "\"><focalxss onfocus=focalxss autofocus tabindex=1>'><script>focalxss</script>"
    '<img src=x onerror=focalxss><svg/onload=focalxss><a href="javascript:focalxss">x</a>'
    "</textarea></title><iframe srcdoc='<script>focalxss</script>'></iframe>{{7*7}}<!--"
)
ADDRESS = "https://example.org/?a='%22focalxss"


def find_scripts(content: bytes) -> list[str]:
    """Everything in a page that would run, open or restyle for the attacker."""
    found = []
    for element in html.fromstring(content).iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag == "focalxss":
            found.append("element")
        runs = element.tag in {"script", "style"} and element.get("type") != "application/json"
        if runs and "focalxss" in (element.text or ""):
            found.append(element.tag)
        for name, value in element.attrib.items():
            if name.startswith("on") and element.tag != "body":
                found.append(name)
            scheme = re.sub(r"[\x00-\x20]", "", value).lower()
            if name in {"href", "src", "action", "formaction", "xlink:href", "data"} and (
                scheme.startswith(("javascript:", "vbscript:"))
                or (scheme.startswith("data:") and not scheme.startswith("data:image/"))
            ):
                found.append(f"{name}={value[:40]}")
            if name == "srcdoc":
                found.append(name)
    return found


PLAIN = ("title", "summary", "body", "text", "note")


def put_scripts(client, target):
    """Every form of the editor, filled with scripts; how many were taken."""
    stored = 0
    for form in list_forms(client, target, keys=(*OF_EVERY_KIND, "cleardraft-publication")):
        if re.search(r"/(delete|remove|withdraw|logout|password|step|discard)", form.action):
            continue
        texts = {
            name: ADDRESS if "url" in name else XSS
            for name in form.texts
            if not re.search(r"base_version|email|login|record|owner|names", name)
        }
        for filled in (texts, {name: XSS for name in PLAIN if name in form.texts}):
            answer = send(client, form, {**filled, "save": "1"})
            if "text/html" in answer.headers.get("Content-Type", "") and answer.content:
                assert (form.action, find_scripts(answer.content)) == (form.action, [])
            if answer.status_code == 302:
                stored += 1
                break
    return stored


def test_scripts_put_into_every_field_run_nowhere(target):
    assert put_scripts(client_of(target, "editor"), target) > 10
    assert Record._base_manager.filter(title__contains="focalxss").exists()

    run = []
    for name in ("editor", "anonymous"):
        reader = client_of(target, name)
        for door, address in addresses(target, keys=(*OF_EVERY_KIND, "cleardraft-publication")):
            if door.method != "get" or door.name in {"account_logout"}:
                continue
            answer = reader.get(address)
            kind = answer.headers.get("Content-Type", "")
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            if "text/html" in kind and content.strip():
                run += [(door.name, what) for what in find_scripts(content)]
            elif b"<script>focalxss" in content:
                assert "xml" not in kind, door.name
                assert answer.headers.get("X-Content-Type-Options") == "nosniff"

    assert run == []


@pytest.mark.parametrize("ending", ["html", "xml", "txt"])
def test_a_file_with_a_script_is_served_so_that_it_cannot_run(target, ending):
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.urls import reverse

    client = client_of(target, "editor")
    record = target.records["clear-publication"]
    start = {"html": "<!DOCTYPE html><html><body>", "xml": '<?xml version="1.0"?><a>', "txt": ""}
    end = {"html": "</body></html>", "xml": "</a>", "txt": ""}
    text = start[ending] + f"<script>focalxss()</script>Schools and teachers.{end[ending]}"
    file = SimpleUploadedFile(f"a.{ending}", text.encode())

    client.post(
        reverse("records:attachments", args=[record.reference]), {"deed": "add", "file": file}
    )
    attachment = Attachment.objects.filter(file_name=f"a.{ending}").get()
    served = client.get(reverse("records:document_download", args=[attachment.reference]))
    shown = client.get(reverse("records:document_page", args=[attachment.reference, 1]))

    assert b"focalxss()" in b"".join(served.streaming_content)
    assert served.headers["Content-Disposition"].startswith("attachment")
    assert served.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert find_scripts(shown.content) == []
    assert re.fullmatch(r"[2-9a-z]{14}", attachment.reference)


# What can be counted, compared or guessed

METHODS = ("head", "options", "post", "put", "patch", "delete")
QUERIES = ("?page=1", "?q=prevention&page=2", "?from=1&to=2", "?continue=1", "?language=sq")


@pytest.mark.parametrize("name", ["anonymous", "member", "administrator"])
def test_no_method_query_or_condition_tells_hidden_from_absent(target, name):
    client = client_of(target, name)
    hidden = [key for key in FIRST if name not in SEEN_BY[key.split("-")[0]]]

    told = []
    for door in DOORS.values():
        if door.rule not in {"record", "attachment"}:
            continue
        things = target.records if door.rule == "record" else target.attachments
        nowhere = door.addresses(NOWHERE)[0]
        for ask in _list_ways(client):
            absent = plain_bytes(ask(nowhere), NOWHERE)
            for key in hidden:
                thing = things[key].reference
                if plain_bytes(ask(door.addresses(thing)[0]), thing) != absent:
                    told.append((door.name, key))

    assert hidden
    assert told == []


def _list_ways(client: Client):
    ways = [lambda address, method=method: getattr(client, method)(address) for method in METHODS]
    ways += [
        lambda address, query=query: client.get(address.split("?")[0] + query) for query in QUERIES
    ]
    digests = Attachment.objects.values_list("digest", flat=True)[:3]
    etags = ", ".join(f'"{digest}"' for digest in digests)
    ways += [
        lambda address: client.get(address, headers={"If-None-Match": f"{etags}, *"}),
        lambda address: client.get(
            address, headers={"If-Modified-Since": "Thu, 01 Jan 2032 00:00:00 GMT"}
        ),
        lambda address: client.get(address, headers={"Range": "bytes=0-10"}),
        lambda address: client.get(address, headers={"HX-Request": "true"}),
        lambda address: client.get(address, headers={"Accept": "application/json"}),
    ]
    return ways


@pytest.mark.parametrize("name", ["anonymous", "member"])
def test_counts_and_suggestions_are_the_same_without_what_is_hidden(target, name):
    """The hidden records are deleted and the index told: lists say what they said before."""
    from focal.outbox.services import deliver_all

    client = client_of(target, name)
    lists = ["/search?q=prevention", "/search?q=quietheron", "/search?q=youth+prison+school"]
    lists += [
        address
        for door in DOORS.values()
        if door.rule == "listing" and door.method == "get"
        for address in door.addresses()
    ]
    before = {address: plain_bytes(client.get(address)) for address in lists}

    hidden = [key for key in target.records if name not in SEEN_BY[key.split("-")[0]]]
    for key in hidden:
        Record._base_manager.filter(pk=target.records[key].pk).update(state=State.DRAFT)
        RecordAudience.objects.filter(record_id=target.records[key].pk).delete()
    deliver_all("words", "meaning", "embeddings")
    after = {address: plain_bytes(client.get(address)) for address in lists}

    assert hidden
    assert [address for address in lists if before[address] != after[address]] == []
