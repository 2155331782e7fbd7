"""Sign-in and second factors (allauth's routes that we want, and no other), and our own pages.

Left out are opening an account, looking after e-mail addresses and signing in by mailed code.
`account_signup` and `account_email` must resolve because allauth names them in its own pages;
they lead to a sentence and to one's own account.
"""

from allauth.account import views as account
from django.urls import include, path, re_path

from focal.directory import views

own = [
    path("invitation/<str:secret>/", views.accept_invitation, name="accept_invitation"),
    path("invite/", views.invite, name="invite"),
    path("people/", views.people, name="people"),
    path("people/<str:reference>/", views.person, name="person"),
    path("people/<str:reference>/place/", views.give_place, name="give_place"),
    path("people/<str:reference>/place/<int:key>/end/", views.end_place, name="end_place"),
    path("people/<str:reference>/close/", views.deactivate, name="deactivate"),
    path("invitations/<int:key>/revoke/", views.revoke_invitation, name="revoke_invitation"),
    path("me/", views.me, name="me"),
]

urlpatterns = [
    path("", include((own, "directory"))),
    path("login/", views.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("signup/", views.signup_closed, name="account_signup"),
    path("email/", views.own_email, name="account_email"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("2fa/webauthn/add/", views.add_webauthn, name="mfa_add_webauthn"),
    path("2fa/", include("allauth.mfa.urls")),
]
