"""People who follow things, and a worker that has done its part."""

import pytest

from focal.alerts import services
from focal.alerts.models import Item
from focal.outbox.services import deliver_all
from focal.sharing.viewer import Viewer
from tests.factories import NOON


@pytest.fixture
def follow():
    """`follow(viewer, "topic", "prison")`, `follow(viewer, "search", "?q=youth")`."""

    def follow(viewer: Viewer, what: str, value: str, **more):
        if what == "search":
            return services.save_search(query=value, by=viewer, at=NOON, **more)
        return services.follow(what=what, value=value, by=viewer, at=NOON)

    return follow


@pytest.fixture
def catch_up():
    """Does what the worker does for the index and for subscriptions."""

    def catch_up():
        deliver_all("words", "meaning", "embeddings", "subscriptions-measure")
        deliver_all("subscriptions", "subscriptions-meaning")

    return catch_up


def read_keys(viewer: Viewer) -> set[str]:
    """The records that somebody has been told of, whether they may still see them or not."""
    return set(Item.objects.filter(person_id=viewer.person_id).values_list("key", flat=True))
