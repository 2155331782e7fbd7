"""How a survey was drawn and what it asked: the design file, read and checked.

A design is JSON (docs/surveys.md shows one whole): `survey`, `edition`, `weight`, `strata`,
`clusters`, `population_size`, `replicates`, `lonely`, `groups`, `questions`. `read_design` makes
dataclasses of it, `check` holds it against the answers. Both speak in sentences.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from focal.kernel.errors import BadInput

if TYPE_CHECKING:
    import polars as pl

# How a stratum with a single cluster counts in the variance, and R's name for it.
LONELY = {
    "center": "adjust",
    "scale": "average",
    "skip": "remove",
    "certainty": "certainty",
    "refuse": "fail",
}
REPLICATES = ("jackknife", "brr", "bootstrap")
KINDS = ("choice", "number")
DIRECTIONS = ("", "best_first", "worst_first")


@dataclass(frozen=True, slots=True)
class Replicates:
    """Replicate weights: their columns and how the replicates were made.

    `scale` has one factor for each replicate (R: `scale` times `rscales`); empty: the
    method's own.
    """

    method: str
    columns: tuple[str, ...]
    fay: float = 0.0
    scale: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Design:
    """Columns that say how persons were drawn. Empty: drawn one by one, with equal chances."""

    weight: str = ""
    strata: str = ""
    clusters: tuple[str, ...] = ()
    population_size: tuple[str, ...] = ()
    with_replacement: bool = False
    replicates: Replicates | None = None
    lonely: str = "center"

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns of answers that the design needs."""
        named = (self.weight, self.strata, *self.clusters, *self.population_size)
        more = self.replicates.columns if self.replicates else ()
        return tuple(dict.fromkeys(name for name in (*named, *more) if name))


@dataclass(frozen=True, slots=True)
class Group:
    """A column by which estimates may be parted, and what its codes stand for.

    With `is_economy` the codes stand for economies; their names come from the vocabulary.
    """

    key: str
    variable: str
    labels: Mapping[str, str]
    values: Mapping[str, Mapping[str, str] | str]
    is_economy: bool = False


@dataclass(frozen=True, slots=True)
class QuestionDesign:
    """One question as the design file gives it; fields as in `models.Question`."""

    code: str
    texts: Mapping[str, str]
    kind: str = "choice"
    scale: tuple[Mapping[str, Any], ...] = ()
    direction: str = ""
    missing: tuple[str, ...] = ()
    asked_of: str = ""


@dataclass(frozen=True, slots=True)
class SurveyDesign:
    """A whole design file."""

    survey: Mapping[str, str]
    edition: Mapping[str, Any]
    design: Design
    groups: tuple[Group, ...]
    questions: tuple[QuestionDesign, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """What `check` has to say. An error stops the import, a warning is told."""

    is_error: bool
    text: str
    place: str = ""


@dataclass(slots=True)
class _Reader:
    """Reads a mapping of the file and says where in it something is wrong."""

    given: Mapping[str, Any]
    place: str
    known: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        if not isinstance(self.given, Mapping):
            raise BadInput(_("%s must be an object with names and values.") % self.place)

    def text(self, name: str, *, needed: bool = False) -> str:
        self.known.add(name)
        value = self.given.get(name, "")
        if not isinstance(value, str | int | float) or (needed and value == ""):
            raise BadInput(
                _("%(place)s: '%(name)s' must be a text.") % {"place": self.place, "name": name}
            )
        return str(value).strip()

    def choice(self, name: str, choices: Sequence[str], default: str = "") -> str:
        value = self.text(name) or default
        if value not in choices:
            raise BadInput(
                _("%(place)s: '%(value)s' is not one of %(choices)s.")
                % {"place": self.place, "value": value, "choices": ", ".join(filter(None, choices))}
            )
        return value

    def list(self, name: str) -> list[Any]:
        self.known.add(name)
        value = self.given.get(name) or []
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list):
            raise BadInput(
                _("%(place)s: '%(name)s' must be a list.") % {"place": self.place, "name": name}
            )
        return value

    def mapping(self, name: str) -> Mapping[str, Any]:
        self.known.add(name)
        value = self.given.get(name) or {}
        if not isinstance(value, Mapping):
            raise BadInput(
                _("%(place)s: '%(name)s' must be an object with names and values.")
                % {"place": self.place, "name": name}
            )
        return value

    def labels(self, name: str) -> dict[str, str]:
        """A text in several languages; a plain text counts as English."""
        self.known.add(name)
        value = self.given.get(name) or {}
        if isinstance(value, str):
            return {"en": value.strip()}
        if not isinstance(value, Mapping):
            raise BadInput(
                _("%(place)s: '%(name)s' must be a text.") % {"place": self.place, "name": name}
            )
        return {str(language): str(text).strip() for language, text in dict(value).items()}

    def finish(self) -> None:
        if unknown := sorted(set(self.given) - self.known):
            raise BadInput(
                _("%(place)s: '%(names)s' is not known here.")
                % {"place": self.place, "names": "', '".join(unknown)}
            )


