"""Django's own way of sending mail, put into the same queue as every letter.

What `django.core.mail` and allauth send (invitations, passwords, warnings) becomes a letter: it
waits until the transaction around it is there, and is sent once like any other.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language

from focal.kernel.errors import BadInput
from focal.mail.services import send_letter

logger = logging.getLogger(__name__)


class QueueBackend(BaseEmailBackend):
    """Queues messages. They hold links for one use: their text is shown to nobody else."""

    @transaction.atomic
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """One letter for each recipient; returns the number of messages."""
        for message in email_messages:
            for address in message.recipients():
                _queue(message, address)
        return len(email_messages)


def _queue(message: EmailMessage, address: str) -> None:
    try:
        send_letter(
            to=address,
            kind="account",
            subject=str(message.subject),
            text=str(message.body),
            html=_find_html(message),
            language=get_language() or "",
            at=timezone.now(),
            is_secret=True,
        )
    except BadInput as error:  # whoever asked must not learn from an error what we think of it
        logger.warning("A letter was not written. %s", error)


def _find_html(message: EmailMessage) -> str:
    alternatives = message.alternatives if isinstance(message, EmailMultiAlternatives) else []
    return next((str(content) for content, kind in alternatives if kind == "text/html"), "")
