"""The five markings of the Traffic Light Protocol, version 2.0 (FIRST, August 2022).

TLP says how far something may be shared. It is not a classification scheme, and this
platform carries nothing that is classified.
"""

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _


class Marking(models.TextChoices):
    CLEAR = "CLEAR", _("TLP:CLEAR")
    GREEN = "GREEN", _("TLP:GREEN")
    AMBER = "AMBER", _("TLP:AMBER")
    AMBER_STRICT = "AMBER+STRICT", _("TLP:AMBER+STRICT")
    RED = "RED", _("TLP:RED")


ORDER = [Marking.CLEAR, Marking.GREEN, Marking.AMBER, Marking.AMBER_STRICT, Marking.RED]

MEANINGS = {
    Marking.CLEAR: _("Everybody may read it, also visitors of the public website."),
    Marking.GREEN: _("All members of the platform may read it; it is not for publication."),
    Marking.AMBER: _(
        "Only those it is released to may read it: formats, economies, organisations, people. "
        "They may pass it on inside their organisation and to its clients, to those who need it."
    ),
    Marking.AMBER_STRICT: _(
        "Only the organisations and people it is released to may read it, and it stays "
        "inside those organisations."
    ),
    Marking.RED: _("Only the people named may read it, and they may not pass it on."),
}

EXAMPLES = {
    Marking.CLEAR: _("Example: a published study, the programme of an open conference."),
    Marking.GREEN: _("Example: lessons from a training that colleagues elsewhere can use."),
    Marking.AMBER: _("Example: a draft strategy on which the focal points are to comment."),
    Marking.AMBER_STRICT: _("Example: an evaluation that only the two ministries in it may know."),
    Marking.RED: _("Example: what was said in a closed meeting, for those who sat in it."),
}


def is_narrower(first: str, second: str) -> bool:
    """Whether `first` lets fewer people read than `second`."""
    return rank(first) > rank(second)


def rank(marking: str) -> int:
    """How few people a marking lets read; what has none ('') lets read as many as can be."""
    return ORDER.index(Marking(marking)) if marking else -1


def find_narrowest(markings: Iterable[str]) -> str:
    """The one of some markings that lets the fewest people read; '' where there are none."""
    return max(markings, key=rank, default="")
