"""Two organizations prove one host at the same moment; one gets it. With the constraint away, both would."""

from __future__ import annotations

import pytest
from django.db import connection

from integrations.dns.fake import FakeDns
from kernel import clock
from kernel.errors import Throttled
from shared_apps.domains.models import CustomDomain
from shared_apps.domains.services import check_domain_now, checking, claim_domain, claiming, moving, take_due_checks
from shared_apps.domains.services.checking import settle
from shared_apps.domains.types import CHALLENGE, Aspect, ClaimState, Evidence, Finding
from shared_apps.plans.errors import LimitReached
from tenants.models import Domain, Tenant
from tenants.scope import owner_scope, platform_scope
from tests.domains.conftest import HOST, OWNER, SECOND_LOOK, entitle, fresh
from tests.factories.racing import after_everybody, race
from tests.factories.tenants import ALPHA_ID, BETA_ID

pytestmark = pytest.mark.proves("races.domains")

PROVEN = Evidence({Aspect.PROOF: Finding("ok")})


@pytest.fixture
def claims(own_database, dns: FakeDns) -> list[CustomDomain]:
    entitle()
    begun = [claim_domain(actor=OWNER, tenant_id=tenant_id, host=HOST) for tenant_id in (ALPHA_ID, BETA_ID)]
    with platform_scope(reason="test"):
        # Each proof was seen once: the next look decides.
        hinted = {"hint": ClaimState.VERIFIED, "hinted_at": clock.now() - SECOND_LOOK}
        CustomDomain.objects.update(next_check_at=clock.now(), **hinted)
    return begun


def prove_at_once(claims: list[CustomDomain]) -> list[str]:
    keys = [claim.pk for claim in claims]
    results = race(2, lambda number: settle(keys[number], PROVEN, actor=OWNER, now=clock.now()))
    assert [result for result in results if isinstance(result, Exception)] == []
    return sorted(fresh(claim).state for claim in claims)


@pytest.fixture
def both_have_looked(monkeypatch) -> None:
    """Neither writes before both have seen that nobody holds the host: the worst moment there is."""
    monkeypatch.setattr(moving, "is_held_elsewhere", after_everybody(2, moving.is_held_elsewhere))


def holders() -> int:
    with platform_scope(reason="test"):
        return Domain.objects.filter(host=HOST).count()


@pytest.mark.usefixtures("both_have_looked")
def test_of_two_who_prove_a_host_at_once_one_gets_it(claims):
    states = prove_at_once(claims)

    assert states == [ClaimState.RELEASED, ClaimState.VERIFIED]
    assert holders() == 1


@pytest.mark.control
@pytest.mark.usefixtures("both_have_looked")
def test_without_the_constraints_both_would_have_it(claims):
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tenants_domain DROP CONSTRAINT tenants_domain_host_key")
        cursor.execute("DROP INDEX custom_domain_one_holder")

    states = prove_at_once(claims)

    assert states == [ClaimState.VERIFIED, ClaimState.VERIFIED]
    assert holders() == 2


def test_of_several_rounds_at_once_each_due_domain_is_taken_by_one(claims):
    taken = race(4, lambda _number: take_due_checks(now=clock.now()))

    assert [result for result in taken if isinstance(result, Exception)] == []
    keys = [key for result in taken for key in result]
    assert sorted(keys) == sorted(claim.pk for claim in claims)


def test_of_many_who_press_the_button_at_once_one_looks(claims, dns):
    claim = claims[0]

    answers = race(4, lambda _number: check_domain_now(actor=OWNER, tenant_id=ALPHA_ID, domain_id=claim.public_id))

    assert sum(isinstance(answer, Throttled) for answer in answers) == 3
    assert sum(isinstance(answer, CustomDomain) for answer in answers) == 1
    assert dns.asked.count((f"{CHALLENGE}.{HOST}", "TXT")) == 1


@pytest.mark.control
def test_without_the_claim_beforehand_all_would_look(claims, dns, monkeypatch):
    monkeypatch.setattr(checking, "_take_turn", lambda *_args: None)

    race(4, lambda _number: check_domain_now(actor=OWNER, tenant_id=ALPHA_ID, domain_id=claims[0].public_id))

    assert dns.asked.count((f"{CHALLENGE}.{HOST}", "TXT")) == 4


def _claim_at_once(count: int) -> list[str]:
    """So many names at the same moment, of a plan with room for one; tells the codes of those that were refused."""
    entitle()
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=ALPHA_ID).update(entitlements={"custom_domain": True, "max_domains": 1})
    results = race(count, lambda number: claim_domain(actor=OWNER, tenant_id=ALPHA_ID, host=f"b{number}.acme-cleaning.com"))
    assert all(isinstance(one, CustomDomain | LimitReached) for one in results)
    return [one.entitlement for one in results if isinstance(one, LimitReached)]


def test_the_plans_last_domain_is_given_once(own_database):
    assert _claim_at_once(3) == ["max_domains", "max_domains"]


@pytest.mark.control
def test_without_the_organizations_lock_more_domains_would_be_given(own_database, monkeypatch):
    without_lock = lambda tenant_id: Tenant.objects.get(pk=tenant_id)  # noqa: E731  # as short as what it stands for
    monkeypatch.setattr(claiming, "locked_tenant", without_lock)
    monkeypatch.setattr(claiming, "_require_room_today", after_everybody(3, claiming._require_room_today))

    assert _claim_at_once(3) == []
