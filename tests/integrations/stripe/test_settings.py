"""A deployment must not take the demo's Stripe for the real one."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from integrations.stripe.checks import check_stripe, refuse_what_is_not_for_real
from integrations.stripe.client import configured_gateway
from integrations.stripe.fake.local import TEST_KEY
from kernel.errors import PermanentFailure

LOCAL = "http://127.0.0.1:4242"


def configure(
    settings, *, key: str = "", base: str = "", secrets: tuple[str, ...] = ("whsec",), clock: str = "", demo: bool = False
) -> None:
    settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = key, base
    settings.STRIPE_WEBHOOK_SECRETS, settings.STRIPE_CLOCK_FILE, settings.DEMO = list(secrets), clock, demo


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"key": TEST_KEY, "base": LOCAL}, "stripe.E001"),
        ({"key": TEST_KEY, "base": "http://stripe.example:80", "demo": True}, "stripe.E002"),
        ({"key": "sk_live_x", "base": LOCAL, "demo": True}, "stripe.E003"),
        ({"key": "sk_live_x", "secrets": ()}, "stripe.E004"),
        ({"clock": "moved"}, "stripe.E005"),
        ({"key": "rk_live_x", "demo": True}, "stripe.E006"),
    ],
)
def test_what_is_not_for_real_stops_the_start(settings, given, code):
    configure(settings, **given)

    assert code in [problem.id for problem in check_stripe(None)]
    with pytest.raises(ImproperlyConfigured):
        refuse_what_is_not_for_real()


@pytest.mark.parametrize(
    "given",
    [{"secrets": ()}, {"key": "sk_live_x"}, {"key": "sk_test_x"}, {"key": TEST_KEY, "base": LOCAL, "demo": True}],
)
def test_what_is_right_starts(settings, given):
    configure(settings, **given)

    assert list(check_stripe(None)) == []
    refuse_what_is_not_for_real()


def test_the_check_is_among_those_of_every_command(settings):
    configure(settings, key=TEST_KEY, base=LOCAL)

    assert "stripe.E001" in [problem.id for problem in run_checks(tags=["security"])]


def test_without_a_key_there_is_no_gateway(settings):
    configure(settings)
    configured_gateway.cache_clear()

    with pytest.raises(PermanentFailure, match="STRIPE_SECRET_KEY"):
        configured_gateway()


def test_the_configured_gateway_knows_whether_real_money_moves(settings):
    for key, is_test in (("sk_test_x", True), ("sk_live_x", False)):
        configure(settings, key=key)
        configured_gateway.cache_clear()
        assert configured_gateway().is_test is is_test
    configured_gateway.cache_clear()
