"""Sign-in and second factors (allauth's routes that we want, and no other), and our own pages.

Left out are opening an account, looking after e-mail addresses and signing in by mailed code.
`account_signup` and `account_email` must resolve because allauth names them in its own pages;
they lead to a sentence and to one's own account.
"""

from allauth.account import views as account
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount.providers.openid_connect import urls as openid_connect
from django.urls import include, path, re_path

from focal.directory.limits import limit_posts
from focal.directory.views import accounts, formats, leaving, security, who

own = [
    path("invitation/<str:secret>/", accounts.accept_invitation, name="accept_invitation"),
    path("invite/", accounts.invite, name="invite"),
    path("people/", accounts.people, name="people"),
    path("people/<str:reference>/", accounts.person, name="person"),
    path("people/<str:reference>/place/", accounts.give_place, name="give_place"),
    path("people/<str:reference>/place/<int:key>/end/", accounts.end_place, name="end_place"),
    path("people/<str:reference>/speaks/", accounts.appoint, name="appoint_focal_point"),
    path(
        "people/<str:reference>/speaks/<int:key>/end/",
        accounts.end_post,
        name="end_focal_post",
    ),
    path("people/<str:reference>/close/", leaving.hand_over, name="deactivate"),
    path("invitations/<int:key>/revoke/", accounts.revoke_invitation, name="revoke_invitation"),
    path("me/", accounts.me, name="me"),
    path("me/leave/", leaving.leave, name="leave"),
    path("me/data/", leaving.my_data, name="my_data"),
    path("me/shown/", who.show_myself, name="show_myself"),
    path("second-factor/", security.second_factor, name="second_factor"),
    path("sessions/", security.sessions, name="sessions"),
    path("sessions/end/", security.end_sessions, name="end_sessions"),
    path("sessions/<int:key>/end/", security.end_session, name="end_session"),
]

directory = [
    path("", who.list_people, name="who"),
    path("roles/", who.show_roles, name="roles"),
    path("people/<str:reference>/", who.show_person, name="member"),
    path("formats/new/", formats.enter, name="enter_format"),
    path("formats/<slug:slug>/", formats.manage, name="manage_format"),
    path("formats/<slug:slug>/change/", formats.change, name="change_format"),
    path("formats/<slug:slug>/<slug:what>/add/", formats.add, name="add_to_format"),
    path("formats/<slug:slug>/<slug:what>/<int:key>/end/", formats.end, name="end_in_format"),
    path("organisations/", who.list_organisations, name="organisations"),
    path("organisations/new/", who.new_organisation, name="new_organisation"),
    path("organisations/<str:reference>/", who.show_organisation, name="organisation"),
    path(
        "organisations/<str:reference>/change/",
        who.change_organisation,
        name="change_organisation",
    ),
]

named = [path("accounts/", include(own)), path("directory/", include(directory))]

accounts_of_allauth = [
    path("login/", accounts.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("signup/", accounts.signup_closed, name="account_signup"),
    path("email/", accounts.own_email, name="account_email"),
    path(
        "reauthenticate/",
        limit_posts(account.reauthenticate, "reauthenticate"),
        name="account_reauthenticate",
    ),
    path(
        "password/change/",
        limit_posts(account.password_change, "change_password"),
        name="account_change_password",
    ),
    path("password/set/", account.password_set, name="account_set_password"),
    path(
        "password/reset/",
        limit_posts(account.password_reset, "reset_password", key="email"),
        name="account_reset_password",
    ),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        limit_posts(account.password_reset_from_key, "reset_password_from_key"),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path(
        "2fa/webauthn/login/",
        limit_posts(webauthn.login_webauthn, "passkey"),
        name="mfa_login_webauthn",
    ),
    path("2fa/webauthn/add/", accounts.add_webauthn, name="mfa_add_webauthn"),
    path(
        "2fa/webauthn/keys/<int:pk>/remove/", security.remove_webauthn, name="mfa_remove_webauthn"
    ),
    path("", include(openid_connect)),
    path("oidc/cancelled/", security.provider_refused, name="socialaccount_login_cancelled"),
    path("oidc/error/", security.provider_refused, name="socialaccount_login_error"),
    path("2fa/", include("allauth.mfa.urls")),
]

urlpatterns = [
    path("", include((named, "directory"))),
    path("accounts/", include(accounts_of_allauth)),
]
