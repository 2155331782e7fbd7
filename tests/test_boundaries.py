"""The floors and doors that no import contract can see."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps

from focal.sharing.models import AskedWithoutViewer, Protected
from tests.declared import gather

CODE = Path(__file__).parent.parent / "focal"
FLOORS = [
    {"kernel"},
    {"outbox"},
    {"audit", "mail", "safety", "search", "ui", "vocabulary"},
    {"directory"},
    {"sharing"},
    {"records"},
    {"alerts"},
    {"threads"},
    {"indicators", "inquiries", "mapping"},
    {"surveys"},
    {"briefings"},
    {"web"},
    {"config"},
]
FLOOR = {app: number for number, floor in enumerate(FLOORS) for app in floor}

# Models that hang on a record and are reached only through one the viewer may see.
ON_RECORDS = {
    "indicators.Observation",
    "records.Attachment",
    "records.AttachmentPage",
    "records.RecordAudience",
    "records.RecordSource",
    "records.Release",
    "records.ToolkitItem",
    "records.Transition",
    "records.Translation",
    "records.Version",
    *gather("ON_RECORDS"),
}
# Models that belong to one person, and are always asked for by that person.
OWN = {"records.WorkingCopy", "records.ImportJob", *gather("OWN")}
# Models that everybody may read, or that no page shows.
OPEN = {
    "audit.ChainHead",
    "audit.Entry",
    "directory.Announcement",
    "directory.FocalPoint",
    "directory.Format",
    "directory.FormatChair",
    "directory.FormatMember",
    "directory.FormatSeat",
    "directory.Invitation",
    "directory.Membership",
    "directory.Organisation",
    "directory.OrganisationName",
    "directory.Person",
    "directory.Profile",
    "outbox.Entry",
    "outbox.PeriodicRun",
    *gather("OPEN"),
}


def our_models():
    return [model for model in apps.get_models() if model.__module__.startswith("focal.")]


def protected_models():
    return [model for model in our_models() if issubclass(model, Protected)]


def is_open(model):
    return model._meta.app_label == "vocabulary" or model._meta.label in OPEN


def test_every_model_is_protected_or_declared():
    undeclared = {
        model._meta.label
        for model in our_models()
        if not issubclass(model, Protected)
        and not is_open(model)
        and model._meta.label not in ON_RECORDS | OWN
        and not model._meta.auto_created
    }

    assert undeclared == set()


def test_protected_rows_have_no_back_door():
    closed = [*protected_models(), *(m for m in our_models() if m._meta.label in ON_RECORDS | OWN)]
    ways_in = [
        str(field)
        for model in closed
        for field in model._meta.get_fields()
        if field.is_relation
        and field.concrete
        and not field.remote_field.hidden
        and not getattr(field.remote_field, "parent_link", False)
    ]

    assert ways_in == []


def test_relations_point_down_only():
    upward = [
        str(field)
        for model in our_models()
        for field in model._meta.get_fields()
        if field.is_relation
        and field.concrete
        and field.related_model is not None
        and field.related_model.__module__.startswith("focal.")
        and FLOOR[field.related_model._meta.app_label] > FLOOR[model._meta.app_label]
    ]

    assert upward == []


@pytest.mark.parametrize("model", protected_models(), ids=lambda model: model.__name__)
@pytest.mark.parametrize("deed", ["all", "count", "first", "exists", "create", "filter", "get"])
def test_protected_manager_shows_nothing_to_nobody_in_particular(model, deed):
    with pytest.raises(AskedWithoutViewer):
        getattr(model.objects, deed)()


def sources():
    for path in sorted(CODE.rglob("*.py")):
        if "migrations" not in path.parts:
            yield path, ast.parse(path.read_text())


def test_protected_models_are_asked_through_the_door_alone():
    """`X.objects.<anything but visible_to>` and `_base_manager` only where they are declared."""
    wrong = [
        f"{path.relative_to(CODE)}:{node.lineno} {node.value.value.id}.objects.{node.attr}"
        for path, tree in sources()
        for names in [_protected_names(path, tree)]
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "objects"
        and isinstance(node.value.value, ast.Name)
        and node.value.value.id in names
        and node.attr not in {"visible_to", "visible_to_each", "for_system"}
    ]

    assert wrong == []


def _protected_names(path, tree):
    """What protected models are called in a file: two apps may use the same word."""
    protected = protected_models()
    here = ".".join(path.relative_to(CODE.parent).with_suffix("").parts)
    names = {model.__name__ for model in protected if model.__module__ == here}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("focal."):
            module = import_module(node.module)
            for name in node.names:
                if any(getattr(module, name.name, None) is model for model in protected):
                    names.add(name.asname or name.name)
    return names


# Where code serves the platform itself. A view, a form, a command or a template never does.
SYSTEM_PLACES = {
    "indicators/services.py",
    "records/attachments.py",
    "records/content.py",
    "records/importing.py",
    "records/leaving.py",
    "records/selectors.py",
    "records/services.py",
    "sharing/models.py",
    "web/services.py",
    *gather("SYSTEM_PLACES"),
}


def test_system_access_stands_in_declared_places_alone():
    found = {
        str(path.relative_to(CODE))
        for path, _tree in sources()
        if FLOOR.get(path.relative_to(CODE).parts[0], 0) >= FLOOR["sharing"]
        and re.search(r"\.for_system\(|\._base_manager\b", path.read_text())
    }

    assert found - SYSTEM_PLACES == set()


def test_settings_that_are_read_are_those_that_are_documented():
    read = set(
        re.findall(
            r"""(?:env\.)?read(?:_bool|_int|_list|_thresholds)?\(\s*"([A-Z_]+)\"""",
            (CODE / "config" / "settings.py").read_text(),
        )
    ) | {"SECRET_KEY", "DATABASE_URL"}
    documented = set(
        re.findall(r"`FOCAL_([A-Z_]+)`", (CODE.parent / "docs" / "settings.md").read_text())
    )

    assert read - documented == set()
