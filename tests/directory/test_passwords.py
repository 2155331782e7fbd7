"""Trivial and breached passwords are refused, without asking anybody outside."""

import hashlib

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from focal.directory.models import Person
from focal.directory.passwords import is_breached

MIRA = Person(email="mira.kovac@example.org", full_name="Mira Kovač")


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "qwertyuiop12",
        "aaaaaaaaaaaaaaaa",
        "abcdefghijklmnop",
        "Passw0rd!Passw0rd!",
        "mirakovac2024",
        "focal-focal-focal",
        "Mira.Kovač mira.kovac",
        "mira-kovac-example-org-mira",
        "KOVAC! extremism? MIRA. 12",
        "radicalisation1",
    ],
)
def test_trivial_ones_are_refused(password):
    with pytest.raises(ValidationError):
        validate_password(password, user=MIRA)


@pytest.mark.parametrize(
    "password",
    [
        "a quiet heron stands",
        "mira, a quiet heron stands",
        "žuta-reka-pet-čamaca",
        "х" * 3 + "жупан-мост-вјетар",
    ],
)
def test_good_ones_in_any_script_and_of_any_length_are_taken(password):
    validate_password(password, user=MIRA)
    validate_password(password * 20, user=MIRA)


@pytest.mark.parametrize("count", [1, 2, 3, 100])
def test_what_stands_in_the_operator_s_list_is_refused(tmp_path, settings, count):
    known = sorted(hashlib.sha1(f"stolen {n}".encode()).hexdigest().upper() for n in range(count))
    path = tmp_path / "breached.txt"
    path.write_text("".join(f"{digest}:{number}\r\n" for number, digest in enumerate(known)))
    settings.BREACHED_PASSWORDS = str(path)

    assert all(is_breached(f"stolen {number}", path) for number in range(count))
    assert not any(is_breached(f"own {number}", path) for number in range(20))
    with pytest.raises(ValidationError, match="known from a breach"):
        validate_password("stolen 0", user=MIRA)


def test_an_empty_list_holds_nothing(tmp_path):
    (tmp_path / "empty.txt").touch()

    assert not is_breached("anything", tmp_path / "empty.txt")
