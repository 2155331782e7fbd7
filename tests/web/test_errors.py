"""What a person sees when something is amiss, and what whoever watches over the place is told."""

import json
from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.template.loader import render_to_string

from focal.search.services import index_keys
from focal.sharing.markings import Marking
from focal.web import health, views
from tests.factories import make_record


def test_hidden_record_and_missing_record_are_not_found_alike(client, db):
    hidden = make_record(title="quiet-heron", marking=Marking.AMBER)
    address, missing = (
        hidden.get_absolute_url(),
        hidden.get_absolute_url().replace(hidden.reference, "2" * 14),
    )

    first, second = client.get(address), client.get(missing)

    assert (first.status_code, second.status_code) == (404, 404)
    assert first.content.replace(hidden.reference.encode(), b"2" * 14) == second.content


def test_not_found_page_offers_search_and_sign_in(client, db):
    page = client.get("/nothing-here").content.decode()

    assert 'role="search"' in page
    assert "/accounts/login/" in page
    assert "nothing-here" not in page.split("<main", 1)[1].split("</main>", 1)[0]


@pytest.mark.parametrize(
    ("view", "status"),
    [(views.bad_request, 400), (views.permission_denied, 403), (views.page_not_found, 404)],
)
def test_error_page_keeps_the_reason_to_itself(rf, view, status, db):
    request = rf.get("/somewhere")

    response = view(request, ValueError("quiet-heron"))

    assert response.status_code == status
    assert b"quiet-heron" not in response.content


def test_form_that_stood_open_for_too_long_is_explained(client, db):
    client.handler.enforce_csrf_checks = True

    response = client.post("/accounts/login/", {"login": "a", "password": "b"})

    assert response.status_code == 403
    assert "open for too long" in response.content.decode()


def test_server_error_page_needs_no_database(rf):
    response = views.server_error(rf.get("/"))

    assert response.status_code == 500
    assert "Something went wrong" in response.content.decode()
    assert render_to_string("500.html") == response.content.decode()


def test_health_is_ready_when_all_is_well(client, db):
    index_keys([])

    response = client.get("/healthz")

    assert response.status_code == 200
    assert json.loads(response.content)["ready"] is True
    assert response["Cache-Control"].startswith("max-age=0")


def test_health_says_why_not_when_the_database_is_silent(client, db):
    with patch.object(health.connection, "cursor", side_effect=OperationalError("secret host")):
        response = client.get("/healthz")

    answer = json.loads(response.content)
    assert response.status_code == 503
    assert answer["ready"] is False
    assert answer["database"] == "The database does not answer."
    assert "secret host" not in response.content.decode()


def test_health_says_that_there_is_no_index(client, db):
    response = client.get("/healthz")

    assert response.status_code == 503
    assert json.loads(response.content)["index"].startswith("There is no search index yet")


def test_health_says_that_migrations_wait(client, db):
    with patch.object(health.MigrationExecutor, "migration_plan", return_value=[1, 2]):
        answer = json.loads(client.get("/healthz").content)

    assert answer["migrations"].startswith("2 migrations have not been applied")