def read_design(given: Any) -> SurveyDesign:
    """A design file's content as dataclasses; BadInput names the place and what is wrong."""
    whole = _Reader(given, _("The design"))
    questions = [_read_question(item, place) for place, item in enumerate(whole.list("questions"))]
    groups = [_read_group(item, place) for place, item in enumerate(whole.list("groups"))]
    _refuse_doubles([question.code for question in questions], _("question"))
    _refuse_doubles([group.key for group in groups], _("group"))
    if not questions:
        raise BadInput(_("The design has no questions."))
    replicates = whole.mapping("replicates")
    read = SurveyDesign(
        survey=_read_survey(whole.mapping("survey")),
        edition=_read_edition(whole.mapping("edition")),
        design=Design(
            weight=whole.text("weight"),
            strata=whole.text("strata"),
            clusters=tuple(map(str, whole.list("clusters"))),
            population_size=tuple(map(str, whole.list("population_size"))),
            with_replacement=bool(whole.given.get("with_replacement", False)),
            replicates=_read_replicates(replicates) if replicates else None,
            lonely=whole.choice("lonely", tuple(LONELY), "center"),
        ),
        groups=tuple(groups),
        questions=tuple(questions),
    )
    whole.known.add("with_replacement")
    whole.finish()
    if len(read.design.clusters) > 2 or len(read.design.population_size) > 2:
        raise BadInput(_("Designs of one and two stages are known, not of more."))
    return read


def _read_survey(given: Mapping[str, Any]) -> dict[str, str]:
    reader = _Reader(given, _("survey"))
    read = {name: reader.text(name, needed=name in {"key", "title"}) for name in (
        "key", "title", "summary", "language", "population",
    )}  # fmt: skip
    reader.finish()
    return {**read, "language": read["language"] or "en"}


def _read_edition(given: Mapping[str, Any]) -> dict[str, Any]:
    reader = _Reader(given, _("edition"))
    read: dict[str, Any] = {name: reader.text(name, needed=name == "name") for name in (
        "name", "mode", "base", "weighting", "source_title", "source_url",
    )}  # fmt: skip
    for name in ("fieldwork_start", "fieldwork_end"):
        text = reader.text(name)
        try:
            read[name] = date.fromisoformat(text) if text else None
        except ValueError:
            raise BadInput(_("edition: '%s' is not a day like 2024-05-31.") % text) from None
    reader.finish()
    start, end = read["fieldwork_start"], read["fieldwork_end"]
    if start and end and start > end:
        raise BadInput(_("edition: the fieldwork ends before it begins."))
    return read


def _read_replicates(given: Mapping[str, Any]) -> Replicates:
    reader = _Reader(given, _("replicates"))
    reader.known.add("fay")
    try:
        read = Replicates(
            method=reader.choice("method", REPLICATES),
            columns=tuple(map(str, reader.list("columns"))),
            fay=float(given.get("fay", 0) or 0),
            scale=tuple(map(float, reader.list("scale"))),
        )
    except (TypeError, ValueError):
        raise BadInput(_("replicates: 'fay' and 'scale' are numbers.")) from None
    reader.finish()
    if len(read.columns) < 2:
        raise BadInput(_("replicates: name the columns of the replicate weights."))
    if read.scale and len(read.scale) != len(read.columns):
        raise BadInput(_("replicates: 'scale' needs one factor for each column."))
    return read


