"""veraPDF, the outside judge, finds our PDFs to be PDF/UA-1 and PDF/A-2a: every kind of block, in
Latin, Greek and Cyrillic, on A4 and as a leaflet."""

import io
import os
import shutil
import subprocess
from pathlib import Path

import pikepdf
import pytest

from tests.briefings.making import make_every_block

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
JARS, JUDGE = ROOT / ".tools" / "verapdf", ROOT / "tools" / "verapdf" / "Judge.java"
# One short run each: no time for the machine to compile what it has seen once.
QUICK = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")


@pytest.fixture
def judge(tmp_path):
    """Judges PDFs by name: the lines it says of them."""
    if not JARS.is_dir() or not shutil.which("java"):
        message = "veraPDF is not here (make .tools/verapdf; Debian: default-jdk-headless, maven)."
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)

    def ask(**files):
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
        said = subprocess.run(
            ["java", *QUICK, "-cp", f"{JARS}/*", str(JUDGE), *files],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert said.returncode in (0, 1), said.stderr
        return said.stdout.splitlines()

    return ask


def test_pdfs_are_for_everybody_and_for_long(client, make, figures, judge):
    briefing = make(*make_every_block(figures))
    paths = {"english": "en/pdf", "leaflet": "sr/leaflet", "greek": "el/pdf"}
    files = {
        name: client.get(briefing.get_absolute_url() + path).content for name, path in paths.items()
    }

    said = judge(**files, nameless=_forget_alternatives(files["english"]))

    good = {(line.split()[3], line.split()[1]) for line in said if line.startswith("good ")}
    assert {(name, standard) for name in paths for standard in ("ua1", "2a")} <= good, said
    assert ("nameless", "ua1") not in good
    assert any("Figure tags shall include an alternative" in line for line in said)


def _forget_alternatives(made):
    """The PDF as it may not be: pictures without words."""
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(made)) as pdf:
        for one in pdf.objects:
            if isinstance(one, pikepdf.Dictionary) and one.get("/S") == "/Figure":
                del one["/Alt"]
        pdf.save(target)
    return target.getvalue()
