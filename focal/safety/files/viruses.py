"""A virus scanner, where one is configured: clamd, spoken to in its own protocol (INSTREAM).

FOCAL_CLAMD_ADDRESS is `host:port` or the path of a socket. When it is set and the scanner does
not answer, nothing is taken in: a file that nobody looked at is not a clean one.
"""

from __future__ import annotations

import socket
import struct
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

_CHUNK = 1 << 16
_SECONDS = 60
_MOST_ANSWER = 4096


class ScanFailed(Exception):
    """The file is not taken in. Its text is a sentence fit to show to whoever brought it."""


def scan(path: Path) -> None:
    """Raise ScanFailed when the scanner finds something, or cannot be asked."""
    address = settings.CLAMD_ADDRESS
    if not address:
        return
    try:
        answer = _ask(address, path)
    except OSError:
        answer = ""
    if answer.endswith("OK"):
        return
    if answer.endswith("FOUND"):
        name = answer.partition(":")[2].removesuffix("FOUND").strip()
        raise ScanFailed(
            _("The virus scanner found something in it (%s). It is not taken in.") % name
        )
    if "size limit" in answer:
        raise ScanFailed(
            _("It is too large for the virus scanner, so it is not taken in. Bring it in parts.")
        )
    raise ScanFailed(
        _(
            "The virus scanner cannot be reached, so nothing can be taken in now. Try again"
            " later; if it stays so, tell the administrator."
        )
    )


def _ask(address: str, path: Path) -> str:
    with _connect(address) as connection, path.open("rb") as file:
        connection.sendall(b"zINSTREAM\0")
        while chunk := file.read(_CHUNK):
            connection.sendall(struct.pack("!L", len(chunk)) + chunk)
        connection.sendall(struct.pack("!L", 0))
        return _receive(connection)


def _receive(connection: socket.socket) -> str:
    answer = b""
    while not answer.endswith((b"\0", b"\n")) and len(answer) < _MOST_ANSWER:
        if not (part := connection.recv(_MOST_ANSWER)):
            break
        answer += part
    return answer.rstrip(b"\0\n ").decode("utf-8", "replace")


def _connect(address: str) -> socket.socket:
    if address.startswith(("/", "unix:")):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(_SECONDS)
        try:
            connection.connect(address.removeprefix("unix:"))
        except OSError:
            connection.close()
            raise
        return connection
    host, _colon, port = address.rpartition(":")
    if not port.isdecimal():
        raise OSError("an address is host:port or the path of a socket")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=_SECONDS)
