"""What the tests of the editing pages share: whole forms, and what stands in the database."""

from django.utils import timezone

from focal.records.content import read_content
from focal.records.kinds import get_kind
from focal.records.models import Record
from focal.sharing.viewer import Viewer
from tests.factories import make_record


def form_of(record, **changes):
    """What a browser would send from the form of a record, with changes."""
    content = read_content(reload(record))
    data = {
        name: value
        for name, value in content.items()
        if name not in {"sources", "items"} and value not in ("", [])
    }
    for title, url, note in content["sources"]:
        data.setdefault("sources-title", []).append(title)
        data.setdefault("sources-url", []).append(url)
        data.setdefault("sources-note", []).append(note)
    for reference, note in content.get("items", []):
        data.setdefault("items-record", []).append(reference)
        data.setdefault("items-note", []).append(note)
    return {**data, "base_version": reload(record).version, **changes}


def new_form(**changes):
    """What a browser would send for a new record."""
    return {
        "title": "A conference in Skopje",
        "language": "en",
        "owner": "ministryaa2222",
        "marking": "GREEN",
        "base_version": "0",
        **changes,
    }


def reload(record):
    """The record as it is now, with no regard to who sees it."""
    return get_kind(record.kind).model._base_manager.get(pk=record.pk)


def newest():
    """The record made last."""
    return reload(Record._base_manager.order_by("-pk").first())


def viewer_of(client):
    """The viewer behind a client."""
    return Viewer.from_person(client.person, on=timezone.localdate())


def record_of(client, organisation, **fields):
    """A record that the client's person has made."""
    return make_record(by=viewer_of(client), organisation=organisation, **fields)


def path(record, *rest):
    """The address of one of the record's pages."""
    return "/records/" + "/".join((record.reference, *map(str, rest))) + "/"


def errors_of(response):
    """Field by field, what the page says is wrong."""
    forms = [response.context.get("form"), response.context.get("sharing")]
    return {
        name: list(errors)
        for form in forms
        if form is not None
        for name, errors in form.errors.items()
    }