def _read_group(given: Any, number: int) -> Group:
    reader = _Reader(given, _("group %s") % (number + 1))
    reader.known.add("is_economy")
    values = {
        str(code): dict(label) if isinstance(label, Mapping) else str(label)
        for code, label in reader.mapping("values").items()
    }
    read = Group(
        key=reader.text("key", needed=True),
        variable=reader.text("variable") or reader.text("key"),
        labels=reader.labels("label"),
        values=values,
        is_economy=bool(reader.given.get("is_economy", False)),
    )
    reader.finish()
    if not values:
        raise BadInput(_("group '%s': say what its codes stand for.") % read.key)
    return read


def _read_question(given: Any, number: int) -> QuestionDesign:
    reader = _Reader(given, _("question %s") % (number + 1))
    scale = []
    for item in reader.list("scale"):
        answer = _Reader(item, _("question %s, scale") % (number + 1))
        scale.append({"value": answer.text("value", needed=True), "labels": answer.labels("label")})
        answer.finish()
    read = QuestionDesign(
        code=reader.text("code", needed=True),
        texts=reader.labels("text"),
        kind=reader.choice("kind", KINDS, "choice"),
        scale=tuple(scale),
        direction=reader.choice("direction", DIRECTIONS),
        missing=tuple(map(str, reader.list("missing"))),
        asked_of=reader.text("asked_of"),
    )
    reader.finish()
    if not read.texts:
        raise BadInput(_("question '%s': its wording is missing.") % read.code)
    if read.kind == "choice" and len(scale) < 2:
        raise BadInput(_("question '%s': a scale has at least two answers.") % read.code)
    if read.kind == "number" and not all(map(_is_number, read.missing)):
        raise BadInput(
            _("'%s' should hold numbers and holds other things.") % f"{read.code}: missing"
        )
    _refuse_doubles([str(item["value"]) for item in scale], _("answer of '%s'") % read.code)
    return read


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _refuse_doubles(names: Sequence[str], what: str) -> None:
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise BadInput(
            _("The %(what)s '%(names)s' stands there twice.")
            % {"what": what, "names": "', '".join(doubled)}
        )


