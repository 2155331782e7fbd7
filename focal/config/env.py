"""The one strict reader of FOCAL_... settings. Nonsense stops the start and says what to do."""

import os
import re
import secrets
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


def read(name: str, default: str | None = None) -> str:
    """The value of FOCAL_<name>; without one and without a default the start stops."""
    value = os.environ.get(f"FOCAL_{name}", default)
    if value is None:
        raise ImproperlyConfigured(f"FOCAL_{name} is not set. See docs/settings.md.")
    return value


def read_bool(name: str, *, default: bool) -> bool:
    """A switch: true/false, yes/no, on/off, 1/0. Anything else stops the start."""
    value = read(name, str(default)).strip().lower()
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(
            f"FOCAL_{name} is '{value}'; write true or false. See docs/settings.md."
        )
    return value in TRUE


def read_int(name: str, *, default: int, minimum: int = 0) -> int:
    """A whole number of at least `minimum`."""
    value = read(name, str(default)).strip()
    if not re.fullmatch(r"\d+", value) or int(value) < minimum:
        raise ImproperlyConfigured(
            f"FOCAL_{name} is '{value}'; write a whole number of at least {minimum}."
            " See docs/settings.md."
        )
    return int(value)


def read_list(name: str, default: str = "") -> list[str]:
    """Values separated by commas."""
    return [part.strip() for part in read(name, default).split(",") if part.strip()]


def read_thresholds(name: str, default: str) -> dict[str, int]:
    """A whole number for each name: 'CLEAR:5,GREEN:3'. Names left out keep their default."""
    found = {}
    for part in [*default.split(","), *read_list(name)]:
        key, _colon, number = part.strip().partition(":")
        if not re.fullmatch(r"\d+", number) or key not in default:
            raise ImproperlyConfigured(
                f"FOCAL_{name} has '{part}'; write it like {default}. See docs/settings.md."
            )
        found[key] = int(number)
    return found


def check_provider(address: str, client_id: str) -> str:
    """The address of a sign-in provider: encrypted unless on this machine, with a client's name."""
    asked = urlsplit(address)
    is_here = asked.hostname in {"localhost", "127.0.0.1"}
    if not asked.hostname or asked.scheme not in ({"https", "http"} if is_here else {"https"}):
        raise ImproperlyConfigured(
            f"FOCAL_OIDC_SERVER is '{address}'; write an https:// address. See docs/settings.md."
        )
    if not client_id:
        raise ImproperlyConfigured(
            "FOCAL_OIDC_SERVER needs FOCAL_OIDC_CLIENT_ID beside it. See docs/settings.md."
        )
    return address.rstrip("/")


def origin_of(address: str) -> list[str]:
    """Scheme and host of an address, in a list; empty for none."""
    asked = urlsplit(address)
    return [f"{asked.scheme}://{asked.netloc}"] if address else []


def read_secret_key(folder: Path) -> str:
    """FOCAL_SECRET_KEY, or one made once and kept in the data folder, readable by its owner."""
    if given := os.environ.get("FOCAL_SECRET_KEY"):
        return given
    path = folder / "secret-key"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        key = secrets.token_urlsafe(48)
        file.write(key)
    return key


def read_database(folder: Path) -> dict[str, object]:
    """FOCAL_DATABASE_URL (postgres://user:password@host:port/name), or SQLite in the folder."""
    url = os.environ.get("FOCAL_DATABASE_URL", "")
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": folder / "focal.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                " PRAGMA foreign_keys=ON; PRAGMA cache_size=-16000; PRAGMA temp_store=MEMORY;",
            },
        }
    return read_postgres(url)


def read_postgres(url: str) -> dict[str, object]:
    """The Django settings for a postgres:// address."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ImproperlyConfigured(
            "FOCAL_DATABASE_URL must look like postgres://user:password@host:5432/name."
            " See docs/settings.md."
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def check_email_url(url: str) -> str:
    """FOCAL_EMAIL_URL: smtp(s)://user:password@host:port, or file:///folder."""
    parts = urlsplit(url)
    try:
        is_server = parts.scheme in {"smtp", "smtps"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # the port is no number
        is_server = False
    if is_server or (parts.scheme == "file" and not parts.netloc and len(parts.path) > 1):
        return url
    raise ImproperlyConfigured(
        "FOCAL_EMAIL_URL must look like smtp://user:password@host:587,"
        " smtps://user:password@host:465 or file:///folder. See docs/settings.md."
    )
