"""`focal serve`, as somebody at a terminal meets it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
COMMAND = [sys.executable, "-m", "focal.config", "serve"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(folder, port):
    kept = {key: value for key, value in os.environ.items() if not key.startswith("FOCAL_")}
    return {
        **kept,
        "FOCAL_DATA": str(folder),
        "FOCAL_PORT": str(port),
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def serving(folder, port):
    """A running `focal serve`, with the lines it printed until it was ready."""
    process = subprocess.Popen(
        COMMAND,
        env=environment(folder, port),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    watchdog = threading.Timer(110, process.kill)
    watchdog.start()
    lines = []
    try:
        for line in process.stdout:
            lines.append(line)
            if "Ctrl-C stops it" in line:
                break
        else:
            pytest.fail("".join(lines))
        yield process, "".join(lines)
    finally:
        watchdog.cancel()
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(30)
        process.stdout.close()


def get(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
        return answer.status, answer.read().decode()


def children_of(pid):
    shown = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True)
    return [int(line) for line in shown.stdout.split()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("served")


def test_serve_answers_says_how_to_become_administrator_and_stops_cleanly(folder):
    port = free_port()

    with serving(folder, port) as (process, printed):
        status, page = get(port, "/")
        ready, health = get(port, "/healthz")
        second = subprocess.run(
            COMMAND, env=environment(folder, port), capture_output=True, text=True, timeout=60
        )
        children = children_of(process.pid)
        process.send_signal(signal.SIGINT)
        code = process.wait(30)

    assert f"Focal is ready: http://127.0.0.1:{port}" in printed
    assert re.search(r"first administrator .*: http://127\.0\.0\.1:\d+/accounts/\S+", printed)
    assert (status, "Focal" in page) == (200, True)
    assert (ready, json.loads(health)["ready"]) == (200, True)
    assert second.returncode == 1
    assert f"Focal already runs on this data folder, at http://127.0.0.1:{port}" in second.stderr
    assert code == 0
    assert len(children) == 2
    assert not any(Path(f"/proc/{pid}").exists() for pid in children)


def test_serve_on_a_port_that_is_taken_says_so(folder):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]

        ended = subprocess.run(
            COMMAND, env=environment(folder, port), capture_output=True, text=True, timeout=60
        )

    assert ended.returncode == 1
    assert "Name another port with FOCAL_PORT" in ended.stderr
