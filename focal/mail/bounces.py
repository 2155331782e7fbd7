"""Mail that came back: reports of other mail servers (RFC 3464), read without being believed.

A report counts only when it names, by its Message-ID, a letter that was really sent to the
address it speaks of: that name cannot be guessed, so nobody can stop another's mail with one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default

from focal.kernel.ids import ALPHABET, LENGTH
from focal.mail.models import Letter
from focal.mail.services import note_bounce

MESSAGE_ID = re.compile(rf"<([{ALPHABET}]{{{LENGTH}}})@[^>\s]+>")
STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


@dataclass(frozen=True, slots=True)
class Report:
    """What one report says of one address."""

    letter: str
    address: str
    status: str
    reason: str


def read_report(content: bytes) -> list[Report]:
    """What a mail reports as undelivered; nothing when it is no such report."""
    message = message_from_bytes(content, policy=default)
    if message.get_content_type() != "multipart/report":
        return []
    letter = _find_letter(message)
    if not letter:
        return []
    return [
        Report(letter, address, status, reason)
        for block in _list_blocks(message)
        for address, status, reason in _read_block(block)
    ]


def _find_letter(message: EmailMessage) -> str:
    """The reference of our letter: in what the report gives back of it."""
    for part in message.walk():
        if part.get_content_type() in {"message/rfc822", "text/rfc822-headers"}:
            payload = part.get_payload()
            text = str(payload[0]) if isinstance(payload, list) and payload else str(payload)
            head = text.split("\n\n", 1)[0]
            for line in head.splitlines():
                if line.lower().startswith("message-id:") and (found := MESSAGE_ID.search(line)):
                    return found[1]
    return ""


def _list_blocks(message: EmailMessage) -> Iterator[Message]:
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            payload = part.get_payload()
            blocks = payload if isinstance(payload, list) else ()
            yield from (block for block in blocks if isinstance(block, Message))


def _read_block(block: Message) -> Iterator[tuple[str, str, str]]:
    address = str(block.get("Final-Recipient", block.get("Original-Recipient", "")))
    address = address.rpartition(";")[2].strip().strip("<>")
    status = STATUS.search(str(block.get("Status", "")))
    if address and status and str(block.get("Action", "")).strip().lower() == "failed":
        yield address, status[0], str(block.get("Diagnostic-Code", "")).partition(";")[2].strip()


def take_report(content: bytes, *, at: datetime) -> int:
    """Note what a mail reports; returns how many addresses it stopped."""
    stopped = 0
    for report in read_report(content):
        letter = Letter.objects.filter(reference=report.letter).first()
        if letter is not None and letter.to_address.lower() == report.address.lower():
            stopped += note_bounce(letter=letter, status=report.status, reason=report.reason, at=at)
    return stopped
