"""Whoever is brought to a kind of page is brought to it, or told where they stand instead."""

from __future__ import annotations

import pytest
from django.conf import settings

from tests.journeys.page_kinds import PageKind
from tests.journeys.roles import GUEST

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("installation"),
    pytest.mark.timeout(300),
    pytest.mark.proves("pages.looks"),
]

_ELSEWHERE = {
    "sent to sign in": (PageKind("the desk", GUEST, "backoffice:home", "/manage/"), "account_login"),
    "refused": (PageKind("a service", GUEST, "storefront_service", "/services/no-such-service/"), "404"),
    "another page": (PageKind("services", GUEST, "storefront_services", "/providers/"), "storefront_providers"),
}


@pytest.mark.control
def test_a_page_that_is_another_is_not_taken_for_its_kind(visitor, world):
    """Negative control: each of these is a page without a fault, so only its kind can tell."""
    somebody = visitor()

    for kind, shown in _ELSEWHERE.values():
        with pytest.raises(AssertionError, match=shown):
            kind.open(somebody, world.market("brightnest"), settings.ROOT_URLCONF)
