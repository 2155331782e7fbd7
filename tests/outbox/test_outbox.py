"""The outbox: together with the change, at least once, and nothing stops the others."""

from datetime import timedelta

import pytest
from django.db import transaction

from focal.outbox import registry, services
from focal.outbox.models import Entry
from tests.factories import NOON


class Listener:
    def __init__(self):
        self.heard, self.refuses = [], set()

    def handle(self, keys):
        if refused := self.refuses & set(keys):
            raise ValueError(f"not {refused}")
        self.heard.extend(keys)


@pytest.fixture
def listener(monkeypatch):
    listener = Listener()
    consumer = registry.Consumer("listener", frozenset({"thing"}), listener.handle, batch=3)
    monkeypatch.setattr(registry, "_consumers", {"listener": consumer})
    return listener


def emit(*keys, revokes=False):
    with transaction.atomic():
        services.emit(topic="thing", keys=keys, at=NOON, revokes=revokes)


@pytest.mark.django_db(transaction=True)
def test_emit_outside_a_transaction_raises(listener):
    with pytest.raises(RuntimeError, match="inside the transaction"):
        services.emit(topic="thing", keys=["a"], at=NOON)


@pytest.mark.django_db(transaction=True)
def test_emit_of_a_change_that_is_rolled_back_is_forgotten(listener):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        services.emit(topic="thing", keys=["a"], at=NOON)
        raise ZeroDivisionError

    assert Entry.objects.count() == 0


@pytest.mark.django_db
def test_emit_of_a_topic_that_nobody_wants_writes_nothing(listener):
    services.emit(topic="other", keys=["a"], at=NOON)

    assert Entry.objects.count() == 0


@pytest.mark.django_db
def test_deliver_hands_over_each_key_once_oldest_first_and_forgets_them(listener):
    emit("a", "b", "a", "c", "d")

    services.deliver_all()

    assert listener.heard == ["a", "b", "c", "d"]
    assert Entry.objects.count() == 0


@pytest.mark.django_db
def test_deliver_serves_the_others_when_one_entry_is_bad(listener):
    listener.refuses = {"b"}
    emit("a", "b", "c")

    services.deliver_all()

    assert listener.heard == ["a", "c"]
    assert services.count_waiting() == {"listener": {"waiting": 1, "failed": 0}}
    assert Entry.objects.get().error == "ValueError: not {'b'}"


@pytest.mark.django_db
def test_deliver_tries_a_bad_entry_again_later_and_gives_up_in_the_end(listener):
    listener.refuses = {"b"}
    emit("b")

    tries = 0
    for second in range(600):
        before = Entry.objects.get().attempts
        services.deliver("listener", at=NOON + timedelta(seconds=second))
        tries += Entry.objects.get().attempts - before

    assert tries == services.MAX_ATTEMPTS
    assert services.count_waiting() == {"listener": {"waiting": 0, "failed": 1}}


@pytest.mark.django_db
def test_get_revoked_keys_until_they_are_delivered(listener):
    emit("a")
    emit("b", revokes=True)

    assert services.get_revoked_keys("listener") == ["b"]
    services.deliver_all()
    assert services.get_revoked_keys("listener") == []


@pytest.mark.django_db
def test_find_waiting_names_those_who_can_be_served_now(listener):
    assert services.find_waiting(["listener", "other"], at=NOON) == set()

    emit("a", "b")
    assert services.find_waiting(["listener", "other"], at=NOON) == {"listener"}
    assert services.find_waiting(["other"], at=NOON) == set()
    assert services.find_waiting([], at=NOON) == set()

    listener.refuses = {"a", "b"}
    services.deliver("listener", at=NOON)
    assert services.find_waiting(["listener"], at=NOON) == set()
    assert services.find_waiting(["listener"], at=NOON + services.FIRST_PAUSE) == {"listener"}
