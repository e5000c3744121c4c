"""A domain name system and a proxy of the test's own, a clock to move, and an organization whose plan has domains."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from integrations.dns.fake import FakeDns
from integrations.tls import Certificate
from integrations.tls.fake import FakeProbe
from kernel import clock
from kernel.actor import Actor
from shared_apps.domains.models import CustomDomain
from shared_apps.domains.services import claim_domain, run_check
from shared_apps.domains.types import CHALLENGE, ClaimState
from tenants.models import Tenant
from tenants.scope import platform_scope
from tests.factories.tenants import ALPHA_ID
from tests.plugins.network import OUR_ADDRESS

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
OURS, THEIRS = OUR_ADDRESS, "198.51.100.9"
HOST = "book.acme-cleaning.com"
OWNER = Actor.user(user_id=1, label="ann@acme-cleaning.com", capabilities=frozenset({"domains.edit"}))


class Clock:
    """The time; it moves when told."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, span: timedelta) -> None:
        self.now += span


@pytest.fixture(autouse=True)
def moments(monkeypatch) -> Clock:
    standing = Clock()
    monkeypatch.setattr(clock, "now", standing)
    return standing


@pytest.fixture(autouse=True)
def _no_other_dns(dns: FakeDns) -> None:
    """No test here asks the world."""


@pytest.fixture(autouse=True)
def probe(monkeypatch) -> FakeProbe:
    """The proxy shows what it was given."""
    fake = FakeProbe()
    monkeypatch.setattr("shared_apps.domains.services.checking.configured_probe", lambda **_: fake)
    return fake


@pytest.fixture
def entitled(db) -> None:
    """Both twins' plans have domains."""
    entitle()


@pytest.fixture
def claim(entitled) -> Callable[..., CustomDomain]:
    """`claim()`: alpha's owner asks for `HOST`."""
    return lambda host=HOST, tenant_id=ALPHA_ID, actor=OWNER: claim_domain(actor=actor, tenant_id=tenant_id, host=host)


@pytest.fixture
def bring(claim, dns, probe) -> Callable[..., CustomDomain]:
    """`bring()`: alpha's domain, all the way to live."""

    def make(host=HOST, tenant_id=ALPHA_ID) -> CustomDomain:
        domain = claim(host, tenant_id)
        prove(dns, domain)
        dns.set(host, "A", OURS)
        probe.certificates[host] = certificate()
        for state in (ClaimState.VERIFIED, ClaimState.ISSUING, ClaimState.LIVE):
            run_check(domain.pk)
            assert fresh(domain).state == state
        return fresh(domain)

    return make


def entitle() -> None:
    with platform_scope(reason="test"):
        for tenant in Tenant.objects.all():
            Tenant.objects.filter(pk=tenant.pk).update(entitlements=tenant.entitlements | {"custom_domain": True})


def prove(dns: FakeDns, domain: CustomDomain) -> None:
    dns.set(f"{CHALLENGE}.{domain.host}", "TXT", f"stoa-verify={domain.token}")


def certificate() -> Certificate:
    return Certificate(clock.now(), clock.now() + timedelta(days=90), "Some Authority")


def fresh(domain: CustomDomain) -> CustomDomain:
    with platform_scope(reason="test"):
        return CustomDomain.objects.get(pk=domain.pk)
