"""The pages of sharing: what each says, to whom, and what a click does."""

import io
import re
from datetime import timedelta

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from focal.audit.models import Entry
from focal.records import glass, notices, storage
from focal.records.models import Attachment, Notice, Opening, Release, SharingRequest
from focal.sharing.viewer import Viewer
from tests.factories import MembershipFactory, OrganisationFactory, PersonFactory, make_record
from tests.records.editing.tools import path, reload

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def enter(name, organisation=None, *, role="editor", **fields):
    """A signed-in person, with their viewer."""
    person = PersonFactory(full_name=name, **fields)
    if organisation:
        MembershipFactory(person=person, organisation=organisation, role=role)
    client = Client()
    client.force_login(person)
    client.person = person
    client.viewer = Viewer.from_person(person, on=timezone.localdate())
    return client


@pytest.fixture
def owner():
    return OrganisationFactory(name="Owner", reference="ownerrrrrr2222")


@pytest.fixture
def agency():
    return OrganisationFactory(name="Agency", reference="agencyyyyy2222")


@pytest.fixture
def ana(owner):
    return enter("Ana", owner)


@pytest.fixture
def rea(agency):
    return enter("Rea", agency)


@pytest.fixture
def record(ana, owner, agency):
    return make_record(
        marking="AMBER",
        releases=(f"org:{agency.pk}",),
        by=ana.viewer,
        organisation=owner,
        title="Quietheron plan",
    )


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def test_reader_is_told_that_opening_is_noted_and_the_owner_sees_it(ana, rea, record):
    page = text(rea.get(path(record)))
    assert "Owner sees that you opened it, and when." in page
    assert "Ask to release it to others" in page

    owners = text(ana.get(path(record, "sharing")))

    assert re.search(r'<th scope="row">Rea</th><td[^>]*><span>The record</span></td>', owners)
    assert rea.get(path(record, "sharing")).status_code == 403


def test_owners_own_openings_are_not_noted(ana, record):
    page = text(ana.get(path(record)))

    assert "sees that you opened it" not in page
    assert not Opening.objects.exists()


def test_marking_stands_at_head_and_foot(rea, record):
    page = text(rea.get(path(record)))

    assert page.count('class="tlp-line') == 2
    assert "TLP:AMBER" in page[page.index("tlp-foot") :]


def test_release_with_an_end_says_so_to_owner_and_reader(ana, rea, record, agency):
    third = OrganisationFactory(name="Third", reference="thirdddddd2222")
    tomorrow = timezone.localdate() + timedelta(days=1)
    reader = enter("Tea", third)

    answer = ana.post(
        path(record, "sharing"),
        {
            "marking": "AMBER",
            "to_organisations": [agency.reference, third.reference],
            "until": tomorrow.isoformat(),
            "confirmed_new": "on",
        },
    )

    assert answer.status_code == 302
    ends = dict(Release.objects.values_list("token", "ends_at"))
    assert ends[f"org:{agency.pk}"] is None
    assert timezone.localtime(ends[f"org:{third.pk}"]).date() == tomorrow + timedelta(days=1)
    assert "You can read it until" in text(reader.get(path(record)))
    assert "You can read it until" not in text(rea.get(path(record)))


def test_an_end_that_has_passed_is_refused_beside_the_field(ana, record):
    answer = ana.post(path(record, "sharing"), {"marking": "AMBER", "until": "2020-01-01"})

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["until"]


def test_recall_asks_says_honestly_who_had_opened_it_and_tells_them(ana, rea, record, agency):
    rea.get(path(record))
    key = {"who": f"org:{agency.reference}"}

    asked = text(ana.get(path(record, "sharing", "recall"), key))
    assert "which no recall can undo" in asked
    assert "Rea" in asked
    ana.post(path(record, "sharing", "recall"), key | {"reason": "Wrong figures."})

    assert rea.get(path(record)).status_code == 404
    desk = text(rea.get("/desk/"))
    assert "Owner has recalled &#x27;Quietheron plan&#x27;, which you opened on" in desk
    rea.post("/desk/notices/", {"notice": notices.get_key(Notice.objects.get())})
    assert "Quietheron" not in text(rea.get("/desk/"))
    assert "Recalled" in text(ana.get(path(record, "sharing")))


def test_notices_are_put_away_by_whose_they_are_alone(ana, rea, record):
    notice = Notice.objects.create(
        person=rea.person,
        kind="recalled",
        values={"title": "T", "opened_at": timezone.now().isoformat()},
        record_reference=record.reference,
        at=timezone.now(),
    )

    ana.post("/desk/notices/", {"notice": notices.get_key(notice)})
    ana.post("/desk/notices/")
    assert not Notice.objects.filter(seen_at__isnull=False).exists()

    assert f'name="notice" value="{notices.get_key(notice)}"' in text(rea.get("/desk/"))
    rea.post("/desk/notices/", {"notice": notices.get_key(notice)})
    assert Notice.objects.filter(seen_at__isnull=False).exists()


