"""Whether a question may be compared from one edition to another, and what differs if so.

What decides is a matter of survey method (Harkness et al., Survey Methods in Multinational,
Multiregional and Multicultural Contexts, 2010): wording, answers and their order, direction of the
scale, who was asked, weighting, mode, fieldwork. A turned scale or other answers forbid the
comparison; the rest is said beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from focal.surveys.design import normalise_code
from focal.surveys.models import Question, SurveyEdition


@dataclass(frozen=True, slots=True)
class Hindrance:
    """One thing that differs. `forbids` when a comparison would mislead."""

    what: str
    text: str
    forbids: bool = False


def find_hindrances(one: Question, two: Question) -> list[Hindrance]:
    """What differs between a question in two editions, the gravest first."""
    found = [
        *_compare_scales(one, two),
        *_compare_wording(one, two),
        *_compare_editions(one.edition, two.edition),
    ]
    if one.asked_of != two.asked_of:
        found.append(
            Hindrance(
                "base",
                _("It was not asked of the same people: “%(one)s” and “%(two)s”.")
                % {"one": one.asked_of or _("everybody"), "two": two.asked_of or _("everybody")},
            )
        )
    return sorted(found, key=lambda hindrance: not hindrance.forbids)


def may_compare(one: Question, two: Question) -> bool:
    """Whether nothing forbids it."""
    return not any(hindrance.forbids for hindrance in find_hindrances(one, two))


def _compare_scales(one: Question, two: Question) -> list[Hindrance]:
    if one.kind != two.kind:
        return [Hindrance("kind", _("One asks for a number, the other for an answer."), True)]
    codes = [[normalise_code(item["value"]) for item in q.scale] for q in (one, two)]
    if one.direction != two.direction:
        text = _("The scale runs the other way, or its direction is not known.")
        return [Hindrance("direction", text, True)]
    if set(codes[0]) != set(codes[1]):
        return [Hindrance("scale", _("The answers to choose from are not the same."), True)]
    if _is_turned(one, two):
        text = _("The scale runs the other way, or its direction is not known.")
        return [Hindrance("direction", text, True)]
    found = []
    if codes[0] != codes[1]:
        found.append(Hindrance("order", _("The answers stood in another order.")))
    if changed := _list_changed_labels(one, two):
        text = _("Answers were worded differently: %s.") % "; ".join(changed)
        found.append(Hindrance("labels", text))
    return found


def _is_turned(one: Question, two: Question) -> bool:
    """Whether a code carries an answer that another code carries in the other edition: the scale
    counted from its other end, or answers that changed places."""
    for language in one.texts:
        labels, others = (
            {normalise_code(i["value"]): _plain(i["labels"].get(language, "")) for i in q.scale}
            for q in (one, two)
        )
        for code, label in labels.items():
            if label and others[code] != label and label in others.values():
                return True
    return False


def _list_changed_labels(one: Question, two: Question) -> list[str]:
    labels = {normalise_code(item["value"]): item["labels"] for item in two.scale}
    return [
        f"“{text}” / “{other}”"
        for item in one.scale
        for language, text in item["labels"].items()
        if (other := labels[normalise_code(item["value"])].get(language, ""))
        and _plain(text) != _plain(other)
    ]


def _compare_wording(one: Question, two: Question) -> list[Hindrance]:
    found = []
    shared = [language for language in one.texts if language in two.texts]
    changed = [code for code in shared if _plain(one.texts[code]) != _plain(two.texts[code])]
    if changed:
        text = _("The wording changed (%s).") % ", ".join(changed)
        found.append(Hindrance("wording", text))
    if not shared:
        text = _("The wording is not known in the same language.")
        found.append(Hindrance("wording", text))
    return found


def _compare_editions(one: SurveyEdition, two: SurveyEdition) -> list[Hindrance]:
    facts = (
        (
            "mode",
            one.mode,
            two.mode,
            _("People were asked in another way: “%(one)s” and “%(two)s”."),
        ),
        ("base", one.base, two.base, _("Other people were asked: “%(one)s” and “%(two)s”.")),
        (
            "weights",
            one.weighting,
            two.weighting,
            _("Answers are weighted in another way: “%(one)s” and “%(two)s”."),
        ),
    )
    found = [
        Hindrance(what, text % {"one": before or _("not stated"), "two": after or _("not stated")})
        for what, before, after, text in facts
        if _plain(before) != _plain(after)
    ]
    starts = (one.fieldwork_start, two.fieldwork_start)
    if starts[0] and starts[1] and starts[0].month != starts[1].month:
        found.append(Hindrance("season", _("The fieldwork was at another time of the year.")))
    if bool(one.design.get("weight")) != bool(two.design.get("weight")):
        found.append(Hindrance("weights", _("Only one of them is weighted.")))
    return found


def _plain(text: str) -> str:
    """Without what a typesetter changes: white space, quotes, dashes, case."""
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()
