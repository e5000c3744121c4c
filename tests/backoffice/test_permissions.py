"""Who may do what at `/manage/`, as one table: another person's object is 404, a forbidden act 403, a guest signs in."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tenant_apps.backoffice.urls import urlpatterns
from tenant_apps.bookings.models import Booking
from tenant_apps.catalog.models import Category, Service
from tenant_apps.members.models import Invitation
from tenant_apps.providers.models import Provider
from tenants.scope import tenant_scope
from tests.backoffice.conftest import Market, client_of, make_market

SIGN_IN, OK, DONE, FORBIDDEN, HIDDEN, WRONG = "sign in", 200, 303, 403, 404, 422

ROLES = ("owner", "manager", "provider", "other", "customer", "guest")

# One line a page or act on Ines's things: address, method, what is sent, and what each role meets, in the order of ROLES.
# `provider` is Ines, `other` another provider.
TABLE = [
    # see
    ("backoffice_home", "GET", {}, (OK, OK, OK, OK, FORBIDDEN, SIGN_IN)),
    ("backoffice_calendar", "GET", {}, (OK, OK, OK, OK, FORBIDDEN, SIGN_IN)),
    ("backoffice_bookings", "GET", {}, (OK, OK, OK, OK, FORBIDDEN, SIGN_IN)),
    ("backoffice_booking", "GET", {}, (OK, OK, OK, HIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_services", "GET", {}, (OK, OK, OK, OK, FORBIDDEN, SIGN_IN)),
    ("backoffice_service_new", "GET", {}, (OK, OK, OK, OK, FORBIDDEN, SIGN_IN)),
    ("backoffice_service", "GET", {}, (OK, OK, OK, HIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_profile", "GET", {}, (OK, OK, DONE, DONE, FORBIDDEN, SIGN_IN)),
    ("backoffice_providers", "GET", {}, (OK, OK, FORBIDDEN, FORBIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_provider", "GET", {}, (OK, OK, OK, HIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_hours", "GET", {}, (OK, OK, OK, HIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_share", "GET", {}, (OK, OK, OK, HIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_qr", "GET", {}, (OK, OK, OK, HIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_categories", "GET", {}, (OK, OK, FORBIDDEN, FORBIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_category", "GET", {}, (OK, OK, FORBIDDEN, FORBIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_settings", "GET", {}, (OK, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_colour", "GET", {"brand": "#c81e5a"}, (OK, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, SIGN_IN)),
    # bookings
    ("backoffice_booking_confirm", "POST", {}, (DONE, DONE, DONE, HIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_booking_decline", "POST", {}, (DONE, DONE, DONE, HIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_booking_cancel", "POST", {}, (DONE, DONE, DONE, HIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_booking_complete", "POST", {}, (409, 409, 409, HIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_booking_no_show", "POST", {}, (409, 409, 409, HIDDEN, FORBIDDEN, SIGN_IN)),
    # services
    ("backoffice_service_new", "POST", {}, (WRONG, WRONG, WRONG, WRONG, FORBIDDEN, SIGN_IN)),
    ("backoffice_service", "POST", {}, (WRONG, WRONG, WRONG, HIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_service_hide", "POST", {}, (DONE, DONE, DONE, HIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_service_publish", "POST", {}, (DONE, DONE, DONE, HIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_service_move", "POST", {}, (DONE, DONE, DONE, HIDDEN, FORBIDDEN, SIGN_IN)),
    # profiles
    ("backoffice_profile_create", "POST", {}, (DONE, DONE, FORBIDDEN, FORBIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_provider", "POST", {}, (WRONG, WRONG, WRONG, HIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_provider_pause", "POST", {}, (DONE, DONE, DONE, HIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_provider_publish", "POST", {}, (DONE, DONE, DONE, HIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_provider_picture", "POST", {}, (WRONG, WRONG, WRONG, HIDDEN, FORBIDDEN, SIGN_IN)),
    # hours
    ("backoffice_hours", "POST", {}, (WRONG, WRONG, WRONG, HIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_hours_undo", "POST", {}, (WRONG, WRONG, WRONG, HIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_exception_new", "POST", {}, (WRONG, WRONG, WRONG, HIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_exception_remove", "POST", {}, (DONE, DONE, DONE, HIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_exception_undo", "POST", {}, (WRONG, WRONG, WRONG, HIDDEN, FORBIDDEN, SIGN_IN)),
    # the marketplace
    ("backoffice_invite", "POST", {}, (WRONG, WRONG, FORBIDDEN, FORBIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_invitation_resend", "POST", {}, (DONE, DONE, FORBIDDEN, FORBIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_invitation_revoke", "POST", {}, (DONE, DONE, FORBIDDEN, FORBIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_categories", "POST", {}, (WRONG, WRONG, FORBIDDEN, FORBIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_category", "POST", {}, (WRONG, WRONG, FORBIDDEN, FORBIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_category_delete", "POST", {}, (WRONG, WRONG, FORBIDDEN, FORBIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_category_move", "POST", {}, (DONE, DONE, FORBIDDEN, FORBIDDEN, FORBIDDEN, SIGN_IN)),
    ("backoffice_settings", "POST", {}, (WRONG, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, SIGN_IN)),
]
CELLS = [
    pytest.param(name, method, sent, role, expected, id=f"{name}-{method}-{role}")
    for name, method, sent, row in TABLE
    for role, expected in zip(ROLES, row, strict=True)
]


def person(market: Market, role: str):
    return {
        "owner": market.owner,
        "manager": market.manager,
        "provider": market.provider.user,
        "other": market.other.user,
        "customer": market.customer,
        "guest": None,
    }[role]


def address(name: str, market: Market) -> str:
    """The page's address, filled with Ines's ids."""
    pattern = next(pattern for pattern in urlpatterns if pattern.name == name)
    known = market.ids() | {"token": "forged", "column": "logo", "ending": "svg"}
    return reverse(name, kwargs={key: known[key] for key in pattern.pattern.converters or _groups(pattern)})


def _groups(pattern) -> list[str]:
    return list(pattern.pattern.regex.groupindex)


def knock(client: Client, name: str, method: str, sent: dict, market: Market):
    with tenant_scope(market.tenant):
        url = address(name, market)
    return client.get(url, sent) if method == "GET" else client.post(url, sent)


@pytest.mark.parametrize(("name", "method", "sent", "role", "expected"), CELLS)
def test_each_role_meets_what_the_table_says(market, name, method, sent, role, expected):
    answer = knock(client_of(market.tenant, person(market, role)), name, method, sent, market)

    if expected == SIGN_IN:
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/accounts/login/")
    else:
        assert answer.status_code == expected, answer.text[:400]


@pytest.mark.parametrize(("name", "method"), sorted({(name, method) for name, method, _sent, _row in TABLE}))
def test_a_stranger_of_the_twin_finds_nothing_with_these_ids_and_changes_nothing(market, beta, name, method):
    """The twin's owner, on the twin's host, with alpha's ids."""
    twin = make_market(beta)
    before = _state(market)

    answer = knock(client_of(beta, twin.owner), name, method, {}, market)

    ids = {"provider_id", "service_id", "category_id", "reference", "exception_id", "invitation_id"}
    pattern = next(pattern for pattern in urlpatterns if pattern.name == name)
    if ids & set(pattern.pattern.converters or _groups(pattern)):
        assert answer.status_code == 404
    assert _state(market) == before


@pytest.mark.parametrize(("name", "method"), sorted({(name, method) for name, method, _sent, _row in TABLE}))
def test_the_twins_session_is_worth_nothing_here(market, beta, name, method):
    twin = make_market(beta)
    client = client_of(beta, twin.owner)
    client.defaults["HTTP_HOST"] = market.tenant.primary_host

    answer = knock(client, name, method, {}, market)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")


def test_every_address_of_the_backoffice_stands_in_the_table():
    assert {pattern.name for pattern in urlpatterns} == {name for name, *_rest in TABLE}


def _state(market: Market) -> list:
    """All rows that the acts of the table could have changed."""
    with tenant_scope(market.tenant):
        return [list(model.objects.order_by("pk").values()) for model in (Provider, Service, Category, Booking, Invitation)]
