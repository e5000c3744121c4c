"""Two organizations prove one host at the same moment; one gets it. With the constraint away, both would."""

from __future__ import annotations

import pytest
from django.db import connection

from integrations.dns.fake import FakeDns
from kernel import clock
from shared_apps.domains.models import CustomDomain
from shared_apps.domains.services import take_due_checks
from shared_apps.domains.services.checking import settle
from shared_apps.domains.types import Aspect, ClaimState, Evidence, Finding
from tenants.models import Domain
from tenants.scope import owner_scope, platform_scope
from tests.domains.conftest import HOST, OWNER, entitle, fresh
from tests.factories.racing import race
from tests.factories.tenants import ALPHA_ID, BETA_ID

PROVEN = Evidence({Aspect.PROOF: Finding("ok")})


@pytest.fixture
def claims(own_database, dns: FakeDns) -> list[CustomDomain]:
    from shared_apps.domains.services import claim_domain

    entitle()
    return [claim_domain(actor=OWNER, tenant_id=tenant_id, host=HOST) for tenant_id in (ALPHA_ID, BETA_ID)]


def prove_at_once(claims: list[CustomDomain]) -> list[str]:
    keys = [claim.pk for claim in claims]
    results = race(2, lambda number: settle(keys[number], PROVEN, actor=OWNER, now=clock.now()))
    assert [result for result in results if isinstance(result, Exception)] == []
    return sorted(fresh(claim).state for claim in claims)


def holders() -> int:
    with platform_scope(reason="test"):
        return Domain.objects.filter(host=HOST).count()


@pytest.mark.proves("races.names")
def test_of_two_who_prove_a_host_at_once_one_gets_it(claims):
    states = prove_at_once(claims)

    assert states == [ClaimState.RELEASED, ClaimState.VERIFIED]
    assert holders() == 1


@pytest.mark.proves("races.names")
@pytest.mark.control
def test_without_the_constraints_both_would_have_it(claims):
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tenants_domain DROP CONSTRAINT tenants_domain_host_key")
        cursor.execute("DROP INDEX custom_domain_one_holder")

    states = prove_at_once(claims)

    assert states == [ClaimState.VERIFIED, ClaimState.VERIFIED]
    assert holders() == 2


@pytest.mark.proves("races.names")
def test_of_several_rounds_at_once_each_due_domain_is_taken_by_one(claims):
    taken = race(4, lambda _number: take_due_checks(now=clock.now()))

    keys = [key for result in taken if isinstance(result, list) for key in result]
    assert sorted(keys) == sorted(claim.pk for claim in claims)
