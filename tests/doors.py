"""Every named address of the platform, and the rule it is tested by.

A new address without a rule here fails `test_doors.py`. The rules:

- `listing`: may show many records; must be silent about those the viewer may not see.
- `record`, `attachment`: stands for one record; when the viewer may not see that, it answers
  byte for byte what it answers for a record that does not exist.
- `plain`: shows no records; must be silent all the same.

An app's own addresses may stand in `tests/<app>/declared.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver

from tests.declared import gather
from tests.door import Door, attachment, listing, plain, record


def iterate_routes(
    resolver: URLResolver | None = None, namespace: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Full name and pattern of every address that is served."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from iterate_routes(entry, inner)
        else:
            yield f"{namespace}{entry.name}", entry


CHANCE = (
    (re.compile(rb"post-[0-9a-z]{14}"), b"post"),
    (re.compile(rb'name="started" value="[0-9]*"'), b"started"),  # when a form was opened
    (re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"'), b"csrf"),
    (re.compile(rb'"X-CSRFToken": ?"[^"]*"'), b"csrf"),
    (re.compile(rb'data-csrf="[^"]*"'), b"csrf"),
    (re.compile(rb'"token": "[A-Za-z0-9]{64}"'), b"csrf"),
    (re.compile(rb'content="[A-Za-z0-9]{64}"'), b"csrf"),
    (re.compile(rb'nonce="[^"]*"'), b"nonce"),
    (re.compile(rb'name="notice" value="[0-9a-f]{16}"'), b"notice"),
    # Numbers of rows that stand for no record: a sequence of PostgreSQL never goes back.
    (re.compile(rb"/(?:seat|member|chair|announcement|speaks)/\d+/end/"), b"number"),
    (re.compile(rb'/place/\d+/end/|/invitations/\d+/|<option value="\d+"'), b"number"),
)


def plain_bytes(response: HttpResponse, *names: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body without what is random by design, and without `names`."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    for pattern, stand_in in CHANCE:
        body = pattern.sub(stand_in, body)
    headers = {
        key: re.sub(r"'nonce-[^']*'", "nonce", value)
        for key, value in response.headers.items()
        if key not in {"Expires", "Last-Modified", "Content-Length"}
    }
    for name in names:
        body = body.replace(name.encode(), b"NAME")
        headers = {key: value.replace(name, "NAME") for key, value in headers.items()}
    return response.status_code, headers, body


QUERY = "?q=prevention"
DOORS = {
    door.name: door
    for door in (
        # web
        listing("web:home"),
        listing("web:about"),
        plain("web:accessibility"),
        plain("web:privacy"),
        listing("web:economies"),
        listing("web:economy", args=("AL",)),
        listing("web:topics"),
        listing("web:topic", args=("prison",)),
        listing("web:formats"),
        listing("web:format", args=("test-format",)),
        plain("web:set_language"),
        plain("web:healthz"),
        plain("web:robots"),
        listing("web:sitemap"),
        # finding
        listing(
            "records:search",
            "",
            QUERY,
            QUERY + "&meaning=0",
            QUERY + "&sort=newest",
            QUERY + "&kind=publication&economy=AL",
            "?q=youth+prison+school+page",
            "?q=parandalimi&language=sq",
            "?q=quietheron",
            QUERY + "&page=2",
        ),
        listing("records:suggest", "?q=quiet", "?q=prev", "?q=x"),
        listing("records:export", "", QUERY),
        listing("records:library"),
        listing("records:feed"),
        record("records:record"),
        record("records:record_in", "sq"),
        record("records:similar"),
        # documents
        listing("records:import"),
        Door("records:import_job", "plain", lambda _: ["nowhereatall22"]),
        Door("records:import_undo", "plain", lambda _: ["nowhereatall22"], method="post"),
        attachment("records:document"),
        attachment("records:document_download"),
        attachment("records:document_page", 1, queries=("", QUERY)),
        attachment("records:document_picture", 1),
        record("records:attachments"),
        # editing
        listing("records:desk"),
        plain("records:new"),
        listing("records:choose", "?q=quiet", "?q=prevention"),
        plain("records:new_kind", "publication"),
        plain("records:new_autosave", "publication", method="post"),
        plain("records:new_discard", "publication", method="post"),
        plain("records:new_preview", "publication", method="post"),
        record("records:edit"),
        record("records:autosave", method="post"),
        record("records:discard", method="post"),
        record("records:preview"),
        record("records:step", "publish"),
        record("records:delete"),
        record("records:history"),
        record("records:difference", queries=("", "?from=1&to=1")),
        record("records:restore", 1),
        record("records:sharing"),
        record("records:translations"),
        record("records:translate", "sq"),
        record("records:translate_autosave", "sq", method="post"),
        record("records:translation_remove", "sq", method="post"),
        # indicators
        listing("indicators:list"),
        record("indicators:series"),
        record("indicators:data"),
        # accounts: no records there, and silent all the same
        plain("directory:accept_invitation", "not-a-secret"),
        plain("directory:invite"),
        plain("directory:people"),
        plain("directory:person", "memberaaaaaaaa"),
        plain("directory:give_place", "memberaaaaaaaa"),
        plain("directory:end_place", "memberaaaaaaaa", 0),
        plain("directory:deactivate", "memberaaaaaaaa"),
        plain("directory:revoke_invitation", 0),
        plain("directory:me"),
        plain("directory:show_myself"),
        plain("directory:leave"),
        plain("directory:my_data"),
        plain("directory:appoint_focal_point", "memberaaaaaaaa"),
        plain("directory:end_focal_post", "memberaaaaaaaa", 0),
        listing("directory:who", "", "?q=quiet", "?economy=AL&topic=prison", "?format=test-format"),
        plain("directory:roles"),
        plain("directory:enter_format"),
        plain("directory:manage_format", "test-format"),
        plain("directory:change_format", "test-format"),
        plain("directory:add_to_format", "test-format", "seat"),
        plain("directory:end_in_format", "test-format", "seat", 0),
        listing("directory:member", args=("memberaaaaaaaa",)),
        listing("directory:organisations"),
        listing("directory:organisation", args=("owningministry",)),
        plain("directory:new_organisation"),
        plain("directory:change_organisation", "owningministry"),
        plain("directory:second_factor"),
        plain("directory:sessions"),
        plain("directory:end_session", 0),
        plain("directory:end_sessions"),
        plain("account_login"),
        plain("account_logout"),
        plain("account_inactive"),
        plain("account_signup"),
        plain("account_email"),
        plain("account_reauthenticate"),
        plain("account_change_password"),
        plain("account_set_password"),
        plain("account_reset_password"),
        plain("account_reset_password_done"),
        plain("account_reset_password_from_key", "zik0zj", "x-y"),
        plain("account_reset_password_from_key_done"),
        plain("openid_connect_login", "provider"),
        plain("openid_connect_callback", "provider"),
        plain("socialaccount_login_cancelled"),
        plain("socialaccount_login_error"),
        plain("mfa_index"),
        plain("mfa_authenticate"),
        plain("mfa_reauthenticate"),
        plain("mfa_activate_totp"),
        plain("mfa_deactivate_totp"),
        plain("mfa_view_recovery_codes"),
        plain("mfa_generate_recovery_codes"),
        plain("mfa_download_recovery_codes"),
        plain("mfa_list_webauthn"),
        plain("mfa_add_webauthn"),
        plain("mfa_reauthenticate_webauthn"),
        plain("mfa_remove_webauthn", 0),
        plain("mfa_edit_webauthn", 0),
        plain("mfa_login_webauthn"),
        *gather("DOORS"),
    )
}
