"""Puts the installer `uv` into .tools/, with nothing but Python's standard library.

A bare Debian has neither pip nor venv. One on the PATH is used when it is new enough. The index is
the one pip and uv would use (UV_DEFAULT_INDEX, UV_INDEX_URL, PIP_INDEX_URL), else PyPI.
"""

import hashlib
import json
import os
import platform
import re
import shutil
import ssl
import stat
import subprocess
import sys
import urllib.parse
import urllib.request
import zipfile
from io import BytesIO
from pathlib import Path

VERSION = "0.13.9"
OLDEST = (0, 8)
TARGET = Path(__file__).resolve().parent.parent / ".tools" / "uv"


def main() -> None:
    """Make sure that .tools/uv exists and runs."""
    if sys.version_info < (3, 11):
        sys.exit(f"Focal needs Python 3.11 or newer; this is {platform.python_version()}.")
    if is_usable(TARGET):
        return
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.unlink(missing_ok=True)
    on_path = shutil.which("uv")
    if on_path and is_usable(Path(on_path)):
        TARGET.symlink_to(on_path)
        return
    print(f"Fetching uv {VERSION} ...", flush=True)
    wheel = download(find_wheel())
    with zipfile.ZipFile(BytesIO(wheel)) as archive:
        name = next(n for n in archive.namelist() if n.endswith("/scripts/uv"))
        TARGET.write_bytes(archive.read(name))
    TARGET.chmod(TARGET.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


def is_usable(path: Path) -> bool:
    """Whether this uv runs and is new enough for the lock file."""
    try:
        shown = subprocess.run([str(path), "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    found = re.search(r"(\d+)\.(\d+)", shown.stdout)
    return found is not None and (int(found[1]), int(found[2])) >= OLDEST


def find_wheel() -> tuple[str, str]:
    """Address and SHA-256 of the wheel for this machine."""
    index = next(
        (
            os.environ[n]
            for n in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")
            if os.environ.get(n)
        ),
        "https://pypi.org/simple",
    )
    page = f"{index.rstrip('/')}/uv/"
    request = urllib.request.Request(
        page, headers={"Accept": "application/vnd.pypi.simple.v1+json, text/html;q=0.5"}
    )
    with urllib.request.urlopen(request, context=make_context(), timeout=60) as answer:
        text, kind = answer.read().decode(), answer.headers.get_content_type()
    wanted = re.compile(rf"uv-{re.escape(VERSION)}-py3-none-{platform_pattern()}\.whl$")
    if kind.endswith("json"):
        for file in json.loads(text)["files"]:
            if wanted.match(file["filename"]):
                return urllib.parse.urljoin(page, file["url"]), file["hashes"]["sha256"]
    for link in re.findall(r'href="([^"]+)"', text):
        address, _, fragment = link.partition("#sha256=")
        if wanted.match(address.rsplit("/", 1)[-1]):
            return urllib.parse.urljoin(page, address), fragment
    sys.exit(f"No uv {VERSION} for this machine at {page}. Install uv yourself and try again.")


def platform_pattern() -> str:
    """The wheel's platform tag as a pattern."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    if sys.platform == "darwin":
        return rf"macosx_[0-9_]+_{'arm64' if machine == 'aarch64' else machine}"
    libc = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux"
    return rf"(?:{libc}_?[0-9a-z_]+_{machine}\.?)+[0-9a-z_.]*"


def make_context() -> ssl.SSLContext:
    """The certificates that pip would trust."""
    for name in ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE"):
        if os.environ.get(name):
            return ssl.create_default_context(cafile=os.environ[name])
    return ssl.create_default_context()


def download(wheel: tuple[str, str]) -> bytes:
    """The wheel's bytes, checked against its hash."""
    address, expected = wheel
    with urllib.request.urlopen(address, context=make_context(), timeout=300) as answer:
        content = answer.read()
    if expected and hashlib.sha256(content).hexdigest() != expected:
        sys.exit(f"{address} does not match its hash; nothing was installed.")
    return content


if __name__ == "__main__":
    main()
