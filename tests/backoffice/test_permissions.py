"""Who may open what: every address with both methods, for everybody, as one table."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from shared_apps.billing.services import begin_missing
from tenant_apps.backoffice.urls import urlpatterns
from tenants.scope import tenant_scope
from tests.backoffice.market import (
    BEGUN,
    CATEGORY,
    CLOSED_DAY,
    DATE_OFF,
    DOMAIN,
    EMPTY_CATEGORY,
    INVITATION,
    KEY,
    OTHER,
    PROVIDER,
    REQUESTED,
    SERVICE,
    UPCOMING,
    browser,
)

# What owner, manager, the provider whose it is, and another provider get.
STAFF = {"owner": 1, "manager": 1, "provider": 1, "other": 1}
THEIRS = STAFF | {"other": 404}
MANAGERS = {"owner": 1, "manager": 1, "provider": 403, "other": 403}
OWNER = MANAGERS | {"manager": 403}


@dataclass(frozen=True)
class Row:
    """An address. `get` and `post` are what those get who may; `who` says for the others what they get instead."""

    path: str
    who: dict[str, int]
    get: int
    post: int
    sent: dict[str, str] = field(default_factory=dict)

    def expected(self, who: str, method: str) -> int:
        if who in {"guest", "twin"}:
            return 302
        if who == "customer":
            # That there is no such method, everybody may know.
            return 405 if (self.get if method == "get" else self.post) == 405 else 403
        right, usual = self.who[who], self.get if method == "get" else self.post
        return usual if right == 1 or usual == 405 else right


P, S, C, D = (
    f"providers/{PROVIDER}",
    f"providers/{PROVIDER}/services/{SERVICE}",
    f"categories/{CATEGORY}",
    f"settings/domains/{DOMAIN}",
)
MATRIX = {
    "home": Row("", STAFF, 200, 405),
    "mine": Row("mine/hours/", {"owner": 404, "manager": 404, "provider": 1, "other": 1}, 302, 405),
    "start": Row("start/", STAFF, 405, 303),
    "calendar": Row("calendar/", STAFF, 200, 405),
    "bookings": Row("bookings/", STAFF, 200, 405),
    "booking": Row(f"bookings/{REQUESTED}/", THEIRS, 200, 405),
    "booking_confirm": Row(f"bookings/{REQUESTED}/confirm/", THEIRS, 405, 303),
    "booking_decline": Row(f"bookings/{REQUESTED}/decline/", THEIRS, 200, 303),
    "booking_cancel": Row(f"bookings/{UPCOMING}/cancel/", THEIRS, 200, 303),
    "booking_complete": Row(f"bookings/{BEGUN}/complete/", THEIRS, 405, 303),
    "booking_no_show": Row(f"bookings/{BEGUN}/no-show/", THEIRS, 405, 303),
    "providers": Row("providers/", MANAGERS, 200, 405),
    "provider_invite": Row("providers/invite/", MANAGERS, 405, 422),
    "invitation_resend": Row(f"providers/invitations/{INVITATION}/resend/", MANAGERS, 405, 303),
    "invitation_revoke": Row(f"providers/invitations/{INVITATION}/revoke/", MANAGERS, 405, 303),
    "invitation_restore": Row(f"providers/invitations/{INVITATION}/restore/", MANAGERS, 405, 303),
    "profile": Row(f"{P}/profile/", THEIRS, 200, 422),
    "profile_publish": Row(f"{P}/profile/publish/", THEIRS, 405, 303),
    "profile_pause": Row(f"{P}/profile/pause/", THEIRS, 405, 303),
    "share": Row(f"{P}/share/", THEIRS, 200, 405),
    "share_code": Row(f"{P}/share/code.svg", THEIRS, 200, 405),
    "hours": Row(f"{P}/hours/", THEIRS, 200, 303),
    "hours_restore": Row(f"{P}/hours/restore/forged/", THEIRS, 405, 409),
    "exception_add": Row(f"{P}/hours/dates/", THEIRS, 405, 422),
    "exception_restore": Row(f"{P}/hours/dates/restore/forged/", THEIRS, 405, 409),
    "exception_remove": Row(f"{P}/hours/dates/{DATE_OFF}/remove/", THEIRS, 405, 303),
    "services": Row(f"{P}/services/", THEIRS, 200, 405),
    "service_create": Row(f"{P}/services/new/", THEIRS, 200, 422),
    "service": Row(f"{S}/", THEIRS, 200, 422),
    "service_publish": Row(f"{S}/publish/", THEIRS, 405, 303),
    "service_hide": Row(f"{S}/hide/", THEIRS, 405, 303),
    "service_move": Row(f"{S}/move/up/", THEIRS, 405, 303),
    "categories": Row("categories/", MANAGERS, 200, 422),
    "category": Row(f"{C}/", MANAGERS, 200, 422),
    "category_delete": Row(f"categories/{EMPTY_CATEGORY}/delete/", MANAGERS, 200, 303, {"confirm_name": "Windows"}),
    "category_move": Row(f"{C}/move/down/", MANAGERS, 405, 303),
    "closures": Row("closed-days/", MANAGERS, 200, 422),
    "closure_restore": Row("closed-days/restore/forged/", MANAGERS, 405, 409),
    "closure_remove": Row(f"closed-days/{CLOSED_DAY}/remove/", MANAGERS, 405, 303),
    "settings": Row("settings/", OWNER, 200, 422),
    "theme": Row("settings/theme/", OWNER, 200, 303),
    "domains": Row("settings/domains/", OWNER, 200, 422),
    "domain": Row(f"{D}/", OWNER, 200, 405),
    "domain_check": Row(f"{D}/check/", OWNER, 405, 303),
    "domain_primary": Row(f"{D}/primary/", OWNER, 200, 303),
    "domain_remove": Row(f"{D}/remove/", OWNER, 200, 422),
    "domain_platform": Row("settings/domains/platform/", OWNER, 200, 200),
    "data": Row("settings/data/", OWNER, 200, 422),
    "data_download": Row("settings/data/forged/", OWNER, 404, 405),
    "close": Row("settings/close/", OWNER, 200, 422),
    "isolation": Row("settings/isolation/", OWNER, 200, 303),
    "isolation_report": Row("settings/isolation/iso_00000000000000000000000000/", OWNER, 404, 405),
    "isolation_file": Row("settings/isolation/iso_00000000000000000000000000/report.json", OWNER, 404, 405),
    "plan": Row("settings/plan/", OWNER, 200, 405),
    "plan_change": Row("settings/plan/change/", OWNER, 200, 409),
    "plan_pay": Row("settings/plan/pay/", OWNER, 303, 405),
    "plan_checkout": Row("settings/plan/checkout/", OWNER, 405, 303),
    "plan_paid": Row("settings/plan/paid/", OWNER, 200, 200),
    "plan_portal": Row("settings/plan/portal/", OWNER, 405, 303),
    "plan_cancel": Row("settings/plan/cancel/", OWNER, 200, 422),
    "plan_come_back": Row("settings/plan/come-back/", OWNER, 405, 303),
    "plan_stay": Row("settings/plan/stay/", OWNER, 405, 303),
    "invoices": Row("settings/plan/invoices/", OWNER, 200, 405),
    "plan_use": Row("settings/plan/use/", OWNER, 200, 405),
    "api_keys": Row("settings/api-keys/", OWNER, 200, 422),
    "api_key_revoke": Row(f"settings/api-keys/{KEY}/revoke/", OWNER, 200, 303, {"confirm_name": "Till"}),
}


@pytest.fixture(autouse=True)
def _billed(market) -> None:
    """Both twins have a subscription, so that its pages are there."""
    begin_missing()


def test_the_table_has_every_address():
    names = {pattern.name for pattern in urlpatterns}

    assert names == set(MATRIX)


@pytest.mark.parametrize("who", ["owner", "manager", "provider", "other", "customer", "guest"])
def test_everybody_gets_what_the_table_says(market, who):
    client = browser(market, None if who == "guest" else who)

    assert _walk(market, client) == _expected(who)


def test_the_same_person_of_the_twin_is_a_stranger(market, beta):
    """The session of beta's owner, who has the same ids as alpha's, in a browser on alpha's host."""
    elsewhere = browser(beta, "owner")
    client = browser(market, None)
    client.cookies[settings.SESSION_COOKIE_NAME] = elsewhere.cookies[settings.SESSION_COOKIE_NAME].value

    assert elsewhere.get("/manage/").status_code == 200
    assert _walk(market, client) == _expected("twin")