def test_a_reader_asks_with_one_page_and_the_owner_answers_with_one_click(ana, rea, record, agency):
    third = OrganisationFactory(name="Third", reference="thirdddddd2222")
    rea.post(
        path(record, "sharing", "ask"),
        {"to_organisations": [third.reference], "reason": "They train the same staff."},
    )
    waiting = text(ana.get("/desk/requests/"))
    assert "<strong>Rea</strong> asks to release it to <strong>Third</strong>" in waiting
    assert "1 request about sharing waits for your answer" in text(ana.get("/desk/"))

    asked = SharingRequest.objects.get()
    assert rea.post(f"/desk/requests/{asked.reference}/", {"grant": "1"}).status_code == 403
    ana.post(f"/desk/requests/{asked.reference}/", {"grant": "1"})

    assert set(Release.objects.values_list("token", flat=True)) == {
        f"org:{agency.pk}",
        f"org:{third.pk}",
    }
    assert "is now released to Third, as you asked." in text(rea.get("/desk/"))


def test_asking_needs_somebody_and_a_reason(rea, record):
    assert rea.post(path(record, "sharing", "ask"), {"reason": "x"}).status_code == 422
    nothing = rea.post(path(record, "sharing", "ask"), {"to_economies": []})
    assert list(nothing.context["form"].errors) == ["reason"]
    assert not SharingRequest.objects.exists()


def test_a_request_about_a_record_one_does_not_see_is_not_there(ana, rea, record):
    red = make_record(
        marking="RED", by=ana.viewer, organisation=record.owner_organisation, title="Red"
    )
    asked = SharingRequest.objects.create(
        record_id=red.pk,
        kind="release",
        wanted={"releases": []},
        asked_by=ana.person,
        asked_at=timezone.now(),
    )

    answers = {
        rea.post(f"/desk/requests/{reference}/", {"grant": "1"}).status_code
        for reference in (asked.reference, "nowhereatall22")
    }

    assert answers == {404}


def test_second_pair_of_eyes_is_offered_asked_and_confirmed(ana, owner, agency, record):
    bojan = enter("Bojan", owner)
    enter("Rea", agency)
    ana.post(
        path(record, "sharing"),
        {"marking": "AMBER", "to_organisations": [agency.reference], "second_eyes_over": "2"},
    )
    green = {"marking": "GREEN", "confirmed": "on", "second_eyes_over": "2"}
    third = OrganisationFactory()
    enter("Tea", third)

    offered = ana.post(path(record, "sharing"), green)
    assert offered.status_code == 409
    assert reload(record).marking == "AMBER"
    wanted = re.search(r'name="wanted" value="([^"]*)"', text(offered)).group(1)
    ana.post(path(record, "sharing", "second"), {"wanted": wanted, "reason": "Please look."})

    asked = SharingRequest.objects.get()
    assert ana.post(f"/desk/requests/{asked.reference}/", {"grant": "1"}).status_code == 403
    assert "Please look." in text(bojan.get("/desk/requests/"))
    bojan.post(f"/desk/requests/{asked.reference}/", {"grant": "1"})

    assert reload(record).marking == "GREEN"


def test_a_contributor_widens_by_asking_an_editor(ana, rea, owner, agency, record):
    con = enter("Con", owner, role="contributor")
    third = OrganisationFactory(reference="thirdddddd2222")
    rea.post(
        path(record, "sharing", "ask"),
        {"to_organisations": [third.reference], "reason": "They work on it."},
    )
    asked = SharingRequest.objects.get()
    assert "Contributors cannot show more people" in text(con.get(path(record, "sharing")))
    assert "Contributors cannot show more people" not in text(ana.get(path(record, "sharing")))

    clear = con.post(path(record, "sharing"), {"marking": "CLEAR", "confirmed": "on"})
    offered = con.post(f"/desk/requests/{asked.reference}/", {"grant": "1"})
    assert (clear.status_code, offered.status_code) == (409, 409)
    assert reload(record).marking == "AMBER"
    wanted = re.search(r'name="wanted" value="([^"]*)"', text(offered)).group(1)
    con.post(path(record, "sharing", "second"), {"wanted": wanted})

    second = SharingRequest.objects.get(kind="second")
    ana.post(f"/desk/requests/{second.reference}/", {"grant": "1"})

    assert Release.objects.filter(record_id=record.pk, token=f"org:{third.pk}").exists()
    assert not SharingRequest.objects.filter(decided_at__isnull=True).exists()


def test_what_is_put_before_a_second_person_cannot_be_made_up(ana, record):
    answer = ana.post(path(record, "sharing", "second"), {"wanted": "eyJhIjoxfQ:x:y"})

    assert answer.status_code == 302
    assert not SharingRequest.objects.exists()


# Break-glass


ASKING = {"ground": "ordered", "reason": "A court asks.", "hours": "4"}


@pytest.fixture
def adm():
    return enter("Adm", is_administrator=True)


@pytest.fixture
def sec():
    return enter("Sec", OrganisationFactory(name="Office", is_secretariat=True))


