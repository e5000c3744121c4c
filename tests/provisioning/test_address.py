"""The step that opens the address, taken back."""

from __future__ import annotations

from types import SimpleNamespace

from kernel import clock
from provisioning.steps.address import PointDomain
from shared_apps.domains.models import CustomDomain
from shared_apps.domains.types import ClaimState
from tenants.models import Domain
from tests.factories.tenants import ALPHA_ID, BETA_ID

HOST = "book.acme-cleaning.com"


def _bring(tenant_id, host: str) -> CustomDomain:
    now = clock.now()
    Domain.objects.create(tenant_id=tenant_id, host=host)
    return CustomDomain.objects.create(
        tenant_id=tenant_id, host=host, look=host, state=ClaimState.VERIFIED, claim_expires_at=now, next_check_at=now
    )


def test_brought_domains_are_given_up_by_their_own_rules_and_no_row_outlives_the_registrys(in_platform):
    alphas, betas = _bring(ALPHA_ID, HOST), _bring(BETA_ID, "book.twin-cleaning.com")

    for _ in range(2):
        PointDomain().undo(SimpleNamespace(tenant_id=ALPHA_ID))

    for domain in (alphas, betas):
        domain.refresh_from_db()
    assert (alphas.state, alphas.release_reason) == (ClaimState.RELEASED, "ended")
    assert betas.state == ClaimState.VERIFIED
    assert not Domain.objects.filter(tenant_id=ALPHA_ID).exists()
    assert Domain.objects.filter(host="book.twin-cleaning.com").exists()
