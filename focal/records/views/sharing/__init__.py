"""Pages about who sees a record. They translate, no more."""

from focal.records.views.sharing.asking import ask_release, ask_second, decide, list_requests
from focal.records.views.sharing.glass import decide_glass, end_glass, glass
from focal.records.views.sharing.notices import put_away
from focal.records.views.sharing.owning import recall, show_as
from focal.records.views.sharing.reviewing import show_file

__all__ = [
    "ask_release",
    "ask_second",
    "decide",
    "decide_glass",
    "end_glass",
    "glass",
    "list_requests",
    "put_away",
    "recall",
    "show_as",
    "show_file",
]
