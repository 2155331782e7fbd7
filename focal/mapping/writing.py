"""What a form of the mapping says, as the values that services take, and the other way round."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from focal.audit.services import write_entry
from focal.directory.matching import has_mixed_alphabets, mend_alphabets, split_acronym
from focal.directory.merging import make_matcher
from focal.directory.models import Organisation
from focal.kernel.errors import BadInput
from focal.mapping.importing.sheet import parse_money
from focal.mapping.importing.table import split_names
from focal.records.content import clean_line
from focal.sharing.viewer import Viewer

ROLES = ("lead", "implementer", "partner", "donor")


def find_organisations(text: str, *, by: Viewer, at: Any, economy: str = "") -> list[str]:
    """References of the organisations that lines name. One that is not here yet is made.

    Only a sure match is taken for the same; a likely one is proposed for merging afterwards.
    """
    matcher, found = make_matcher(), []
    for written in split_names(text):
        mended = mend_alphabets(written) if has_mixed_alphabets(written) else written
        name = clean_line(mended)[:300]
        if not name:
            continue
        sure = matcher.find_sure(name, economy=economy) or matcher.find_sure(name)
        if sure is not None:
            found.append(Organisation.objects.get(pk=sure.key).reference)
            continue
        long, acronym = split_acronym(name)
        made = Organisation.objects.create(
            name=long[:300], acronym=acronym[:40], economy_id=economy or None
        )
        write_entry(
            action="organisation.created",
            target_kind="organisation",
            target_key=made.reference,
            actor_key=by.actor_key,
            at=at,
        )
        matcher = make_matcher()
        found.append(made.reference)
    return list(dict.fromkeys(found))


def read_places(text: str, economies: list[str]) -> list[list[str]]:
    """'AL Elbasan' a line; without a code when there is only one economy."""
    from focal.vocabulary.selectors import get_vocabulary  # noqa: PLC0415 -- a snapshot

    known, found = get_vocabulary().economies, []
    for part in split_names(text):
        code, _space, name = part.partition(" ")
        if code.upper() in known and name:
            found.append([code.upper(), clean_line(name)[:200]])
        elif len(economies) == 1:
            found.append([economies[0], clean_line(part)[:200]])
        else:
            raise BadInput(_("Say in which economy '%s' is: AL Elbasan.") % part)
    return sorted(found)


def read_money(text: str) -> list[tuple[str, list[str]]]:
    """Donor's name and `[stage, amount, currency, band, day]` of each line."""
    found = []
    for part in split_names(text):
        donor, *row = parse_money(part)
        found.append((donor, row))
    return found


def read_shares(text: str) -> list[list[str]]:
    """'AL 60' a line."""
    found = []
    for part in split_names(text):
        code, _space, share = part.partition(" ")
        if not share:
            raise BadInput(_("'%s' is no share: write AL 60.") % part)
        found.append([code.upper(), share.removesuffix("%").strip()])
    return found


def say_lines(name: str, content: dict[str, Any]) -> str:
    """What stands in a box with one entry a line."""
    names = dict(Organisation.objects.values_list("reference", "name"))
    if name in ROLES:
        rows = content.get("partners", ())
        return "\n".join(names.get(reference, "") for reference, role in rows if role == name)
    if name == "places":
        return "\n".join(f"{code} {place}" for code, place in content.get("places", ()))
    if name == "economy_shares":
        rows = content.get("economy_shares", ())
        return "\n".join(f"{code} {share}" for code, share in rows if code)
    lines = []
    for donor, stage, amount, currency, band, day in content.get("funding", ()):
        told = f"{amount} {currency}" if amount else f"band {band}"
        lines.append(" ".join(filter(None, (stage, told, day, names.get(donor, "")))))
    return "\n".join(lines)
