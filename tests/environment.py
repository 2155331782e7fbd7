"""Settings of the test run, made before Django reads any (pytest loads this module first).

A data folder of its own, whatever FOCAL_DATA says outside, and the database that
FOCAL_TEST_DATABASE_URL names, else SQLite in that folder.
"""

import atexit
import os
import shutil
import tempfile

os.environ["FOCAL_DATA"] = tempfile.mkdtemp(prefix="focal-tests-")
atexit.register(shutil.rmtree, os.environ["FOCAL_DATA"], ignore_errors=True)
os.environ.setdefault("FOCAL_SECRET_KEY", "only-for-tests")
if url := os.environ.get("FOCAL_TEST_DATABASE_URL"):
    os.environ["FOCAL_DATABASE_URL"] = url
else:
    os.environ.pop("FOCAL_DATABASE_URL", None)