def test_a_guest_comes_back_after_signing_in(market):
    answer = browser(market, None).get("/manage/bookings/?tab=past")

    assert answer["Location"] == "/accounts/login/?next=/manage/bookings/%3Ftab%3Dpast"


@pytest.mark.parametrize(
    "path",
    [
        "providers/prv_nonsense/hours/",
        f"providers/{SERVICE}/hours/",
        f"{P}/services/svc_nonsense/",
        f"{P}/share/code.exe",
        f"{P}/hours/dates/{'0' * 8}-0000-7000-8000-{'0' * 12}/remove/",
        "bookings/bkg_nonsense/",
        "categories/cat_nonsense/",
        "settings/api-keys/key_nonsense/revoke/",
        f"settings/api-keys/{INVITATION}/revoke/",
        "mine/everything/",
    ],
)
def test_an_address_that_names_nothing_is_not_found(as_, path):
    client = as_("provider") if path.startswith("mine") else as_("owner")
    method = client.post if path.endswith("remove/") else client.get

    assert method(f"/manage/{path}").status_code == 404


def test_a_service_is_found_only_below_its_own_provider(as_):
    other = MATRIX["service"].path.replace(PROVIDER, OTHER)

    assert as_("owner").get(f"/manage/{other}").status_code == 404


def test_the_sidebar_shows_only_what_may_be_opened(as_):
    shown = {who: as_(who).get("/manage/").content.decode() for who in ("owner", "manager", "provider")}

    assert "/manage/settings/" in shown["owner"]
    assert "/manage/settings/" not in shown["manager"]
    assert "/manage/categories/" in shown["manager"]
    assert "/manage/categories/" not in shown["provider"]
    assert f"/manage/{P}/hours/" in shown["provider"]


def _walk(market, client: Client) -> dict[str, tuple[int, int]]:
    """The statuses of every address for both methods, each taken back before the next."""
    return {name: (_status(market, client, row, "get"), _status(market, client, row, "post")) for name, row in MATRIX.items()}


def _status(market, client: Client, row: Row, method: str) -> int:
    with tenant_scope(market), transaction.atomic():
        answer = getattr(client, method)(f"/manage/{row.path}", row.sent if method == "post" else {})
        transaction.set_rollback(True)
    return answer.status_code


def _expected(who: str) -> dict[str, tuple[int, int]]:
    return {name: (row.expected(who, "get"), row.expected(who, "post")) for name, row in MATRIX.items()}
