"""Pages for writing, translating, sharing and publishing records. They translate, no more."""

from focal.records.views.editing.desk import desk
from focal.records.views.editing.history import difference, history, restore
from focal.records.views.editing.life import delete, step
from focal.records.views.editing.preview import new_preview, preview
from focal.records.views.editing.sharing import sharing
from focal.records.views.editing.translating import (
    translate,
    translate_autosave,
    translation_remove,
    translations,
)
from focal.records.views.editing.writing import (
    autosave,
    choose,
    discard,
    edit,
    new,
    new_autosave,
    new_discard,
    new_kind,
)

__all__ = [
    "autosave",
    "choose",
    "delete",
    "desk",
    "difference",
    "discard",
    "edit",
    "history",
    "new",
    "new_autosave",
    "new_discard",
    "new_kind",
    "new_preview",
    "preview",
    "restore",
    "sharing",
    "step",
    "translate",
    "translate_autosave",
    "translation_remove",
    "translations",
]
