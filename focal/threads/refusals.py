"""A deed that a service refuses is told in the form it was asked with."""

from __future__ import annotations

from types import TracebackType

from django import forms

from focal.kernel.errors import BadInput, Refused
from focal.records.extraction import Unreadable
from focal.records.persons import HoldsPersons
from focal.records.services import EditConflict

TOLD = (BadInput, Refused, Unreadable, EditConflict)


class Refusals:
    """`with Refusals(form): ...` the reason goes into the form, and the page goes on.

    What the text seems to hold of a person goes to `form.holds_persons`, for the template
    `records/persons/_found.html`.
    """

    def __init__(self, form: forms.Form) -> None:
        self.form = form

    def __enter__(self) -> None:
        """Nothing has been refused yet."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if not isinstance(problem, TOLD):
            return False
        self.form.add_error(None, str(problem))
        found = problem if isinstance(problem, HoldsPersons) else None
        self.form.holds_persons = found  # type: ignore[attr-defined]
        return True
