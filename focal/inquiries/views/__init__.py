"""Pages of inquiries. They translate, and nothing more."""

from focal.inquiries.views.answering import agree, answer, decline, nothing, pointer, remark
from focal.inquiries.views.asking import ask, edit, near
from focal.inquiries.views.closing import close, draft, extend, reopen
from focal.inquiries.views.keeping import (
    autosave,
    autosave_question,
    start_afresh,
    start_question_afresh,
)
from focal.inquiries.views.reading import inquiry, list_all
from focal.inquiries.views.reports import report, report_table

__all__ = [
    "agree",
    "answer",
    "ask",
    "autosave",
    "autosave_question",
    "close",
    "decline",
    "draft",
    "edit",
    "extend",
    "inquiry",
    "list_all",
    "near",
    "nothing",
    "pointer",
    "remark",
    "reopen",
    "report",
    "report_table",
    "start_afresh",
    "start_question_afresh",
]