def pack(read: SurveyDesign) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Design and groups as the edition keeps them."""
    return asdict(read.design), [asdict(group) for group in read.groups]


def unpack_design(kept: Mapping[str, Any]) -> Design:
    """The other way round."""
    replicates = kept.get("replicates")
    return Design(
        **{
            **kept,
            "clusters": tuple(kept["clusters"]),
            "population_size": tuple(kept["population_size"]),
            "replicates": Replicates(
                method=replicates["method"],
                columns=tuple(replicates["columns"]),
                fay=replicates["fay"],
                scale=tuple(replicates["scale"]),
            )
            if replicates
            else None,
        }
    )


def unpack_groups(kept: Sequence[Mapping[str, Any]]) -> tuple[Group, ...]:
    """The other way round."""
    return tuple(Group(**group) for group in kept)


# Held against the answers


def check(read: SurveyDesign, frame: pl.DataFrame) -> list[Remark]:
    """What does not fit between a design and the answers, errors first."""
    remarks = [
        Remark(is_error=True, text=_("There is no column '%s' in the file.") % name, place=place)
        for name, place in _list_columns(read)
        if name not in frame.columns
    ]
    if remarks:
        return remarks
    remarks += _check_weights(read.design, frame)
    if not remarks or not remarks[-1].is_error:
        remarks += _check_strata(read.design, frame)
    for group in read.groups:
        remarks += _check_codes(frame, group.variable, group.values, group.key)
    for question in read.questions:
        if question.kind == "choice":
            known: list[Any] = [*(item["value"] for item in question.scale), *question.missing]
            remarks += _check_codes(frame, question.code, known, question.code)
        elif not frame[question.code].dtype.is_numeric():
            text = _("'%s' should hold numbers and holds other things.") % question.code
            remarks.append(Remark(is_error=True, text=text, place=question.code))
        remarks += _check_direction(question)
    return sorted(remarks, key=lambda remark: not remark.is_error)


def _list_columns(read: SurveyDesign) -> list[tuple[str, str]]:
    return [
        *((name, _("design")) for name in read.design.columns),
        *((group.variable, group.key) for group in read.groups),
        *((question.code, question.code) for question in read.questions),
    ]


def _check_weights(design: Design, frame: pl.DataFrame) -> list[Remark]:
    if not design.weight:
        text = _("No weight is named: every person counts the same.")
        return [Remark(is_error=False, text=text)]
    column = frame[design.weight]
    if not column.dtype.is_numeric():
        text = _("The weights in '%s' are not numbers.") % design.weight
        return [Remark(is_error=True, text=text)]
    remarks = []
    empty = column.null_count() + int(column.is_nan().sum() if column.dtype.is_float() else 0)
    if empty:
        text = _("%(count)s persons have no weight in '%(name)s'.")
        remarks.append(Remark(True, text % {"count": empty, "name": design.weight}))
    if negative := int((column < 0).sum()):
        text = _("%(count)s weights in '%(name)s' are negative.")
        remarks.append(Remark(True, text % {"count": negative, "name": design.weight}))
    if zero := int((column == 0).sum()):
        text = _("%(count)s persons have the weight 0 and count for nothing.")
        remarks.append(Remark(False, text % {"count": zero}))
    return remarks


def _check_strata(design: Design, frame: pl.DataFrame) -> list[Remark]:
    import polars as pl  # noqa: PLC0415 -- slow import

    if not design.strata:
        return []
    unit = pl.col(design.clusters[0]).n_unique() if design.clusters else pl.len()
    weight = pl.col(design.weight).sum() if design.weight else pl.len()
    size = pl.col(design.population_size[0]).max() if design.population_size else pl.lit(None)
    rows = frame.group_by(design.strata).agg(units=unit, weight=weight, size=size)
    remarks = []
    if weightless := rows.filter(pl.col("weight") == 0).height:
        text = _("%s strata have no weight at all; nothing can be said of them.") % weightless
        remarks.append(Remark(True, text))
    if lonely := rows.filter(pl.col("units") == 1).height:
        text = _(
            "%(count)s strata have a single cluster; the rule '%(rule)s' says how they count."
        ) % {"count": lonely, "rule": design.lonely}
        remarks.append(Remark(design.lonely == "refuse", text))
    if short := rows.filter(pl.col("size") < pl.col("units")).height:
        text = _("In %s strata more clusters were drawn than there are said to be.") % short
        remarks.append(Remark(True, text))
    return remarks


def _check_codes(frame: pl.DataFrame, column: str, known: Any, place: str) -> list[Remark]:
    """Codes in the answers that the design does not name."""
    found = {normalise_code(value) for value in frame[column].drop_nulls().unique().to_list()}
    unknown = sorted(found - {normalise_code(code) for code in known})
    if not unknown:
        return []
    text = _("'%(column)s' has codes that the design does not name: %(codes)s.") % {
        "column": column,
        "codes": ", ".join(unknown[:8]) + (" …" if len(unknown) > 8 else ""),
    }
    return [Remark(is_error=True, text=text, place=place)]


FAVOURABLE = ("satisfied", "agree", "safe", "good", "trust", "better", "improve")
UNFAVOURABLE = ("not ", "dis", "unsafe", "bad", "worse", "worried", "threat")


def _check_direction(question: QuestionDesign) -> list[Remark]:
    """A scale whose first answer reads like its bad end though it is said to be the good one."""
    if not question.direction or not question.scale:
        return []
    ends = [str(item["labels"].get("en", "")).casefold() for item in question.scale]
    first, last = (_read_tone(ends[0]), _read_tone(ends[-1]))
    is_best_first = question.direction == "best_first"
    if first * last < 0 and (first > 0) != is_best_first:
        text = _(
            "The scale of '%(code)s' may be turned round: it is said to begin with the"
            " %(end)s answer and begins with '%(label)s'."
        ) % {
            "code": question.code,
            "end": _("most favourable") if is_best_first else _("least favourable"),
            "label": ends[0],
        }
        return [Remark(is_error=False, text=text, place=question.code)]
    return []


def _read_tone(label: str) -> int:
    """1 for a favourable label, -1 for its opposite, 0 where the words do not tell."""
    if any(word in label for word in UNFAVOURABLE):
        return -1
    return 1 if any(word in label for word in FAVOURABLE) else 0


def normalise_code(value: Any) -> str:
    """'1', 1 and 1.0 are one code."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    whole, point, rest = text.partition(".")
    return whole if point and not rest.strip("0") and whole.lstrip("-").isdigit() else text
