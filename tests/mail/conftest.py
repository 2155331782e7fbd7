"""A mail server to send to: aiosmtpd, on a free port of this machine."""

import socket
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller


class Post:
    """What arrived, and what to answer to RCPT and to the message."""

    def __init__(self):
        self.envelopes = []
        self.answers = {"RCPT": "250 OK", "DATA": "250 OK"}
        self.on_message = lambda message: None

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.answers["RCPT"].startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answers["RCPT"]

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.on_message(message_from_bytes(envelope.content, policy=default))
        if self.answers["DATA"].startswith("250"):
            self.envelopes.append(envelope)
        return self.answers["DATA"]

    @property
    def messages(self):
        return [message_from_bytes(one.content, policy=default) for one in self.envelopes]


@pytest.fixture
def post(settings):
    """A mail server that takes everything, named in the settings."""
    post = Post()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(post, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_URL = f"smtp://127.0.0.1:{port}"
    yield post
    controller.stop()


@pytest.fixture
def folder(settings, tmp_path):
    """Letters go into a folder."""
    settings.EMAIL_URL = (tmp_path / "mail").as_uri()
    return tmp_path / "mail"
