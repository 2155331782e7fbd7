"""How letters leave: through a mail server (SMTP), or into a folder until one is named."""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings

TIMEOUT = 30  # seconds for each answer of a mail server
LOCAL = {"localhost", "127.0.0.1", "::1"}


class NotNow(Exception):
    """It was not taken, certainly, and may be tried again."""


class Never(Exception):
    """It was not taken, certainly, and trying again would not help. `status` is the server's."""

    def __init__(self, message: str, status: str = "", *, concerns_address: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.concerns_address = concerns_address


class InDoubt(Exception):
    """It was being handed over when the line broke: nobody knows whether it was taken."""


class Carrier(Protocol):
    """One way out. `is_repeatable`: carrying a letter again does no harm."""

    is_repeatable: bool

    def carry(
        self, message: EmailMessage, *, sender: str, to: str, name: str, before: Callable[[], None]
    ) -> None:
        """Hand one message over; `before` is called just before that becomes possible.

        `name` is the letter's own, for file names. Raises NotNow, Never or InDoubt.
        """

    def close(self) -> None:
        """Let the mail server go."""


def open_carrier() -> Carrier:
    """The carrier that FOCAL_EMAIL_URL names."""
    parts = urlsplit(settings.EMAIL_URL)
    if parts.scheme == "file":
        return FolderCarrier(Path(unquote(parts.path)))
    return SmtpCarrier(parts)


@dataclass
class FolderCarrier:
    """Writes each letter to a file of its own, whole or not at all."""

    folder: Path
    is_repeatable: bool = True

    def carry(
        self, message: EmailMessage, *, sender: str, to: str, name: str, before: Callable[[], None]
    ) -> None:
        before()
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            unfinished = self.folder / f".{name}.{os.getpid()}"
            unfinished.write_bytes(message.as_bytes())
            unfinished.replace(self.folder / f"{name}.eml")
        except OSError as error:
            raise NotNow(f"{self.folder}: {error.strerror or error}") from error

    def close(self) -> None:
        """Nothing is held."""


class SmtpCarrier:
    """Speaks SMTP: smtps:// encrypted from the start, smtp:// by STARTTLS where it is offered."""

    is_repeatable = False

    def __init__(self, parts: SplitResult) -> None:
        self.parts = parts
        self.connection: smtplib.SMTP | None = None

    def carry(
        self, message: EmailMessage, *, sender: str, to: str, name: str, before: Callable[[], None]
    ) -> None:
        content = message.as_bytes()
        connection = self._connect()
        try:
            _expect(connection.mail(sender), "MAIL", concerns_address=False)
            _expect(connection.rcpt(to), "RCPT", concerns_address=True)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise NotNow(_tell(error)) from error
        except (NotNow, Never):
            with suppress(OSError, smtplib.SMTPException):
                connection.rset()
            raise
        before()
        try:
            answer = connection.data(content)
        except smtplib.SMTPDataError as error:  # DATA itself was refused: nothing was handed over
            _expect((error.smtp_code, error.smtp_error), "DATA", concerns_address=False)
            raise NotNow(_tell(error)) from error
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise InDoubt(_tell(error)) from error
        _expect(answer, "the message", concerns_address=False)

    def _connect(self) -> smtplib.SMTP:
        if self.connection is not None:
            return self.connection
        try:
            self.connection = self._open()
        except smtplib.SMTPAuthenticationError as error:
            raise NotNow(f"The mail server refuses our name or password. {_tell(error)}") from error
        except (OSError, smtplib.SMTPException) as error:
            raise NotNow(f"The mail server cannot be reached. {_tell(error)}") from error
        return self.connection

    def _open(self) -> smtplib.SMTP:
        host, port = self.parts.hostname or "", self.parts.port
        context = ssl.create_default_context()
        connection: smtplib.SMTP
        if self.parts.scheme == "smtps":
            connection = smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT, context=context)
        else:
            connection = smtplib.SMTP(host, port or 25, timeout=TIMEOUT)
            connection.ehlo()
            if connection.has_extn("starttls"):
                connection.starttls(context=context)
                connection.ehlo()
            elif self.parts.password and host not in LOCAL:
                connection.close()
                raise smtplib.SMTPException(
                    "It offers no encryption, and a password is not sent in the clear."
                )
        if self.parts.username:
            connection.login(unquote(self.parts.username), unquote(self.parts.password or ""))
        return connection

    def close(self) -> None:
        """Say goodbye; a line that is broken already is no matter."""
        connection, self.connection = self.connection, None
        if connection is not None:
            with suppress(OSError, smtplib.SMTPException):
                connection.quit()
            connection.close()


def _expect(answer: tuple[int, bytes | str], what: str, *, concerns_address: bool) -> None:
    """A 2xx answer is well; 5xx is final; anything else may be tried again."""
    code, said = answer
    if 200 <= code < 300:
        return
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    message = f"{what}: {code} {words}"
    if code >= 500:
        raise Never(message, _read_status(code, words), concerns_address=concerns_address)
    raise NotNow(message)


def _read_status(code: int, words: str) -> str:
    """The enhanced status ("5.1.1") where the server gives one, else its code."""
    first = words.split(" ", 1)[0]
    return first if first.count(".") == 2 and first.replace(".", "").isdigit() else str(code)


def _tell(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
