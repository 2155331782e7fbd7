"""The settings reader refuses nonsense and says what to do."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from focal.config import env


@pytest.mark.parametrize(
    ("text", "expected"), [("true", True), ("YES", True), ("1", True), ("off", False), ("0", False)]
)
def test_read_bool_takes_the_usual_words(monkeypatch, text, expected):
    monkeypatch.setenv("FOCAL_X", text)

    assert env.read_bool("X", default=not expected) is expected


def test_read_bool_refuses_anything_else(monkeypatch):
    monkeypatch.setenv("FOCAL_X", "maybe")

    with pytest.raises(ImproperlyConfigured, match="FOCAL_X is 'maybe'; write true or false"):
        env.read_bool("X", default=True)


@pytest.mark.parametrize("text", ["-1", "eighty", "", "8.5", "0"])
def test_read_int_refuses_what_is_no_such_number(monkeypatch, text):
    monkeypatch.setenv("FOCAL_X", text)

    with pytest.raises(ImproperlyConfigured, match="whole number of at least 1"):
        env.read_int("X", default=5, minimum=1)


def test_read_without_a_value_stops_the_start(monkeypatch):
    monkeypatch.delenv("FOCAL_X", raising=False)

    with pytest.raises(ImproperlyConfigured, match="FOCAL_X is not set. See docs/settings.md"):
        env.read("X")


def test_read_secret_key_is_made_once_and_readable_by_its_owner_alone(monkeypatch, tmp_path):
    monkeypatch.delenv("FOCAL_SECRET_KEY", raising=False)

    first, second = env.read_secret_key(tmp_path), env.read_secret_key(tmp_path)

    assert first == second
    assert len(first) >= 50
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_read_postgres_takes_an_address_apart():
    read = env.read_postgres("postgres://me:p%40ss@db.example.org:5433/focal?sslmode=require")

    assert {key: read[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")} == {
        "NAME": "focal",
        "USER": "me",
        "PASSWORD": "p@ss",
        "HOST": "db.example.org",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }


@pytest.mark.parametrize("url", ["mysql://x/y", "postgres://host", "focal.sqlite3"])
def test_read_postgres_refuses_other_addresses(url):
    with pytest.raises(ImproperlyConfigured, match="FOCAL_DATABASE_URL must look like"):
        env.read_postgres(url)
