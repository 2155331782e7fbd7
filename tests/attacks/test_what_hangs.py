"""Identifiers of what hangs on records: answers, files, pointers, requests, conversations, wishes.

The wide walks try those of records. These are tried with the real identifier of something hidden.
"""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from focal.alerts import services as alerts
from focal.alerts.models import Item
from focal.directory.models import Membership, Person
from focal.inquiries import services
from focal.inquiries.models import Answer, Pointer, SourceRequest
from focal.sharing.viewer import Viewer
from focal.threads.models import Post, PostFile
from focal.threads.services import open_thread
from tests.attacks.walk import BACKEND, NOWHERE
from tests.doors import plain_bytes
from tests.factories import NOON, MembershipFactory

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def client_of(person):
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client


@pytest.fixture
def people():
    """Who asks, who answers to the asker alone, who was asked too, and a stranger."""
    return {
        name: MembershipFactory(person__full_name=name).person
        for name in ("Ana", "Hana", "Boris", "Mira")
    }


@pytest.fixture
def hanging(people):
    """Something of each sort that strangers may not know of: its door and its identifier."""
    ana, hana, boris = (people[name] for name in ("Ana", "Hana", "Boris"))
    viewer = Viewer.from_person(ana, on=timezone.localdate())
    inquiry = services.ask(
        content={"title": "Quietheron?", "language": "en"},
        owner_organisation=Membership.objects.get(person=ana).organisation,
        marking="AMBER",
        releases=[f"person:{hana.pk}", f"person:{boris.pk}"],
        by=viewer,
        at=NOON,
    )
    organisation = Membership.objects.get(person=boris).organisation
    client_of(hana).post(
        reverse("inquiries:answer", args=[inquiry.reference]),
        {
            "sort": "not_us",
            "text": "<p>Quietheron.</p>",
            "to_organisations": organisation.reference,
            "language": "en",
            "to_asker_only": "on",
            "files": SimpleUploadedFile("note.txt", b"Quietheron, told to one alone."),
        },
    )
    post = Post.objects.get()
    request = SourceRequest.objects.create(answer=Answer.objects.get(), asked_at=NOON)
    thread = open_thread(title="Quietheron", audience=[f"person:{hana.pk}"], by=viewer, at=NOON)
    followed = alerts.follow(what="record", value=inquiry.reference, by=viewer, at=NOON)
    return {
        "threads:withdraw": ("post", post.reference),
        "threads:file": ("get", PostFile.objects.get().reference),
        "inquiries:pointer": ("post", Pointer.objects.get().reference),
        "inquiries:agree": ("post", request.reference),
        "inquiries:decline": ("post", request.reference),
        "threads:thread": ("get", thread.reference),
        "threads:thread_autosave": ("post", thread.reference),
        "threads:thread_afresh": ("post", thread.reference),
        "alerts:change": ("post", followed.reference),
        "alerts:give_up": ("post", followed.reference),
    }


def ask_for(client, door, method, identifier):
    data = {"text": "x", "rhythm": "now", "next": "/"}
    address = reverse(door, args=[identifier])
    return client.post(address, data) if method == "post" else client.get(address)


@pytest.mark.parametrize("name", ["Boris", "Mira", ""])
def test_identifier_of_something_hidden_is_as_one_of_nothing(hanging, people, name):
    client = client_of(people[name]) if name else Client()
    before = shape()

    told = []
    for door, (method, identifier) in hanging.items():
        answer = plain_bytes(ask_for(client, door, method, identifier), identifier)
        absent = plain_bytes(ask_for(client, door, method, NOWHERE), NOWHERE)
        if answer != absent or answer[0] == 200:
            told.append((door, answer[0], absent[0]))

    assert told == []
    assert shape() == before


def shape():
    rows = [
        list(model._base_manager.order_by("pk").values())
        for model in (Post, PostFile, Pointer, SourceRequest, Item)
    ]
    return [*rows, list(Person.objects.order_by("pk").values_list("pk", "is_active"))]
