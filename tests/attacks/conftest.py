"""The world that is attacked: the cast, and records of every kind in several sharings."""

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import override_settings

from focal.outbox.services import deliver_all
from focal.search.meaning.embedder import set_embedder
from tests.fakes import FakeEmbedder
from tests.world import KINDS, SHARINGS, World, add_record, make_cast

TRIED = ("clear", "amberorg", "redperson", "cleardraft")


@pytest.fixture(scope="module")
def lasting_target(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("index-of-attacks")
    data = tmp_path_factory.mktemp("data-of-attacks")
    with django_db_blocker.unblock(), override_settings(INDEX_FOLDER=folder, DATA=data):
        set_embedder(FakeEmbedder())
        with transaction.atomic():
            world = make_cast()
            number = 0
            for sharing in SHARINGS:
                if sharing.key in TRIED:
                    for kind in KINDS:
                        add_record(world, sharing, kind, number)
                        number += 1
            deliver_all("words", "meaning", "embeddings")
            yield world, folder, data
            transaction.set_rollback(True)


@pytest.fixture
def target(lasting_target, settings, fresh_index, db) -> World:
    """The world; what a test changes in it is taken back after the test."""
    made, settings.INDEX_FOLDER, settings.DATA = lasting_target
    cache.clear()
    return made
