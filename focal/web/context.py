"""What stands around every page: navigation, languages, the account, the footer.

It is worked out only where a template asks for it. For a member it asks the database once:
how much is unread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from focal.alerts.selectors import MOST_COUNTED, count_unread
from focal.ui.components import Link
from focal.vocabulary.names import get_footnote


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the interface, by its own name."""

    code: str
    name: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Account:
    """Who is signed in, and what they can reach."""

    name: str
    links: Sequence[Link]
    sign_out_url: str
    detail: str = ""
    inbox_url: str = ""
    unread: int = 0

    @property
    def unread_shown(self) -> str:
        """The number beside the envelope: from a hundred on it matters no more."""
        return str(self.unread) if self.unread < MOST_COUNTED else f"{MOST_COUNTED - 1}+"


@dataclass(frozen=True, slots=True)
class FooterColumn:
    """A titled list of links."""

    title: str
    links: Sequence[Link]


@dataclass(frozen=True, slots=True)
class Navigation:
    """Everything that `ui/base.html` shows around a page."""

    service_name: str
    description: str
    home_url: str
    search_url: str
    suggest_url: str
    query: str
    canonical_url: str
    next_url: str
    set_language_url: str
    sign_in_url: str
    language_name: str
    primary: Sequence[Link] = ()
    languages: Sequence[Language] = ()
    account: Account | None = None
    footer: Sequence[FooterColumn] = ()
    statements: Sequence[str] = ()
    footnotes: Sequence[str] = field(default_factory=tuple)


def navigation(request: HttpRequest) -> dict[str, object]:
    """The context processor."""
    return {"navigation": SimpleLazyObject(lambda: build_navigation(request))}


def build_navigation(request: HttpRequest) -> Navigation:
    """What stands around the page that this request asks for."""
    search_url = find_address("records:search") or "/search"
    languages = _list_languages()
    sign_in = find_address("account_login")
    return Navigation(
        service_name=str(settings.SERVICE_NAME),
        description=_(
            "The regional platform of the people who prevent and counter violent extremism"
            " in South East Europe."
        ),
        home_url=find_address("web:home") or "/",
        search_url=search_url,
        suggest_url=find_address("records:suggest"),
        query=request.GET.get("q", "") if request.path == search_url else "",
        canonical_url=settings.SITE_ADDRESS.rstrip("/") + request.path,
        next_url=request.get_full_path(),
        set_language_url=find_address("web:set_language"),
        sign_in_url=sign_in,
        language_name=next((item.name for item in languages if item.is_current), ""),
        primary=_list_primary(request),
        languages=languages,
        account=_describe_account(request),
        footer=_list_footer(),
        statements=(
            _(
                "Focal is the shared desk of the National Focal Points for preventing and"
                " countering violent extremism in thirteen economies of South East Europe."
            ),
            _(
                "It holds no data about suspects, returnees or beneficiaries as persons,"
                " and no classified material."
            ),
        ),
        footnotes=(get_footnote(get_language() or settings.LANGUAGE_CODE),),
    )


def find_address(name: str, *arguments: object) -> str:
    """The address of a named page; empty when no app offers it."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""


def _list_languages() -> list[Language]:
    current = get_language() or settings.LANGUAGE_CODE
    return [Language(code, name, code == current) for code, name in settings.LANGUAGES]


def _links(path: str, *pairs: tuple[str, str]) -> list[Link]:
    """Links to the named pages that exist; the one whose section `path` lies in is current."""
    found = [(label, find_address(name)) for label, name in pairs]
    return [
        Link(label, url, is_current=path == url or path.startswith(url.rstrip("/") + "/"))
        for label, url in found
        if url
    ]


def _list_primary(request: HttpRequest) -> list[Link]:
    viewer = getattr(request, "viewer", None)
    is_member = viewer is not None and not viewer.is_anonymous
    return _links(
        request.path,
        (_("Library"), "records:library"),
        (_("Economies"), "web:economies"),
        (_("Topics"), "web:topics"),
        (_("Formats"), "web:formats"),
        (_("Mapping"), "mapping:home"),
        (_("Figures"), "indicators:list"),
        (_("Briefings"), "briefings:list"),
        # Members ask one another; what Focal is they know, and the foot of each page says it.
        (_("Inquiries"), "inquiries:list") if is_member else (_("About"), "web:about"),
    )


def _describe_account(request: HttpRequest) -> Account | None:
    viewer = getattr(request, "viewer", None)
    if viewer is None or viewer.is_anonymous:
        return _describe_half(request)
    writing = ((_("Write"), "records:new"), (_("Bring documents"), "records:import"))
    people = ((_("People"), "directory:people"), (_("Invite"), "directory:invite"))
    links = _links(
        "",
        *(writing if viewer.writes_for else ()),
        (_("My desk"), "records:desk"),
        (_("What is new for me"), "alerts:inbox"),
        (_("Conversations"), "threads:list"),
        (_("Who is who"), "directory:who"),
        (_("My account"), "directory:me"),
        (_("Password"), "account_change_password"),
        (_("Sign-in security"), "mfa_index"),
        (_("Sessions and devices"), "directory:sessions"),
        *(people if viewer.is_administrator or viewer.is_secretariat else ()),
        *(((_("Mail"), "mail:letters"),) if viewer.is_administrator else ()),
    )
    return Account(
        name=viewer.name,
        links=links,
        sign_out_url=find_address("account_logout"),
        inbox_url=find_address("alerts:inbox"),
        unread=count_unread(viewer),
    )


def _describe_half(request: HttpRequest) -> Account | None:
    """Somebody who has signed in and not shown a second factor yet: the way out, and no more."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    return Account(name=user.full_name, links=(), sign_out_url=find_address("account_logout"))


def _list_footer() -> list[FooterColumn]:
    content = _links(
        "",
        (_("Library"), "records:library"),
        (_("Economies"), "web:economies"),
        (_("Topics"), "web:topics"),
        (_("Formats"), "web:formats"),
        (_("Mapping"), "mapping:home"),
        (_("Figures"), "indicators:list"),
        (_("Surveys"), "surveys:list"),
        (_("Briefings"), "briefings:list"),
    )
    about = _links(
        "",
        (_("About Focal"), "web:about"),
        (_("Organisations"), "directory:organisations"),
        (_("What the roles mean"), "directory:roles"),
        (_("Accessibility"), "web:accessibility"),
        (_("Privacy"), "web:privacy"),
    )
    return [FooterColumn(_("Find"), content), FooterColumn(_("About"), about)]
