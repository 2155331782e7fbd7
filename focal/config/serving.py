"""Starting Focal: one parent that prepares, starts web server and worker, and stops both."""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType

import click
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from focal.kernel.errors import BadInput

READY_WITHIN = 60  # seconds


class Lock:
    """A file that one process holds. It is free again when that process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def take(self, note: str = "") -> bool:
        """Take it unless somebody else holds it; `note` is what they will be told."""
        self.file = self.path.open("a+")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        self.file.truncate(0)
        self.file.write(note)
        self.file.flush()
        return True

    def read_note(self) -> str:
        """What the holder wrote."""
        return self.path.read_text().strip()


@click.command()
def setup() -> None:
    """Bring database, vocabulary and starter content up to date, and stop."""
    prepare(click.echo)


def prepare(say: Callable[[str], None]) -> None:
    """Everything that must be so before the first page. It can run any number of times."""
    from focal.web.services import load_starter  # noqa: PLC0415 -- after Django is set up

    call_command("migrate", interactive=False, verbosity=0)
    stamp, digest = settings.DATA / "prepared", _code_digest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    say("Preparing vocabulary, starter content and files (once after each upgrade) ...")
    load_starter(at=timezone.now())
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(digest)


def _code_digest() -> str:
    """Changes whenever a data or static file or the code that loads them changes."""
    digest = hashlib.sha256()
    for path in sorted(settings.CODE.rglob("*")):
        if path.is_file() and path.suffix not in {".pyc", ".po"}:
            status = path.stat()
            digest.update(f"{path.relative_to(settings.CODE)} {status.st_size} ".encode())
            digest.update(str(status.st_mtime_ns).encode())
    return digest.hexdigest()


@click.command()
def serve() -> None:
    """Start web server and worker, print the address, run until Ctrl-C.

    Address and data folder come from FOCAL_HOST, FOCAL_PORT and FOCAL_DATA.
    """
    address = f"http://{settings.HOST}:{settings.PORT}"
    lock = Lock(settings.DATA / "serve.lock")
    if not lock.take(address):
        raise BadInput(
            f"Focal already runs on this data folder, at {lock.read_note() or 'another address'}."
            " Stop it there first, or name another folder with FOCAL_DATA and another"
            " port with FOCAL_PORT."
        )
    _require_free_port()
    prepare(click.echo)
    Supervisor(address).run()


def _require_free_port() -> None:
    import socket  # noqa: PLC0415 -- needed here alone

    family = socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.HOST, settings.PORT))
        except OSError as error:
            raise BadInput(
                f"{settings.HOST}:{settings.PORT} cannot be used ({error.strerror})."
                " Name another port with FOCAL_PORT."
            ) from None


class Supervisor:
    """Keeps web server and worker running; starts a worker that died again."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.stop = threading.Event()
        self.children: dict[str, subprocess.Popen[bytes]] = {}

    def run(self) -> None:
        """Run until a signal comes or the web server ends."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        try:
            self._start("web", _web_command())
            self._start("worker", [sys.executable, "-m", "focal.config", "worker"])
            self._announce()
            self._watch()
        finally:
            self._end_children()
        click.echo("Focal has stopped.")

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stop.set()

    def _start(self, name: str, command: list[str]) -> None:
        # Own session: Ctrl-C reaches the parent alone, which ends the children in order.
        self.children[name] = subprocess.Popen(  # noqa: S603 -- our own commands
            command,
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 -- no thread has been started yet
        )

    def _announce(self) -> None:
        if not self._wait_until_ready():
            return
        from focal.directory.services import (  # noqa: PLC0415 -- after Django is set up
            ensure_first_administrator_link,
        )

        click.echo(f"\nFocal is ready: {settings.SITE_ADDRESS}")
        if link := ensure_first_administrator_link(at=timezone.now()):
            click.echo(f"Become its first administrator (the link works once): {link}")
        click.echo("Ctrl-C stops it.\n")

    def _wait_until_ready(self) -> bool:
        host = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
        host = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 -- compared, not bound
        for _attempt in range(READY_WITHIN * 5):
            if self.stop.is_set() or self.children["web"].poll() is not None:
                return False
            with suppress(OSError):
                urllib.request.urlopen(f"http://{host}:{settings.PORT}/healthz", timeout=5)
                return True
            self.stop.wait(0.2)
        return True

    def _watch(self) -> None:
        while not self.stop.wait(0.5):
            if (code := self.children["web"].poll()) is not None:
                raise BadInput(f"The web server ended by itself (exit code {code}).")
            if self.children["worker"].poll() is not None:
                click.echo("The worker ended; starting it again.", err=True)
                time.sleep(1)
                self._start("worker", [sys.executable, "-m", "focal.config", "worker"])

    def _end_children(self) -> None:
        for child in self.children.values():
            with suppress(ProcessLookupError):
                child.terminate()
        deadline = time.monotonic() + 15
        for child in self.children.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _die_with_parent() -> None:
    """Linux ends the child when the parent is killed; elsewhere this does nothing."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _web_command() -> list[str]:
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi",
        "--host", settings.HOST, "--port", str(settings.PORT),
        "--workers", str(settings.WEB_PROCESSES), "--blocking-threads", "4",
        "--backpressure", "64", "--workers-kill-timeout", "5",
        "--no-ws", "--log-level", "warning",
        "focal.config.wsgi:application",
    ]  # fmt: skip


@click.command()
def worker() -> None:
    """Run the worker alone: index, meaning, imports. `focal serve` starts one by itself."""
    from focal.outbox.worker import run  # noqa: PLC0415 -- after Django is set up
    from focal.search import nearness  # noqa: PLC0415 -- after Django is set up
    from focal.search.services import heal  # noqa: PLC0415 -- after Django is set up

    lock = Lock(settings.DATA / "worker.lock")
    while not lock.take(str(os.getpid())):  # an import may be holding it for a moment
        time.sleep(0.2)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    heal()
    nearness.heal(at=timezone.now())
    run(stop)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def check(as_json: bool) -> None:
    """Is this installation sound? Database, migrations, log, index, files.

    Exit code 0 when everything is, 1 when something is not.
    """
    import json  # noqa: PLC0415 -- needed here alone

    from focal.web.health import check_installation  # noqa: PLC0415 -- after set-up

    findings = check_installation()
    if as_json:
        click.echo(json.dumps(findings))
    else:
        for finding in findings:
            mark = click.style("ok", fg="green") if finding["ok"] else click.style("NO", fg="red")
            click.echo(f"{mark}  {finding['what']}: {finding['detail']}")
    sys.exit(0 if all(finding["ok"] for finding in findings) else 1)
