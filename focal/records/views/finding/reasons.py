"""Why a record was found and how the question was widened, in words and with a way to refuse."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from focal.records.finding.search import FoundRecord
from focal.records.views.finding.parameters import Asked
from focal.search.answers import Answer, Widened
from focal.vocabulary.selectors import get_vocabulary

MOST_LABELS = 12


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, and the address of the same search without that way of finding."""

    text: str
    switch_url: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """One way of searching: what it does, what it brought, and its switch."""

    name: str
    label: str
    detail: str
    is_on: bool
    switch_url: str


def explain(item: FoundRecord, asked: Asked, language: str) -> tuple[Reason, ...]:
    """Why this record is here; nothing to say where nothing was asked."""
    if not asked.wish.text:
        return ()
    return tuple(
        _explain_one(reason.kind, reason.detail, asked, language) for reason in item.hit.why
    )


def _explain_one(kind: str, detail: str, asked: Asked, language: str) -> Reason:
    if kind == "thesaurus":
        return Reason(
            _("by the thesaurus: %(label)s") % {"label": detail},
            asked.address(thesaurus=False, page=1),
        )
    if kind == "meaning":
        name = get_vocabulary().language_name(detail, language) if detail else ""
        text = _("by meaning, from %(language)s") % {"language": name} if name else _("by meaning")
        return Reason(text, asked.address(meaning=False, page=1))
    return Reason(_("by its words"))


def list_ways(asked: Asked, answer: Answer) -> list[Way]:
    """The ways a text is searched by, each with its switch; none where there is no text."""
    if not asked.wish.text:
        return []
    labels = {
        "words": (_("Words"), _("the words as you wrote them")),
        "folding": (
            _("Spelling and endings"),
            _("also without accents, in the other script, with other endings"),
        ),
        "thesaurus": (_("Thesaurus"), _("also what the thesaurus calls the same")),
        "meaning": (_("Meaning"), _("also what says the same in other words or languages")),
    }
    return [
        Way(
            name=name,
            label=label,
            detail=_brought(name, answer) or detail,
            is_on=getattr(asked.wish, name),
            switch_url=asked.address(**{name: not getattr(asked.wish, name)}, page=1),
        )
        for name, (label, detail) in labels.items()
    ]


def _brought(name: str, answer: Answer) -> str:
    """The labels that the thesaurus added to this very question."""
    if name != "thesaurus":
        return ""
    found = [item for item in answer.widenings if item.kind == name and item.labels]
    return "; ".join(_name_labels(item) for item in found)


def _name_labels(item: Widened) -> str:
    """'rehabilitation: rehabilitim, рехабилитација'."""
    labels = list(dict.fromkeys(label for _language, label in item.labels))
    more = len(labels) - MOST_LABELS
    text = ", ".join(labels[:MOST_LABELS])
    if more > 0:
        text += " " + _("and %(count)s more") % {"count": more}
    return f"{item.detail}: {text}" if item.detail else text
