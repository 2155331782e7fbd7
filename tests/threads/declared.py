"""Doors, rows and what conversations hang on the records of the world."""

from tests.door import Door, listing, record

NOWHERE = "nowhereatall22"
DOORS = (
    listing("threads:list"),
    Door("threads:thread", "plain", lambda _: [NOWHERE]),
    Door("threads:withdraw", "plain", lambda _: [NOWHERE], method="post"),
    Door("threads:file", "plain", lambda _: [NOWHERE]),
    Door("threads:thread_autosave", "plain", lambda _: [NOWHERE]),
    Door("threads:thread_afresh", "plain", lambda _: [NOWHERE], method="post"),
    record("threads:of_record"),
    record("threads:message_autosave"),
    record("threads:message_afresh", method="post"),
)
ON_RECORDS = {
    "threads.Mention",
    "threads.Post",
    "threads.PostFile",
    "threads.Quote",
    "threads.ThreadAudience",
}
SYSTEM_PLACES = {"threads/leaving.py", "threads/services.py"}


def _say_something(world, record, word, at):
    """A comment on the record, and a conversation of the editor's own about it."""
    from focal.threads import services

    editor = world.viewer("editor")
    services.comment(record=record, text=f"<p>Comment {word}</p>", by=editor, at=at)
    thread = services.open_thread(
        title=f"About {word}",
        about=record.reference,
        audience=[f"person:{editor.person_id}"],
        by=editor,
        at=at,
    )
    services.add_post(thread=thread, text=f"<p>Said {word}</p>", by=editor, at=at)


DRESSINGS = (_say_something,)
