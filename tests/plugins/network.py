"""What the tests have instead of the outside world."""

from __future__ import annotations

import pytest

from integrations.dns.fake import FakeDns

OUR_ADDRESS = "203.0.113.7"


@pytest.fixture
def dns(monkeypatch, settings) -> FakeDns:
    """Every question of the platform about a domain comes here; what points at OUR_ADDRESS points at us."""
    settings.DOMAIN_ADDRESSES = [OUR_ADDRESS]
    fake = FakeDns()
    monkeypatch.setattr("shared_apps.domains.services.checking.configured_dns", lambda **_: fake)
    return fake
