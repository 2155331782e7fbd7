"""Pages of conversations. They translate, and nothing more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from focal.kernel.errors import BadInput, Refused
from focal.records import attachments, storage
from focal.records.extraction import Unreadable
from focal.records.models import Record
from focal.records.selectors import get_record
from focal.records.views.documents.reading import SEALED
from focal.records.views.editing import keeping
from focal.records.views.editing.common import keeps_text
from focal.records.views.editing.keeping import Spot
from focal.records.views.finding.common import get_reader_language
from focal.sharing.viewer import Viewer
from focal.threads import audience, policy, selectors, services
from focal.threads.forms import PostForm
from focal.threads.models import Post, Thread
from focal.threads.refusals import Refusals
from focal.threads.services import MESSAGE


@require_safe
def list_own(request: HttpRequest) -> HttpResponse:
    """The conversations that the viewer takes part in."""
    rows = selectors.list_threads(request.viewer)
    return render(request, "threads/list.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_text
def thread(request: HttpRequest, reference: str) -> HttpResponse:
    """One conversation, and a place to go on with it."""
    found = _find_thread(request.viewer, reference)
    if found.shares_audience:
        about = selectors.get_about(request.viewer, found)
        return redirect("threads:of_record", about.reference)
    on = timezone.localdate()
    tokens = audience.get_tokens(found)
    known = audience.find_known_readers(tokens, viewer=request.viewer, on=on)
    readers = list(known.exclude(pk=request.viewer.person_id))
    form = PostForm(request.POST or None, request.FILES or None, readers=readers)
    spot = _get_spot(found)
    if request.method == "POST":
        post = say(request, form, thread=found) if form.is_valid() else None
        if post is not None:
            return redirect(f"{found.get_absolute_url()}#post-{post.reference}")
        keeping.keep_sent(request, form, spot)
    else:
        keeping.go_on(request.viewer, form, spot)
    context = {
        "thread": found,
        "about": selectors.get_about(request.viewer, found),
        "seen_by": audience.describe_readers(found, viewer=request.viewer, on=on),
        "form": form,
        "posts": selectors.list_posts(request.viewer, found, get_reader_language()),
    }
    return render(request, "threads/thread.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_text
def of_record(request: HttpRequest, reference: str) -> HttpResponse:
    """What members say about a record: a fragment for its page, a page for everybody else."""
    record = _find_record(request.viewer, reference)
    found = selectors.get_thread_of(request.viewer, record)
    form = PostForm(
        request.POST or None, request.FILES or None, readers=_list_readers(request.viewer, record)
    )
    said = False
    if request.method == "POST":
        decision = policy.may_post(request.viewer)
        if not decision:
            raise Http404
        said = form.is_valid() and say(request, form, beside=record) is not None
        if said and not request.htmx:
            return redirect("threads:of_record", record.reference)
    if said:
        found = selectors.get_thread_of(request.viewer, record)
        form = PostForm(readers=_list_readers(request.viewer, record))
    elif request.method == "POST":
        keeping.keep_sent(request, form, Spot(MESSAGE, record))
    else:
        keeping.go_on(request.viewer, form, Spot(MESSAGE, record))
    context = {
        "record": record,
        "thread": found,
        "form": form,
        "said": said,
        "may_post": policy.may_post(request.viewer),
        "posts": selectors.list_posts_beside(request.viewer, record, get_reader_language()),
        "is_for_all_members": record.marking in {"CLEAR", "GREEN"} and record.is_out,
    }
    template = "threads/_of_record.html" if request.htmx else "threads/of_record.html"
    response = render(request, template, context, status=422 if form.errors else 200)
    patch_vary_headers(response, ("HX-Request", "Cookie", "Accept-Language"))
    return response


def _list_readers(viewer: Viewer, record: Record) -> list:
    """Who can be mentioned: those who may see the record. Nobody but members is told of them."""
    if viewer.person_id is None:
        return []
    tokens = audience.get_record_tokens(record.pk)
    known = audience.find_known_readers(tokens, viewer=viewer, on=timezone.localdate())
    return list(known.exclude(pk=viewer.person_id))


@require_http_methods(["GET", "HEAD", "POST"])
def message_autosave(request: HttpRequest, reference: str) -> HttpResponse:
    """Keep what is typed beside a record until it is sent."""
    spot = Spot(MESSAGE, _find_record(request.viewer, reference))
    return keeping.autosave(request, spot, policy.may_post(request.viewer))


@require_POST
def message_afresh(request: HttpRequest, reference: str) -> HttpResponse:
    """Throw away what was begun beside a record."""
    return keeping.start_afresh(request, Spot(MESSAGE, _find_record(request.viewer, reference)))


@require_http_methods(["GET", "HEAD", "POST"])
def thread_autosave(request: HttpRequest, reference: str) -> HttpResponse:
    """Keep what is typed in a conversation until it is sent."""
    spot = _get_spot(_find_thread(request.viewer, reference))
    return keeping.autosave(request, spot, policy.may_post(request.viewer))


@require_POST
def thread_afresh(request: HttpRequest, reference: str) -> HttpResponse:
    """Throw away what was begun in a conversation."""
    return keeping.start_afresh(request, _get_spot(_find_thread(request.viewer, reference)))


def _find_record(viewer: Viewer, reference: str) -> Record:
    record = get_record(viewer, reference)
    if record is None:
        raise Http404
    return record


def _find_thread(viewer: Viewer, reference: str) -> Thread:
    found = selectors.get_thread(viewer, reference)
    if found is None:
        raise Http404
    return found


def _get_spot(thread: Thread) -> Spot:
    record, place = services.get_spot(thread)
    return Spot(place, record)


def say(
    request: HttpRequest,
    form: PostForm,
    *,
    thread: Thread | None = None,
    beside: Record | None = None,
) -> Post | None:
    """The form's message said in a conversation; None with the reason in the form."""
    at = timezone.now()
    with Refusals(form), read_files(form.cleaned_data["files"]) as files:
        said = {
            "text": form.cleaned_data["text"],
            "mentions": form.cleaned_data["mentions"],
            "files": files,
            "not_persons": request.POST.get("not_persons", ""),
        }
        if thread is None and beside is not None:
            return services.comment(record=beside, by=request.viewer, at=at, **said)
        return services.add_post(thread=thread, by=request.viewer, at=at, **said)
    return None


