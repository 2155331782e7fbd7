"""Workers killed while they send: no letter arrives twice, none is forgotten."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
LETTERS, KILLS = 12, 4
PREPARE = f"""
import django
django.setup()
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from focal.mail.services import send_letter
call_command("migrate", verbosity=0)
with transaction.atomic():
    for number in range({LETTERS}):
        send_letter(to=f"reader{{number}}@example.org", kind="test", subject="s", text="t",
                    at=timezone.now())
"""
SEND = """
import django
django.setup()
from django.utils import timezone
from focal.mail.services import send_due
send_due(timezone.now())
"""
TELL = """
import django, json
django.setup()
from focal.mail.models import Letter
print(json.dumps(dict(Letter.objects.values_list("reference", "state"))))
"""


@pytest.mark.slow
def test_workers_killed_while_they_hand_letters_over_send_none_twice_and_lose_none(
    post, settings, tmp_path
):
    kept = {key: value for key, value in os.environ.items() if not key.startswith("FOCAL_")}
    environment = {
        **kept,
        "FOCAL_DATA": str(tmp_path),
        "FOCAL_EMAIL_URL": settings.EMAIL_URL,
        "DJANGO_SETTINGS_MODULE": "focal.config.settings",
    }

    def run(code: str) -> subprocess.Popen:
        command = [sys.executable, "-c", code]
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)

    def finish(process: subprocess.Popen) -> int:
        process.communicate()  # closes the pipe as well
        return process.returncode

    assert finish(run(PREPARE)) == 0
    arrived: list[str] = []
    for _kill in range(KILLS):
        worker = run(SEND)
        before = len(arrived)

        def take(message, worker=worker, before=before):
            arrived.append(message["Message-ID"])
            if len(arrived) == before + 2:  # it has arrived, and the worker never hears of it
                worker.send_signal(signal.SIGKILL)

        post.on_message = take
        finish(worker)
    post.on_message = lambda message: arrived.append(message["Message-ID"])
    assert finish(run(SEND)) == 0

    states = json.loads(run(TELL).communicate()[0])
    assert Counter(arrived).most_common(1)[0][1] == 1
    assert len(arrived) == LETTERS
    assert Counter(states.values()) == {"sent": LETTERS - KILLS, "doubtful": KILLS}
