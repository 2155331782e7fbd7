"""Makes surveys a kind of record."""

from django.utils.translation import gettext_lazy as _

from focal.records.kinds import Kind, register
from focal.surveys.models import Survey


def wire() -> None:
    """Register the kind `survey`. Its editions come with their answers, not through a form."""
    register(
        Kind(
            key="survey",
            model=Survey,
            label=_("Survey"),
            plural=_("Surveys"),
            fields=("key", "population"),
            is_written_here=False,
        )
    )
