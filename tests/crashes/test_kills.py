"""Web server, worker and a third writer are killed (SIGKILL) at random moments under load.

FOCAL_CRASH_KILLS says how often (default 6), FOCAL_CRASH_SEED from which seed. The load: one
thread posts records through the web server, one process writes records with letters and notices,
the worker delivers all of it to index, mail server and lists.
"""

import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode

import pytest
from aiosmtpd.controller import Controller

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("FOCAL_CRASH_KILLS", "6"))
SEED = int(os.environ.get("FOCAL_CRASH_SEED", str(random.randrange(10**6))))
SETTLED_WITHIN = 600  # seconds after the last kill
TOKEN = "c" * 32


class Post:
    """A mail server that counts what it was given."""

    def __init__(self):
        self.taken = Counter()

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        subject = re.search(rb"Subject:.*?About (\w{14})", envelope.content, re.DOTALL)
        if subject:  # others are no part of the load: digests, say
            self.taken[subject[1].decode()] += 1
        return "250 OK"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Platform:
    """The processes, each in a group of its own, so that a kill reaches its children."""

    def __init__(self, folder, mail_port):
        self.port = free_port()
        kept = {key: value for key, value in os.environ.items() if not key.startswith("FOCAL_")}
        self.environment = {
            **kept,
            "FOCAL_DATA": str(folder),
            "FOCAL_PORT": str(self.port),
            "FOCAL_EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
            "FOCAL_LOG_LEVEL": "ERROR",
            "PYTHONPATH": str(ROOT),
        }
        python = sys.executable
        self.commands = {
            "web": [
                python, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1",
                "--port", str(self.port), "--workers", "1", "--blocking-threads", "4",
                "--no-ws", "--log-level", "critical", "focal.config.wsgi:application",
            ],
            "worker": [python, "-m", "focal.config", "worker"],
            "writer": [python, "-m", "tests.crashes.scripts", "write"],
        }  # fmt: skip
        self.processes = {}

    def run(self, *command):
        """Run to the end; what it printed."""
        done = subprocess.run(
            command, env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def script(self, name):
        return json.loads(self.run(sys.executable, "-m", "tests.crashes.scripts", name))

    def start(self, name):
        self.processes[name] = subprocess.Popen(
            self.commands[name],
            env=self.environment,
            cwd=ROOT,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill(self, name):
        process = self.processes.pop(name, None)
        if process is not None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def is_ready(self):
        try:
            return ask(self.port, "GET", "/healthz")[0] in {200, 503}
        except OSError:
            return False


def ask(port, method, path, session="", **data):
    """One request; status and Location. OSError when the server is not there, or dies meanwhile."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {
        "Cookie": f"focal_session={session}; focal_csrf={TOKEN}",
        "X-CSRFToken": TOKEN,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    try:
        connection.request(method, path, urlencode(data) if data else None, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers.get("Location", "")
    except http.client.HTTPException as error:
        raise OSError(str(error)) from error
    finally:
        connection.close()


class Load(threading.Thread):
    """Posts new records and publishes them; keeps what the server said yes to."""

    def __init__(self, port, session):
        super().__init__(daemon=True)
        self.port, self.session = port, session
        self.stop = threading.Event()
        self.created, self.published, self.refused = [], [], Counter()

    def run(self):
        while not self.stop.is_set():
            try:
                self.write_one()
            except OSError:
                time.sleep(0.1)

    def write_one(self):
        form = {
            "title": "Posted heron", "language": "en", "owner": "crashing222222",
            "marking": "CLEAR", "base_version": "0", "save": "1",
        }  # fmt: skip
        status, place = ask(self.port, "POST", "/records/new/news/", self.session, **form)
        found = re.search(r"/records/(\w{14})/", place)
        if status != 302 or not found:
            self.refused[status] += 1
            return
        self.created.append(found[1])
        status, place = ask(
            self.port, "POST", f"/records/{found[1]}/step/publish/", self.session, sure="1"
        )
        if status == 302 and found[1] in place:
            self.published.append(found[1])


@pytest.fixture
def mail_server():
    post = Post()
    controller = Controller(post, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield post, controller.port
    controller.stop()


def wait_for(condition, seconds, what):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.3)


def test_nothing_is_lost_and_nothing_is_done_twice(tmp_path, mail_server):
    post, mail_port = mail_server
    platform = Platform(tmp_path / "data", mail_port)
    platform.run(sys.executable, "-m", "focal.config", "setup")
    cast = platform.script("prepare")
    load = Load(platform.port, cast["session"])
    draw = random.Random(SEED)
    killed = Counter()
    try:
        for name in platform.commands:
            platform.start(name)
        wait_for(platform.is_ready, 60, "the web server did not start")
        load.start()
        for _ in range(KILLS):
            time.sleep(draw.uniform(0.2, 4))
            name = draw.choice(["worker", "worker", "web", "writer"])
            platform.kill(name)
            killed[name] += 1
            platform.start(name)
        time.sleep(3)
        load.stop.set()
        load.join(30)
        platform.kill("writer")
        seen = _settle(platform)
    finally:
        for name in list(platform.processes):
            platform.kill(name)

    told = {
        "seed": SEED, "killed": dict(killed), "records": len(seen["records"]),
        "posted": len(load.created), "refused": dict(load.refused),
        "letters": len(seen["letters"]), "taken by the mail server": sum(post.taken.values()),
        "doubtful": sum(state == "doubtful" for _once, state, _ref in seen["letters"]),
        "entries in the log": seen["entries"],
    }  # fmt: skip
    sys.stderr.write(json.dumps(told) + "\n")
    _compare(seen, load, post, told)


def _settle(platform):
    """Until worker and index have nothing left to do; what stands then."""
    seen = {}

    def is_settled():
        nonlocal seen
        seen = platform.script("inspect")
        waits = sum(counts["waiting"] for counts in seen["waiting"].values())
        return not waits and all(
            state in {"sent", "doubtful"} for _once, state, _reference in seen["letters"]
        )

    wait_for(is_settled, SETTLED_WITHIN, f"not settled: {seen.get('waiting')}")
    return seen


def _compare(seen, load, post, told):
    records, logged = seen["records"], seen["logged"]
    own = {
        ref for ref, row in records.items() if row["title"] in ("Crashing heron", "Posted heron")
    }
    assert len(load.published) > 0, told
    assert seen["letters"], told

    # The log and the facts tell the same.
    assert seen["intact"], told
    assert {ref for ref, acts in logged.items() if acts.get("record.created")} == set(records), told
    for reference in own:
        steps = sum(logged[reference].get(f"record.{s}", 0) for s in ("publish", "withdraw"))
        assert (reference, steps) == (reference, records[reference]["steps"])
        assert records[reference]["versions"] == 1

    # What the server said yes to is there.
    assert set(load.created) <= own, told
    assert {ref for ref in load.published if not records[ref]["is_out"]} == set(), told

    # Each fact of the writer has its letter and its notice, once.
    written = {ref for ref in own if records[ref]["title"] == "Crashing heron"}
    assert {once for once, _state, _reference in seen["letters"]} == written, told
    assert Counter(seen["notices"]) == Counter(written), told
    for once, state, _reference in seen["letters"]:
        assert (once, post.taken[once]) in {(once, 1), (once, 0 if state == "doubtful" else 1)}
    assert set(post.taken) <= written, told

    # Nothing was given up on, and the index agrees with the database.
    assert {name: c for name, c in seen["waiting"].items() if c["failed"]} == {}, told
    assert set(seen["found"]) & own == {ref for ref in own if records[ref]["is_out"]}, told
