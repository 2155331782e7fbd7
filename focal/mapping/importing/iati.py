"""IATI activities, 1.0x and 2.0x, read one at a time.

Kept are title and description in all languages, status, dates, recipients with percentages,
sectors as far as they are topics here, organisations with their roles, budgets, commitments and
spending by donor, currency and year, places, documents, and what is part of what. How old an
entry is, it says itself (`last-updated-datetime`). Names of persons are not taken in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from html import escape
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from lxml import etree

from focal.kernel.errors import BadInput
from focal.mapping.importing.entries import FileNotes, Incoming
from focal.mapping.money import CURRENCIES
from focal.records.content import clean_line, clean_text
from focal.vocabulary.languages import canonical_language
from focal.vocabulary.matching import find_economies
from focal.vocabulary.selectors import get_vocabulary

SCHEME = "iati"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
LONGEST_SUMMARY = 600
STATUS = {
    "1": "planned", "2": "running", "3": "ended", "4": "ended", "5": "ended", "6": "suspended",
    "pipeline/identification": "planned", "implementation": "running", "completion": "ended",
    "post-completion": "ended", "cancelled": "ended", "suspended": "suspended",
}  # fmt: skip
ROLES = {
    "1": "donor", "2": "partner", "3": "partner", "4": "implementer",
    "funding": "donor", "accountable": "partner", "extending": "partner",
    "implementing": "implementer",
}  # fmt: skip
STAGES = {
    "2": "committed", "c": "committed", "3": "spent", "d": "spent", "4": "spent", "e": "spent",
}  # fmt: skip
# Purpose codes of the DAC that are about what is kept here, with the nearest topic.
TOPICS = {
    "15210": "justice-and-security", "15220": "prevention", "15230": "justice-and-security",
    "15130": "justice-and-security", "15131": "justice-and-security",
    "15132": "law-enforcement", "15133": "law-enforcement", "15134": "prosecutor",
    "15137": "prison", "15136": "border-security", "15190": "border-security",
    "15150": "cso", "15153": "communication", "15160": "human-rights", "15170": "gender",
    "15180": "gender", "15185": "municipality", "15112": "municipality", "15110": "strategy",
    "15240": "rehabilitation-and-reintegration", "15261": "reintegration", "16010": "social-worker",
    "16011": "social-worker", "16020": "youth", "11130": "teacher", "11120": "teacher",
    "11320": "youth", "11231": "youth", "99820": "awareness-raising",
    "72010": "people-and-communities", "93010": "people-and-communities",
}  # fmt: skip
_DAC = {"", "1", "2", "DAC", "DAC-3"}
_REAL, _PLANNED = (
    ("2", "start-actual", "4", "end-actual"),
    ("1", "start-planned", "3", "end-planned"),
)


def looks_like_iati(path: Path) -> bool:
    """Whether a file begins like one."""
    with path.open("rb") as file:
        head = file.read(4096)
    return b"<iati-activities" in head or b"<iati-activity" in head


def read_iati(path: Path, notes: FileNotes) -> Iterator[Incoming]:
    """The activities of a file. What comes before a place where it breaks off is kept."""
    notes.total = _count(path)
    number = 0
    try:
        for element in _iterate(path):
            number += 1
            yield _Activity(element, number).read()
    except etree.XMLSyntaxError as error:
        if not number:
            raise BadInput(
                _("This is no IATI file, or it is broken: %s") % clean_line(str(error))
            ) from None
        said = {"number": number, "problem": clean_line(str(error))}
        notes.add(
            _("The file is broken after activity %(number)s: %(problem)s. What is before is read.")
            % said
        )
    if not number:
        raise BadInput(_("There is no activity in this file."))


def _count(path: Path) -> int:
    """How many activities there are, for the progress: looked for in the bytes, not parsed."""
    total, rest = 0, b""
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            total += (rest + block).count(b"</iati-activity>")
            rest = block[-15:]
    return total


def _iterate(path: Path) -> Iterator[etree._Element]:
    """Each activity, forgotten once it has been read. No entities, no network."""
    context = etree.iterparse(
        str(path),
        events=("end",),
        tag="iati-activity",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
    )
    for _event, element in context:
        yield element
        element.clear()
        while element.getprevious() is not None:
            parent = element.getparent()
            if parent is None:
                break
            del parent[0]


class _Activity:
    """One activity, part by part. 1.0x says in text what 2.0x says in narratives and codes."""

    def __init__(self, element: etree._Element, number: int) -> None:
        self.element = element
        root = element.getroottree().getroot()
        self.default = self._language(element.get(LANG) or root.get(LANG) or "en")
        self.currency = (element.get("default-currency") or "").upper()
        self.entry = Incoming(row=number, content={})
        self.main = self.default

    def read(self) -> Incoming:
        entry = self.entry
        identifier = clean_line(self._text("iati-identifier"))
        if identifier:
            entry.identifier = (SCHEME, identifier[:300])
        else:
            entry.refuse("iati-identifier", _("It has no identifier: it could come in twice."))
        self._read_texts()
        self._read_state()
        self._read_where()
        self._read_sectors()
        self._read_organisations()
        self._read_money()
        self._read_rest()
        return entry

    # Texts

    def _language(self, code: str) -> str:
        return canonical_language(code.replace("_", "-").lower()) or "en"

    def _texts(self, element: etree._Element) -> dict[str, str]:
        """Text by language: of its narratives, or its own."""
        found: dict[str, str] = {}
        narratives = element.findall("narrative")
        for part in narratives or [element]:
            text = clean_text("".join(part.itertext()) if narratives else part.text or "")
            language = self._language(part.get(LANG) or element.get(LANG) or self.default)
            if text and language not in found:
                found[language] = text
        return found

    def _all_texts(self, name: str, *, kind: str = "") -> dict[str, str]:
        found: dict[str, str] = {}
        for element in self.element.findall(name):
            if kind and element.get("type") not in (None, kind):
                continue
            for language, text in self._texts(element).items():
                found.setdefault(language, text)
        return found

    def _text(self, name: str) -> str:
        found = self.element.find(name)
        return "" if found is None else "".join(found.itertext()).strip()

    def _read_texts(self) -> None:
        titles = self._all_texts("title")
        descriptions = self._all_texts("description", kind="1") or self._all_texts("description")
        if not titles:
            self.entry.refuse("title", _("It has no title."))
            return
        self.main = self.default if self.default in titles else next(iter(titles))
        content = self.entry.content
        content["language"] = self.main
        content["title"] = clean_line(titles[self.main])[:400]
        content |= _split_description(descriptions.get(self.main, ""))
        for language, title in titles.items():
            if language != self.main:
                self.entry.translations[language] = {
                    "title": clean_line(title)[:400],
                    **_split_description(descriptions.get(language, "")),
                }

    # State and dates

    def _read_state(self) -> None:
        content = self.entry.content
        status = self.element.find("activity-status")
        if status is not None:
            code = (status.get("code") or "".join(status.itertext())).strip().lower()
            content["status"] = STATUS.get(code, "unknown")
        days: dict[str, date] = {}
        for element in self.element.findall("activity-date"):
            day = self._day(element.get("iso-date") or "".join(element.itertext()), "activity-date")
            if day:
                days[(element.get("type") or "").lower()] = day
        start = next((days[name] for name in (*_REAL[:2], *_PLANNED[:2]) if name in days), None)
        end = next((days[name] for name in (*_REAL[2:], *_PLANNED[2:]) if name in days), None)
        if start and end and end < start:
            self.entry.warn(
                "activity-date",
                _("It ends (%(end)s) before it starts (%(start)s); the end is left out.")
                % {"end": end.isoformat(), "start": start.isoformat()},
            )
            end = None
        content["start_date"] = start.isoformat() if start else ""
        content["end_date"] = end.isoformat() if end else ""
        updated = self._day(
            self.element.get("last-updated-datetime") or "", "last-updated-datetime"
        )
        self.entry.confirmed = updated

    def _day(self, text: str, column: str) -> date | None:
        text = text.strip()
        if not text:
            return None
        try:
            day = date.fromisoformat(text[:10])
        except ValueError:
            self.entry.warn(column, _("'%s' is not a date; it is left out.") % clean_line(text))
            return None
        if not 1950 <= day.year <= 2100:
            self.entry.warn(column, _("'%s' cannot be right; it is left out.") % text[:10])
            return None
        return day

    # Where

    def _read_where(self) -> None:
        places = self._find_recipients(self.element)
        if not places:
            for transaction in self.element.findall("transaction"):
                places |= dict.fromkeys(self._find_recipients(transaction))
        here = {key: share for key, share in places.items() if key}
        if not here:
            self.entry.refuse(
                "recipient-country",
                _("None of its recipients is one of the economies of the region."),
            )
            return
        self.entry.content["economies"] = sorted(here)
        shares = self._complete(places, "recipient-country")
        if len(places) > 1:
            self.entry.content["economy_shares"] = shares
        self.entry.content["places"] = self._find_places(sorted(here))

    def _find_recipients(self, element: etree._Element) -> dict[str, Decimal | None]:
        """Shares by economy; '' holds what goes elsewhere."""
        found: dict[str, Decimal | None] = {}
        for child in element.iterchildren("recipient-country", "recipient-region"):
            code = (child.get("code") or "").upper()
            economies = {code} if code in get_vocabulary().economies else set()
            if not economies:
                economies = find_economies("".join(child.itertext()))
            if child.tag == "recipient-region" and len(economies) > 1:
                economies = set()
            share = self._percent(child, child.tag)
            for key in economies or {""}:
                before = found.get(key)
                found[key] = share if before is None else before + (share or 0)
        return found

    def _percent(self, element: etree._Element, column: str) -> Decimal | None:
        text = (element.get("percentage") or "").strip().removesuffix("%").replace(",", ".")
        if not text:
            return None
        try:
            share = Decimal(text)
        except InvalidOperation:
            share = Decimal(-1)
        if not share.is_finite() or not 0 <= share <= 100:
            self.entry.warn(
                column, _("'%s' is not a share between 0 and 100 %%; it is left out.") % text
            )
            return None
        return share

    def _complete(self, shares: dict[str, Decimal | None], column: str) -> list[list[str]]:
        """Shares that make the whole: those not told share what is left; too much is scaled."""
        told = {key: share for key, share in shares.items() if share is not None}
        silent = [key for key in shares if key not in told]
        total = sum(told.values(), Decimal(0))
        if total > Decimal("100.5") or (total and not silent and total < Decimal("99.5")):
            self.entry.warn(
                column,
                _("The shares make %s %% together; they are scaled to 100 %%.")
                % f"{total.normalize():f}",
            )
        left = max(Decimal(100) - total, Decimal(0))
        if silent and left:
            told |= {key: left / len(silent) for key in silent}
        total = sum(told.values(), Decimal(0))
        return [
            [key, f"{round(share * 100 / total, 4).normalize():f}"]
            for key, share in sorted(told.items())
            if total and share > 0
        ]

    def _find_places(self, economies: list[str]) -> list[list[str]]:
        found = []
        for location in self.element.findall("location"):
            names = self._texts_of(location, "name")
            name = clean_line(names.get(self.main) or next(iter(names.values()), ""))
            code = ""
            for part in location.findall("administrative"):
                code = code or (part.get("country") or "").upper()
            if code not in economies:
                code = economies[0] if len(economies) == 1 else ""
            if name and code and not find_economies(name):
                found.append([code, name[:200]])
        return sorted({(code, name): [code, name] for code, name in found}.values())[:200]

    def _texts_of(self, element: etree._Element, name: str) -> dict[str, str]:
        child = element.find(name)
        return {} if child is None else self._texts(child)

    # What for

    def _read_sectors(self) -> None:
        shares: dict[str, Decimal | None] = {}
        known = {entry.key for entry in get_vocabulary().get_concepts("topics")}
        for element in self.element.findall("sector"):
            if (element.get("vocabulary") or "") not in _DAC:
                continue
            topic = TOPICS.get((element.get("code") or "").strip(), "")
            topic = topic if topic in known else ""
            share = self._percent(element, "sector")
            before = shares.get(topic)
            shares[topic] = share if before is None else before + (share or 0)
        topics = sorted(key for key in shares if key)
        if topics:
            self.entry.content["topics"] = topics
            if len(shares) > 1:
                self.entry.content["topic_shares"] = self._complete(shares, "sector")

    # Who

    def _read_organisations(self) -> None:
        found: dict[tuple[str, str], None] = {}
        for element in self.element.findall("participating-org"):
            role = ROLES.get((element.get("role") or "").strip().lower())
            if role and (name := self._name(element)):
                found[name, role] = None
        reporting = self.element.find("reporting-org")
        if reporting is not None and (name := self._name(reporting)):
            found[name, "lead"] = None
        self.entry.organisations = sorted(found)

    def _name(self, element: etree._Element) -> str:
        names = self._texts(element)
        return clean_line(names.get(self.default) or next(iter(names.values()), ""))[:300]

    # How much

    def _read_money(self) -> None:
        sums: dict[tuple[str, str, str, int], Decimal] = defaultdict(Decimal)
        last: dict[tuple[str, str, str, int], date] = {}
        donors = [name for name, role in self.entry.organisations if role == "donor"]
        sole = donors[0] if len(donors) == 1 else ""
        for stage, donor, element in self._iterate_money():
            value = self._value(element)
            if value is None:
                continue
            amount, currency, day = value
            key = (stage, donor or sole, currency, day.year if day else 0)
            sums[key] += amount
            if day:
                last[key] = max(day, last.get(key, day))
        for key, amount in sorted(sums.items()):
            stage, donor, currency, _year = key
            if amount < 0:
                self.entry.warn(
                    "value",
                    _("%(stage)s of %(year)s is below zero (%(amount)s); it is left out.")
                    % {"stage": stage, "year": key[3], "amount": amount},
                )
            elif amount:
                day_text = last[key].isoformat() if key in last else ""
                self.entry.funding.append([donor, stage, f"{amount:.2f}", currency, "", day_text])

    def _iterate_money(self) -> Iterator[tuple[str, str, etree._Element]]:
        budgets = self.element.findall("budget")
        revised = {self._period(each) for each in budgets if each.get("type") in ("2", "Revised")}
        for budget in budgets:
            is_revised = budget.get("type") in ("2", "Revised")
            if is_revised or self._period(budget) not in revised:
                yield "budget", "", budget
        for transaction in self.element.findall("transaction"):
            kind = transaction.find("transaction-type")
            code = "" if kind is None else (kind.get("code") or "").strip().lower()
            if code in STAGES:
                provider = transaction.find("provider-org")
                yield STAGES[code], "" if provider is None else self._name(provider), transaction

    def _period(self, budget: etree._Element) -> str:
        start = budget.find("period-start")
        return "" if start is None else (start.get("iso-date") or "")

    def _value(self, element: etree._Element) -> tuple[Decimal, str, date | None] | None:
        value = element.find("value")
        if value is None:
            return None
        text = "".join(value.itertext()).strip().replace(",", "")
        currency = (value.get("currency") or self.currency).strip().upper()
        try:
            amount = Decimal(text)
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or abs(amount) >= Decimal(10) ** 15:
            self.entry.warn("value", _("'%s' is not an amount; it is left out.") % clean_line(text))
            return None
        if currency not in CURRENCIES:
            self.entry.warn(
                "value",
                _("'%s' is not a currency; the amount is left out.") % clean_line(currency)
                if currency
                else _("An amount has no currency; it is left out."),
            )
            return None
        return amount, currency, self._value_day(element, value)

    def _value_day(self, element: etree._Element, value: etree._Element) -> date | None:
        for text in (
            value.get("value-date"),
            *(part.get("iso-date") for part in element.iterchildren("transaction-date")),
            *(part.get("iso-date") for part in element.iterchildren("period-start")),
        ):
            if text:
                return self._day(text, "value-date")
        return None

    # The rest

    def _read_rest(self) -> None:
        entry = self.entry
        hierarchy = self.element.get("hierarchy") or "1"
        entry.level = int(hierarchy) if hierarchy.isdecimal() and len(hierarchy) < 3 else 1
        for element in self.element.findall("related-activity"):
            if element.get("type") == "1" and element.get("ref"):
                entry.parent = clean_line(element.get("ref") or "")[:300]
                entry.level = max(entry.level, 2)
        contact = self.element.find("contact-info/organisation")
        if contact is not None:
            entry.content["contact_point"] = self._name(contact)
        sources: list[list[str]] = []
        for link in self.element.findall("document-link")[:20]:
            url = (link.get("url") or "").strip()
            titles = self._texts_of(link, "title")
            title = titles.get(self.main) or next(iter(titles.values()), url)
            if url.lower().startswith(("http://", "https://")):
                sources.append([clean_line(title)[:500], url[:1000], ""])
        website = self._text("activity-website")
        if website.lower().startswith(("http://", "https://")):
            sources.append([_("Website"), website[:1000], ""])
        if sources:
            entry.content["sources"] = sources


def _split_description(text: str) -> dict[str, Any]:
    """A description as summary, and as text too when it is long."""
    line = clean_line(text)
    if len(line) <= LONGEST_SUMMARY:
        return {"summary": line, "body": ""}
    paragraphs = [clean_line(part) for part in text.split("\n") if part.strip()]
    cut = line[:LONGEST_SUMMARY].rpartition(" ")[0]
    body = "".join(f"<p>{escape(part)}</p>" for part in paragraphs)
    return {"summary": f"{cut} …", "body": body}
