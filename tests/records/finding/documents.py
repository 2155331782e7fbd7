"""Documents for tests: rows with the text of their pages, without a file."""

from focal.records.models import Attachment, AttachmentPage, Record
from tests.factories import NOON


def add_document(record: Record, *, language: str, pages: list[str], title: str = "") -> Attachment:
    attachment = Attachment.objects.create(
        record=record,
        position=Attachment.objects.filter(record_id=record.pk).count(),
        title=title or f"Report in {language}",
        language=language,
        file_name=f"report-{language}.pdf",
        media_type="application/pdf",
        size=123456,
        digest=f"{record.reference}{language}".ljust(64, "0"),
        page_count=len(pages),
        added_at=NOON,
    )
    AttachmentPage.objects.bulk_create(
        AttachmentPage(attachment=attachment, number=number, text=text)
        for number, text in enumerate(pages, 1)
    )
    return attachment
