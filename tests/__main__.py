"""`python -m tests [default] [slow] [postgres] [browser]`: the suites, each with its time.

Without a name: the default suite, and, with FOCAL_REQUIRE (browser, postgres), the slow tests
and what it names. What is not run is said in one line. A required piece that is missing is a
failure.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOW = {
    "slow": "slow tests (make slow)",
    "browser": "browser suite (apt-get install chromium, then: make browser)",
    "postgres": "suite on PostgreSQL (FOCAL_TEST_POSTGRES_URL=postgres://... make postgres)",
}


def main() -> int:
    """Run the suites that were asked for; the exit code is the worst of theirs."""
    required = {name for name in os.environ.get("FOCAL_REQUIRE", "").split(",") if name}
    if unknown := required - {"browser", "postgres"}:
        print(f"FOCAL_REQUIRE knows browser and postgres, not {', '.join(sorted(unknown))}.")
        return 2
    names = sys.argv[1:] or ["default", *(["slow"] if required else []), *sorted(required)]
    codes = [SUITES[name]() for name in names]
    left_out = [HOW[name] for name in HOW if name not in names]
    if left_out:
        print(f"Left out: {'; '.join(left_out)}.")
    return max(codes)


def run_default() -> int:
    """Everything but the browser, on SQLite, in two processes."""
    return run_pytest(
        "default suite", "-n", "2", "--dist", "worksteal", "-m", "not browser and not slow"
    )


def run_slow() -> int:
    """What starts the whole platform, or walks a whole world once more."""
    # Three processes on two cores: where one starts a platform and waits, another goes on.
    return run_pytest("slow tests", "-n", "3", "--dist", "worksteal", "-m", "slow")


def run_postgres() -> int:
    """The same on PostgreSQL."""
    url = os.environ.get("FOCAL_TEST_POSTGRES_URL")
    if not url:
        print("The suite on PostgreSQL needs FOCAL_TEST_POSTGRES_URL=postgres://user:pw@host/name.")
        return 1
    return run_pytest(
        "suite on PostgreSQL", "-n", "2", "--dist", "worksteal", "-m", "not browser and not slow",
        FOCAL_TEST_DATABASE_URL=url,
    )  # fmt: skip


def run_browser() -> int:
    """The walks through the pages in Chromium."""
    chromium = os.environ.get("FOCAL_CHROMIUM") or shutil.which("chromium")
    if not chromium:
        print(f"No Chromium here. Left out: {HOW['browser']}.")
        return 1
    # A page that is closed while the server still answers it leaves a thread that ends after
    # the test and may not close the test's shared connection: Django warns, nothing is wrong.
    return run_pytest(
        "browser suite", "-n", "2", "--dist", "worksteal", "-m", "browser", "tests/browser",
        "-W", "ignore::pytest.PytestUnhandledThreadExceptionWarning",
        FOCAL_CHROMIUM=chromium,
    )  # fmt: skip


def run_pytest(what: str, *arguments: str, **environment: str) -> int:
    """One run of pytest, with its time."""
    start = time.monotonic()
    print(f"== {what}", flush=True)
    # Compiled code is kept: many tests start programs, which would compile it all again.
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    code = subprocess.call(
        [sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env={**kept, **environment}
    )
    print(f"== {what}: {time.monotonic() - start:.0f} s", flush=True)
    return code


SUITES = {
    "default": run_default,
    "slow": run_slow,
    "postgres": run_postgres,
    "browser": run_browser,
}

if __name__ == "__main__":
    sys.exit(main())
