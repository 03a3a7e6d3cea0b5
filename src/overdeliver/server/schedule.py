"""Everything the worker does, by name: quick work every second, slow work beside it.

Each job does a bounded amount of what is due and answers how much it did; all are safe beside
other workers. Slow jobs have a thread of their own so that mail never waits for an import.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module


@dataclass(frozen=True)
class Job:
    """A function of a chapter's jobs, and how many seconds lie between two looks."""

    path: str
    every: float

    @property
    def name(self) -> str:
        """The chapter and the function.

        >>> Job("overdeliver.apps.journal.jobs.deliver_due", 1).name
        'journal.deliver_due'
        """
        parts = self.path.split(".")
        return f"{parts[-3]}.{parts[-1]}"


QUICK: tuple[Job, ...] = (
    Job("overdeliver.apps.journal.jobs.deliver_due", 1),
    Job("overdeliver.apps.outreach.jobs.send_due", 1),
    Job("overdeliver.apps.intake.jobs.process_received", 1),
    Job("overdeliver.apps.care.jobs.do_due", 2),
    Job("overdeliver.apps.promises.jobs.break_overdue", 5),
    Job("overdeliver.apps.recovery.jobs.read_mail", 5),
    Job("overdeliver.apps.recovery.jobs.escalate_due", 15),
    Job("overdeliver.apps.people.jobs.prune_calls", 600),
    Job("overdeliver.server.disk.keep_reserve", 30),
)
SLOW: tuple[Job, ...] = (
    Job("overdeliver.server.demo.fill_asked", 2),
    Job("overdeliver.apps.intake.jobs.import_due", 1),
    Job("overdeliver.apps.recovery.jobs.poll_mail", 30),
    Job("overdeliver.apps.recovery.jobs.forget_mails", 3600),
    Job("overdeliver.apps.quoting.jobs.nightly_due", 60),
    Job("overdeliver.apps.quoting.jobs.learn_due", 2),
    Job("overdeliver.apps.quoting.jobs.watch_due", 30),
    Job("overdeliver.apps.people.jobs.forget_due", 3600),
    Job("overdeliver.apps.quoting.jobs.prune_quotes", 3600),
    Job("overdeliver.apps.intake.jobs.prune_uploads", 3600),
    Job("overdeliver.apps.intake.jobs.forget_calls", 3600),
    Job("overdeliver.apps.care.jobs.greet_years", 900),
    Job("overdeliver.apps.promises.jobs.refresh_cases", 60),
    Job("overdeliver.apps.listening.jobs.ask_due", 30),
)


@lru_cache
def function_of(job: Job) -> Callable[[], int]:
    """The function itself. ImportError, AttributeError: there is none of that name."""
    module, _, name = job.path.rpartition(".")
    found: Callable[[], int] = getattr(import_module(module), name)
    return found
