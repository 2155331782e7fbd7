"""Periodic work: at least once, not twice after a restart, never given up."""

from datetime import timedelta

import pytest

from focal.outbox import periodic, registry
from focal.outbox.models import PeriodicRun
from tests.factories import NOON

HOUR = timedelta(hours=1)


@pytest.fixture
def runs(monkeypatch):
    """Moments at which the work was done; it refuses the moments in `runs.refuses`."""

    class Runs(list):
        refuses = ()

    runs = Runs()

    def handle(at):
        runs.append(at)
        if at in runs.refuses:
            raise ValueError("not now")

    monkeypatch.setattr(registry, "_periodics", {})
    registry.register_periodic(registry.Periodic("sweep", HOUR, handle))
    return runs


@pytest.mark.django_db
def test_run_due_does_the_work_at_once_and_then_in_its_rhythm(runs):
    for minutes in (0, 30, 59, 60, 90, 120):
        periodic.run_due(at=NOON + timedelta(minutes=minutes))

    assert runs == [NOON, NOON + HOUR, NOON + 2 * HOUR]


@pytest.mark.django_db
def test_run_due_makes_up_for_missed_runs_once(runs):
    periodic.run_due(at=NOON)
    periodic.run_due(at=NOON + timedelta(days=3))
    periodic.run_due(at=NOON + timedelta(days=3, seconds=1))

    assert runs == [NOON, NOON + timedelta(days=3)]


@pytest.mark.django_db
def test_run_due_of_other_names_leaves_it_alone(runs):
    assert periodic.run_due(at=NOON, names=["something else"]) == []
    assert runs == []


@pytest.mark.django_db
def test_run_due_tries_failed_work_again_later_and_keeps_the_error(runs):
    runs.refuses = [NOON, NOON + timedelta(seconds=30)]
    seconds = (0, 10, 30, 60, 90, 100)

    done = [periodic.run_due(at=NOON + timedelta(seconds=second)) for second in seconds]

    assert runs == [NOON + timedelta(seconds=second) for second in (0, 30, 90)]
    assert done == [[], [], [], [], ["sweep"], []]


@pytest.mark.django_db
def test_run_due_that_failed_says_why_until_it_succeeds(runs):
    runs.refuses = [NOON]
    periodic.run_due(at=NOON)
    assert PeriodicRun.objects.get().error == "ValueError: not now"

    periodic.run_due(at=NOON + HOUR)

    run = PeriodicRun.objects.get()
    assert (run.error, run.attempts, run.last_run_at) == ("", 0, NOON + HOUR)


@pytest.mark.django_db
def test_run_due_killed_in_the_middle_is_done_again(runs, monkeypatch):
    def die(at):
        runs.append(at)
        raise SystemExit

    registry.register_periodic(registry.Periodic("sweep", HOUR, die))
    with pytest.raises(SystemExit):
        periodic.run_due(at=NOON)
    registry.register_periodic(registry.Periodic("sweep", HOUR, runs.append))

    periodic.run_due(at=NOON + timedelta(seconds=5))

    assert runs == [NOON, NOON + timedelta(seconds=5)]
