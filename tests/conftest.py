"""What every test stands on: a data folder of its own, no network, an index that is in step."""

import gc
import os
import socket
import sys
import time
from importlib import import_module
from pathlib import Path

import pytest
from django.db import connection, transaction

LOCAL = {"127.0.0.1", "::1", "localhost"}
_connect = socket.socket.connect


def _connect_locally(self, address):
    if isinstance(address, tuple) and address[0] not in LOCAL:
        raise RuntimeError(f"Tests do not use the network: {address}")
    return _connect(self, address)


socket.socket.connect = _connect_locally

SHARED_DATA = Path(
    os.environ.get("FOCAL_SHARED_DATA", Path(__file__).parent.parent.parent / "shared" / "data")
)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker, request):
    """Tables come from the models (`--nomigrations`: a third of the time of all migrations, which
    `tests/migrations` walks); what only a migration makes is made here as well."""
    if not request.config.getvalue("nomigrations"):
        return
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        import_module("focal.audit.migrations.0002_append_only").add(None, editor)


@pytest.fixture(autouse=True)
def _quick_settings(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.ALLOWED_HOSTS = ["*"]
    # A sign-in counts as fresh however long a slow machine takes to walk through all doors.
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 86_400


@pytest.fixture(autouse=True)
def _members_have_shown_a_second_factor():
    """`force_login` stands for a whole sign-in; one through the pages goes its own way."""
    from allauth.account.authentication import get_authentication_records
    from allauth.account.internal.flows.login import record_authentication
    from django.contrib.auth.signals import user_logged_in

    from focal.directory.factors import SEEN

    def show(*, request, user, **_rest):
        if not get_authentication_records(request, user):
            record_authentication(request, user, "mfa", type="totp", id=0)
            request.session[SEEN] = int(time.time() // 3600)

    user_logged_in.connect(show)
    yield
    user_logged_in.disconnect(show)


@pytest.fixture(autouse=True)
def _fresh_vocabulary():
    """No test reads a snapshot of another test's vocabulary."""
    from focal.vocabulary.selectors import reset

    reset()


@pytest.fixture(autouse=True)
def fresh_index(settings, tmp_path_factory):
    """An empty index for each test, and small vectors. Call it for one more empty index."""
    from focal.search.meaning.embedder import set_embedder
    from tests.fakes import FakeEmbedder

    def renew():
        settings.INDEX_FOLDER = tmp_path_factory.mktemp("index")

    set_embedder(FakeEmbedder())
    renew()
    return renew


@pytest.fixture
def in_step():
    """Brings the index in step with the database, as the worker would."""
    from focal.outbox.services import deliver_all

    return lambda: deliver_all("words", "meaning", "embeddings", "coverage", "overlaps")


@pytest.fixture(scope="module")
def _lists(django_db_setup, django_db_blocker):
    """The shared lists, written once for a module, in an outer transaction: each of its tests has
    its own inside, and leaves them as they are."""
    from focal.vocabulary import snapshot
    from focal.vocabulary.services import load_vocabulary
    from tests.factories import NOON

    with django_db_blocker.unblock(), transaction.atomic():
        load_vocabulary(NOON)
        known = snapshot.get_vocabulary()
        snapshot.reset()
        with django_db_blocker.block():
            yield known
        transaction.set_rollback(True)


@pytest.fixture
def loaded(_lists, db, monkeypatch):
    """Economies, topics and languages, as every installation has them."""
    from focal.vocabulary import snapshot

    monkeypatch.setattr(snapshot, "_held", _lists)
    monkeypatch.setattr(snapshot, "_looked_at", sys.float_info.max)
    return _lists


@pytest.fixture
def shared_data() -> Path:
    """The folder of given documents; in CI its absence is a failure."""
    if not SHARED_DATA.is_dir():
        message = f"The given documents are not at {SHARED_DATA}; set FOCAL_SHARED_DATA."
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return SHARED_DATA


def pytest_collection_finish():
    """What is imported by now stays: nobody looks through all of it again for rubbish."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
