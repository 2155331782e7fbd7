"""A letter as a mail message: plain text and HTML, headers that nobody can break out of."""

from __future__ import annotations

import re
from email.headerregistry import Address as HeaderAddress
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, parseaddr
from urllib.parse import urlsplit

from django.conf import settings

from focal.mail.models import Letter


class _AsItIs(UnstructuredHeader, BaseHeader):
    """Addresses stand in one line: Python would encode a long one, and no mail program reads it."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


HEADERS = HeaderRegistry()
for _name in ("list-unsubscribe", "in-reply-to", "references"):
    HEADERS.map_to_type(_name, _AsItIs)
# No server has to know 8 bits.
POLICY = SMTP.clone(cte_type="7bit", raise_on_defect=False, header_factory=HEADERS)
BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")  # what ends a line somewhere


def get_host() -> str:
    """The name of this installation in message identifiers."""
    return urlsplit(settings.SITE_ADDRESS).hostname or "localhost"


def one_line(text: str) -> str:
    """A text that stays on one line, whatever its author wrote."""
    return " ".join(BREAKS.sub(" ", text).split())


def to_ascii(address: str) -> str:
    """An address as every mail server reads it; ValueError when it has no such form."""
    local, _at, domain = one_line(address).rpartition("@")
    try:
        return f"{local.encode('ascii').decode()}@{domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise ValueError(f"{address} cannot be written in ASCII") from error


def make_message_id(letter: Letter) -> str:
    """The same for the same letter, however often it is tried."""
    return f"<{letter.reference}@{get_host()}>"


def get_sender() -> str:
    """The address that answers of other mail servers come back to."""
    return settings.MAIL_BOUNCES or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def build_message(letter: Letter) -> EmailMessage:
    """The message of a letter; the same letter always makes the same one."""
    message = EmailMessage(policy=POLICY)
    name, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    user, _at, domain = to_ascii(sender).rpartition("@")
    message["From"] = HeaderAddress(one_line(name), user, domain)
    user, _at, domain = to_ascii(letter.to_address).rpartition("@")
    message["To"] = HeaderAddress("", user, domain)
    message["Subject"] = mark_subject(letter)
    message["Date"] = format_datetime(letter.created_at)
    message["Message-ID"] = make_message_id(letter)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if letter.thread:
        first = f"<thread-{re.sub(r'[^A-Za-z0-9.-]', '-', letter.thread)}@{get_host()}>"
        message["In-Reply-To"] = first
        message["References"] = first
    if letter.stop_url:
        message["List-Unsubscribe"] = f"<{one_line(letter.stop_url)}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.text)
    if letter.html:
        message.add_alternative(letter.html, subtype="html")
    if letter.language:  # after the content, whose coming drops every Content- header
        message["Content-Language"] = one_line(letter.language)
    return message


def mark_subject(letter: Letter) -> str:
    """TLP 2.0: the marking stands in the subject line, in capitals, before what it marks."""
    subject = one_line(letter.subject)
    return f"TLP:{letter.marking} {subject}" if letter.marking else subject
