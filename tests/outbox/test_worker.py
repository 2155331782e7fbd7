"""The worker: whoever something waits for is woken, and nobody else looks."""

import threading
from collections import Counter

import pytest

from focal.outbox import registry, worker


class Post:
    """Stands in for the table: what waits for whom, and how often each was served."""

    def __init__(self):
        self.waiting, self.served = Counter(), Counter()
        self.changed = threading.Condition()

    def bring(self, name):
        with self.changed:
            self.waiting[name] += 1

    def find_waiting(self, names, *, at):
        with self.changed:
            return {name for name in names if self.waiting[name]}

    def deliver(self, name, *, at):
        with self.changed:
            settled = self.waiting.pop(name, 0)
            self.served[name] += settled
            self.changed.notify_all()
            return settled

    def has_served(self, name, number):
        with self.changed:
            return self.changed.wait_for(lambda: self.served[name] == number, 30)


@pytest.fixture
def post(monkeypatch):
    post = Post()
    consumers = {
        name: registry.Consumer(name, frozenset(), lambda keys: None, thread=thread)
        for name, thread in (("words", "search"), ("vectors", "search"), ("digests", "alerts"))
    }
    monkeypatch.setattr(registry, "_consumers", consumers)
    monkeypatch.setattr(registry, "_periodics", {})
    monkeypatch.setattr(worker, "find_waiting", post.find_waiting)
    monkeypatch.setattr(worker, "deliver", post.deliver)
    return post


def test_worker_serves_what_comes_while_it_runs_and_ends_when_told(post):
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    try:
        for number in (1, 2, 3):
            for name in ("words", "digests", "vectors"):
                post.bring(name)
                assert post.has_served(name, number)
    finally:
        stop.set()
        thread.join(30)

    assert not thread.is_alive()


def test_group_is_called_only_while_it_has_nothing_to_do(post):
    groups = {
        "search": worker.Group(["words", "vectors"]),
        "alerts": worker.Group(["digests"]),
    }
    post.bring("vectors")

    assert worker._call_groups(groups)
    assert [group.called.is_set() for group in groups.values()] == [True, False]
    assert not worker._call_groups(groups)
