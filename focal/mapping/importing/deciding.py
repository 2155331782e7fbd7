"""Rows that conflict: what both sides changed is decided by a person, row by row, field by field.

Undecided, a row is left as it is here. What is decided is written when the import is applied;
a row can be decided after that too, and the import applied once more. What somebody did not
want from a file is remembered, so that the same file does not ask again.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from focal.kernel.errors import BadInput, Refused
from focal.mapping.models import MappingImport, MappingImportRow

Decision = MappingImportRow.Decision
_OPEN = (MappingImport.State.CHECKED, MappingImport.State.APPLIED)


def list_open(job: MappingImport) -> QuerySet[MappingImportRow]:
    """The conflicting rows of an import that have not been settled by being written."""
    return MappingImportRow.objects.filter(
        batch=job, verdict=MappingImportRow.Verdict.CONFLICTING, is_done=False
    )


@transaction.atomic
def decide_row(
    *, job: MappingImport, key: int, decision: str, taken: Collection[str] = ()
) -> MappingImportRow:
    """Say what becomes of one row. `taken` are the fields that come from the file.

    Refused when there is nothing to decide; BadInput for a decision or field that is none.
    """
    _require_open(job)
    row = list_open(job).select_for_update().filter(pk=key).first()
    if row is None:
        raise Refused(_("There is nothing to decide about this row."))
    if decision not in Decision.values:
        raise BadInput(_("'%s' is not one of the choices.") % decision)
    names = [str(field["name"]) for field in row.fields]
    if unknown := set(taken) - set(names):
        raise BadInput(_("'%s' is not one of the choices.") % ", ".join(sorted(unknown)))
    row.taken = [name for name in names if name in taken] if decision == Decision.FIELDS else []
    row.decision = _name_decision(decision, row.taken, names)
    row.save(update_fields=("decision", "taken"))
    return row


def _name_decision(decision: str, taken: Collection[str], names: Collection[str]) -> str:
    """All fields of one side is that side."""
    if decision != Decision.FIELDS:
        return decision
    if not taken:
        return Decision.HERE
    return Decision.FILE if len(taken) == len(names) else Decision.FIELDS


@transaction.atomic
def decide_rest(*, job: MappingImport, decision: str) -> int:
    """Say the same of every row that nobody has decided yet; how many those were."""
    _require_open(job)
    if decision not in (Decision.HERE, Decision.FILE):
        raise BadInput(_("'%s' is not one of the choices.") % decision)
    return list_open(job).filter(decision=Decision.NONE).update(decision=decision, taken=[])


def _require_open(job: MappingImport) -> None:
    locked = MappingImport.objects.select_for_update().get(pk=job.pk)
    if locked.state not in _OPEN:
        raise Refused(_("This cannot be done now: %s.") % locked.get_state_display())