@contextmanager
def read_files(files: Sequence[UploadedFile]) -> Iterator[list[attachments.Document]]:
    """Uploaded files, read and ready to be taken in. Raises Unreadable with the file's name."""
    with ExitStack() as stack:
        documents = []
        for file in files:
            try:
                reader = attachments.read_document(file.chunks(), file_name=file.name or "")
                documents.append(stack.enter_context(reader))
            except Unreadable as error:
                raise BadInput(f"{file.name}: {error}") from None
        yield documents


@require_POST
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    """Take back what one has said."""
    post = selectors.get_post(request.viewer, reference)
    if post is None:
        raise Http404
    try:
        services.withdraw_post(post=post, by=request.viewer, at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Taken back. That something stood there stays visible."))
    return redirect(get_address(request.viewer, post.thread))


def get_address(viewer: Viewer, thread: Thread) -> str:
    """The page on which a conversation is read: its own, or its record's."""
    about = selectors.get_about(viewer, thread) if thread.shares_audience else None
    if about is None:
        return thread.get_absolute_url()
    record = get_record(viewer, about.reference)
    plain = reverse("records:record", args=[about.reference])
    address = record.get_absolute_url() if record else plain
    return reverse("threads:of_record", args=[about.reference]) if address == plain else address


@require_safe
def file(request: HttpRequest, reference: str) -> HttpResponse:
    """A file of a message, to be kept and not to be opened by the browser."""
    found = selectors.get_file(request.viewer, reference)
    if found is None:
        raise Http404
    try:
        content = storage.open_file(found.digest)
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(
        content, as_attachment=True, filename=found.file_name, content_type=found.media_type
    )
    response.headers["Content-Security-Policy"] = SEALED
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ("Cookie",))
    return response
