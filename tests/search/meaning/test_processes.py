"""Several processes and one folder: readers beside a writer, and a writer that is killed."""

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from focal.search.meaning.index import Entry, MeaningIndex, Place

ROOT = Path(__file__).parents[3]
PUBLIC = frozenset({"public"})
SIZE = 16

COMMON = f"""
import sys
from pathlib import Path
import numpy as np
from focal.search.meaning.index import Entry, MeaningIndex, Place

def make_entry(number):
    vectors = np.random.default_rng(number).standard_normal((3, {SIZE})).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Entry(f"k{{number}}", frozenset({{"public"}}), [Place("en")] * 3, vectors)

index = MeaningIndex(Path(sys.argv[1]))
"""
WRITER = """
number = 0
while True:
    index.replace([make_entry(number), make_entry(number + 1)])
    if number % 10 == 0:
        index.remove([f"k{number}"])
    if number % 50 == 0:
        index.compact()
    number += 2
    print(number, flush=True)
"""
READER = """
query = make_entry(1).vectors[0]
most = 0
for line in sys.stdin:
    written = int(line)
    found = index.search(query, frozenset({"public"}), limit=10_000)
    assert not index.problem, index.problem
    numbers = {int(match.key[1:]) for match in found}
    removed = {n for n in range(0, written, 10)}
    assert numbers >= set(range(written)) - removed, "a written record is not there"
    assert not numbers & removed, "a removed record is there"
    kept = sum(n % 10 != 0 for n in numbers)  # those that the writer never takes out again
    assert kept >= most
    most = kept
print("well", flush=True)
"""


def start(script: str, folder: Path, **pipes) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(COMMON) + script, str(folder)],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        **pipes,
    )


@pytest.fixture
def index(tmp_path):
    index = MeaningIndex(tmp_path)
    index.create("fake", SIZE)
    return index


def test_another_process_sees_every_write_while_the_writer_goes_on(index, tmp_path):
    reader = start(READER, tmp_path, stdin=subprocess.PIPE)
    writer = start(WRITER, tmp_path)

    for _ in range(30):
        reader.stdin.write(writer.stdout.readline())
        reader.stdin.flush()
    writer.kill()
    said, _ = reader.communicate()
    writer.communicate()

    assert said == "well\n"


@pytest.mark.parametrize("lines", [1, 3, 25])
def test_writer_killed_at_any_point_leaves_whole_records(index, tmp_path, lines):
    writer = start(WRITER, tmp_path)
    for _ in range(lines):
        told = int(writer.stdout.readline())
    writer.send_signal(signal.SIGKILL)
    writer.communicate()

    after = MeaningIndex(tmp_path)
    keys = after.get_keys()

    assert keys >= {f"k{n}" for n in range(told) if n % 10}
    assert after.find_damage() == ""

    vector = np.eye(SIZE, dtype=np.float32)[:1]
    after.replace([Entry("after", PUBLIC, [Place("en")], vector)])
    assert after.search(vector[0], PUBLIC, limit=1)[0].key == "after"
    after.remove_leftovers()
    assert len(list(after.folder.glob("g*"))) == 1
    assert MeaningIndex(tmp_path).get_keys() == keys | {"after"}