def test_break_glass_from_asking_to_the_owners_list(ana, adm, sec, record):
    adm.post(
        "/break-glass/",
        ASKING | {"record": path(record)},
    )
    assert adm.get(path(record)).status_code == 404
    asked = text(sec.get("/break-glass/"))
    assert "A court or an oversight body has ordered it" in asked
    assert "A court asks." not in asked

    request = glass.GlassRequest.objects.get()
    own = adm.post(f"/break-glass/{request.reference}/decide/", {"grant": "1"})
    assert own.status_code == 403
    sec.post(f"/break-glass/{request.reference}/decide/", {"grant": "1"})

    assert adm.get(path(record)).status_code == 200
    assert adm.get(path(record, "edit")).status_code == 403
    owners = text(ana.get(path(record, "sharing")))
    assert "by break-glass" in owners
    assert "A court asks." in owners
    assert "Adm reads &#x27;Quietheron plan&#x27; by break-glass until" in text(ana.get("/desk/"))
    adm.post(f"/break-glass/{request.reference}/end/")
    assert adm.get(path(record)).status_code == 404


def test_red_is_answered_like_nothing(ana, adm, sec, owner):
    red = make_record(marking="RED", by=ana.viewer, organisation=owner, title="Red heron")
    told = []
    for reference in (red.reference, "nowhereatall22"):
        adm.post(
            "/break-glass/",
            ASKING | {"record": reference},
        )
        request = glass.GlassRequest.objects.get(record_reference=reference)
        sec.post(f"/break-glass/{request.reference}/decide/", {"grant": "1"})
        page = text(sec.get("/break-glass/"))
        told.append("Agreed. Whoever asked is told" in page)
        assert "Red heron" not in page
        assert "Cannot be opened" not in page
        assert "Cannot be opened" in text(adm.get("/break-glass/"))

    assert told == [True, True]
    assert adm.get(path(red)).status_code == 404
    assert "refused, not opened" in text(ana.get(path(red, "sharing")))


def test_members_do_not_reach_it(ana):
    assert ana.get("/break-glass/").status_code == 403
    assert ana.post("/break-glass/nowhereatall22/decide/").status_code == 404


# Files that leave


@pytest.fixture
def paper(record, tmp_path):
    """A PDF of the record."""
    file = tmp_path / "paper.pdf"
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.add_blank_page()
        pdf.save(file)
    with storage.stage_stream([file.read_bytes()]) as staged:
        staged.keep()
        return Attachment.objects.create(
            record_id=record.pk,
            title="Paper",
            file_name="paper.pdf",
            media_type="application/pdf",
            size=staged.size,
            digest=staged.digest,
            page_count=2,
            added_at=timezone.now(),
        )


def test_a_pdf_of_an_amber_record_leaves_with_the_readers_name_on_every_page(rea, record, paper):
    import pypdfium2

    answer = rea.get(reverse("records:document_download", args=[paper.reference]))

    document = pypdfium2.PdfDocument(io.BytesIO(answer.content))
    pages = [page.get_textpage().get_text_range() for page in document]
    assert len(pages) == 2
    assert all("Given to Rea on" in page and "TLP:AMBER" in page for page in pages)
    assert answer["Content-Disposition"] == 'attachment; filename="paper.pdf"'
    assert Opening.objects.get().what == "download"
    assert Entry.objects.filter(action="record.opened").count() == 1


def test_a_pdf_of_an_open_record_leaves_as_it_is(rea, ana, record, paper):
    ana.post(path(record, "sharing"), {"marking": "GREEN", "confirmed": "on"})

    answer = rea.get(reverse("records:document_download", args=[paper.reference]))

    with storage.open_file(paper.digest) as file:
        assert b"".join(answer.streaming_content) == file.read()


# One text, several versions


def test_owner_sees_and_prints_each_version_of_the_text(ana, owner):
    record = make_record(
        marking="CLEAR",
        by=ana.viewer,
        organisation=owner,
        body='<p>Open</p><p data-marking="GREEN">Members</p><p data-marking="AMBER">Few</p>',
    )

    pages = {level: text(ana.get(path(record, "as", level))) for level in ("CLEAR", "GREEN")}

    assert "Members" not in pages["CLEAR"]
    assert "Members" in pages["GREEN"]
    assert "Few" not in pages["GREEN"]
    links = re.findall(r"/as/([A-Z-]+)/", text(ana.get(path(record, "sharing"))))
    assert links == ["CLEAR", "GREEN", "AMBER"]


def test_versions_are_for_those_who_own_it(rea, ana, owner):
    record = make_record(marking="GREEN", by=ana.viewer, organisation=owner)

    assert rea.get(path(record, "as", "RED")).status_code == 403


def test_a_list_on_an_open_record_is_taken_where_paragraphs_are_marked(ana, owner, agency, rea):
    record = make_record(
        marking="CLEAR",
        by=ana.viewer,
        organisation=owner,
        body='<p>Open</p><p data-marking="AMBER">Few</p>',
    )
    assert "Few" not in text(rea.get(path(record)))

    answer = ana.post(
        path(record, "sharing"),
        {"marking": "CLEAR", "to_organisations": [agency.reference], "confirmed_new": "on"},
    )

    assert answer.status_code == 302
    assert "Few" in text(rea.get(path(record)))
    assert "Few" not in text(Client().get(path(record)))
